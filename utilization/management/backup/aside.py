"""What a database holds put aside, so that a backup can take its place; there again where that fails.

On PostgreSQL it is a schema renamed, on SQLite a file: nothing is copied, and nothing is lost before what takes its
place is proven. Other roles keep what they were granted.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from utilization.management.backup.manifest import BadBackup
from utilization.management.left_aside import ASIDE, aside_file

_FILES = ("", "-wal", "-shm")


@contextmanager
def put_aside(connection: BaseDatabaseWrapper, runtime_role: str | None) -> Iterator[None]:
    """The database emptied for what is done inside: what it held goes afterwards, or is put back where that raises.

    What `runtime_role` may do is not kept: each version grants it by itself.
    """
    if connection.vendor == "sqlite":
        with _file_aside(connection):
            yield
        return
    _refuse_in_use(connection)
    granted = [row for row in _granted(connection) if row[0] != runtime_role]
    _run(connection, f'ALTER SCHEMA public RENAME TO "{ASIDE}"', "CREATE SCHEMA public")
    try:
        yield
        _grant(connection, granted)
    except BaseException:
        _run(connection, "DROP SCHEMA public CASCADE", f'ALTER SCHEMA "{ASIDE}" RENAME TO public')
        raise
    _run(connection, f'DROP SCHEMA "{ASIDE}" CASCADE')


def _refuse_in_use(connection: BaseDatabaseWrapper) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            " AND usesysid IS NOT NULL"  # what the server does by itself has none
        )
        (others,) = cursor.fetchone()
    if others:
        raise BadBackup(f"The database is used by {others} other sessions. Stop the units, and whoever looks into it.")


def _run(connection: BaseDatabaseWrapper, *statements: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def _granted(connection: BaseDatabaseWrapper) -> list[tuple[str, str, str]]:
    """What roles beside the owner may do to which table: role, table, right. The sealer's role is one of them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT grantee, table_name, privilege_type FROM information_schema.role_table_grants"
            " WHERE table_schema = 'public' AND grantee NOT IN (current_user, 'PUBLIC')"
        )
        rows: list[tuple[str, str, str]] = cursor.fetchall()
    return rows


def _grant(connection: BaseDatabaseWrapper, granted: list[tuple[str, str, str]]) -> None:
    there = set(connection.introspection.table_names())
    named: Any = connection.ops.quote_name
    roles = sorted({role for role, _, _ in granted})
    _run(
        connection,
        *(f"GRANT USAGE ON SCHEMA public TO {named(role)}" for role in roles),
        *(f"GRANT {right} ON {named(table)} TO {named(role)}" for role, table, right in granted if table in there),
    )


@contextmanager
def _file_aside(connection: BaseDatabaseWrapper) -> Iterator[None]:
    place = Path(str(connection.settings_dict["NAME"]))
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    aside = aside_file(place)
    _move(place, aside)
    try:
        yield
    except BaseException:
        connection.close()
        for behind in _FILES:
            Path(f"{place}{behind}").unlink(missing_ok=True)
        _move(aside, place)
        raise
    for behind in _FILES:
        Path(f"{aside}{behind}").unlink(missing_ok=True)


def _move(source: Path, target: Path) -> None:
    """The log of writes goes first: a file without it would be one of before."""
    for behind in reversed(_FILES):
        if (part := Path(f"{source}{behind}")).exists():
            part.replace(f"{target}{behind}")
