"""The reviewers' lists: what awaits a role, what waits on the prescriber, what a reviewer signed lately.

No list names a patient: a list that did would be a read of every record on it.
"""

import heapq
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from utilization import access, criteria
from utilization.models import Authorship, Decision, Question, Request, Site, Submission
from utilization.models.decisions import RECOMMENDATION
from utilization.reports.paging import Page, Place
from utilization.reports.print_words import label_of
from utilization.rules.clock import is_overdue
from utilization.rules.facts.catalogue import Fact
from utilization.rules.lifecycle import Status
from utilization.rules.roles import Permission

PAGE = 25
"""Requests on a page of the queue."""
LATELY = timedelta(days=30)
MOST_LATELY = 50
MOST_WAITING = 100
MOST_HELD = 500

_STAGES = {
    Permission.REVIEW: (Status.PHARMACIST_REVIEW,),
    Permission.REVIEW_AS_PHYSICIAN: (Status.PHYSICIAN_REVIEW, Status.APPEAL_REVIEW),
}
# What a list shows and no more: the answers of a draft are long, and nothing of them is shown here.
_COLUMNS = (
    "uid", "number", "indication", "judged_as", "outcome", "grams", "expedited", "emergency", "status", "version",
    "submitted_at", "due_at", "held_at", "author_id", "site_id", "holder__full_name",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Stage:
    """One place where requests await this reviewer: a site and a status."""

    site: Site
    status: Status


@dataclass(frozen=True, slots=True)
class IndicationName:
    """An indication in words; `short` is its abbreviation, or empty."""

    code: str
    name: str
    short: str


@dataclass(frozen=True, slots=True)
class QueueRow:
    """A request on a list. `own` says that the reviewer wrote it, or signed a recommendation that awaits a decision."""

    request: Request
    indication: IndicationName
    judged_as: IndicationName | None
    overdue: bool
    mine: bool
    own: bool


@dataclass(frozen=True, slots=True)
class Waiting:
    """A request that waits on the prescriber, with the labels of the facts asked for, as its own criteria say them."""

    row: QueueRow
    question: Question
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Signed:
    """What a reviewer signed, and where the request stands since."""

    row: QueueRow
    decision: Decision


def stages(actor: Any) -> tuple[Stage, ...]:
    """Where requests await `actor`: the stages of each role, for each site where it is held."""
    return tuple(
        Stage(site, status)
        for permission, statuses in _STAGES.items()
        for site in access.sites(actor, permission)
        for status in statuses
    )


def queue(
    actor: Any,
    mine: Iterable[Stage],
    *,
    at: datetime,
    wanted: Mapping[str, str] | None = None,
    after: Place | None = None,
    before: Place | None = None,
) -> Page:
    """What awaits `actor` at the stages `mine`, soonest due first, on the page behind `after` or before `before`.

    `wanted` names any of indication, outcome, urgency (expedited, standard) and holder (mine, nobody). Each stage is
    walked along its index, so that a page costs the same however long the queue is.
    """
    backwards = before is not None
    mine = tuple(mine)
    kept = _filters(actor, wanted or {})
    walks = [_walk(stage, kept & _open_to(actor, stage), before or after, backwards) for stage in mine]
    walked = list(heapq.merge(*walks, key=_place, reverse=backwards))
    more, walked = len(walked) > PAGE, walked[:PAGE]
    if backwards:
        walked.reverse()
    there = walked and (after or before)
    return Page(
        rows=_rows(actor, mine, walked, at),
        previous=_place(walked[0]) if there and (after or more) else None,
        next=_place(walked[-1]) if walked and (before or more) else None,
    )


def _open_to(actor: Any, stage: Stage) -> Q:
    """What holds of a request at `stage` that is shown to `actor`: an appeal only where they may decide it."""
    if stage.status != Status.APPEAL_REVIEW:
        return Q()
    signed = Decision.objects.filter(request=OuterRef("pk"), signed_by=actor)
    written = Authorship.objects.filter(request=OuterRef("pk"), user=actor)
    return ~Exists(signed) & ~Exists(written)


def _place(request: Request) -> Place:
    assert request.due_at is not None  # every request in review has a due time: the database holds it
    return Place(request.due_at, request.pk)


def _walk(stage: Stage, kept: Q, behind: Place | None, backwards: bool) -> QuerySet[Request]:
    rows = _listed(Request.objects.filter(kept, site=stage.site, status=stage.status))
    if behind and backwards:
        rows = rows.filter(Q(due_at__lt=behind.at) | Q(pk__lt=behind.pk), due_at__lte=behind.at)
    elif behind:
        rows = rows.filter(Q(due_at__gt=behind.at) | Q(pk__gt=behind.pk), due_at__gte=behind.at)
    order = ("-due_at", "-pk") if backwards else ("due_at", "pk")
    return rows.order_by(*order)[: PAGE + 1]


def _listed(rows: QuerySet[Request]) -> QuerySet[Request]:
    # The site is not joined: a planner may then start from the few sites, and sort the whole queue of one of them.
    return rows.select_related("holder").only(*_COLUMNS)


def _filters(actor: Any, wanted: Mapping[str, str]) -> Q:
    kept = Q()
    if code := wanted.get("indication"):
        kept &= Q(indication=code) | Q(judged_as=code)
    if outcome := wanted.get("outcome"):
        kept &= Q(outcome=outcome)
    if urgency := wanted.get("urgency"):
        kept &= Q(expedited=urgency == "expedited")
    match wanted.get("holder"):
        case "mine":
            # By key, from the few that one person holds: asked for in one go, a planner may walk the whole queue.
            held = Request.objects.filter(holder=actor).order_by("due_at", "pk")
            kept &= Q(pk__in=list(held.values_list("pk", flat=True)[:MOST_HELD]))
        case "nobody":
            kept &= Q(holder=None)
    return kept


def _rows(actor: Any, mine: Iterable[Stage], requests: Iterable[Request], at: datetime) -> tuple[QueueRow, ...]:
    requests = list(requests)
    sites = {stage.site.pk: stage.site for stage in mine}
    for request in requests:
        request.site = sites[request.site_id]
    written = _among(requests, Authorship.objects.filter(user=actor))
    advised = _among(requests, Decision.objects.filter(signed_by=actor, kind=RECOMMENDATION))
    return tuple(
        QueueRow(
            request=request,
            indication=indication(request.indication),
            judged_as=indication(request.judged_as) if request.judged_as != request.indication else None,
            overdue=is_overdue(request.due_at, at=at),
            mine=request.holder_id == actor.pk,
            own=actor.pk == request.author_id
            or request.pk in written
            or (request.status == Status.PHYSICIAN_REVIEW and request.pk in advised),
        )
        for request in requests
    )


def _among(requests: list[Request], rows: QuerySet[Any]) -> set[int]:
    """The keys of those `requests` to which one of `rows` belongs."""
    return set(rows.filter(request__in=requests).order_by().values_list("request_id", flat=True))


def indication(code: str) -> IndicationName:
    """The indication of this code in words."""
    known = criteria.name_of(code)
    if known is None:
        return IndicationName(code, code.replace("_", " ").capitalize(), "")
    return IndicationName(code, known.name, known.abbreviation)


def indications(sites: Iterable[Site]) -> list[IndicationName]:
    """Every indication that criteria of `sites`, present or past, name to a request, by name."""
    listing = [IndicationName(code, known.name, known.abbreviation) for code, known in criteria.names_at(sites).items()]
    return sorted(listing, key=lambda named: named.name.casefold())


def waiting(actor: Any, mine: Iterable[Stage], *, at: datetime) -> list[Waiting]:
    """What was asked of prescribers from the stages `mine` and is not answered yet, the longest first."""
    mine, asked_here = tuple(mine), Q()
    for stage in mine:
        asked_here |= Q(request__site=stage.site, asked_from=stage.status)
    if not asked_here:
        return []
    open_questions = Question.objects.filter(asked_here, answered_at=None).select_related("asked_by")
    questions = list(open_questions.order_by("asked_at", "pk")[:MOST_WAITING])
    rows = _by_key(actor, mine, {question.request_id for question in questions}, at)
    known = _catalogues(rows)
    return [
        Waiting(rows[asked.request_id], asked, _labels(known[asked.request_id], asked.facts)) for asked in questions
    ]


def _labels(catalogue: Mapping[str, Fact], names: Iterable[str]) -> tuple[str, ...]:
    return tuple(label_of(catalogue, name) for name in names)


def _catalogues(requests: Iterable[int]) -> dict[int, Mapping[str, Fact]]:
    """The facts of the criteria that judged each request, by its key: sites may mean two facts by one name."""
    # What a request is judged by stays what judged it first.
    filed = Submission.objects.filter(request__in=requests, ordinal=1).select_related("pack")
    return {
        submission.request_id: criteria.pack_of(submission.pack).catalogue
        for submission in filed.only("request_id", "pack__sha256")
    }


def signed_lately(actor: Any, mine: Iterable[Stage], *, at: datetime) -> list[Signed]:
    """What `actor` signed in the last 30 days at the sites of `mine`, newest first."""
    mine = tuple(mine)
    sites = {stage.site.pk for stage in mine}
    signed = Decision.objects.filter(signed_by=actor, signed_at__gt=at - LATELY, request__site__in=sites)
    decisions = list(signed.defer("judgement", "unmet").order_by("-signed_at", "-pk")[:MOST_LATELY])
    rows = _by_key(actor, mine, {decision.request_id for decision in decisions}, at)
    return [Signed(rows[decision.request_id], decision) for decision in decisions]


def _by_key(actor: Any, mine: Iterable[Stage], keys: set[int], at: datetime) -> dict[int, QueueRow]:
    rows = _rows(actor, mine, _listed(Request.objects.filter(pk__in=keys).order_by()), at)
    return {row.request.pk: row for row in rows}
