"""The database: reached, writable, of this version, guarded, and of one time with this machine."""

import os
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.core.management.base import CommandError
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from utilization.management.database_roles import owned_tables
from utilization.management.database_state import DatabaseState, database_state, refuse_newer
from utilization.management.doctor.lines import FAIL, OK, WARN, DoctorLine
from utilization.models import Event, guards

LEAST_SERVER = 14
"""Of PostgreSQL: the oldest version that is tried."""
APART = timedelta(seconds=2)
"""How far the clocks of two machines may differ."""
NETWORKED = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ceph", "fuse.sshfs", "fuse.glusterfs"})
"""File systems on which SQLite's locks do not hold."""
PREPARE = "Run manage.py prepare"


def lines(at: datetime) -> Iterator[DoctorLine]:
    """DoctorLine after line, until one says that nothing behind it can be looked at."""
    try:
        state = database_state()
    except CommandError as error:
        says, _, mend = str(error).partition("\n")
        yield DoctorLine(FAIL, "database", says, mend)
        return
    connection = connections[DEFAULT_DB_ALIAS]
    yield from _server(connection)
    match state:
        case DatabaseState.EMPTY:
            yield DoctorLine(
                FAIL,
                "database",
                "holds no tables",
                "Run manage.py restore FILE for a backup, which takes a database without tables alone; else manage.py "
                "first_account for a new site, or manage.py prepare",
            )
        case DatabaseState.BEHIND:
            yield DoctorLine(FAIL, "database", "was made by an earlier version", f"Back it up, then: {PREPARE}")
        case DatabaseState.NEWER:
            yield _newer(state)
        case DatabaseState.READY:
            yield DoctorLine(OK, "database", "has the tables of this version")
            yield from _guards(connection)
            yield from _role(connection)
            yield from _clock(connection, at)


def _newer(state: DatabaseState) -> DoctorLine:
    try:
        refuse_newer(state)
    except CommandError as error:
        says, _, mend = str(error).partition("). ")
        return DoctorLine(FAIL, "database", f"{says})", mend)
    raise AssertionError(state)


def _server(connection: BaseDatabaseWrapper) -> Iterator[DoctorLine]:
    if connection.vendor == "sqlite":
        yield from _sqlite(Path(str(connection.settings_dict["NAME"])))
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version_num')::int / 10000, pg_is_in_recovery(),"
                       " current_setting('default_transaction_read_only')")  # fmt: skip
        version, standby, read_only = cursor.fetchone()
    if version < LEAST_SERVER:
        yield DoctorLine(FAIL, "PostgreSQL", f"is version {version}", f"Move to PostgreSQL {LEAST_SERVER} or newer")
    if standby or read_only == "on":
        why = "is a standby" if standby else "takes no writes (default_transaction_read_only is on)"
        yield DoctorLine(FAIL, "PostgreSQL", why, "Name the primary in DATABASE_URL, or let it write")


def _sqlite(path: Path) -> Iterator[DoctorLine]:
    if not path.exists():  # in memory, for tests
        return
    if not (os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)):
        yield DoctorLine(FAIL, "database", f"{path} is not writable", f"Run: chown -R the server's user {path.parent}")
    kind = file_system(path, Path("/proc/mounts").read_text() if Path("/proc/mounts").exists() else "")
    if kind in NETWORKED:
        yield DoctorLine(
            FAIL,
            "database",
            f"{path} lies on a file system of the network ({kind}), where two writers may damage it",
            "Move IVIG_VAR to a local disk, or set DATABASE_URL to PostgreSQL",
        )
    if settings.MODE == "production":
        yield DoctorLine(WARN, "database", "is a SQLite file: one host alone can serve it", "For more set DATABASE_URL")


def file_system(path: Path, mounts: str) -> str:
    """The kind of file system that `path` lies on, by the text of /proc/mounts; empty where that does not say."""
    best, kind = -1, ""
    for row in mounts.splitlines():
        place, name = [*row.split(), "", "", ""][1:3]
        if place and path.resolve().is_relative_to(place) and len(place) > best:
            best, kind = len(place), name
    return kind


def _guards(connection: BaseDatabaseWrapper) -> Iterator[DoctorLine]:
    faults = list(guards.faults(connection))
    for trigger, table in faults:
        yield DoctorLine(
            FAIL,
            "guards",
            f"{trigger} on {table} is gone or another one: what it guards can be changed unseen",
            "Find out who took it away; then run manage.py verify_log, and restore from a backup",
        )
    if not faults:
        yield DoctorLine(OK, "guards", "all stand as this version made them")


def _role(connection: BaseDatabaseWrapper) -> Iterator[DoctorLine]:
    if connection.vendor != "postgresql" or settings.MODE != "production":
        return
    if owned_tables(connection):
        yield DoctorLine(
            WARN,
            "database role",
            "pages and jobs work as the owner of the tables, who can lift every guard",
            "Make two roles with deploy/postgresql/roles.sql; set DATABASE_URL and DATABASE_OWNER_URL",
        )
    else:
        yield DoctorLine(OK, "database role", "can change rows and nothing else")


def _clock(connection: BaseDatabaseWrapper, at: datetime) -> Iterator[DoctorLine]:
    yield from _entries_to_come(at)
    if connection.vendor != "postgresql":
        return
    apart = abs(server_time(connection) - at)
    if apart > APART:
        yield DoctorLine(
            FAIL if apart > timedelta(minutes=1) else WARN,
            "clock",
            f"differs from the database server's by {int(apart.total_seconds())} s",
            "Set both by NTP: timedatectl set-ntp true",
        )


def _entries_to_come(at: datetime) -> Iterator[DoctorLine]:
    """A line where entries of the log are of a time that is not there yet: by a clock that was ahead, or is behind."""
    to_come = Event.objects.filter(at__gt=at + APART).order_by("-at").values_list("seq", "at").first()
    if to_come is None:
        return
    seq, moment = to_come
    if Event.objects.filter(seq__gt=seq, at__lte=at + APART).exists():
        yield DoctorLine(
            WARN,
            "clock",
            f"entry {seq} of the log was written at {moment:%Y-%m-%d %H:%M:%S} UTC, which is still to come, and others"
            " after it: the clock of a host was ahead",
            "Set the clocks of all hosts by NTP (timedatectl set-ntp true); entries stand in the order of their number",
        )
        return
    yield DoctorLine(
        FAIL,
        "clock",
        f"the newest entry of the log was written at {moment:%Y-%m-%d %H:%M:%S} UTC, which is still to come",
        "Set the clock by NTP (timedatectl set-ntp true) before anything is filed or decided",
    )


def server_time(connection: BaseDatabaseWrapper) -> datetime:
    """What the clock of the PostgreSQL server says."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        (there,) = cursor.fetchone()
    assert isinstance(there, datetime)
    return there
