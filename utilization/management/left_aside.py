"""Where what a database held lies while a backup takes its place, and what to do where that was killed."""

from pathlib import Path

from django.db.backends.base.base import BaseDatabaseWrapper

ASIDE = "ivig_aside"
"""The schema on PostgreSQL; on SQLite it is the ending of a file."""


def aside_file(place: Path) -> Path:
    """The file that a SQLite file is put aside to."""
    return place.with_name(f"{place.name}.{ASIDE}")


def left_aside(connection: BaseDatabaseWrapper) -> str:
    """How to put back what was left aside by a restore that was killed; empty where nothing was."""
    if connection.vendor == "sqlite":
        place = Path(str(connection.settings_dict["NAME"]))
        return f"by: mv {aside_file(place)} {place}" if aside_file(place).exists() else ""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_namespace WHERE nspname = %s", [ASIDE])
        if cursor.fetchone() is None:
            return ""
    return f"as its owner: DROP SCHEMA public CASCADE; ALTER SCHEMA {ASIDE} RENAME TO public"
