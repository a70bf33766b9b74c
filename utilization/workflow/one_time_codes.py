"""One-time codes of a person: those of an authenticator app (TOTP, RFC 6238), and recovery codes for when it is lost.

A code of the app signs in and signs; a recovery code signs in alone. A code serves once, in whichever process it is
typed: the step of time of the last one is kept in the database and only ever grows. Wrong ones count as wrong passwords
do (`workflow.presence`).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from allauth.mfa import app_settings
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from allauth.mfa.utils import decrypt, encrypt
from django.db import transaction

from utilization import sign_in_log
from utilization.models import LastCode, User
from utilization.sign_in_log import SignInKind
from utilization.workflow.account_log import account_event
from utilization.workflow.errors import Invalid
from utilization.workflow.presence import Presence, check_enrolment, check_presence, guess, sealed
from utilization.workflow.sessions import end_sessions

TOTP_KIND = "totp"
_STEP = 30
_LONGEST_ADDING = timedelta(minutes=10)
_APP_CODE = re.compile(r"\d{3} ?\d{3}", re.ASCII)
_RECOVERY_CODE = re.compile(r"\d{4} ?\d{4}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Codes:
    """What a person has of codes: whether an app, since when, and how many recovery codes are left."""

    app_since: datetime | None
    recovery_left: int


def codes_of(person: User) -> Codes:
    """The codes that `person` can use."""
    rows = {row.type: row for row in Authenticator.objects.filter(user_id=person.pk).exclude(type="webauthn")}
    app, recovery = rows.get(Authenticator.Type.TOTP), rows.get(Authenticator.Type.RECOVERY_CODES)
    left = app_settings.RECOVERY_CODE_COUNT - int(recovery.data["used_mask"]).bit_count() if recovery else 0
    return Codes(app.created_at if app else None, left)


def is_app_code(typed: object) -> bool:
    """Whether `typed` looks like a code of an app, which no password does: they are longer."""
    return isinstance(typed, str) and bool(_APP_CODE.fullmatch(typed.strip()))


def has_app(person: User) -> bool:
    """Whether `person` has an authenticator app."""
    return Authenticator.objects.filter(user_id=person.pk, type=Authenticator.Type.TOTP).exists()


# --- Using one ----------------------------------------------------------------------------------------------------


def prove_by_code(by: User, code: str, *, at: datetime, session: str = "") -> Presence:
    """Check a code of `by`'s app, once; as `workflow.prove` a password. Raises Invalid on password."""
    wrong = "This code is not right, or it was used already. Nothing was signed; wait for the next one."
    guess(by, at, session, lambda: _takes_app_code(by, code, at), wrong)
    return sealed(by, at, TOTP_KIND)


def sign_in_code(person: User, code: str, *, at: datetime, session: str) -> Authenticator:
    """The row whose code `code` is, now used: of the app, or a recovery code. Raises Invalid on code."""
    used: list[str] = []

    def right() -> bool:
        if _takes_app_code(person, code, at):
            used.append(Authenticator.Type.TOTP)
        elif _takes_recovery_code(person, code):
            used.append(Authenticator.Type.RECOVERY_CODES)
        return bool(used)

    try:
        guess(person, at, session, right, "This code is not right, or it was used already.")
    except Invalid as invalid:
        [why] = invalid.errors["password"]
        raise Invalid({"code": [why.replace("Nothing was signed: ", "You are not signed in: ")]}) from None
    if used[0] == Authenticator.Type.RECOVERY_CODES:
        with transaction.atomic():
            account_event("recovery_code.used", person, person, at)
            sign_in_log.note(SignInKind.RECOVERY_CODE_USED, user=person, at=at)
    return Authenticator.objects.get(user=person, type=used[0])


def _takes_app_code(person: User, code: str, at: datetime) -> bool:
    row = Authenticator.objects.filter(user_id=person.pk, type=Authenticator.Type.TOTP).first()
    if row is None or not is_app_code(code):
        return False
    try:
        step = _step_of(decrypt(row.data["secret"]), code, at)
    except ValueError:
        # Kept under another SECRET_KEY: no code fits any more, and the app must be added anew.
        return False
    return step is not None and _take_step(person, step)


