"""How many requests stand on each list of the queue, counted up to a bound along its index."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from utilization import access
from utilization.models import Request
from utilization.reports.queue import Stage, standing, unanswered
from utilization.rules.lifecycle import IN_REVIEW, Status

MOST_COUNTED = 999
"""What a count says at most; of more it says that there are more."""


@dataclass(frozen=True, slots=True)
class QueueCounts:
    """How many requests await the reviewer, are overdue among these, are held by them, stand at each stage of their
    sites, of appeals those that they may decide, and wait on the prescriber, and on how many their opinion is asked;
    each at most one above `MOST_COUNTED`."""

    awaiting: int
    overdue: int
    mine: int
    pharmacy: int
    physician: int
    appeals: int
    waiting: int
    opinions: int


def counts(actor: Any, mine: Iterable[Stage], *, at: datetime) -> QueueCounts:
    """The counts for `actor`, whose stages are `mine`."""
    own = tuple(mine)
    everywhere = [Stage(site, status) for site in {stage.site for stage in own} for status in sorted(IN_REVIEW)]
    there = {stage: _counted(standing(actor, stage, at=at)) for stage in everywhere}
    return QueueCounts(
        awaiting=_capped(there[stage] for stage in own),
        overdue=_capped(_counted(standing(actor, stage, at=at).filter(due_at__lt=at)) for stage in own),
        mine=_counted(Request.objects.filter(holder=actor)),
        pharmacy=_capped(n for stage, n in there.items() if stage.status == Status.PHARMACIST_REVIEW),
        physician=_capped(n for stage, n in there.items() if stage.status == Status.PHYSICIAN_REVIEW),
        appeals=_capped(there[stage] for stage in own if stage.status == Status.APPEAL_REVIEW),
        # In the order of its index: without it, SQLite reads every question that was ever asked.
        waiting=unanswered(own).order_by("asked_at", "pk")[: MOST_COUNTED + 1].count(),
        opinions=_counted(access.opinions_asked_of(actor, at=at)),
    )


@dataclass(frozen=True, slots=True)
class Arrivals:
    """How many requests await a reviewer, how many of these are overdue, and how many came or changed lately."""

    awaiting: int
    overdue: int
    new: int


def arrivals(actor: Any, mine: Iterable[Stage], *, since: datetime, at: datetime) -> Arrivals:
    """What stands at the stages `mine` of `actor`, as their queue lists it, and what of it was changed after `since`;
    counted up to the same bound."""
    there = [standing(actor, stage, at=at) for stage in mine]
    return Arrivals(
        awaiting=_capped(_counted(rows) for rows in there),
        overdue=_capped(_counted(rows.filter(due_at__lt=at)) for rows in there),
        new=_capped(_counted(rows.filter(updated_at__gt=since, holder=None)) for rows in there),
    )


def _counted(rows: QuerySet[Any]) -> int:
    return rows.order_by()[: MOST_COUNTED + 1].count()


def _capped(counted: Iterable[int]) -> int:
    return min(sum(counted), MOST_COUNTED + 1)
