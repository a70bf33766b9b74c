"""What most tests begin with is worked out once a process, and from then on its rows are written again as they were.

A patient is added through the door, which compares, permits, logs and digests: 18 ms of a processor, in thousands of
tests. The statements that wrote it are kept with what came of it, and given to the database again where it stands as it
stood then: on SQLite, within a transaction that the test takes back, with the log and all numbers of rows where they
were. Everywhere else it is made through the door again, and so it is once in each process.
"""

import pickle
from collections.abc import Callable
from typing import Any

from django.db import connection

WRITES = ("INSERT", "UPDATE", "DELETE")

State = tuple[Any, ...]
Statement = tuple[str, Any, bool]
_kept: dict[str, tuple[State, list[Statement], bytes]] = {}


def written_again(name: str, make: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """What `make` returns, with its rows in the database; `make` reads no more of the database than is in `state`."""
    if connection.vendor != "sqlite" or not connection.in_atomic_block:
        return make()
    now = state()
    if name in _kept and _kept[name][0] == now:
        _, statements, value = _kept[name]
        _write(statements)
        return pickle.loads(value)
    statements = []

    def noted(execute: Callable[..., Any], sql: str, parameters: Any, many: bool, context: Any) -> Any:
        if sql.startswith(WRITES):
            statements.append((sql, [*parameters] if many else parameters, many))
        return execute(sql, parameters, many, context)

    with connection.execute_wrapper(noted):
        made = make()
    _kept[name] = (now, statements, pickle.dumps(made))
    return made


def _write(statements: list[Statement]) -> None:
    with connection.cursor() as cursor:
        for sql, parameters, many in statements:
            if many:
                cursor.executemany(sql, parameters)
            else:
                cursor.execute(sql, parameters)
                cursor.fetchall()


def state() -> State:
    """Where the numbers of all tables stand, how far the log is, and that there is nobody and no site yet."""
    with connection.cursor() as cursor:
        rows = []
        for asked in (
            "SELECT name, seq FROM sqlite_sequence ORDER BY name",
            "SELECT * FROM utilization_loghead",
            "SELECT EXISTS (SELECT 1 FROM utilization_site), EXISTS (SELECT 1 FROM utilization_user)",
        ):
            cursor.execute(asked)
            rows.append(tuple(cursor.fetchall()))
    return tuple(rows)
