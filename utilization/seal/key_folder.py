"""The folder of the sealer: its private key, and what it signed last. One process at a time works in it.

`last.json` is on disk before a signature leaves the process, so that a
sealer that was ended in between never signs another root for the same size.
"""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from utilization.key_files import BadKeyFile
from utilization.transparency.checkpoints import TreeHead
from utilization.transparency.encodings import hash_of, number_of, to_base64
from utilization.transparency.tree import EMPTY_ROOT

SEAL_KEY = "seal.key"
_LAST = "last.json"
_LOCK = "seal.lock"


class LastSigned:
    """What was signed last, kept in the key's folder."""

    def __init__(self, folder: Path, origin: str) -> None:
        self._path = folder / _LAST
        self._origin = origin

    def begin(self) -> None:
        """Note that nothing was signed yet, once, when the key is made."""
        self.write(TreeHead(self._origin, 0, EMPTY_ROOT))

    def read(self) -> TreeHead:
        """Raises BadKeyFile where it is missing, unreadable, or about another log."""
        try:
            head = _head_in(self._path)
        except (OSError, ValueError, TypeError, KeyError, RecursionError) as fault:
            raise BadKeyFile(
                f"{self._path} is missing or damaged ({fault.__class__.__name__}): what was signed is not known. "
                "Put it back from the witness: origin, size and root of its last checkpoint."
            ) from None
        if head.origin != self._origin:
            raise BadKeyFile(f"{self._path} is about the log {head.origin}, the key is for {self._origin}.")
        return head

    def write(self, head: TreeHead) -> None:
        """Replace it, and return once it is on disk."""
        text = json.dumps({"origin": head.origin, "size": head.size, "root": to_base64(head.root)})
        beside = self._path.with_suffix(".new")
        with beside.open("w", encoding="utf-8") as out:
            out.write(text + "\n")
            out.flush()
            os.fsync(out.fileno())
        beside.replace(self._path)
        folder = os.open(self._path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _head_in(path: Path) -> TreeHead:
    raw = json.loads(path.read_text(encoding="utf-8"))
    return TreeHead(str(raw["origin"]), number_of(str(raw["size"]), "size"), hash_of(raw["root"], "root"))


def last_signed(folder: Path) -> TreeHead | None:
    """What was signed last, whichever log it is; None where it is not there for who asks, or damaged."""
    with suppress(OSError, ValueError, TypeError, KeyError, RecursionError):
        return _head_in(folder / _LAST)
    return None


class FolderHeld(BadKeyFile):
    """Another process works in the folder."""


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Hold the folder against a second sealer. Raises FolderHeld where another process holds it."""
    with (folder / _LOCK).open("w", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise FolderHeld(f"Another sealer works with {folder}. End it first.") from None
        yield
