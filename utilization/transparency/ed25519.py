"""Ed25519 (RFC 8032) by the library `cryptography`, with private keys as one line each.

A private key is written as `PRIVATE+KEY+name+id+key`, as Go's note package writes it.
"""

import secrets
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from utilization.transparency.encodings import BadText, from_base64, to_base64
from utilization.transparency.keys import KEY_BYTES, PublicKey, SignatureType, check_name

_MARK = "PRIVATE+KEY+"


@dataclass(frozen=True, slots=True, repr=False)
class SigningKey:
    """A private key with its public half. Never printed: it has no representation of its own."""

    public: PublicKey
    seed: bytes

    def sign(self, message: bytes) -> bytes:
        """64 bytes, the same for the same message."""
        return Ed25519PrivateKey.from_private_bytes(self.seed).sign(message)

    @property
    def line(self) -> str:
        """The private key as one line, for a file that nobody else reads."""
        encoded = to_base64(bytes([self.public.type]) + self.seed)
        return f"{_MARK}{self.public.name}+{self.public.key_id.hex()}+{encoded}"


def new_signing_key(name: str, type: SignatureType) -> SigningKey:  # noqa: A002 - the word of the specification
    """A fresh key. Raises BadText for a name that no key can bear."""
    check_name(name)
    return _signing_key(name, type, secrets.token_bytes(KEY_BYTES))


def read_signing_key(line: str) -> SigningKey:
    """The private key that `line` spells. Raises BadText, which never repeats any of the key."""
    parts = line.strip().removeprefix(_MARK).split("+", 2)
    if not line.startswith(_MARK) or len(parts) != 3:
        raise BadText("This file holds no signing key.")
    name, key_id, encoded = parts
    check_name(name)
    raw = from_base64(encoded, "Signing key")
    if len(raw) != 1 + KEY_BYTES or raw[0] not in set(SignatureType):
        raise BadText("This file holds no Ed25519 key of a log or of a witness.")
    key = _signing_key(name, SignatureType(raw[0]), raw[1:])
    if key.public.key_id.hex() != key_id:
        raise BadText("The signing key does not fit the name and id beside it.")
    return key


def _signing_key(name: str, type: SignatureType, seed: bytes) -> SigningKey:  # noqa: A002
    public = Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
    return SigningKey(PublicKey(name, type, public), seed)


def is_signed(message: bytes, signature: bytes, key: bytes) -> bool:
    """Whether `signature` is that of the public key (32 bytes) over the message."""
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
    except InvalidSignature:
        return False
    return True
