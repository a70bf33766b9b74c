"""Backups and drills: whether they can be made, and how old the last ones are."""

import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection

from utilization.jobs.backup_record import BACKUP, DRILL, last
from utilization.management.doctor.lines import FAIL, OK, WARN, DoctorLine

AGES = ((BACKUP, timedelta(hours=26), "manage.py backup FOLDER"), (DRILL, timedelta(days=8), "manage.py drill FILE"))
"""By kind, how old the last may be where it is made each night, and each week, and the command that makes it."""

PROGRAMS = ("pg_dump", "pg_restore")
"""What backups and restores of PostgreSQL are made with."""


def lines(at: datetime) -> Iterator[DoctorLine]:
    """A line for programs that are missing, one for the last backup, and one for the last drill."""
    if settings.MODE == "demo":
        return
    missing = [name for name in PROGRAMS if not shutil.which(name)] if connection.vendor == "postgresql" else []
    if missing:
        says = f"{' and '.join(missing)} cannot be found, without which there is no backup and no restore"
        yield DoctorLine(FAIL, "programs of PostgreSQL", says, "Run: apt-get install postgresql-client")
    for kind, age, command in AGES:
        done = last(kind)
        if done is None:
            yield DoctorLine(WARN, kind, "none was ever made here", f"Run {command}; a timer stands in deploy/systemd")
        elif not done.succeeded:
            yield DoctorLine(
                FAIL, kind, f"the last, of {done.at:%Y-%m-%d %H:%M} UTC, failed: {done.says}", f"Run {command}"
            )
        elif at - done.at > age:
            yield DoctorLine(
                WARN, kind, f"the last is of {done.at:%Y-%m-%d %H:%M} UTC", f"Run {command}; see its timer"
            )
        else:
            yield DoctorLine(OK, kind, f"{done.at:%Y-%m-%d %H:%M} UTC, in {done.seconds} s: {done.says}")
