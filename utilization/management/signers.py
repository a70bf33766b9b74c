"""Two people who sign an act on the log at the server, each by their password."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from getpass import getpass

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from utilization import workflow
from utilization.models import User
from utilization.workflow import Invalid, Presence, Refused


def add_signers(parser: CommandParser, *, optional: bool = False) -> None:
    """The two usernames, as arguments of a command; with `optional`, none may be given."""
    parser.add_argument(
        "signers", nargs="*" if optional else 2, metavar="USERNAME", help="two, each an auditor or an administrator"
    )


def present(usernames: list[str]) -> list[tuple[User, Presence]]:
    """The people, each with the proof of being there. Passwords are read from standard input where it is no terminal.

    Raises CommandError for a name that nobody has, Invalid for a wrong password.
    """
    return [_signer(name) for name in usernames]


@contextmanager
def refusals_told() -> Iterator[None]:
    """Turn what the workflow refuses into a CommandError that says why."""
    try:
        yield
    except Refused as refused:
        raise CommandError(refused.why) from None
    except Invalid as invalid:
        raise CommandError(" ".join(said for texts in invalid.errors.values() for said in texts)) from None


def _signer(name: str) -> tuple[User, Presence]:
    person = User.objects.filter(username=name, is_active=True).first()
    if person is None:
        raise CommandError(f"There is nobody with the username {name!r} who may sign in.")
    ask = f"Password of {person.full_name}: "
    password = getpass(ask) if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
    return person, workflow.prove(person, password, at=timezone.now())
