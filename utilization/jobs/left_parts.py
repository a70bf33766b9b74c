"""What a process that was killed left half made: files and folders beside the place that they were meant for."""

import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

MADE_WITHIN = 24 * 60 * 60
"""Seconds in which whatever is being made is finished: what is younger may have a living process."""


def clear_left(
    folder: Path, *patterns: str, at: datetime, kept: Callable[[Path], bool] = lambda path: False
) -> list[Path]:
    """Remove what fits one of `patterns` in `folder`, was last changed long before `at` and is not `kept`; what was
    removed. What cannot be removed stays, and keeps nobody from working."""
    removed = []
    for path in {path for pattern in patterns for path in folder.glob(pattern)}:
        if at.timestamp() - _changed(path, at) < MADE_WITHIN or kept(path):
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
        removed.append(path)
    return removed


def _changed(path: Path, at: datetime) -> float:
    try:
        return path.lstat().st_mtime
    except FileNotFoundError:  # another process was first
        return at.timestamp()