def _step_of(secret: str, code: str, at: datetime) -> int | None:
    """The step of time whose code `code` is: this one, the one before or the one after, for clocks that differ."""
    now = int(at.timestamp()) // _STEP
    typed = code.replace(" ", "").strip()
    steps = (step for step in (now - 1, now, now + 1) if format_hotp_value(hotp_value(secret, step)) == typed)
    return next(steps, None)


def _take_step(person: User, step: int) -> bool:
    LastCode.objects.get_or_create(user=person, defaults={"step": 0})
    return LastCode.objects.filter(user=person, step__lt=step).update(step=step) == 1


def _takes_recovery_code(person: User, code: str) -> bool:
    row = Authenticator.objects.filter(user_id=person.pk, type=Authenticator.Type.RECOVERY_CODES).first()
    if row is None or not _RECOVERY_CODE.fullmatch(code.strip()):
        return False
    try:
        return bool(row.wrap().validate_code(code.replace(" ", "").strip()))
    except ValueError:
        return False


# --- Adding and removing ------------------------------------------------------------------------------------------


def begin_app(by: User, *, at: datetime, presence: Presence) -> dict[str, Any]:
    """What the session keeps while `by` adds an app: a new secret, encrypted. Raises Invalid on password."""
    check_presence(presence, by, at, dict)
    check_enrolment(by)
    return {"person": by.pk, "at": at.isoformat(), "secret": encrypt(generate_totp_secret())}


def secret_to_show(by: User, asked: Mapping[str, Any] | None, at: datetime) -> str | None:
    """The secret that `by` is adding an app with, in base 32; None where they are adding none, or took too long."""
    if asked is None or asked["person"] != by.pk:
        return None
    fresh = timedelta(0) <= at - datetime.fromisoformat(asked["at"]) <= _LONGEST_ADDING
    return decrypt(asked["secret"]) if fresh else None


def add_app(by: User, code: str, asked: Mapping[str, Any] | None, *, at: datetime) -> None:
    """Add the app that shows `code` for the secret in `asked`, in the place of one before. Raises Invalid on code."""
    secret = secret_to_show(by, asked, at)
    if secret is None:
        raise Invalid({"code": ["Nothing was added: that took too long. Start again."]})
    step = _step_of(secret, code, at) if is_app_code(code) else None
    if step is None:
        raise Invalid({"code": ["This is not the code that the app shows now. Type the next one."]})
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=by.pk)
        if Authenticator.objects.filter(user=by, type=Authenticator.Type.TOTP).delete()[0]:
            end_sessions(by)
        TOTP.activate(by, secret)
        # The code that added it is used.
        LastCode.objects.update_or_create(user=by, defaults={"step": step})
        account_event("authenticator_app.added", by, by, at)


@transaction.atomic
def remove_app(by: User, *, at: datetime, presence: Presence) -> None:
    """Remove the app of `by`, and end their sessions; without an app nothing changes. Raises Invalid on password."""
    check_presence(presence, by, at, dict)
    if Authenticator.objects.filter(user=by, type=Authenticator.Type.TOTP).delete()[0]:
        end_sessions(by)
        account_event("authenticator_app.removed", by, by, at)


@transaction.atomic
def new_recovery_codes(by: User, *, at: datetime, presence: Presence) -> list[str]:
    """Ten new recovery codes in the place of all before, to be shown once. Raises Invalid on password."""
    check_presence(presence, by, at, dict)
    check_enrolment(by)
    User.objects.select_for_update(no_key=True).get(pk=by.pk)
    if Authenticator.objects.filter(user=by, type=Authenticator.Type.RECOVERY_CODES).delete()[0]:
        end_sessions(by)
    account_event("recovery_codes.made", by, by, at)
    return RecoveryCodes.activate(by).generate_codes()
