"""Whether the database can be reached and has the tables that this version of the code reads; and changing it alone."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path

from django.core.management.base import CommandError
from django.db import DEFAULT_DB_ALIAS, OperationalError, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.executor import MigrationExecutor

from utilization.management.left_aside import left_aside
from utilization.models.schema_version import newer_migrations

_LOCK = 0x49564947
"""The number of the lock in PostgreSQL: "IVIG"."""


class DatabaseState(StrEnum):
    """What a database holds: no table at all, tables of an earlier version, of this one, or of a later one."""

    EMPTY = "empty"
    BEHIND = "behind"
    READY = "ready"
    NEWER = "newer"


def database_state() -> DatabaseState:
    """The state of the default database.

    Raises CommandError, with what to do, where it cannot be reached, or where a restore in place of it was killed: it
    would look empty then, and everything lies beside it.
    """
    connection = reach()
    if way_back := left_aside(connection):
        raise CommandError(f"A restore in place of this database was killed in the middle.\nPut it back, {way_back}")
    if not connection.introspection.table_names():
        return DatabaseState.EMPTY
    executor = MigrationExecutor(connection)
    if newer_migrations(executor):
        return DatabaseState.NEWER
    # Asking for the plan is a tenth of the work of `migrate`, which also looks at every model's permissions.
    behind = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return DatabaseState.BEHIND if behind else DatabaseState.READY


def first_line(error: Exception) -> str:
    """What a database says first of an error: what comes behind may be of rows."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


def reach() -> BaseDatabaseWrapper:
    """The default connection, opened. Raises CommandError, with what to check, where it cannot be."""
    connection = connections[DEFAULT_DB_ALIAS]
    try:
        connection.ensure_connection()
    except OperationalError as error:
        start = "Start PostgreSQL where it is stopped. " if connection.vendor == "postgresql" else ""
        raise CommandError(f"The database cannot be reached: {first_line(error)}\n{start}Check DATABASE_URL.") from None
    return connection


def require_tables() -> None:
    """Raise CommandError, with the command to run, unless the database is ready."""
    refuse_newer(state := database_state())
    if state is not DatabaseState.READY:
        has = "holds no tables yet" if state is DatabaseState.EMPTY else "was made by an earlier version"
        raise CommandError(f"This database {has}. Run `manage.py prepare`, then this command again.")


def refuse_newer(state: DatabaseState) -> None:
    """Raise CommandError where a later version of the product changed the database: this one would misread it."""
    if state is DatabaseState.NEWER:
        unknown = ", ".join(newer_migrations(MigrationExecutor(connections[DEFAULT_DB_ALIAS])))
        raise CommandError(
            f"This database was changed by a later version of the product ({unknown}). Start that version, or restore "
            "a backup made by this one."
        )


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Hold the one lock of whoever changes the tables: a second waits here until the first is done.

    On PostgreSQL the database keeps it, for every host; on SQLite a file in `folder`.
    """
    connection = reach()
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            # As long as the other takes: a migration of a large table needs minutes.
            cursor.execute("SET lock_timeout = 0")
            cursor.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
            cursor.execute("RESET lock_timeout")
        try:
            yield
        finally:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [_LOCK])
    else:
        with (folder / "prepare.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
