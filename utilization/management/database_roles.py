"""The two roles of a PostgreSQL database: the owner of the tables, and the one that pages and jobs work as.

The second (`DATABASE_URL`) may read and write rows and nothing else: it can neither lift a guard nor empty a table, and
it may not change or delete what is frozen, guarded or not. The first (`DATABASE_OWNER_URL`) is for `prepare` and
`restore` alone. `deploy/postgresql/roles.sql` makes both.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from utilization.models.guarded_tables import FROZEN

_ROWS = "SELECT, INSERT, UPDATE, DELETE"


@contextmanager
def as_owner() -> Iterator[str | None]:
    """Work as the role that owns the tables, where one is set; afterwards as before.

    What comes with it is the name of the role that pages and jobs work as, or None where that is the owner's too.
    """
    connection = connections[DEFAULT_DB_ALIAS]
    owner: dict[str, Any] | None = settings.DATABASE_OWNER
    if owner is None:
        yield None
        return
    before = dict(connection.settings_dict)
    connection.close()
    connection.settings_dict.update(owner)
    try:
        yield before["USER"] if before["USER"] != owner["USER"] else None
    finally:
        connection.close()
        connection.settings_dict.update(before)


def grant_rows(connection: BaseDatabaseWrapper, role: str) -> None:
    """Let `role` read and write rows of every table there is, but for the change and deletion of what is frozen."""
    name = connection.ops.quote_name(role)
    whole = [row for row in FROZEN if not row.only]
    frozen = ", ".join(connection.ops.quote_name(f"utilization_{row.table}") for row in whole)
    stays = ", ".join(connection.ops.quote_name(f"utilization_{row.table}") for row in whole if not row.goes)
    with connection.cursor() as cursor:
        cursor.execute(f"GRANT USAGE ON SCHEMA public TO {name}")
        cursor.execute(f"GRANT {_ROWS} ON ALL TABLES IN SCHEMA public TO {name}")
        cursor.execute(f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {name}")
        cursor.execute(f"REVOKE UPDATE, TRUNCATE ON {frozen} FROM {name}")
        cursor.execute(f"REVOKE DELETE ON {stays} FROM {name}")
        cursor.execute(f"REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON django_migrations FROM {name}")


def owned_tables(connection: BaseDatabaseWrapper) -> int:
    """How many of the product's tables the connected role owns or, by its membership, may act as the owner of."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_tables WHERE schemaname = 'public' AND tablename LIKE 'utilization\\_%'"
            " AND pg_has_role(tableowner, 'MEMBER')"
        )
        (many,) = cursor.fetchone()
    return int(many)
