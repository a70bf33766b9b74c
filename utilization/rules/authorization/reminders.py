"""What is told of an authorization as its last day comes near and passes: a reminder, a lapse, a bridging dose."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from utilization.rules.authorization.table import Bridging

LAPSED, BRIDGED = "lapsed", "bridged"
TOLD_FOR = timedelta(days=30)
"""How long after the last day a lapse is still told: what ended long before this was kept is no news."""


@dataclass(frozen=True, slots=True)
class AuthorizedDays:
    """The days of an authorization; `single` for one course that nobody renews."""

    first: date
    last: date
    single: bool


@dataclass(frozen=True, slots=True)
class FiledRenewal:
    """A renewal that is in review or approved: the day on which it was filed, and when its decision is due; None while
    the clock is stopped for the prescriber, or once it is decided."""

    filed: date
    due_at: datetime | None


@dataclass(frozen=True, slots=True)
class Told:
    """What is to be told: the days before the end as text, `LAPSED` or `BRIDGED`; `until` the last day of a bridge."""

    kind: str
    until: date | None = None


def to_tell(
    held: AuthorizedDays,
    renewal: FiledRenewal | None,
    *,
    at: datetime,
    on: date,
    days: Sequence[int],
    bridging: Bridging,
) -> Told | None:
    """What is to be told of an authorization at `at`, the day `on` at its site; None where it is nothing.

    Of several reminders that are due, as after a pause of the worker, the latest alone.
    """
    if on > held.last:
        return _after_end(held, renewal, at, on, bridging)
    left = (held.last - on).days
    due = [day for day in days if left <= day < (held.last - held.first).days]
    return Told(str(min(due))) if due and renewal is None and not held.single else None


def _after_end(
    held: AuthorizedDays, renewal: FiledRenewal | None, at: datetime, on: date, bridging: Bridging
) -> Told | None:
    if renewal is None:
        return Told(LAPSED) if not held.single and on <= held.last + TOLD_FOR else None
    until = held.last + timedelta(days=bridging.days_after_end)
    in_time = renewal.filed <= held.last - timedelta(days=bridging.filed_days_before_end)
    overdue = renewal.due_at is not None and renewal.due_at < at
    return Told(BRIDGED, until) if in_time and overdue and on <= until else None
