"""A link for a new password on paper, where the site sends no mail: two people make it, and neither can use it alone.

Who asks for it is told a code and never the address; another administrator, or an auditor of the site, prints the
letter with the address and never learns the code. The person needs both. A letter ends `LETTER_LASTS` after it was
asked for, however often it was printed.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from allauth.account import app_settings as account_settings
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac

from utilization import access, sign_in_log
from utilization.models import PasswordLetter, User
from utilization.sign_in_log import SignInKind
from utilization.workflow.account_log import account_event
from utilization.workflow.errors import Invalid, Refused

MOST_WRONG = 5
"""Wrong codes after which a letter is worth nothing any more."""

_LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
_GROUPS, _LENGTH = 3, 4

WORTHLESS = "Too many wrong codes. This letter opens nothing any more: ask an administrator for a new one."
WRONG_CODE = "This is not the code of the letter. Ask whoever had the letter made, and type it again."
OVER = "This letter is over: it was asked for too long ago. Ask an administrator for a new one."


@dataclass(frozen=True, slots=True)
class PrintedLetter:
    """What a letter carries: the path, and until when it works."""

    path: str
    printed_at: datetime
    works_until: datetime


def one_time_path(user: User) -> str:
    """The path at which `user` chooses a password, once and within a day."""
    token = account_settings.PASSWORD_RESET_TOKEN_GENERATOR().make_token(user)
    return reverse("account_reset_password_from_key", kwargs={"uidb36": user_pk_to_url_str(user), "key": token})


@transaction.atomic
def begin_letter(user: User, *, by: User, at: datetime) -> str:
    """Begin a letter for `user` in place of an earlier one; the code that `by` passes on. Kept as a digest alone.

    Raises NotFound for a person whom `by` does not manage.
    """
    user = access.fetch_person(by, user.pk)
    code = "-".join("".join(secrets.choice(_LETTERS) for _ in range(_LENGTH)) for _ in range(_GROUPS))
    values = {"code_digest": _digest(user, code), "asked_by": by, "asked_at": at}
    unprinted = {"printed_by": None, "printed_at": None, "wrong": 0}
    letter, _ = PasswordLetter.objects.update_or_create(user=user, defaults=values | unprinted)
    sign_in_log.note(SignInKind.LETTER_BEGUN, user=user, by=by, at=at, detail=_until(letter.ends_at))
    return code


def forget_letter(user: User) -> None:
    """Take away the letter of `user`: the password is set, or the link went another way."""
    PasswordLetter.objects.filter(user=user).delete()


@transaction.atomic
def print_letter(user: User, *, by: User, at: datetime) -> PrintedLetter:
    """What a letter for `user` carries. Printing it again stops no earlier print, and makes it last no longer.

    Raises NotFound for somebody of another site, Refused to the person, to who asked for the letter, and once it is
    over.
    """
    person = access.fetch_colleague(by, user.pk)
    if not person.is_active:
        raise Refused("This account is deactivated: it opens by no letter.")
    letter = PasswordLetter.objects.select_for_update(no_key=True).filter(user=person).first()
    if letter is None or (why := access.why_not_print(letter, by, access.standing_of(by), at)):
        raise Refused(access.NO_LETTER if letter is None else why)
    letter.printed_by, letter.printed_at = by, at
    letter.save(update_fields=["printed_by", "printed_at"])
    until = min(at + timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT), letter.ends_at)
    sign_in_log.note(SignInKind.LETTER_PRINTED, user=person, by=by, at=at, detail=_until(until))
    said = {"asked_by": letter.asked_by_id, "works_until": until, "ends_at": letter.ends_at}
    account_event("letter.printed", person, by, at, said)
    return PrintedLetter(one_time_path(person), at, until)


def needs_code(user: User) -> bool:
    """Whether a link of `user` came by letter, so that it opens with a code."""
    return PasswordLetter.objects.filter(user=user).exists()


def is_over(user: User, at: datetime) -> bool:
    """Whether a link of `user` came by a letter that is over."""
    letter = PasswordLetter.objects.filter(user=user).first()
    return letter is not None and at >= letter.ends_at


def check_code(user: User, typed: str, *, at: datetime) -> None:
    """Hold what was typed against the code of the letter of `user`. Raises Invalid on code; wrong ones are counted."""
    if is_over(user, at):
        raise Invalid({"code": [OVER]})
    with transaction.atomic():
        letter = PasswordLetter.objects.select_for_update(no_key=True).filter(user=user).first()
        if letter is None:
            return
        spent = letter.wrong >= MOST_WRONG
        right = not spent and constant_time_compare(letter.code_digest, _digest(user, typed))
        if not right and not spent:
            letter.wrong += 1
            letter.save(update_fields=["wrong"])
    if not right:
        raise Invalid({"code": [WORTHLESS if letter.wrong >= MOST_WRONG else WRONG_CODE]})


def _until(moment: datetime) -> str:
    return f"until {moment:%Y-%m-%d %H:%M} UTC"


def _digest(user: User, code: str) -> str:
    plain = "".join(code.upper().split()).replace("-", "")
    return salted_hmac("utilization.password_letter", f"{user.pk} {plain}", algorithm="sha256").hexdigest()
