"""Files and disk: room, modes, and what `prepare` makes."""

import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from django.conf import settings

from utilization import environment
from utilization.jobs.disk_room import FEW, LEAST, MB, free_bytes
from utilization.management.doctor.lines import FAIL, OK, WARN, DoctorLine


def lines(at: datetime) -> Iterator[DoctorLine]:
    """What keeps the server from writing, or lets others read."""
    folder = settings.VAR_DIR
    if not folder.is_dir():
        yield DoctorLine(FAIL, "IVIG_VAR", f"{folder} is not there", "Run manage.py prepare, or set IVIG_VAR")
        return
    if not os.access(folder, os.W_OK | os.X_OK):
        yield DoctorLine(FAIL, "IVIG_VAR", f"{folder} is not writable", f"Run: chown the server's user {folder}")
    yield _room(folder)
    yield from _modes(folder)
    if not (Path(settings.STATIC_ROOT) / "staticfiles.json").exists() and settings.MODE != "test":
        yield DoctorLine(FAIL, "files for browsers", "are not collected", "Run manage.py prepare")


def _room(folder: Path) -> DoctorLine:
    free = free_bytes()
    says = f"{free // MB:,} MB free at {folder}"
    if free < LEAST:
        return DoctorLine(FAIL, "disk", says, f"Make room: at least {LEAST // MB} MB, better {FEW // MB:,} MB")
    if free < FEW:
        return DoctorLine(WARN, "disk", says, f"Make room, at least {FEW // MB:,} MB")
    return DoctorLine(OK, "disk", says)


def _modes(folder: Path) -> Iterator[DoctorLine]:
    """What holds patients or secrets and can be read by others than its owner."""
    private = [*folder.glob("*.sqlite3*"), settings.SNAPSHOT_SECRET, *_secret_files()]
    for path in private:
        if path.is_file() and path.stat().st_mode & 0o007:
            yield DoctorLine(
                FAIL, "file", f"{path} can be read by everybody on this machine", f"Run: chmod o-rwx {path}"
            )


def _secret_files() -> Iterator[Path]:
    for setting in environment.SETTINGS:
        if setting.secret and (path := os.environ.get(setting.name + environment.IN_FILE)):
            yield Path(path)
