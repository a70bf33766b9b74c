"""What keeps the sealer from sealing, in its folder, so that the auditors' page can say it."""

import json
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

_FILE = "trouble.json"
_MOST_SIGNS = 2000


@dataclass(frozen=True, slots=True)
class SealTrouble:
    """What the sealer said, and when it first said it."""

    at: datetime
    text: str


def note_trouble(folder: Path, text: str, at: datetime) -> None:
    """Keep what is wrong; where the file cannot be written, what was printed must do."""
    with suppress(OSError):
        (folder / _FILE).write_text(json.dumps({"at": at.isoformat(), "text": text[:_MOST_SIGNS]}), encoding="utf-8")


def forget_trouble(folder: Path) -> None:
    """Say that nothing is wrong any more."""
    with suppress(OSError):
        (folder / _FILE).unlink(missing_ok=True)


def read_trouble(folder: Path) -> SealTrouble | None:
    """What the sealer said last; None where nothing is wrong or its folder cannot be read."""
    try:
        raw = json.loads((folder / _FILE).read_text(encoding="utf-8"))
        at = datetime.fromisoformat(raw["at"])
        return SealTrouble(at, str(raw["text"])[:_MOST_SIGNS]) if at.tzinfo else None
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return None
