"""Everything about an installation that can be wrong, looked at one subject after the other.

Each subject gives lines: what was looked at, how it is, and the command or setting that puts it right. Nothing here
changes anything, and what cannot be looked at is a line too, never a traceback.
"""

from collections.abc import Callable, Iterator
from datetime import datetime

from django.db import DatabaseError

from utilization.management.doctor import backups, database, files, mail, network, people, processes, units, variables
from utilization.management.doctor.lines import FAIL, OK, WARN, DoctorLine

__all__ = ["FAIL", "OK", "WARN", "DoctorLine", "examine", "fatal"]

Subject = Callable[[datetime], Iterator[DoctorLine]]
# Of a database that is not there, or not this version's, nothing else can be read.
_BEFORE: tuple[Subject, ...] = (variables.lines, network.lines, files.lines, mail.lines, units.lines)
_BEHIND: tuple[Subject, ...] = (processes.lines, people.lines, backups.lines)


def examine(at: datetime) -> Iterator[DoctorLine]:
    """Every line about this installation at the moment `at`."""
    for subject in _BEFORE:
        yield from _looked(subject, at)
    told = list(_looked(database.lines, at))
    yield from told
    if not any(line.level == FAIL for line in told):
        for subject in _BEHIND:
            yield from _looked(subject, at)


def fatal(at: datetime) -> list[DoctorLine]:
    """What must be put right before this installation can serve: what `serve` refuses to start with."""
    looked = [*_looked(variables.lines, at), *_looked(files.lines, at), *_looked(database.lines, at)]
    return [line for line in looked if line.level == FAIL]


def _looked(subject: Subject, at: datetime) -> Iterator[DoctorLine]:
    try:
        yield from subject(at)
    except (DatabaseError, OSError) as error:
        name = subject.__module__.rpartition(".")[2]
        yield DoctorLine(FAIL, name, f"could not be looked at: {type(error).__name__}: {str(error).strip()}", "")
