"""Signing in by a passkey alone: it says whose it is, and its owner unlocked it by finger, face or PIN.

As under a decision, the passkey signs the hash of a statement. This one says that somebody signs in and nothing else,
so that neither answer ever serves for the other. The question lives in the session that asked, and serves once.
"""

import json
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from allauth.mfa.models import Authenticator

from utilization.models import User
from utilization.passkey_proof import (
    UNREADABLE,
    BadPasskeyProof,
    PasskeyProof,
    challenge_of,
    check_passkey,
    from_base64url,
    to_base64url,
)
from utilization.rules.canonical_json import canonical
from utilization.workflow.errors import Invalid
from utilization.workflow.passkeys import passkeys_of
from utilization.workflow.presence import VALID, statement_of

_LONGEST_HANDLE = 18
_AGAIN = "You are not signed in: {} Try again."


def ask_sign_in(relying_party: str, *, at: datetime) -> tuple[dict[str, Any], dict[str, str]]:
    """What a browser needs to have any passkey for the host `relying_party` sign in, and what the session keeps."""
    asked = {
        "prepared_at": json.loads(canonical(at)), "nonce": secrets.token_hex(16), "relying_party": relying_party,
    }  # fmt: skip
    options = {
        "challenge": to_base64url(_challenge(asked)),
        "rpId": relying_party,
        "userVerification": "required",
        "timeout": VALID // timedelta(milliseconds=1),
    }
    return options, asked


def person_by_passkey(answer: str, asked: Mapping[str, str] | None, *, at: datetime) -> User:
    """Whose passkey signed what was `asked` in this session; `answer` is the browser's, in JSON.

    Their account may be closed: that is for the page to say. Raises Invalid on passkey.
    """
    if asked is None or not timedelta(0) <= at - datetime.fromisoformat(asked["prepared_at"]) <= VALID:
        raise Invalid({"passkey": [_AGAIN.format("this page did not ask for your passkey, or long ago.")]})
    try:
        return _signed_by(json.loads(answer), asked, at)
    except BadPasskeyProof as bad:
        raise Invalid({"passkey": [_AGAIN.format(bad)]}) from None
    except UNREADABLE:
        raise Invalid({"passkey": [_AGAIN.format("the answer of the passkey cannot be read.")]}) from None


def _signed_by(parts: Any, asked: Mapping[str, str], at: datetime) -> User:
    credential_id, said = from_base64url(parts["id"]), parts["response"]
    person = _owner(from_base64url(said.get("userHandle")))
    keys = passkeys_of(person) if person else ()
    key = next((key for key in keys if key.credential.credential_id == credential_id), None)
    if person is None or key is None:
        raise BadPasskeyProof("this passkey belongs to no account here.")
    proof = PasskeyProof(
        credential_id,
        key.public_key,
        from_base64url(said["authenticatorData"]),
        from_base64url(said["clientDataJSON"]),
        from_base64url(said["signature"]),
    )
    check_passkey(proof, _challenge(asked), asked["relying_party"])
    Authenticator.objects.filter(pk=key.pk).update(last_used_at=at)
    return person


def _owner(handle: bytes) -> User | None:
    """Whom the passkey was made for, by what it was told then: the key of the person."""
    text = handle.decode("ascii")
    return User.objects.filter(pk=int(text)).first() if text.isdigit() and len(text) <= _LONGEST_HANDLE else None


def _challenge(asked: Mapping[str, str]) -> bytes:
    return challenge_of(statement_of({"act": "sign in"}, asked))
