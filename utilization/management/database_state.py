"""Whether the database can be reached and has the tables that this version of the code reads."""

from enum import StrEnum

from django.core.management.base import CommandError
from django.db import DEFAULT_DB_ALIAS, OperationalError, connections
from django.db.migrations.executor import MigrationExecutor


class DatabaseState(StrEnum):
    """What a database holds: no table at all, tables of an earlier version, or those of this one."""

    EMPTY = "empty"
    BEHIND = "behind"
    READY = "ready"


def database_state() -> DatabaseState:
    """The state of the default database. Raises CommandError, with what to check, where it cannot be reached."""
    connection = connections[DEFAULT_DB_ALIAS]
    try:
        connection.ensure_connection()
    except OperationalError as error:
        raise CommandError(f"The database cannot be reached: {str(error).strip()}\nCheck DATABASE_URL.") from None
    if not connection.introspection.table_names():
        return DatabaseState.EMPTY
    executor = MigrationExecutor(connection)
    # Asking for the plan is a tenth of the work of `migrate`, which also looks at every model's permissions.
    behind = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return DatabaseState.BEHIND if behind else DatabaseState.READY


def require_tables() -> None:
    """Raise CommandError, with the command to run, unless the database is ready."""
    state = database_state()
    if state is not DatabaseState.READY:
        has = "holds no tables yet" if state is DatabaseState.EMPTY else "was made by an earlier version"
        raise CommandError(f"This database {has}. Run `manage.py prepare`, then this command again.")
