"""How a database is opened, so that an acknowledged decision is on disk and a race has one winner.

SQLite, per connection:

- `journal_mode=WAL`: readers never wait for the one writer.
- `synchronous=FULL`: a commit is synced before it is acknowledged. The usual `NORMAL` may lose a committed approval
  when the power fails.
- `foreign_keys=ON`, `recursive_triggers=ON`: the second makes `INSERT OR REPLACE` fire delete triggers; without it the
  append-only event log could be overwritten in silence.
- `IMMEDIATE` transactions: a writer takes its lock at the start, where the busy timeout applies. A transaction that
  starts as a reader and then writes fails at once instead of waiting.
"""

from typing import Any

BUSY_SECONDS = 10

SQLITE_OPTIONS: dict[str, Any] = {
    "timeout": BUSY_SECONDS,
    "transaction_mode": "IMMEDIATE",
    "init_command": (
        "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;PRAGMA foreign_keys=ON;PRAGMA recursive_triggers=ON"
    ),
}

POSTGRESQL_OPTIONS: dict[str, Any] = {
    # A statement that waits longer for a row than a person waits for a page is given up and answered with a 503.
    "options": f"-c lock_timeout={BUSY_SECONDS * 1000} -c idle_in_transaction_session_timeout=60000",
}


def configured(database: dict[str, Any]) -> dict[str, Any]:
    """Return the `DATABASES` entry with the options of its engine added.

    `database` is what `environ.Env.db()` made of `DATABASE_URL`. Options that the URL itself gives win.
    """
    options = SQLITE_OPTIONS if database["ENGINE"].endswith("sqlite3") else POSTGRESQL_OPTIONS
    return {
        **database,
        "OPTIONS": {**options, **database.get("OPTIONS", {})},
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }
