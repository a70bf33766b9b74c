"""Public keys by the name they sign under, as one line each: `example.org/log+4f3b0a11+AQ…`."""

from dataclasses import dataclass
from enum import IntEnum
from hashlib import sha256

from utilization.transparency.encodings import BadText, from_base64, to_base64

KEY_BYTES = 32
_MOST_NAME = 200


class SignatureType(IntEnum):
    """What a key signs: checkpoints of its log, or what it saw as a witness. The numbers are C2SP's."""

    LOG = 1
    WITNESS = 4


@dataclass(frozen=True, slots=True)
class PublicKey:
    """An Ed25519 key of 32 bytes. A log's key bears the log's origin as its name."""

    name: str
    type: SignatureType
    key: bytes

    @property
    def key_id(self) -> bytes:
        """Four bytes by which a signature line names this key; with the name they find it, they prove nothing."""
        return sha256(self.name.encode() + b"\n" + bytes([self.type]) + self.key).digest()[:4]

    @property
    def line(self) -> str:
        """The key as one line, as it is handed over and kept in a file of keys."""
        return f"{self.name}+{self.key_id.hex()}+{to_base64(bytes([self.type]) + self.key)}"


def check_name(name: str) -> None:
    """Raise BadText for a name that cannot stand in a signature line: empty, spaces, control characters, a plus."""
    if not name or len(name) > _MOST_NAME or "+" in name or any(sign.isspace() or sign < " " for sign in name):
        raise BadText(f"{name!r} cannot be the name of a key: expected 1 to {_MOST_NAME} signs, no space and no plus.")


def read_public_key(line: str) -> PublicKey:
    """The key that `line` spells. Raises BadText, also where the id in it is not that of the key."""
    parts = line.split("+", 2)
    if len(parts) != 3:
        raise BadText("A public key is written as name+id+key.")
    name, key_id, encoded = parts
    check_name(name)
    raw = from_base64(encoded, f"Key {name}")
    if len(raw) != 1 + KEY_BYTES or raw[0] not in set(SignatureType):
        raise BadText(f"Key {name}: expected an Ed25519 key of a log (type 1) or of a witness (type 4).")
    key = PublicKey(name, SignatureType(raw[0]), raw[1:])
    if key.key_id.hex() != key_id:
        raise BadText(f"Key {name}: the id {key_id} is not that of the key, {key.key_id.hex()}. Was it copied whole?")
    return key


def read_keys(text: str) -> tuple[PublicKey, ...]:
    """The keys of a file, one a line; empty lines and those that start with # are left out."""
    lines = [line.strip() for line in text.splitlines()]
    return tuple(read_public_key(line) for line in lines if line and not line.startswith("#"))
