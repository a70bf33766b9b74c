"""The queue in the order that is asked for, a page or a neighbour at a time.

By due time it is walked along an index, stage by stage. By any other column the `MOST_SORTED` that are due soonest are
put in order, so that a page costs no more however long the queue is.
"""

import heapq
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Case, DecimalField, Expression, F, IntegerField, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce, Lower

from utilization import access
from utilization.models import Request
from utilization.reports.paging import Page, Place, QueuePlace, read_place
from utilization.reports.queue import QueueRow, Stage, indications, listed, rows_of, standing
from utilization.rules import words

PAGE = 25
"""Requests on a page of the queue."""
MOST_SORTED = 2_000
"""Requests that are put in order by a column that no index holds, the soonest due first."""
MOST_HELD = 500
SORTS = ("due", "filed", "patient", "prescriber", "department", "indication", "outcome", "grams")
"""What the queue can be put in order by; with a hyphen before, the other way round."""


@dataclass(frozen=True, slots=True)
class Slice:
    """What is wanted of the queue: the stages, the filters, and how many behind `after` or before `before`."""

    stages: tuple[Stage, ...]
    wanted: Mapping[str, str]
    after: Place | QueuePlace | None = None
    before: Place | QueuePlace | None = None
    size: int = PAGE

    @property
    def sort(self) -> str:
        """The column by which it is put in order."""
        return self.wanted.get("sort", "").removeprefix("-") or "due"

    @property
    def downward(self) -> bool:
        """Whether it is read from the greatest on: by the sort, turned round where it is read backwards."""
        return self.wanted.get("sort", "").startswith("-") != bool(self.before)


def read_queue_place(text: str) -> Place | QueuePlace | None:
    """The place that `text` spells; None where it spells none."""
    key = text.removeprefix("~")
    if text.startswith("~") and key.isascii() and key.isdecimal() and len(key) < 19:
        return QueuePlace(int(key))
    return read_place(text)


def place_of(request: Request, sort: str) -> Place | QueuePlace | None:
    """Where `request` stands in a queue by `sort`; None where it is due no more, and so stands nowhere."""
    if sort != "due":
        return QueuePlace(request.pk)
    return Place(request.due_at, request.pk) if request.due_at else None


def queue(
    actor: Any,
    mine: Iterable[Stage],
    *,
    at: datetime,
    wanted: Mapping[str, str] | None = None,
    after: Place | QueuePlace | None = None,
    before: Place | QueuePlace | None = None,
) -> Page:
    """What stands at the stages `mine` on the page behind `after` or before `before`, as rows for `actor`.

    `wanted` names any of indication, outcome, urgency (expedited, standard), department (a key), overdue (yes), holder
    (mine, nobody) and sort (one of `SORTS`).
    """
    asked = Slice(tuple(mine), wanted or {}, after, before)
    more, walked = walk(actor, asked, at)
    there = walked and (after or before)
    return Page(
        rows=rows_of(actor, asked.stages, walked, at),
        previous=place_of(walked[0], asked.sort) if there and (after or more) else None,
        next=place_of(walked[-1], asked.sort) if walked and (before or more) else None,
    )


def walk(actor: Any, asked: Slice, at: datetime) -> tuple[bool, list[Request]]:
    """(whether there are more, the requests of the slice in order)."""
    kept = _filters(actor, asked.wanted, at)
    walked = (_by_due if asked.sort == "due" else _sorted)(actor, asked, kept, at)
    more, walked = len(walked) > asked.size, walked[: asked.size]
    return more, walked[::-1] if asked.before else walked


def neighbours(actor: Any, asked: Slice, request: Request, at: datetime) -> tuple[Request | None, Request | None]:
    """The requests before and behind `request` in the queue of `asked`; None where there is none."""
    place = place_of(request, asked.sort)
    if place is None:
        return None, None
    sides = [
        Slice(asked.stages, asked.wanted, before=place, size=1),
        Slice(asked.stages, asked.wanted, after=place, size=1),
    ]
    before, after = (next(iter(walk(actor, side, at)[1]), None) for side in sides)
    return before, after


def next_free(actor: Any, asked: Slice, place: Place | QueuePlace | None, done: int, at: datetime) -> QueueRow | None:
    """The first request behind `place`, or else from the front, that `actor` may take on, apart from the one `done`.

    A page is looked through each way; where none of it is free the list itself says more.
    """
    for after in dict.fromkeys((place, None)):
        _, walked = walk(actor, Slice(asked.stages, asked.wanted, after=after), at)
        rows = rows_of(actor, asked.stages, [request for request in walked if request.pk != done], at)
        if free := next((row for row in rows if row.free), None):
            return free
    return None


# --- Soonest due first --------------------------------------------------------------------------------------------


