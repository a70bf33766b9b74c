"""The notes that a witness keeps outside the database: the last ones, and all of them."""

import os
from collections.abc import Sequence
from pathlib import Path

from utilization.seal.claims import notes_in
from utilization.transparency.checkpoints import NotSigned, TreeHead, open_checkpoint
from utilization.transparency.encodings import BadText
from utilization.transparency.keys import PublicKey
from utilization.transparency.notes import read_note

_TAIL_BYTES = 64_000


def last_cosigned(path: Path, keys: Sequence[PublicKey], origin: str | None = None) -> TreeHead | None:
    """What the last note in a witness's file says that known keys signed, of the log `origin` where one is named.

    None where the file cannot be read or holds none. Only its end is read, since it grows with each checkpoint.
    """
    try:
        with path.open("rb") as file:
            length = file.seek(0, os.SEEK_END)
            file.seek(max(0, length - _TAIL_BYTES))
            text = file.read().decode(errors="replace")
    except OSError:
        return None
    parts = text.split("\n\n")
    # Whether a text or its signatures come first, where the end of a file begins, is found by trying.
    for raw in (note for end in (parts, parts[1:]) for note in reversed(notes_in("\n\n".join(end)))):
        try:
            head, by = open_checkpoint(read_note(raw), keys)
        except (BadText, NotSigned):
            continue
        if by.witnesses and origin in (None, head.origin):
            return head
    return None


def read_notes(path: Path) -> tuple[list[bytes], str]:
    """All notes in a witness's file, and what keeps them from being read where it is there; none where it is not."""
    try:
        return notes_in(path.read_text(encoding="utf-8")), ""
    except FileNotFoundError:
        return [], ""
    except (OSError, UnicodeDecodeError) as error:
        return [], f"The witness’s notes {path} cannot be read ({error.__class__.__name__})."
