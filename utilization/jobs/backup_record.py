"""When the last backup and the last drill were made, and how they ended: one small file each in `IVIG_VAR`."""

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings

from utilization.jobs.whole_file import write_whole

BACKUP, DRILL = "backup", "drill"


@dataclass(frozen=True, slots=True)
class Done:
    """One backup or drill: when it began, how many seconds it took, whether it succeeded, and what came of it."""

    at: datetime
    seconds: float
    succeeded: bool
    says: str


def last(kind: str) -> Done | None:
    """The last of this kind; None where there was none, or where its file cannot be read."""
    try:
        kept = json.loads(_path(kind).read_text(encoding="utf-8"))
        return Done(datetime.fromisoformat(kept["at"]), kept["seconds"], kept["succeeded"], kept["says"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def keep(kind: str, done: Done) -> None:
    """Keep what came of it in place of the one before."""
    write_whole(_path(kind), json.dumps({**asdict(done), "at": done.at.isoformat()}).encode())


def _path(kind: str) -> Path:
    return Path(settings.VAR_DIR) / f"last-{kind}.json"
