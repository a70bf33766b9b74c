"""What a prescriber's pages show of requests: plain values, and of requests that the prescriber may see alone."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, Q, QuerySet

from utilization import access
from utilization.criteria import name_of, pack_of
from utilization.models import Appeal, Authorization, Decision, Patient, Question, Request, Submission, User
from utilization.models.decisions import APPEAL, DECISION, RECOMMENDATION
from utilization.reports.given_before import OvertakenAdvice, overtaken_advice
from utilization.reports.opinions import ShownOpinion, shown_opinions
from utilization.reports.paging import first, merged, read_place
from utilization.reports.timeline import Happening, timeline
from utilization.rules.lifecycle import IN_REVIEW, OPEN, Status
from utilization.rules.packs.pack import Pack

MOST_SHOWN = 60
"""Rows of one list at most; a department's open work and a person's drafts stay far below it."""
PAGE = 15
"""Ended requests on one page of the home page."""
FROM_PATIENT = frozenset({"age_years", "sex", "weight_kg", "height_cm"})
REVIEW_NEAR = timedelta(days=30)
"""How long before and after the day of its review an authorization is named on the home page."""
RELATED = ("patient", "site", "department", "author", "holder")
"""What a list shows beside a request."""


@dataclass(frozen=True, slots=True)
class Home:
    """The home page's lists, by what they need now; `earlier` says where the next page of ended ones begins."""

    asked: tuple[Question, ...]
    drafts: tuple[Request, ...]
    open: tuple[Request, ...]
    ended: tuple[Request, ...]
    earlier: str

    @property
    def requests(self) -> list[Request]:
        """Every request that the page names."""
        return [*(question.request for question in self.asked), *self.drafts, *self.open, *self.ended]


@dataclass(frozen=True, slots=True)
class Pointer:
    """A request that stands in the way of a second one: open, or approved with an authorization that is still valid.

    `request` is None where the prescriber may not read it; then only the department is told.
    """

    request: Request | None
    department: str
    status: str
    authorization: Authorization | None


@dataclass(frozen=True, slots=True)
class Story:
    """A filed request as its page tells it."""

    submissions: tuple[Submission, ...]
    recommendation: Decision | None
    decision: Decision | None
    appeal: Appeal | None
    on_appeal: Decision | None
    authorization: Authorization | None
    authorization_state: str
    question: Question | None
    timeline: tuple[Happening, ...]
    time_zone: str = "UTC"
    overtaken: tuple[OvertakenAdvice, ...] = ()
    opinions: tuple[ShownOpinion, ...] = ()

    @property
    def latest(self) -> Submission:
        return self.submissions[-1]

    @property
    def entered_mostly(self) -> Mapping[str, Any] | None:
        """Who entered most of the facts, and on which day: {"name", "at"}; said once, for all but `entered_apart`."""
        marks = list(self.latest.entered.values())
        most = Counter(map(self._by_day, marks)).most_common(1)
        return next((mark for mark in marks if most and self._by_day(mark) == most[0][0]), None)

    @property
    def entered_apart(self) -> dict[str, Mapping[str, Any]]:
        """Who entered the facts that somebody else, or another day, brought: by fact. What the same person wrote of
        the patient on another day is no exception: the patient's data carry their own date."""
        mostly = self.entered_mostly
        if mostly is None:
            return {}
        most = self._by_day(mostly)
        return {
            name: mark
            for name, mark in self.latest.entered.items()
            if self._by_day(mark) != most and (name not in FROM_PATIENT or mark["name"] != mostly["name"])
        }

    def _by_day(self, mark: Mapping[str, Any]) -> tuple[str, date]:
        return mark["name"], datetime.fromisoformat(mark["at"]).astimezone(ZoneInfo(self.time_zone)).date()


def title_of(code: str) -> str:
    """The indication of this code in words; one that no pack knows is made readable."""
    known = name_of(code)
    return known.title if known else code.replace("_", " ").capitalize()


def pack_behind(filed: Submission) -> Pack:
    """The pack that judged `filed`."""
    return pack_of(filed.pack)


# --- Home ---------------------------------------------------------------------------------------------------------


def home(actor: User, before: str = "") -> Home:
    """Own drafts and the department's requests; `before`, from `Home.earlier`, turns to older ended requests.

    Each list is walked along its index, own requests and each department apart: see `paging.merged`.
    """
    arms = [Request.objects.filter(arm) for arm in access.prescriber_arms(actor)]
    asked = [
        key for rows in arms for key in _keys(rows.filter(status=Status.INFORMATION_ASKED).order_by("due_at", "pk"))
    ]
    questions = Question.objects.filter(request__in=asked, answered_at=None).order_by("asked_at", "pk")
    related = (f"request__{name}" for name in RELATED)
    drafts = [
        key for rows in arms[:1] for key in _keys(rows.filter(status=Status.DRAFT).order_by("-updated_at", "-pk"))
    ]
    waiting = [rows.filter(status=status) for rows in arms for status in sorted(IN_REVIEW)]
    # What was discarded has ended too, and is the one status that these lists leave out.
    over = [rows.filter(~Q(status=Status.DISCARDED), ended_at__isnull=False) for rows in arms]
    ended, page = merged(over, "ended_at", PAGE, read_place(before))
    return Home(
        asked=tuple(questions.select_related("asked_by", *related)[:MOST_SHOWN]),
        drafts=tuple(_in_order(drafts)),
        open=tuple(_in_order(first(waiting, "due_at", MOST_SHOWN))),
        ended=tuple(_in_order(ended)),
        earlier=str(page.next) if page.next else "",
    )


