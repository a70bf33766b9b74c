"""A commit is on disk before it is acknowledged, and what is kept cannot be overwritten by a trick of SQL."""

import sqlite3
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import environ
import pytest
from django.db import DatabaseError, OperationalError, connection, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.utils import ConnectionHandler

from utilization.database import BUSY_SECONDS, configured
from utilization.web.errors import means_unavailable


@pytest.fixture
def connect(tmp_path: Path, django_db_blocker):
    """Open connections to one SQLite file, through the same settings as the product."""
    opened: list[BaseDatabaseWrapper] = []

    def open_one(**options: object) -> BaseDatabaseWrapper:
        entry = configured(environ.Env.db_url_config(f"sqlite:///{tmp_path / 'live.sqlite3'}"))
        entry["OPTIONS"] = {**entry["OPTIONS"], **options}
        opened.append(ConnectionHandler({"default": entry})["default"])
        return opened[-1]

    with django_db_blocker.unblock():
        yield open_one
        for connection in opened:
            connection.close()


@pytest.mark.parametrize(
    ("pragma", "value"),
    [
        ("journal_mode", "wal"),
        ("synchronous", 2),  # FULL
        ("foreign_keys", 1),
        ("recursive_triggers", 1),
        ("busy_timeout", BUSY_SECONDS * 1000),
    ],
)
def test_every_connection_is_opened_with(connect, pragma: str, value: object) -> None:
    with connect().cursor() as cursor:
        assert cursor.execute(f"PRAGMA {pragma}").fetchone()[0] == value


def test_a_transaction_takes_the_write_lock_when_it_begins(connect) -> None:
    first, second = connect(), connect(timeout=0.05)
    first.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)
    with pytest.raises(OperationalError, match="locked") as refused:
        second.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)
    assert means_unavailable(refused.value)
    first.rollback()


def test_a_writer_waits_for_another_to_finish(connect) -> None:
    first, second = connect(), connect()
    first.cursor().execute("CREATE TABLE entry (id INTEGER PRIMARY KEY)").close()
    first.inc_thread_sharing()
    first.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)

    def finish() -> None:
        first.commit()

    threading.Timer(0.3, finish).start()
    second.cursor().execute("INSERT INTO entry VALUES (1)").close()
    assert second.cursor().execute("SELECT count(*) FROM entry").fetchone() == (1,)


def test_replacing_a_row_fires_the_delete_trigger(connect) -> None:
    with connect().cursor() as cursor:
        cursor.execute("CREATE TABLE log (id INTEGER PRIMARY KEY, body TEXT)")
        cursor.execute("CREATE TRIGGER kept BEFORE DELETE ON log BEGIN SELECT RAISE(ABORT, 'append only'); END")
        cursor.execute("INSERT INTO log VALUES (1, 'as written')")
        with pytest.raises(Exception, match="append only"):
            cursor.execute("INSERT OR REPLACE INTO log VALUES (1, 'rewritten')")
        assert cursor.execute("SELECT body FROM log").fetchone() == ("as written",)


def test_postgresql_gives_up_on_a_lock_when_sqlite_would() -> None:
    entry = configured(environ.Env.db_url_config("postgres://ivig:secret@127.0.0.1/ivig"))
    assert f"lock_timeout={BUSY_SECONDS * 1000}" in entry["OPTIONS"]["options"]


def test_options_of_the_url_win() -> None:
    entry = configured({"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:", "OPTIONS": {"timeout": 1}})
    assert entry["OPTIONS"]["timeout"] == 1
    assert sqlite3.sqlite_version_info >= (3, 35)


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no standby and gives no transaction up")
@pytest.mark.parametrize(
    "states",
    [
        ("SET TRANSACTION READ ONLY", "CREATE TABLE entry (id integer)"),
        ("SET idle_in_transaction_session_timeout = 50", "SELECT pg_sleep(0)", "wait", "SELECT 1"),
    ],
    ids=["a standby", "a transaction given up"],
)
def test_a_server_that_takes_no_writes_is_away_and_no_fault_of_ours(transactional_db, states) -> None:
    with pytest.raises(DatabaseError) as refused:
        in_one_transaction(states)
    connection.close()
    assert means_unavailable(refused.value)


def in_one_transaction(statements: Sequence[str]) -> None:
    """Run each, and where one is `wait` do nothing for longer than the server allows."""
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in statements:
            time.sleep(0.3) if statement == "wait" else cursor.execute(statement)
