"""A signature by a passkey (WebAuthn), checked from stored bytes alone: no session, no database, no network, no clock.

What is signed is a statement: canonical JSON (`rules.canonical_json`) that says what was decided. Its SHA-256 is the
challenge which the passkey signed, so whoever has the statement, the public key and the three answers of the passkey
checks the signature for good.
"""

import base64
import binascii
import hashlib
import hmac
import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from cryptography.exceptions import InvalidSignature
from fido2 import cbor
from fido2.cose import CoseKey
from fido2.rpid import verify_rp_id
from fido2.webauthn import AuthenticatorData, CollectedClientData

from utilization.rules.canonical_json import canonical

PASSKEY = "passkey"
"""The kind under which a proof by a passkey is kept."""
_LONGEST = 8192
UNREADABLE = (
    ValueError, TypeError, LookupError, AttributeError, OverflowError, RecursionError, NotImplementedError,
    struct.error,
)  # fmt: skip
"""What reading bytes or JSON that are no answer of a passkey may raise, in this module or in the library below it."""


class BadPasskeyProof(ValueError):
    """A signature by a passkey that does not prove what it should; the message says why, in words."""


@dataclass(frozen=True, slots=True)
class PasskeyProof:
    """What a passkey answered to a challenge, with its public key (COSE) as it was when it was added."""

    credential_id: bytes
    public_key: bytes
    authenticator_data: bytes
    client_data: bytes
    signature: bytes

    def as_json(self) -> dict[str, str]:
        """Each part in base64url without padding, as WebAuthn writes them."""
        return {name: to_base64url(getattr(self, name)) for name in self.__slots__}

    @classmethod
    def from_json(cls, parts: Mapping[str, Any]) -> "PasskeyProof":
        """The reverse of `as_json`; other keys are left alone. Raises BadPasskeyProof."""
        return cls(**{name: from_base64url(parts.get(name)) for name in cls.__slots__})


def challenge_of(statement: bytes) -> bytes:
    """The challenge that a passkey signs for `statement`."""
    return hashlib.sha256(statement).digest()


def check_passkey(proof: PasskeyProof, challenge: bytes, relying_party: str) -> None:
    """Check that the passkey signed `challenge` for the host `relying_party`, touched and unlocked by its owner.

    Raises BadPasskeyProof.
    """
    try:
        client = CollectedClientData(proof.client_data)
        data = AuthenticatorData(proof.authenticator_data)
        parts: Any = cbor.decode(proof.public_key)
        key = CoseKey.parse(parts)
        host_fits = verify_rp_id(relying_party, client.origin) and _host(client.origin) == relying_party
    except UNREADABLE as fault:
        raise BadPasskeyProof("its bytes cannot be read.") from fault
    if client.type != CollectedClientData.TYPE.GET:
        raise BadPasskeyProof("it is no signature of this kind.")
    if not hmac.compare_digest(client.challenge, challenge):
        raise BadPasskeyProof("it was made for something else than what stands here.")
    if not host_fits or client.cross_origin:
        raise BadPasskeyProof("it was made on a page of another address.")
    if not hmac.compare_digest(data.rp_id_hash, hashlib.sha256(relying_party.encode()).digest()):
        raise BadPasskeyProof("it was made for another address.")
    if not (data.is_user_present() and data.is_user_verified()):
        raise BadPasskeyProof("the passkey was not touched and unlocked by its owner.")
    try:
        key.verify(proof.authenticator_data + hashlib.sha256(proof.client_data).digest(), proof.signature)
    except InvalidSignature as fault:
        raise BadPasskeyProof("the signature is not by this passkey.") from fault
    except UNREADABLE as fault:
        raise BadPasskeyProof("its key cannot be read.") from fault


def check_kept(kept: Mapping[str, Any], signed: Mapping[str, Any]) -> None:
    """Check a proof as it is kept (`kind`, `statement` and the parts of a `PasskeyProof`) against what was `signed`.

    `signed` is what the row says now (`digests.as_signed`). Raises BadPasskeyProof.
    """
    text = str(kept.get("statement"))
    try:
        statement = json.loads(text)
        fits = isinstance(statement, dict) and canonical(statement) == text.encode()
    except UNREADABLE:
        fits = False
    if kept.get("kind") != PASSKEY or not fits:
        raise BadPasskeyProof("it keeps no statement that can be read.")
    for name, value in json.loads(canonical(signed)).items():
        if name not in statement or statement[name] != value:
            raise BadPasskeyProof(f"what was signed says something else in “{name}”.")
    check_passkey(PasskeyProof.from_json(kept), challenge_of(text.encode()), str(statement.get("relying_party")))


def to_base64url(raw: bytes) -> str:
    """`raw` in base64url without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def from_base64url(text: object) -> bytes:
    """The bytes of `text`, some thousands at most. Raises BadPasskeyProof."""
    if not isinstance(text, str) or len(text) > _LONGEST:
        raise BadPasskeyProof("a part of it is missing, or too long.")
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as fault:
        raise BadPasskeyProof("its bytes cannot be read.") from fault
    if to_base64url(raw) != text:
        raise BadPasskeyProof("its bytes cannot be read.")
    return raw


def _host(origin: str) -> str | None:
    return urlsplit(origin).hostname