def _keys(rows: QuerySet[Request]) -> list[int]:
    return list(rows.values_list("pk", flat=True)[:MOST_SHOWN])


def _in_order(keys: Sequence[int]) -> list[Request]:
    """The requests of these keys in their order, with what a list shows of them: joined for these rows alone."""
    requests = Request.objects.select_related(*RELATED, "authorization").order_by().in_bulk(keys)
    return [requests[key] for key in keys]


def to_review(actor: User, today: date) -> list[Authorization]:
    """Authorizations of the department whose day of review has come near or passed and that nobody has renewed yet,
    the most urgent first; those that ended long ago are left to the lists."""
    seen = access.visible_requests(actor).filter(status=Status.APPROVED)
    renewed = Request.objects.filter(
        patient=OuterRef("patient"),
        indication=OuterRef("request__indication"),
        pk__gt=OuterRef("request_id"),
        changes="",
    ).exclude(status__in=(Status.DISCARDED, Status.WITHDRAWN, Status.DENIED))
    due = Authorization.objects.filter(
        request__in=seen, voided_at=None, review_by__lte=today + REVIEW_NEAR, valid_to__gte=today - REVIEW_NEAR
    ).exclude(Exists(renewed))
    return list(due.select_related("request__patient", "request__author").order_by("review_by", "pk")[:MOST_SHOWN])


def draft_from(actor: User, source: Request, changes: str = "") -> Request | None:
    """The draft that `actor` began from `source` and has not submitted, to change what `changes` says of its
    authorization: a second one would be the same again."""
    drafts = access.visible_requests(actor).filter(
        author=actor, copied_from=source, changes=changes, status=Status.DRAFT
    )
    return drafts.order_by("-pk").first()


# --- Before a request is begun ------------------------------------------------------------------------------------


def in_the_way(actor: User, patient: Patient, indications: Iterable[str], on: date) -> dict[str, list[Pointer]]:
    """By indication, what is open or still authorized for this patient on the date `on`, own drafts included.

    A request of another department is told by its department alone: two departments treating the same disease is
    what a second request would hide.
    """
    wanted = set(indications)
    valid = Q(status=Status.APPROVED, authorization__voided_at=None, authorization__valid_to__gte=on)
    alive = Q(status__in=OPEN) | valid
    mine = Q(status=Status.DRAFT, author=actor)
    same = Q(indication__in=wanted) | Q(judged_as__in=wanted)
    requests = Request.objects.filter(alive | mine, same, patient=patient)
    readable = set(access.visible_requests(actor).filter(patient=patient).order_by().values_list("pk", flat=True))
    pointers: dict[str, list[Pointer]] = {}
    for request in requests.select_related("department", "holder", "authorization").order_by("-updated_at"):
        pointer = Pointer(
            request=request if request.pk in readable else None,
            department=request.department.name,
            status=request.status,
            authorization=getattr(request, "authorization", None) if request.pk in readable else None,
        )
        for code in {request.indication, request.judged_as} & wanted:
            pointers.setdefault(code, []).append(pointer)
    return pointers


def earlier_requests(actor: User, patient: Patient) -> list[Request]:
    """Filed requests of this patient that `actor` may read, newest first: to be copied, or renewed if approved."""
    seen = access.visible_requests(actor).filter(patient=patient, submitted_at__isnull=False)
    related = seen.select_related("department", "author", "authorization")
    return list(related.defer("draft", "entered").order_by("-submitted_at", "-pk")[:MOST_SHOWN])


# --- A filed request ----------------------------------------------------------------------------------------------


def story(request: Request, at: datetime) -> Story:
    """Everything that a prescriber may know of a filed request; internal notes are left out."""
    submissions = tuple(request.submissions.select_related("pack").defer("pack__files").order_by("ordinal"))
    decisions = list(request.decisions.select_related("submission").order_by("pk"))
    questions = list(request.questions.select_related("asked_by", "answered_by"))
    authorization = Authorization.objects.filter(request=request).first()
    newest = [decision for decision in decisions if decision.submission_id == submissions[-1].pk]
    return Story(
        submissions=submissions,
        recommendation=next((decision for decision in newest if decision.kind == RECOMMENDATION), None),
        decision=next((decision for decision in decisions if decision.kind == DECISION), None),
        appeal=Appeal.objects.filter(request=request).first(),
        on_appeal=next((decision for decision in decisions if decision.kind == APPEAL), None),
        authorization=authorization,
        authorization_state=authorization.state(request.site.date_at(at)) if authorization else "",
        question=next((question for question in questions if question.answered_at is None), None),
        timeline=tuple(timeline(request, internal=False)),
        time_zone=request.site.time_zone,
        overtaken=overtaken_advice(submissions[-1], decisions),
        opinions=tuple(shown for shown in shown_opinions(request, submissions[-1], decisions) if shown.opinion),
    )
