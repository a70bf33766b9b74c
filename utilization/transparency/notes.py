"""Signed notes (c2sp.org/signed-note): a text, an empty line, and a line for each signature."""

import re
from dataclasses import dataclass

from utilization.transparency.encodings import BadText, from_base64, lines_of, to_base64
from utilization.transparency.keys import check_name

MOST_BYTES = 64_000
MOST_SIGNATURES = 32
_ID_BYTES = 4
_SIGNATURE = re.compile("— ([^ ]+) ([^ ]+)")


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature line: the key's name and id, and what it signed with."""

    name: str
    key_id: bytes
    value: bytes

    @property
    def line(self) -> str:
        """The line, ended."""
        return f"— {self.name} {to_base64(self.key_id + self.value)}\n"


@dataclass(frozen=True, slots=True)
class SignedNote:
    """A text, which ends with a line's end, and its signatures. Nothing is known of whether they are right."""

    text: str
    signatures: tuple[Signature, ...]

    def __str__(self) -> str:
        """The note as it is stored and sent."""
        return self.text + "\n" + "".join(signature.line for signature in self.signatures)

    def signed_also(self, *signatures: Signature) -> "SignedNote":
        """The same text with further signatures below the others."""
        return SignedNote(self.text, (*self.signatures, *signatures))


def read_note(raw: bytes) -> SignedNote:
    """The note that `raw` spells. Raises BadText."""
    lines = lines_of(raw, MOST_BYTES, "Note")
    if "" not in lines[1:]:
        raise BadText("Note: expected an empty line between text and signatures.")
    split = len(lines) - 1 - lines[::-1].index("")
    text, signatures = lines[:split], read_signatures(lines[split + 1 :])
    return SignedNote("".join(f"{line}\n" for line in text), signatures)


def read_signatures(lines: list[str]) -> tuple[Signature, ...]:
    """The signatures that the lines spell, at least one. Raises BadText."""
    if not 1 <= len(lines) <= MOST_SIGNATURES:
        raise BadText(f"Note: expected 1 to {MOST_SIGNATURES} signatures, got {len(lines)}.")
    return tuple(_signature(line) for line in lines)


def _signature(line: str) -> Signature:
    parts = _SIGNATURE.fullmatch(line)
    if not parts:
        raise BadText("Note: a signature is written as a dash (—), the key's name and Base 64, one space between each.")
    name, encoded = parts.groups()
    check_name(name)
    raw = from_base64(encoded, f"Signature of {name}")
    if len(raw) <= _ID_BYTES:
        raise BadText(f"Signature of {name}: too short to hold a key id and a signature.")
    return Signature(name, raw[:_ID_BYTES], raw[_ID_BYTES:])
