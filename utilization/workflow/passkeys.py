"""Passkeys of a person: added, removed, and a signature by one as proof of presence.

A passkey signs the hash of what is decided (`utilization.passkey_proof`), so its signature is good for that act alone.
It is asked in two steps: `ask_passkey` lets the act itself say what it would sign, `prove_by_passkey` takes the answer.
The challenge between the two lives in the session that asked, for two minutes, and serves once.
"""

import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from allauth.mfa.models import Authenticator
from django.db import transaction
from fido2 import cbor
from fido2.server import Fido2Server
from fido2.webauthn import (
    AttestedCredentialData,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialUserEntity,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from utilization.models import User
from utilization.passkey_proof import (
    PASSKEY,
    UNREADABLE,
    BadPasskeyProof,
    PasskeyProof,
    challenge_of,
    check_passkey,
    from_base64url,
    to_base64url,
)
from utilization.rules.canonical_json import canonical
from utilization.workflow.account_log import account_event
from utilization.workflow.errors import Invalid
from utilization.workflow.presence import (
    ASKING,
    VALID,
    Presence,
    ToBeSigned,
    check_enrolment,
    check_presence,
    sealed,
    statement_of,
)
from utilization.workflow.sessions import end_sessions
from utilization.workflow.text_input import clean_text

MOST_PASSKEYS = 10
LONGEST_NAME = 60
LONGEST_MAKING = timedelta(minutes=5)
"""How long making a passkey may take in the browser after the person proved to be there."""
_AGAIN = "Nothing was signed: {} Sign again."


@dataclass(frozen=True, slots=True)
class Passkey:
    """A passkey of a person: its row, its name for them, and what WebAuthn knows it by."""

    pk: int
    name: str
    added_at: datetime
    used_at: datetime | None
    credential: AttestedCredentialData

    @property
    def credential_id(self) -> str:
        """The id of the credential in base64url."""
        return to_base64url(self.credential.credential_id)

    @property
    def public_key(self) -> bytes:
        """The public key (COSE)."""
        return cbor.encode(dict(self.credential.public_key))


@dataclass(frozen=True, slots=True)
class PasskeyChallenge:
    """A question to a passkey, kept in the session that asked: for whom, what its answer must sign, and from when.

    `sha256` is the challenge in hexadecimal; `beside` is what the statement says beside what is decided.
    """

    person: int
    sha256: str
    beside: Mapping[str, str]

    def as_json(self) -> dict[str, Any]:
        """As a session keeps it."""
        return {"person": self.person, "sha256": self.sha256, "beside": dict(self.beside)}

    @property
    def prepared_at(self) -> datetime:
        """When it was asked."""
        return datetime.fromisoformat(self.beside["prepared_at"])

    def options(self, person: User) -> dict[str, Any]:
        """What a browser needs to ask one of `person`'s passkeys, as `PublicKeyCredentialRequestOptionsJSON`."""
        return {
            "challenge": to_base64url(bytes.fromhex(self.sha256)),
            "rpId": self.beside["relying_party"],
            "allowCredentials": [{"type": "public-key", "id": key.credential_id} for key in passkeys_of(person)],
            "userVerification": "required",
            "timeout": VALID // timedelta(milliseconds=1),
        }


def passkeys_of(person: User) -> tuple[Passkey, ...]:
    """The passkeys of `person`, the oldest first."""
    rows = Authenticator.objects.filter(user_id=person.pk, type=Authenticator.Type.WEBAUTHN).order_by("pk")
    return tuple(
        Passkey(
            row.pk, row.wrap().name, row.created_at, row.last_used_at, row.wrap().authenticator_data.credential_data
        )
        for row in rows
    )


def has_passkey(person: User) -> bool:
    """Whether `person` has any passkey."""
    return Authenticator.objects.filter(user_id=person.pk, type=Authenticator.Type.WEBAUTHN).exists()


# --- Signing ------------------------------------------------------------------------------------------------------


def ask_passkey(
    act: Callable[..., Any], *args: Any, by: User, at: datetime, relying_party: str, **given: Any
) -> PasskeyChallenge:
    """What a passkey of `by` must sign for `act(*args, **given)`, a door that takes a presence; nothing is done yet.

    The act goes as far as its signature and is undone. Raises what the act raises.
    """
    try:
        with transaction.atomic():
            act(*args, by=by, at=at, presence=sealed(by, at, ASKING), **given)
    except ToBeSigned as asked:
        return _challenge(by, at, relying_party, asked.signed)
    raise AssertionError("An act that takes a presence signs nothing.")


def _challenge(by: User, at: datetime, relying_party: str, signed: Mapping[str, Any]) -> PasskeyChallenge:
    when = json.loads(canonical(at))
    beside = {"prepared_at": when, "nonce": secrets.token_hex(16), "relying_party": relying_party}
    return PasskeyChallenge(by.pk, challenge_of(statement_of(signed, beside)).hex(), beside)


def prove_by_passkey(by: User, answer: str, asked: Mapping[str, Any] | None, *, at: datetime) -> Presence:
    """Check that a passkey of `by` signed what was `asked` in this session; `answer` is the browser's, in JSON.

    Raises Invalid on password. That the act is the one which was asked about, the act itself finds.
    """
    if asked is None:
        raise Invalid({"password": [_AGAIN.format("this page did not ask for your passkey, or it was used already.")]})
    challenge = PasskeyChallenge(**asked)
    if challenge.person != by.pk or not timedelta(0) <= at - challenge.prepared_at <= VALID:
        raise Invalid({"password": [_AGAIN.format("it took longer than two minutes.")]})
    try:
        parts = json.loads(answer)
        credential_id, said = from_base64url(parts["id"]), parts["response"]
        key = next((key for key in passkeys_of(by) if key.credential.credential_id == credential_id), None)
        if key is None:
            raise BadPasskeyProof("this is not one of your passkeys.")
        proof = PasskeyProof(
            credential_id,
            key.public_key,
            from_base64url(said["authenticatorData"]),
            from_base64url(said["clientDataJSON"]),
            from_base64url(said["signature"]),
        )
        check_passkey(proof, bytes.fromhex(challenge.sha256), challenge.beside["relying_party"])
    except BadPasskeyProof as bad:
        raise Invalid({"password": [_AGAIN.format(bad)]}) from None
    except UNREADABLE:
        raise Invalid({"password": [_AGAIN.format("the answer of the passkey cannot be read.")]}) from None
    Authenticator.objects.filter(pk=key.pk).update(last_used_at=at)
    kept = {**proof.as_json(), "challenge": challenge.sha256, "beside": challenge.beside}
    return sealed(by, at, PASSKEY, kept)


# --- Adding and removing ------------------------------------------------------------------------------------------


def begin_passkey(
    by: User, relying_party: str, *, at: datetime, presence: Presence
) -> tuple[dict[str, Any], dict[str, Any]]:
    """What a browser needs to make a passkey for `by` (`CredentialCreationOptionsJSON`), and what the session keeps.

    Raises Invalid on password.
    """
    check_presence(presence, by, at, dict)
    check_enrolment(by)
    options, state = _server(relying_party).register_begin(
        PublicKeyCredentialUserEntity(id=str(by.pk).encode(), name=by.username, display_name=by.full_name),
        credentials=[key.credential for key in passkeys_of(by)],
        resident_key_requirement=ResidentKeyRequirement.PREFERRED,
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    asked = {"person": by.pk, "relying_party": relying_party, "at": at.isoformat(), "state": state}
    return dict(options)["publicKey"], asked


def add_passkey(by: User, name: object, answer: str, asked: Mapping[str, Any] | None, *, at: datetime) -> Passkey:
    """Add the passkey that a browser made for `by`; `answer` is the browser's, in JSON, `asked` from `begin_passkey`.

    Raises Invalid on name or passkey.
    """
    called = clean_text("name", name, required="Give the passkey a name.", most=LONGEST_NAME, one_line=True)
    late = asked is None or not timedelta(0) <= at - datetime.fromisoformat(asked["at"]) <= LONGEST_MAKING
    if asked is None or late or asked["person"] != by.pk:
        raise Invalid({"passkey": ["Nothing was added: this page asked for no passkey, or long ago. Try again."]})
    try:
        made = json.loads(answer)
        data = _server(asked["relying_party"]).register_complete(asked["state"], made).credential_data
    except UNREADABLE:
        raise Invalid({"passkey": ["Nothing was added: the passkey’s answer cannot be used. Try again."]}) from None
    assert data is not None, "a registration carries its credential"
    added = Passkey(0, called, at, None, data)
    with transaction.atomic():
        # The person's row is locked, so that two windows never pass the limit together.
        User.objects.select_for_update(no_key=True).get(pk=by.pk)
        known = Authenticator.objects.filter(type=Authenticator.Type.WEBAUTHN)
        if known.filter(user=by).count() >= MOST_PASSKEYS:
            raise Invalid({"passkey": [f"You have {MOST_PASSKEYS} passkeys. Remove one that you use no more."]})
        if any(key.credential.credential_id == data.credential_id for key in passkeys_of(by)):
            raise Invalid({"passkey": ["You have added this passkey already."]})
        kept = {"name": called, "credential": made}
        row = known.create(user=by, type=Authenticator.Type.WEBAUTHN, data=kept, created_at=at)
        said = {"credential_id": added.credential_id, "public_key": to_base64url(added.public_key)}
        account_event("passkey.added", by, by, at, said)
    return replace(added, pk=row.pk)


@transaction.atomic
def remove_passkey(by: User, pk: int, *, at: datetime, presence: Presence) -> None:
    """Remove a passkey of `by`, and end their sessions. What it signed stays good. Raises Invalid on password.

    One that is not there changes nothing.
    """
    check_presence(presence, by, at, dict)
    key = next((key for key in passkeys_of(by) if key.pk == pk), None)
    if key is not None:
        Authenticator.objects.filter(pk=key.pk).delete()
        end_sessions(by)
        account_event("passkey.removed", by, by, at, {"credential_id": key.credential_id})


def _server(relying_party: str) -> Fido2Server:
    return Fido2Server(PublicKeyCredentialRpEntity(name="IVIG utilization review", id=relying_party))
