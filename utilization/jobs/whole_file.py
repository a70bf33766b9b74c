"""A file that is there whole or not at all, and readable by its owner alone."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from glob import escape
from pathlib import Path

from utilization.jobs.left_parts import clear_left


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """A place to write in beside `path`, moved there once the block has ended and the bytes are on the disk.

    Whatever goes wrong, a kill included, `path` holds what it held before.
    """
    beside = path.with_name(f".{path.name}.part-{os.getpid()}")
    clear_left(path.parent, f".{escape(path.name)}.part-*", at=datetime.now(UTC))
    try:
        # Made anew: a link, or a file with wider rights, that somebody laid there first is not written to.
        beside.unlink(missing_ok=True)
        os.close(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        yield beside
        with beside.open("rb") as written:
            os.fsync(written.fileno())
        beside.replace(path)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    finally:
        beside.unlink(missing_ok=True)


def write_whole(path: Path, content: bytes) -> None:
    """Put `content` at `path`."""
    with whole(path) as beside:
        beside.write_bytes(content)
