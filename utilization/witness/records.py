"""What a witness remembers: for each log the checkpoint that it cosigned last, and outside of that every note.

The record is SQLite, one row a log. The notes go to a text file, each followed by an empty line, which is what an
auditor keeps elsewhere.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from hashlib import sha256
from pathlib import Path

from utilization.transparency.checkpoints import TreeHead
from utilization.transparency.notes import SignedNote
from utilization.transparency.tree import EMPTY_ROOT

WITNESS_KEY = "witness.key"
COSIGNED_NOTES = "cosigned.notes"
_TABLE = """CREATE TABLE IF NOT EXISTS log (
    origin TEXT PRIMARY KEY, origin_sha256 TEXT NOT NULL, size INTEGER NOT NULL, root BLOB NOT NULL, note TEXT NOT NULL
)"""
_SECONDS = 5


class Records:
    """The records of one witness, in a folder. Each call opens the file anew, so threads and processes may share it."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._path = folder / "witness.sqlite3"
        self._notes = folder / COSIGNED_NOTES
        with self._open() as rows:
            rows.execute(_TABLE)

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self._path, timeout=_SECONDS, isolation_level=None)) as rows:
            rows.execute("PRAGMA synchronous=FULL")
            yield rows

    def last(self, origin: str) -> TreeHead:
        """What was cosigned last of a log; the empty tree where nothing was."""
        with self._open() as rows:
            row = rows.execute("SELECT size, root FROM log WHERE origin = ?", (origin,)).fetchone()
        return TreeHead(origin, *row) if row else TreeHead(origin, 0, EMPTY_ROOT)

    def note(self, origin_sha256: str) -> str | None:
        """The note that was cosigned last of the log whose origin has this hash, in hex."""
        with self._open() as rows:
            row = rows.execute("SELECT note FROM log WHERE origin_sha256 = ?", (origin_sha256,)).fetchone()
        return row[0] if row else None

    def replace(self, old: TreeHead, new: TreeHead, note: SignedNote) -> bool:
        """Record the new checkpoint where `old` is still the last one; say whether it was. On disk on return."""
        named = (new.origin, sha256(new.origin.encode()).hexdigest())
        with self._open() as rows:
            if not old.size:
                rows.execute("INSERT INTO log VALUES (?, ?, 0, ?, '') ON CONFLICT DO NOTHING", (*named, EMPTY_ROOT))
            changed = rows.execute(
                "UPDATE log SET size = ?, root = ?, note = ? WHERE origin = ? AND size = ? AND root = ?",
                (new.size, new.root, str(note), new.origin, old.size, old.root),
            ).rowcount
        return changed == 1

    def write_out(self, note: SignedNote) -> None:
        """Add a cosigned note to the file of notes, and return once it is on disk."""
        file = os.open(self._notes, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o640)
        with os.fdopen(file, "w", encoding="utf-8") as out:
            out.write(f"{note}\n")
            out.flush()
            os.fsync(out.fileno())