def _by_due(actor: Any, asked: Slice, kept: Q, at: datetime) -> list[Request]:
    walks = [_stage_by_due(actor, stage, kept, asked, at)[: asked.size + 1] for stage in asked.stages]
    return list(heapq.merge(*walks, key=_due_place, reverse=asked.downward))[: asked.size + 1]


def _due_place(request: Request) -> Place:
    assert request.due_at is not None  # every request in review has a due time: the database holds it
    return Place(request.due_at, request.pk)


def _stage_by_due(actor: Any, stage: Stage, kept: Q, asked: Slice, at: datetime) -> QuerySet[Request]:
    rows = listed(standing(actor, stage, at=at).filter(kept))
    behind = asked.before or asked.after
    if isinstance(behind, Place):
        sign = "lt" if asked.downward else "gt"
        rows = rows.filter(
            Q(**{f"due_at__{sign}": behind.at}) | Q(**{f"pk__{sign}": behind.pk}), **{f"due_at__{sign}e": behind.at}
        )
    return rows.order_by(*(("-due_at", "-pk") if asked.downward else ("due_at", "pk")))


# --- By any other column ------------------------------------------------------------------------------------------


def _sorted(actor: Any, asked: Slice, kept: Q, at: datetime) -> list[Request]:
    keys: list[int] = []
    for stage in asked.stages:
        rows = standing(actor, stage, at=at).filter(kept).order_by("due_at", "pk")
        keys += rows.values_list("pk", flat=True)[:MOST_SORTED]
    column = _expression(asked)
    rows = Request.objects.filter(pk__in=keys).annotate(sorted_by=column)
    behind = asked.before or asked.after
    if isinstance(behind, QueuePlace):
        rows = _beyond(actor, rows, behind, column, asked.downward)
    order = ("-sorted_by", "-pk") if asked.downward else ("sorted_by", "pk")
    places = list(rows.order_by(*order).values_list("pk", flat=True)[: asked.size + 1])
    found = listed(Request.objects.filter(pk__in=places)).order_by().in_bulk()
    return [found[pk] for pk in places if pk in found]


def _beyond(
    actor: Any, rows: QuerySet[Request], behind: QueuePlace, column: Expression | F, downward: bool
) -> QuerySet[Request]:
    """`rows` beyond the request of `behind`, as the database puts it: by what it says of that one now."""
    # Of a request that the reader may not see, its place would tell something.
    there = access.visible_requests(actor).filter(pk=behind.pk).annotate(sorted_by=column)
    value = there.values_list("sorted_by", flat=True).first()
    # A draft of the reader's own was never filed, and so has no place by the day of filing.
    if value is None:
        return rows
    sign = "lt" if downward else "gt"
    return rows.filter(Q(**{f"sorted_by__{sign}": value}) | Q(sorted_by=value, **{f"pk__{sign}": behind.pk}))


def _expression(asked: Slice) -> Any:
    match asked.sort:
        case "patient":
            return Lower("patient__name")
        case "prescriber":
            return Lower("author__full_name")
        case "department":
            return Lower("department__name")
        case "grams":
            return Coalesce("grams", Value(-1), output_field=DecimalField(max_digits=9, decimal_places=3))
        case "indication":
            return _rank("indication", _codes_by_name(asked))
        case "outcome":
            return _rank("outcome", list(words.OUTCOMES))
        case _:
            return F("submitted_at")


def _codes_by_name(asked: Slice) -> list[str]:
    """The codes of indications in the order of what a list shows of each first."""
    named = indications({stage.site for stage in asked.stages})
    return [each.code for each in sorted(named, key=lambda each: (each.short or each.name).casefold())]


def _rank(column: str, codes: Iterable[str]) -> Case:
    """The place of a code in `codes`; what is not among them stands last."""
    whens = [When(**{column: code}, then=Value(rank)) for rank, code in enumerate(codes)]
    return Case(*whens, default=Value(len(whens)), output_field=IntegerField())


# --- Filters ------------------------------------------------------------------------------------------------------


def _filters(actor: Any, wanted: Mapping[str, str], at: datetime) -> Q:
    kept = Q()
    if code := wanted.get("indication"):
        kept &= Q(indication=code) | Q(judged_as=code)
    if outcome := wanted.get("outcome"):
        kept &= Q(outcome=outcome)
    if urgency := wanted.get("urgency"):
        kept &= Q(expedited=urgency == "expedited")
    if department := wanted.get("department"):
        kept &= Q(department=department)
    if wanted.get("overdue"):
        kept &= Q(due_at__lt=at)
    match wanted.get("holder"):
        case "mine":
            # By key, from the few that one person holds: asked for in one go, a planner may walk the whole queue.
            held = Request.objects.filter(holder=actor).order_by("due_at", "pk")
            kept &= Q(pk__in=list(held.values_list("pk", flat=True)[:MOST_HELD]))
        case "nobody":
            kept &= Q(holder=None)
    return kept
