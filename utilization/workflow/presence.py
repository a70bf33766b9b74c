"""Proof that a person is there: the one port, and its oldest maker, their own password typed again a moment ago.

It is proved before the transaction of the act that it signs, since hashing a password is slow by design and would hold
the database's locks meanwhile. The act takes the proof instead of the password, cannot be done without one, and keeps
what `check_presence` returns. Other makers: `workflow.passkeys`,
`workflow.one_time_codes`.

Who is not signed in counts at the door (`web.account.lockout`) and never here: a stranger cannot keep a reviewer from
signing. Here only the wrong passwords of live sessions count, so that neither an unattended screen nor a stolen session
is a place to guess.
"""

import hashlib
import hmac
import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Max

from utilization import access, sign_in_log
from utilization.models import User, WrongPassword
from utilization.passkey_proof import PASSKEY, challenge_of
from utilization.rules.canonical_json import canonical
from utilization.sign_in_log import SignInKind
from utilization.workflow.errors import Invalid

PASSWORD, ASKING = "password", "asking"
VALID = timedelta(minutes=2)
"""How long after a person proved to be there an act may still be signed with it."""
MOST_IN_A_SESSION = 5
"""Wrong passwords in a row after which a session signs nothing any more; signing in again starts a new one."""
MOST_IN_A_DAY = 20
"""Wrong passwords of a person within a day, over all sessions, after which the person's signature is locked."""
DAY = timedelta(hours=24)

_KEY = secrets.token_bytes(32)


@dataclass(frozen=True, slots=True)
class Presence:
    """Who proved to be there, when, how, and what of it is kept as `evidence`, canonical JSON.

    Made by `sealed` alone: `seal` fits no other values. Good for the acts of this person within `VALID` of `at`.
    """

    person: int
    at: datetime
    kind: str
    evidence: bytes
    seal: str

    def __post_init__(self) -> None:
        if not hmac.compare_digest(self.seal, _seal(self.person, self.at, self.kind, self.evidence)):
            raise ValueError("Presence is proved (workflow.prove), not made.")


class ToBeSigned(Exception):
    """Raised by an act that is only asked what it would sign: `signed` is that. The act is undone."""

    def __init__(self, signed: Mapping[str, Any]) -> None:
        super().__init__("This act was only asked what it would sign.")
        self.signed = signed


@dataclass(frozen=True, slots=True)
class Guessing:
    """The wrong passwords of a person within the last day. `locked` until `until` where they are too many."""

    wrong: int
    sessions: int
    locked: bool
    until: datetime | None


def prove(by: User, password: object, *, at: datetime, session: str = "") -> Presence:
    """Check that `password` is that of `by`, once; `session` names the session in which it was typed.

    Call it outside any transaction. Raises Invalid on password: for a wrong one, and after too many.
    """
    if password == "":
        raise Invalid({"password": ["Type your password to sign."]})

    def right() -> bool:
        return isinstance(password, str) and by.check_password(password)

    guess(by, at, session, right, "This is not your password. Nothing was signed; type it again.")
    return sealed(by, at, PASSWORD)


def guess(by: User, at: datetime, session: str, right: Callable[[], bool], wrong: str) -> None:
    """Ask whether what `by` typed in `session` is right, and count it where it is not.

    Call it outside any transaction. Raises Invalid on password: with the words `wrong`, or for too many wrong ones,
    where `right` is not even asked.
    """
    if why := _too_many(by, session, at):
        raise Invalid({"password": [why]})
    if not right():
        WrongPassword.objects.filter(user=by, at__lte=at - DAY).delete()
        WrongPassword.objects.create(user=by, session=session, at=at)
        sign_in_log.note(SignInKind.WRONG_SIGNATURE, user=by, at=at)
        if guessing(by, at).locked:
            sign_in_log.note(SignInKind.SIGNATURE_LOCKED, user=by, at=at)
        raise Invalid({"password": [_too_many(by, session, at) or wrong]})
    # Asked first: a right one costs no write where no wrong one went before.
    if (before := WrongPassword.objects.filter(user=by, session=session)).exists():
        before.delete()


