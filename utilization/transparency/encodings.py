"""How hashes, numbers and lines are written in the texts of C2SP, with one spelling for each value."""

import base64
import binascii
import re

from utilization.transparency.tree import HASH_BYTES

_NUMBER = re.compile("0|[1-9][0-9]{0,18}")
_LARGEST = (1 << 63) - 1


class BadText(ValueError):
    """A text that is not written as its specification says; the message names the place and what was expected."""


def to_base64(raw: bytes) -> str:
    """Standard Base 64 with padding."""
    return base64.b64encode(raw).decode()


def from_base64(text: str, what: str) -> bytes:
    """The bytes of `text`. Raises BadText for white space, missing padding, and bits set where none are read."""
    try:
        raw = base64.b64decode(text.encode("ascii"), validate=True)
    except (UnicodeEncodeError, binascii.Error, ValueError):
        raise BadText(f"{what}: expected standard Base 64.") from None
    if to_base64(raw) != text:
        raise BadText(f"{what}: expected standard Base 64 with nothing left over.")
    return raw


def hash_of(text: str, what: str) -> bytes:
    """A hash of 32 bytes, from Base 64."""
    raw = from_base64(text, what)
    if len(raw) != HASH_BYTES:
        raise BadText(f"{what}: expected {HASH_BYTES} bytes, got {len(raw)}.")
    return raw


def number_of(text: str, what: str) -> int:
    """A whole number from 0 to 2**63 - 1, in decimal without leading zeros."""
    if not _NUMBER.fullmatch(text) or int(text) > _LARGEST:
        raise BadText(f"{what}: expected a whole number without leading zeros.")
    return int(text)


def lines_of(raw: bytes, most_bytes: int, what: str) -> list[str]:
    """The lines of a text whose last line is ended. Raises BadText where it is too long, or no plain UTF-8."""
    if len(raw) > most_bytes:
        raise BadText(f"{what}: longer than {most_bytes} bytes.")
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        raise BadText(f"{what}: expected UTF-8.") from None
    if any(sign < " " and sign != "\n" for sign in text):
        raise BadText(f"{what}: control characters are not allowed.")
    if not text.endswith("\n"):
        raise BadText(f"{what}: the last line is not ended.")
    return text[:-1].split("\n")
