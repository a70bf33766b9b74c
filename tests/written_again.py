"""What most tests begin with is worked out once a process, and from then on its rows are written again as they were.

A patient or a request is added through the door, which compares, permits, judges, logs and digests: 18 ms of a
processor for a patient, 120 and more for a request, in thousands of tests. The statements that wrote it are kept with
what came of it, and given to the database again where it stands as it stood then: on SQLite, within a transaction that
the test takes back, with the log and all numbers of rows where they were, and with no row written in between by anybody
else. Everywhere else it is made through the door again, and so it is once in each process.
"""

import hashlib
import pickle
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, TypeVar

from django.conf import UserSettingsHolder, settings
from django.db import connection

from utilization import notify

Made = TypeVar("Made")
State = tuple[Any, ...]
Statement = tuple[str, Any, bool]

WRITES = ("INSERT", "UPDATE", "DELETE")
MOST_KEPT = 200

_kept: OrderedDict[tuple[Any, ...], tuple[list[Statement], bytes, str]] = OrderedDict()
# What was written in this transaction so far, and how many rows this connection had changed by then. It is known by its
# statements: what has one name may be made anew, with other keys that are made up.
_written: tuple[tuple[str, ...], int] = ((), 0)


def written_first(name: str, make: Callable[[], Made]) -> Made:
    """What `make` returns, with its rows in a database that has none; `make` reads no more of it than is in `state`."""
    return _again((), name, make)


def written_next(name: str, make: Callable[[], Made]) -> Made:
    """What `make` returns, with its rows after those of the last call; after any other row it is made by `make`."""
    before, changes = _written
    if connection.vendor != "sqlite" or not before or _changes() != changes:
        return make()
    return _again(before, name, make)


def _again(before: tuple[str, ...], name: str, make: Callable[[], Made]) -> Made:
    global _written
    if connection.vendor != "sqlite" or not connection.in_atomic_block:
        _written = ((), 0)
        return make()
    key = (*before, name, state())
    if key in _kept:
        _kept.move_to_end(key)
        statements, value, digest = _kept[key]
        _write(statements)
        made: Made = pickle.loads(value)
    else:
        made, statements = _noted(make)
        digest = hashlib.sha256(repr(statements).encode()).hexdigest()
        _kept[key] = (statements, pickle.dumps(made), digest)
        if len(_kept) > MOST_KEPT:
            _kept.popitem(last=False)
    _written = ((*before, digest), _changes())
    return made


def _noted(make: Callable[[], Made]) -> tuple[Made, list[Statement]]:
    statements: list[Statement] = []

    def noted(execute: Callable[..., Any], sql: str, parameters: Any, many: bool, context: Any) -> Any:
        if sql.startswith(WRITES):
            statements.append((sql, [*parameters] if many else parameters, many))
        return execute(sql, parameters, many, context)

    with connection.execute_wrapper(noted):
        return make(), statements


def _changes() -> int:
    """How many rows this connection has changed since it was opened, those that were taken back among them."""
    connection.ensure_connection()
    return int(connection.connection.total_changes)


def _write(statements: list[Statement]) -> None:
    with connection.cursor() as cursor:
        for sql, parameters, many in statements:
            if many:
                cursor.executemany(sql, parameters)
            else:
                cursor.execute(sql, parameters)
                cursor.fetchall()


def state() -> State:
    """Where the numbers of all tables stand, how far the log is, and whether there is a site or anybody yet; with the
    listeners that hear of a move, and the settings that a test has set."""
    with connection.cursor() as cursor:
        rows = []
        for asked in (
            "SELECT name, seq FROM sqlite_sequence ORDER BY name",
            "SELECT * FROM utilization_loghead",
            "SELECT EXISTS (SELECT 1 FROM utilization_site), EXISTS (SELECT 1 FROM utilization_user)",
        ):
            cursor.execute(asked)
            rows.append(tuple(cursor.fetchall()))
    return (*rows, tuple(notify._listeners), repr(_settings_of_a_test()))


def _settings_of_a_test() -> list[tuple[str, Any]]:
    told, holder = [], settings._wrapped
    while isinstance(holder, UserSettingsHolder):
        told += [(name, value) for name, value in vars(holder).items() if name.isupper()]
        holder = holder.default_settings
    return told