def check_enrolment(by: User) -> None:
    """Let only an account whose person is confirmed add what will prove presence; else whoever made it plants a way in.

    Raises Invalid on password.
    """
    if why := access.why_not_sign(by):
        raise Invalid({"password": [f"Nothing was added. {why}"]})


def check_presence(presence: object, by: User, at: datetime, signed: Callable[[], Mapping[str, Any]]) -> dict[str, Any]:
    """What is kept of how `by` proved to be there for an act done `at` this time, which signs the values `signed()`.

    Raises Invalid on password without their own fresh proof, and where their passkey signed something else.
    """
    fits = isinstance(presence, Presence) and presence.person == by.pk and timedelta(0) <= at - presence.at <= VALID
    if not fits:
        raise Invalid({"password": ["Nothing was signed: type your password again."]})
    assert isinstance(presence, Presence)
    if presence.kind == ASKING:
        raise ToBeSigned(signed())
    evidence = json.loads(presence.evidence)
    if presence.kind == PASSKEY:
        statement = statement_of(signed(), evidence.pop("beside"))
        if challenge_of(statement).hex() != evidence.pop("challenge"):
            raise Invalid(
                {"password": ["Nothing was signed: this is not what you signed with your passkey. Sign anew."]}
            )
        evidence["statement"] = statement.decode()
    return {"kind": presence.kind, "at": json.loads(canonical(presence.at)), **evidence}


def statement_of(signed: Mapping[str, Any], beside: Mapping[str, Any]) -> bytes:
    """The bytes that a passkey signs for an act: what is `signed`, with when and where it was asked, and a nonce."""
    return canonical({**signed, **beside})


def sealed(by: User, at: datetime, kind: str, evidence: Mapping[str, Any] | None = None) -> Presence:
    """A proof of this `kind`, for the makers of the workflow, who have checked it."""
    raw = canonical(evidence or {})
    return Presence(by.pk, at, kind, raw, _seal(by.pk, at, kind, raw))


def guessing(user: User, at: datetime) -> Guessing:
    """How often the password of `user` was typed wrong within sessions in the day before `at`."""
    guesses = WrongPassword.objects.filter(user=user, at__gt=at - DAY)
    seen = guesses.aggregate(wrong=Count("pk"), sessions=Count("session", distinct=True))
    locked = seen["wrong"] >= MOST_IN_A_DAY
    # Open again once the oldest of the last MOST_IN_A_DAY is a day old.
    until = (
        list(guesses.order_by("-at", "-pk").values_list("at", flat=True)[:MOST_IN_A_DAY])[-1] + DAY if locked else None
    )
    return Guessing(seen["wrong"], seen["sessions"], locked, until)


def stopped_sessions(user: User, at: datetime) -> int:
    """How many sessions of `user` sign nothing any more."""
    by_session = WrongPassword.objects.filter(user=user).values("session")
    counted = by_session.annotate(wrong=Count("pk"), last=Max("at")).filter(wrong__gte=MOST_IN_A_SESSION)
    return counted.filter(last__gt=at - DAY).count()


def forget_guesses(user: User) -> int:
    """Forget every wrong password of `user` within sessions; how many there were."""
    return WrongPassword.objects.filter(user=user).delete()[0]


def _too_many(by: User, session: str, at: datetime) -> str:
    """Why nobody may sign as `by` in `session` now; empty when they may."""
    if guessing(by, at).locked:
        return (
            "Too many wrong passwords today. Nothing was signed: your signature is locked for a day, or until an "
            "administrator of your site lifts the lock."
        )
    if WrongPassword.objects.filter(user=by, session=session).count() >= MOST_IN_A_SESSION:
        return (
            "Too many wrong passwords. Nothing was signed: sign out, sign in again, and sign then. In another tab, "
            "what you typed here stays."
        )
    return ""


def _seal(person: int, at: datetime, kind: str, evidence: bytes) -> str:
    values = canonical([person, at, kind, hashlib.sha256(evidence).hexdigest()])
    return hmac.new(_KEY, values, hashlib.sha256).hexdigest()
