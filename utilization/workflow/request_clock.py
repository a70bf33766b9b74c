"""The clock of a request as its site counts: started, stopped while the prescriber is asked, and going on."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from utilization import criteria
from utilization.models import Request
from utilization.rules.request_clock import due_after, resumed, stopped
from utilization.rules.site_clock import EXPEDITED, HOURS, STANDARD
from utilization.workflow.site_clock import clocks_of


@dataclass(frozen=True, slots=True)
class DueTime:
    """When a request is due, and what its clock counts; `by_site` where the site has a clock of its own."""

    at: datetime
    counts: str = HOURS
    by_site: bool = False

    def columns(self) -> dict[str, Any]:
        """What the request keeps of it."""
        return {"due_at": self.at, "clock_counts": self.counts}

    def said(self) -> dict[str, Any]:
        """What the entry tells of it; the hours of the route tell it where the site has no clock."""
        return {"clock": {"due_at": self.at, "counts": self.counts}} if self.by_site else {}


def started(request: Request, route: Mapping[str, Any], *, at: datetime) -> DueTime:
    """When a request is due that is filed `at` by `route`: by the clock of the site, unless the criteria set hours."""
    clocks, day = clocks_of(request.site), request.site.date_at(at)
    rules = clocks.on(day) if clocks else None
    if clocks is None or rules is None or _is_of_the_criteria(route, day):
        return DueTime(due_after(route["clock_hours"], at=at), by_site=clocks is not None)
    allowance = rules.allowances[EXPEDITED if route["expedited"] else STANDARD]
    return DueTime(clocks.due(at, allowance), allowance.counts, by_site=True)


def _is_of_the_criteria(route: Mapping[str, Any], day: date) -> bool:
    """Whether the criteria set the hours of `route` in place of those of the routing table."""
    clocks = criteria.reference_tables().routing.clocks
    table = next((clock for clock in clocks if clock.since <= day), clocks[-1])
    return bool(route["clock_hours"] != (table.expedited_hours if route["expedited"] else table.standard_hours))


def left_when_stopped(request: Request, *, at: datetime) -> int:
    """The seconds left of the clock of `request`, as it counts them, when it is stopped `at`."""
    assert request.due_at is not None, "a request in review has a clock: the database holds it"
    clocks = clocks_of(request.site) if request.clock_counts != HOURS else None
    if clocks is None:
        return stopped(request.due_at, at=at)
    return clocks.left(request.due_at, at=at, counts=request.clock_counts)


def goes_on(request: Request, *, at: datetime, route: Mapping[str, Any] | None = None) -> DueTime:
    """When `request` is due whose clock goes on `at` with what was left; never later than by a new `route`."""
    left = request.clock_left
    assert left is not None, "the clock of a request is stopped while it is asked about: the database holds it"
    clocks = clocks_of(request.site)
    if clocks is None:
        return DueTime(resumed(left, at=at, most_hours=route["clock_hours"] if route else None))
    due = DueTime(clocks.resumed(left, at=at, counts=request.clock_counts), request.clock_counts, by_site=True)
    if route is None:
        return due
    anew = started(request, route, at=at)
    return anew if anew.at < due.at else due
