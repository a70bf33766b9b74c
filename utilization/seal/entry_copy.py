"""The sealer's copy of the entries, a line each, so that a database that was restored from an older copy can be mended.

It holds patients' data and is for its owner alone: treat it as a backup. A line is on disk before what covers it is
signed, so that whatever was signed can be put back.
"""

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

COPY = "events.ndjson"


class EntryCopy:
    """The copy in the sealer's folder. One process writes it, the one that holds the folder; open while in `with`."""

    def __init__(self, folder: Path, bodies: Callable[[int, int], Iterable[bytes]]) -> None:
        """`bodies` reads the log's own entries from one number up to another, for what an older copy lacks."""
        self._path = folder / COPY
        self._bodies = bodies
        self._read = False
        self._end = 0
        self.size = 0

    @contextmanager
    def open(self, signed: int) -> Iterator["EntryCopy"]:
        """Open the file, of whose entries `signed` were signed: at first, what stands beyond them is dropped.

        Raises OSError.
        """
        with os.fdopen(os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600), "r+b") as self._file:
            os.fchmod(self._file.fileno(), 0o600)
            if not self._read:
                self._measure(signed)
            self._file.seek(self._end)
            self._file.truncate()
            # Where anything below fails, the file is measured anew the next time.
            self._read = False
            yield self
            self._file.flush()
            self._end, self._read = self._file.tell(), True

    def _measure(self, signed: int) -> None:
        self.size = self._end = 0
        for line in self._file:
            if self.size == signed or not line.endswith(b"\n"):
                break
            self.size, self._end = self.size + 1, self._end + len(line)

    def add(self, number: int, body: bytes) -> None:
        """Write the entry with this number, unless it is there already. Raises OSError."""
        self.fill(number)
        if number == self.size:
            self._file.write(body + b"\n")
            self.size += 1

    def fill(self, size: int) -> None:
        """Write what the copy lacks up to `size`. Raises OSError, and what reading the entries raises."""
        for body in self._bodies(self.size, size) if size > self.size else ():
            self._file.write(body + b"\n")
            self.size += 1

    def sync(self) -> None:
        """Return once all that was written is on disk. Raises OSError."""
        self._file.flush()
        os.fsync(self._file.fileno())


def copied(path: Path) -> Iterator[bytes]:
    """The entries in a copy, in order; a last line that was cut is left out. Raises OSError."""
    with path.open("rb") as lines:
        for line in lines:
            if line.endswith(b"\n"):
                yield line[:-1]
