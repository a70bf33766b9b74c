"""`manage.py first_account`: the first site and its administrator in an empty production database."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from utilization import workflow
from utilization.management.database_state import DatabaseState, database_state, require_tables
from utilization.seal.continuity import LogCut
from utilization.workflow import Invalid, Refused

ASKED = {
    "name": "Name of the hospital",
    "code": "Short code of the site, such as north (it stands in request numbers)",
    "time_zone": "Time zone, such as Europe/Vienna",
    "full_name": "Full name of the first administrator",
    "username": "Username of the administrator",
    "email": "E-mail address of the administrator",
}
SECOND_PERSON = (
    "No mail is sent here: whom they invite comes in by a letter that somebody else prints, another administrator or "
    "an auditor. Once they have their password, make the second administrator, whom they confirm themselves on the "
    "page People:\nmanage.py restore_administrator {code} USERNAME --full-name 'NAME' --email ADDRESS "
    "--because 'second administrator of a new site'"
)
"""What a site without mail needs before anybody can be invited: each letter is of two people."""


class Command(BaseCommand):
    """Asks for what the options leave out, makes the site and its administrator, and prints the one-time path."""

    help = (
        "Makes the first site and its first administrator, and prints the path at which they set their password. "
        "Asks for what is not given as an option. Refuses in a database that already has people or sites."
    )

    made_by = staticmethod(workflow.bootstrap_site)
    """The door by which the site is made."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        """One option for each question, and two that may be left out."""
        for field, question in ASKED.items():
            parser.add_argument(f"--{field.replace('_', '-')}", dest=field, help=f"{question}.")
        parser.add_argument("--title", default="", help="Credential behind the administrator's name.")
        parser.add_argument("--address", default="", help="Letterhead lines, separated by |.")
        parser.add_argument("--department", action="append", default=[], help="A department; may be repeated.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Raise CommandError with what to correct; then no account was made."""
        self.have_tables()
        given = self._given(options)
        try:
            user, path = self.made_by(
                at=timezone.now(),
                site=workflow.NewSite(
                    code=given["code"],
                    name=given["name"],
                    time_zone=given["time_zone"],
                    address="\n".join(line.strip() for line in options["address"].split("|")),
                    departments=tuple(options["department"]),
                ),
                administrator=workflow.NewPerson(
                    given["username"], given["email"], given["full_name"], options["title"]
                ),
            )
        except Refused as refused:
            raise CommandError(refused.why) from None
        except LogCut as cut:
            raise CommandError(f"{cut} Set IVIG_EVIDENCE to a folder of this database's own.") from None
        except Invalid as invalid:
            faults = [f"--{field.replace('_', '-')}: {' '.join(said)}" for field, said in invalid.errors.items()]
            raise CommandError("\n".join(["Nothing was made.", *faults])) from None
        self.stdout.write(f"{user.full_name} is the administrator of {given['name']}.")
        self.stdout.write(
            "Who they invite signs nothing until somebody else confirms it; while there is nobody else, that is "
            "`manage.py confirm_person USERNAME`."
        )
        if not settings.MAIL_FROM:
            self.stdout.write(SECOND_PERSON.format(code=given["code"]))
        self.stdout.write(f"Set the password within a day, at this path of the product's address:\n{path}")

    def have_tables(self) -> None:
        """Prepare an empty database. One that an earlier version made is for `prepare` to change, not in passing."""
        if database_state() is DatabaseState.EMPTY:
            call_command("prepare", stdout=self.stderr)
        require_tables()

    def _given(self, options: dict[str, Any]) -> dict[str, str]:
        """An answer to each question. A time zone that there is not is told before the next one is asked."""
        zones, given = workflow.hospital_settings, dict[str, str]()
        for field, question in ASKED.items():
            answer = options[field] or self._ask(question)
            while field == "time_zone" and not zones.is_zone(answer):
                wrong = zones.NOT_A_ZONE.format(answer)
                if options[field]:
                    raise CommandError(f"Nothing was made.\n--time-zone: {wrong}")
                self.stderr.write(wrong)
                answer = self._ask(question)
            given[field] = answer
        return given

    @staticmethod
    def _ask(question: str) -> str:
        try:
            return input(f"{question}: ").strip()
        except EOFError:
            raise CommandError(f"Nobody is there to answer: {question}. Give it as an option; see --help.") from None
