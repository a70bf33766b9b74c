"""The reviewers' lists: what awaits a role, what waits on the prescriber, what a reviewer signed lately.

They name patients, so that each row shown is a read of its record: whoever shows one says so (`access.note_listed`).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet, prefetch_related_objects

from utilization import access, criteria
from utilization.models import (
    Decision,
    Department,
    Opinion,
    OpinionQuestion,
    Patient,
    Question,
    Request,
    RequestSummary,
    Site,
    Submission,
    User,
)
from utilization.models.decisions import RECOMMENDATION
from utilization.reports.print_words import label_of
from utilization.rules.facts.catalogue import Fact
from utilization.rules.lifecycle import Status
from utilization.rules.request_clock import is_overdue
from utilization.rules.roles import Permission
from utilization.rules.specialties import SPECIALTIES

LATELY = timedelta(days=30)
MOST_LATELY = 50
MOST_WAITING = 100

STAGES = {
    Permission.REVIEW: (Status.PHARMACIST_REVIEW,),
    Permission.REVIEW_AS_PHYSICIAN: (Status.PHYSICIAN_REVIEW, Status.APPEAL_REVIEW),
}
"""Where requests await whoever holds each permission."""
# What a list shows and no more: the answers of a draft are long, and nothing of them is shown here.
_COLUMNS = (
    "uid", "number", "indication", "judged_as", "outcome", "grams", "expedited", "emergency", "status", "version",
    "submitted_at", "due_at", "held_at", "author_id", "department_id", "patient_id", "site_id", "holder__full_name",
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
    """A request on a list. `own` says that the reviewer stands in its requester's chain (they wrote a part of it, or
    somebody did whom they cover for or who covers for them), or signed a recommendation that awaits a decision.

    `kind` is "initial" or "renewal", empty where that is not known.
    """

    request: Request
    indication: IndicationName
    judged_as: IndicationName | None
    overdue: bool
    mine: bool
    own: bool
    kind: str = ""

    @property
    def lapses_at(self) -> datetime | None:
        """When the claim on it lapses; None where nobody holds it."""
        return lapses_at(self.request)

    @property
    def free(self) -> bool:
        """Whether the reviewer may take it on: not their own, and held by nobody else."""
        return not self.own and (self.mine or self.request.holder_id is None)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A request that waits on the prescriber, with the labels of the facts asked for, as its own criteria say them."""

    row: QueueRow
    question: Question
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OpinionAsked:
    """A request on which the reviewer is asked for an opinion, with the specialty in words."""

    row: QueueRow
    question: OpinionQuestion
    specialty: str


@dataclass(frozen=True, slots=True)
class Signed:
    """What a reviewer signed, and where the request stands since."""

    row: QueueRow
    decision: Decision


def lapses_at(request: Request) -> datetime | None:
    """When the claim on `request` lapses by the hours of its site; None where nobody holds it."""
    return request.held_at + timedelta(hours=request.site.claim_hours) if request.held_at else None


def stages(actor: Any) -> tuple[Stage, ...]:
    """Where requests await `actor`: the stages of each role, for each site where it is held."""
    return tuple(
        Stage(site, status)
        for permission, statuses in STAGES.items()
        for site in access.sites(actor, permission)
        for status in statuses
    )


def standing(actor: Any, stage: Stage, *, at: datetime) -> QuerySet[Request]:
    """What stands at `stage`, in no order; of appeals those alone that `actor` may decide `at` this moment."""
    rows = Request.objects.filter(site=stage.site, status=stage.status).order_by()
    if stage.status != Status.APPEAL_REVIEW:
        return rows
    signed = Decision.objects.filter(request=OuterRef("pk"), signed_by=actor)
    advised = Opinion.objects.filter(request=OuterRef("pk"), by=actor)
    return rows.filter(~Exists(signed), ~Exists(advised), ~access.in_chain(actor, at=at))


def listed(rows: QuerySet[Request]) -> QuerySet[Request]:
    """`rows` with what a list shows of a request itself."""
    # The site is not joined: a planner may then start from the few sites, and sort the whole queue of one of them.
    return rows.select_related("holder").only(*_COLUMNS)


def rows_of(actor: Any, mine: Iterable[Stage], requests: Iterable[Request], at: datetime) -> tuple[QueueRow, ...]:
    """`requests` as rows for `actor`, in their order, with patient, prescriber and department."""
    shown = list(requests)
    sites = {stage.site.pk: stage.site for stage in mine}
    for request in shown:
        request.site = sites[request.site_id]
    # Apart from the walk, which a join might turn into a sort of the whole queue.
    prefetch_related_objects(
        shown,
        Prefetch("patient", Patient.objects.only("uid", "site_id", "name", "mrn", "date_of_birth")),
        Prefetch("author", User.objects.only("full_name")),
        Prefetch("department", Department.objects.only("name")),
        Prefetch("summary", RequestSummary.objects.only("request_id", "kind")),
    )
    keys = [request.pk for request in shown]
    theirs = set(
        Request.objects.filter(access.in_chain(actor, at=at), pk__in=keys).order_by().values_list("pk", flat=True)
    )
    signed = Decision.objects.filter(signed_by=actor, kind=RECOMMENDATION, request__in=keys).order_by()
    advised = set(signed.values_list("request_id", flat=True))
    return tuple(
        QueueRow(
            request=request,
            indication=indication(request.indication),
            judged_as=indication(request.judged_as) if request.judged_as != request.indication else None,
            overdue=is_overdue(request.due_at, at=at),
            mine=request.holder_id == actor.pk,
            own=request.pk in theirs or (request.status == Status.PHYSICIAN_REVIEW and request.pk in advised),
            kind=request.summary.kind if hasattr(request, "summary") else "",
        )
        for request in shown
    )


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


def unanswered(mine: Iterable[Stage]) -> QuerySet[Question]:
    """What was asked of prescribers from the stages `mine` and is not answered yet."""
    asked_here = Q()
    for stage in mine:
        asked_here |= Q(request__site=stage.site, asked_from=stage.status)
    return Question.objects.filter(asked_here, answered_at=None) if asked_here else Question.objects.none()


def waiting(actor: Any, mine: Iterable[Stage], *, at: datetime) -> list[Waiting]:
    """What was asked of prescribers from the stages `mine` and is not answered yet, the longest first."""
    mine = tuple(mine)
    questions = list(unanswered(mine).select_related("asked_by").order_by("asked_at", "pk")[:MOST_WAITING])
    rows = _by_key(actor, mine, {question.request_id for question in questions}, at)
    known = _catalogues(rows)
    return [
        Waiting(rows[asked.request_id], asked, _labels(known[asked.request_id], asked.facts)) for asked in questions
    ]


def opinions_asked(actor: Any, mine: Iterable[Stage], *, at: datetime) -> list[OpinionAsked]:
    """What `actor`, whose stages are `mine`, is asked to give an opinion on, the longest asked first."""
    asked = list(access.opinions_asked_of(actor, at=at)[:MOST_WAITING])
    rows = _by_key(actor, mine, {question.request_id for question in asked}, at)
    return [OpinionAsked(rows[question.request_id], question, SPECIALTIES[question.specialty]) for question in asked]


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
    rows = rows_of(actor, mine, listed(Request.objects.filter(pk__in=keys).order_by()), at)
    return {row.request.pk: row for row in rows}
