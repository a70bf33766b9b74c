"""Checkpoints (c2sp.org/tlog-checkpoint): a signed note that says how long a log is and what its root is.

A log signs the text itself. A witness cosigns it (c2sp.org/tlog-cosignature, `cosignature/v1`): it saw this text as the
longest of the log at a time, and what it saw before is unchanged in it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from utilization.transparency.ed25519 import SigningKey, is_signed
from utilization.transparency.encodings import BadText, hash_of, number_of, to_base64
from utilization.transparency.keys import PublicKey, SignatureType, check_name
from utilization.transparency.notes import Signature, SignedNote

_TIME_BYTES = 8
_SIGNATURE_BYTES = 64


class NotSigned(ValueError):
    """A checkpoint that no key vouches for which is known to the reader, or whose signature is wrong."""


@dataclass(frozen=True, slots=True)
class TreeHead:
    """What a checkpoint says: which log, how many entries, and the root over them."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        """The text that is signed."""
        return f"{self.origin}\n{self.size}\n{to_base64(self.root)}\n"


@dataclass(frozen=True, slots=True)
class Vouched:
    """Who vouches for a checkpoint among the known keys, and the names on lines by keys that are not known.

    `times` holds, for each witness, the second (of the Unix epoch) at which it cosigned.
    """

    logs: tuple[PublicKey, ...]
    witnesses: tuple[PublicKey, ...]
    times: tuple[int, ...]
    unknown: tuple[str, ...]


def read_head(note: SignedNote) -> TreeHead:
    """What the note says. Raises BadText where its text is no checkpoint, or has lines beyond the third."""
    lines = note.text[:-1].split("\n")
    if len(lines) != 3:
        raise BadText(f"Checkpoint: expected three lines (origin, size, root), got {len(lines)}.")
    check_name(lines[0])
    return TreeHead(lines[0], number_of(lines[1], "Checkpoint size"), hash_of(lines[2], "Checkpoint root"))


def signed(head: TreeHead, key: SigningKey) -> SignedNote:
    """The head as a note of its log. The key bears the origin as its name."""
    if (key.public.type, key.public.name) != (SignatureType.LOG, head.origin):
        raise ValueError(f"The key {key.public.name} does not sign for the log {head.origin}.")
    signature = key.sign(head.text.encode())
    return SignedNote(head.text, (Signature(key.public.name, key.public.key_id, signature),))


def cosignature(text: str, key: SigningKey, time: int) -> Signature:
    """A witness's signature over a checkpoint's text at `time`, in seconds of the Unix epoch."""
    if key.public.type is not SignatureType.WITNESS:
        raise ValueError(f"The key {key.public.name} is no witness's.")
    value = time.to_bytes(_TIME_BYTES, "big") + key.sign(_cosigned(text, time))
    return Signature(key.public.name, key.public.key_id, value)


def _cosigned(text: str, time: int) -> bytes:
    return f"cosignature/v1\ntime {time}\n{text}".encode()


def vouched(note: SignedNote, keys: Sequence[PublicKey]) -> Vouched:
    """Who among `keys` signed the note. Raises NotSigned where the line of a known key is wrong.

    Lines by other keys are named and otherwise ignored: anybody can add one.
    """
    known = {(key.name, key.key_id): key for key in keys}
    logs, witnesses, unknown = [], {}, []
    for signature in note.signatures:
        key = known.get((signature.name, signature.key_id))
        if key is None:
            unknown.append(signature.name)
        elif not _is_right(note.text, signature, key):
            raise NotSigned(f"The signature of {key.name} is wrong.")
        elif key.type is SignatureType.LOG:
            logs.append(key)
        else:
            witnesses[key] = _time(signature)
    return Vouched(tuple(logs), tuple(witnesses), tuple(witnesses.values()), tuple(unknown))


def _is_right(text: str, signature: Signature, key: PublicKey) -> bool:
    if key.type is SignatureType.LOG:
        return is_signed(text.encode(), signature.value, key.key)
    if len(signature.value) != _TIME_BYTES + _SIGNATURE_BYTES:
        return False
    return is_signed(_cosigned(text, _time(signature)), signature.value[_TIME_BYTES:], key.key)


def _time(signature: Signature) -> int:
    return int.from_bytes(signature.value[:_TIME_BYTES], "big")


def open_checkpoint(note: SignedNote, keys: Sequence[PublicKey]) -> tuple[TreeHead, Vouched]:
    """What a checkpoint says and who vouches for it: its own log at least.

    Raises BadText where it is no checkpoint, NotSigned where no known key of its log signed it.
    """
    head = read_head(note)
    by = vouched(note, keys)
    if not any(key.name == head.origin for key in by.logs):
        raise NotSigned(f"No known key of the log {head.origin} signed this checkpoint.")
    return head, by
