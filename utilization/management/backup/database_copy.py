"""A copy of the database as it is at one moment, while others write; and putting one into an empty database."""

import os
import sqlite3
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from utilization.management.backup.manifest import BadBackup

Counts = dict[str, int]
_ENCRYPTED = ("sslmode", "sslrootcert", "sslcert", "sslkey")
"""What DATABASE_URL may ask for of the connection, which the programs of PostgreSQL have to ask for as well."""


@contextmanager
def copied(connection: BaseDatabaseWrapper, place: Path) -> Iterator[Any]:
    """Copy the database to `place`; what comes with it is a cursor over just what was copied."""
    if connection.vendor == "sqlite":
        with closing(sqlite3.connect(place)) as copy:
            connection.ensure_connection()
            # In one step: in several, each write of another begins it anew. Writers wait for no reader.
            connection.connection.backup(copy)
            # What the copy is opened by elsewhere must not look for a log beside it.
            copy.execute("PRAGMA journal_mode=DELETE")
            yield copy.cursor()
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        cursor.execute("SELECT pg_export_snapshot()")
        (snapshot,) = cursor.fetchone()
        _tool(connection, "pg_dump", "-Fc", "--no-owner", "--no-privileges", f"--snapshot={snapshot}", "-f", str(place))
        yield cursor


def rows_by_table(cursor: Any, names: list[str]) -> Counts:
    """How many rows each table has."""
    counts = {}
    for name in names:
        cursor.execute(f'SELECT count(*) FROM "{name}"')  # noqa: S608 - names come from the database itself
        counts[name] = cursor.fetchone()[0]
    return counts


def put_back(connection: BaseDatabaseWrapper, copy: Path, scratch: Path) -> None:
    """Put a copy into the empty database that `connection` names. Raises BadBackup where the tool refuses it."""
    if connection.vendor == "sqlite":
        place = Path(str(connection.settings_dict["NAME"]))
        connection.close()
        place.parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(copy)) as source, closing(sqlite3.connect(place)) as target:
            os.chmod(place, 0o600)  # noqa: PTH101 - beside sqlite3, which takes paths as text
            source.backup(target)
        return
    # A new database has its schema already, and may not let this role make or change it.
    listed = scratch / "restore.list"
    contents = _tool(connection, "pg_restore", "--list", str(copy), connects=False)
    listed.write_text("".join(row for row in contents.splitlines(True) if " SCHEMA - " not in row), encoding="utf-8")
    connection.close()
    _tool(
        connection, "pg_restore", "--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error",
        f"--use-list={listed}", f"--dbname={connection.settings_dict['NAME']}", str(copy),
    )  # fmt: skip


def damage(connection: BaseDatabaseWrapper) -> list[str]:
    """What the database itself finds wrong with its pages and keys; PostgreSQL refuses such rows while it restores."""
    if connection.vendor != "sqlite":
        return []
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA integrity_check(5)")
        said = [row[0] for row in cursor.fetchall() if row[0] != "ok"]
        cursor.execute("PRAGMA foreign_key_check")
        return said + [
            f"{row[0]} {row[1]} points to a row of {row[2]} that is not there" for row in cursor.fetchmany(5)
        ]


def _tool(connection: BaseDatabaseWrapper, name: str, *arguments: str, connects: bool = True) -> str:
    """Run a program of PostgreSQL as the role of `connection`, whose password is on no command line."""
    settings: Mapping[str, Any] = connection.settings_dict
    environment = {**os.environ}
    if connects:
        environment |= {
            "PGHOST": str(settings["HOST"] or ""), "PGPORT": str(settings["PORT"] or ""),
            "PGUSER": str(settings["USER"] or ""), "PGPASSWORD": str(settings["PASSWORD"] or ""),
            "PGDATABASE": str(settings["NAME"]),
        }  # fmt: skip
        options = settings.get("OPTIONS", {})
        environment |= {f"PG{name.upper()}": str(options[name]) for name in _ENCRYPTED if name in options}
    try:
        answer = subprocess.run([name, *arguments], env=environment, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise BadBackup(f"{name} is not installed. On Debian: apt-get install postgresql-client") from None
    if answer.returncode:
        said = (answer.stderr.strip().splitlines() or ["it says nothing"])[0]
        raise BadBackup(f"{name} ended with {answer.returncode}: {said}")
    return answer.stdout


def default() -> BaseDatabaseWrapper:
    """The connection that everything works on."""
    return connections[DEFAULT_DB_ALIAS]
