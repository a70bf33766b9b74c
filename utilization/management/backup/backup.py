"""One backup: the database as it is at one moment, with what must be found in it again."""

import hashlib
import os
import tempfile
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper

from utilization import environment
from utilization.jobs.left_parts import clear_left
from utilization.management.backup import archive, database_copy
from utilization.management.backup.manifest import Manifest
from utilization.models import Event

PREFIX, SUFFIX = "ivig-", ".backup.tar"
_PARTS = ".ivig-backup-"
LEFT = (f"{_PARTS}*", f".{PREFIX}*{SUFFIX}.part-*")
"""What one that was killed leaves in its folder."""


def back_up(folder: Path, *, at: datetime) -> tuple[Path, Manifest]:
    """Make one backup in `folder`; the file is there whole or not at all.

    Raises BadBackup where a program of the database is missing or fails, and OSError where the disk does not take it.
    """
    clear_left(folder, *LEFT, at=at)
    path = folder / f"{PREFIX}{at:%Y%m%d-%H%M%S}{SUFFIX}"
    # Beside the backup, so that a disk that holds one holds its parts.
    with tempfile.TemporaryDirectory(prefix=_PARTS, dir=folder) as parts:
        copy = Path(parts) / archive.COPY[connection.vendor]
        with database_copy.copied(connection, copy) as cursor:
            rows = database_copy.rows_by_table(cursor, _names_in(cursor, connection.vendor))
            cursor.execute("SELECT app, name FROM django_migrations ORDER BY app, name")
            migrations = tuple(f"{app}.{name}" for app, name in cursor.fetchall())
            size, last = _log_end_in(cursor)
        manifest = Manifest(
            made_at=at,
            engine=connection.vendor,
            server=".".join(str(part) for part in connection.get_database_version()),
            migrations=migrations,
            rows=rows,
            log_size=size,
            log_digest=last,
            variables=tuple(sorted(environment.read(os.environ))),
        )
        archive.write(path, manifest, copy)
    return path, manifest


def remove_older(folder: Path, keep: int) -> list[Path]:
    """Remove all but the newest `keep` backups of a folder; what was removed."""
    older = sorted(folder.glob(f"{PREFIX}*{SUFFIX}"))[:-keep]
    for path in older:
        path.unlink()
    return older


def table_names(database: BaseDatabaseWrapper) -> list[str]:
    """Every table of the database that is worked on."""
    with database.cursor() as cursor:
        return _names_in(cursor, database.vendor)


def migrations_applied(database: BaseDatabaseWrapper) -> list[str]:
    """Every migration applied to it, as `app.name`."""
    with database.cursor() as cursor:
        cursor.execute("SELECT app, name FROM django_migrations ORDER BY app, name")
        return [f"{app}.{name}" for app, name in cursor.fetchall()]


def log_end() -> tuple[int, str]:
    """How many entries the log has, and the digest of the last; the digest is empty where there is none."""
    with connection.cursor() as cursor:
        return _log_end_in(cursor)


def _log_end_in(cursor: Any) -> tuple[int, str]:
    cursor.execute(f"SELECT seq, body FROM {Event._meta.db_table} ORDER BY seq DESC LIMIT 1")  # noqa: S608 - our own name
    last = cursor.fetchone()
    return (last[0] + 1, hashlib.sha256(bytes(last[1])).hexdigest()) if last else (0, "")


def _names_in(cursor: Any, vendor: str) -> list[str]:
    cursor.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name"
        if vendor == "sqlite"
        else "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"
    )
    return [name for (name,) in cursor.fetchall()]
