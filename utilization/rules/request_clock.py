"""The clock of a request: by when it must be decided. It stands still while the prescriber is asked.

Times are aware; hours are calendar hours, as a routing table sets them.
"""

from datetime import datetime, timedelta


def due_after(hours: int, *, at: datetime) -> datetime:
    """When a request filed `at` is due whose route gives it `hours`."""
    return at + timedelta(hours=hours)


def stopped(due: datetime, *, at: datetime) -> int:
    """The whole seconds that are left when the clock is stopped `at`; below 0 when the request is late already."""
    return int((due - at).total_seconds())


def resumed(left: int, *, at: datetime, most_hours: int | None = None) -> datetime:
    """When a request is due whose clock goes on `at` with `left` seconds, at most with `most_hours`."""
    return at + timedelta(seconds=left if most_hours is None else min(left, most_hours * 3600))


def is_overdue(due: datetime | None, *, at: datetime) -> bool:
    """Whether the time by which a request was due has passed; never while its clock stands still."""
    return due is not None and due < at
