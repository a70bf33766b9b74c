"""What the auditor's list comes to: how many of how many, their grams, month by month, and what was not met most."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, Max, Q, Sum
from django.db.models.functions import TruncMonth

from utilization.models import PackVersion, Publication, RequestSummary, Site, UnmetCriterion
from utilization.models.decisions import APPROVE
from utilization.reports.audit_filter import condition, largest, searched_since, summaries, summary_moment
from utilization.reports.audit_list import criteria_words
from utilization.reports.audit_questions import QUESTIONS, Counted, counted, population
from utilization.reports.due_courses import days_of, with_due
from utilization.reports.given_grams import recorded
from utilization.reports.list_terms.term import value_of
from utilization.reports.queue import IndicationName, indication
from utilization.rules.request_summary import DECIDED

MOST_MONTHS = 24
MOST_CRITERIA = 10
_DAYS = {"filed_at": "filed_on", "decided_at": "decided_on", "ended_at": "ended_on"}
_VERBS = {"filed_at": "filed", "decided_at": "decided", "ended_at": "ended"}


@dataclass(frozen=True, slots=True)
class MonthCount:
    """Of a month, `whole` requests of which `part` are counted."""

    month: date
    part: int
    whole: int


@dataclass(frozen=True, slots=True)
class CriterionCount:
    """A criterion: how often it was not met by what was decided, and how often that was approved all the same."""

    criterion: str
    words: str
    unmet: int
    approved: int


@dataclass(frozen=True, slots=True)
class LargestUser:
    """A patient among the largest: place, grams, share of all grams in percent, and when last decided on, by which
    request."""

    place: int
    grams: Decimal
    share: Decimal | None
    decided_at: datetime | None
    uid: Any
    number: str


@dataclass(frozen=True, slots=True)
class ScheduledCount:
    """Of the requests that fit: patients with courses due in the days asked about, and the grams of those courses."""

    patients: int
    grams: Decimal


@dataclass(frozen=True, slots=True)
class GivenCount:
    """Of the requests that fit: authorizations by which something was recorded as given in the days asked about, and
    the grams of that."""

    authorizations: int
    grams: Decimal


@dataclass(frozen=True, slots=True)
class AuditAnswer:
    """How many fit, of how many, and their grams; all as at `at`. `grams` are of all courses: allowed where what is
    looked at was decided, else asked. `unknown` have no known grams. `published` are days from which criteria hold."""

    part: int
    whole: int
    of: Counted
    about: IndicationName | None
    grams: Decimal
    grams_whole: Decimal
    unknown: int
    allowed: bool
    overridden: int
    months: Sequence[MonthCount]
    dated: str
    published: Sequence[Publication]
    criteria: Sequence[CriterionCount]
    largest: Sequence[LargestUser]
    scheduled: ScheduledCount | None
    given: GivenCount | None
    searched_since: datetime | None
    at: datetime

    @property
    def percent(self) -> str:
        """The share of those counted, in percent to one place; empty of none."""
        return _percent(self.part, self.whole)

    @property
    def grams_percent(self) -> str:
        """The share of the grams, likewise."""
        return _percent(self.grams, self.grams_whole)


def answer(site: Site, wanted: Mapping[str, Any], *, at: datetime) -> AuditAnswer:
    """What the requests of `site` that fit `wanted` come to, of those that its filters look at."""
    of, moment = counted(wanted), summary_moment(wanted)
    day = _DAYS[moment]
    whole = RequestSummary.objects.filter(
        condition(site, population(wanted)) & Q(**{f"{moment}__isnull": False}) & of.of
    ).order_by()
    fits = condition(site, wanted)
    allowed = moment == "decided_at" or bool(wanted.get("top") or wanted.get("overdue"))
    grams = "total_allowed" if allowed else "total_asked"
    by_month = whole.annotate(month=TruncMonth(day)).values("month").annotate(
        n=Count("pk"), k=Count("pk", filter=fits), all=Sum(grams), some=Sum(grams, filter=fits),
        bare=Count("pk", filter=fits & Q(**{f"{grams}__isnull": True})),
        against=Count("pk", filter=fits & Q(overridden=True)),
    )  # fmt: skip
    rows = list(by_month.order_by("month"))
    months = [MonthCount(row["month"], row["k"], row["n"]) for row in rows]
    return AuditAnswer(
        part=sum(row["k"] for row in rows), whole=sum(row["n"] for row in rows), of=of,
        about=indication(wanted["indication"]) if wanted.get("indication") else None,
        grams=sum((row["some"] or Decimal(0) for row in rows), Decimal(0)),
        grams_whole=sum((row["all"] or Decimal(0) for row in rows), Decimal(0)),
        unknown=sum(row["bare"] for row in rows), allowed=allowed, overridden=sum(row["against"] for row in rows),
        months=months[-MOST_MONTHS:], dated=_VERBS[moment], published=_published(site, months[-MOST_MONTHS:]),
        criteria=_criteria(site, wanted), largest=_largest(site, wanted),
        scheduled=scheduled_count(site, wanted), given=given_count(site, wanted),
        searched_since=searched_since(site, wanted) if wanted.get("words") else None, at=at,
    )  # fmt: skip


def counts(site: Site, queries: Mapping[str, Mapping[str, Any]]) -> dict[str, int]:
    """How many requests of `site` each question finds, by its code; `queries` are their filters as values."""
    return {
        question.code: summaries(site, queries[question.code]).count()
        for question in QUESTIONS
        if "ask" not in question.filters and not queries[question.code].get("top")
    }


def _percent(part: Any, whole: Any) -> str:
    return f"{Decimal(100) * part / whole:.1f}" if whole else ""


def _published(site: Site, months: Sequence[MonthCount]) -> list[Publication]:
    """The versions of criteria that came into force within these months, the oldest first."""
    if not months:
        return []
    rows = Publication.objects.filter(site=site, effective_from__gte=months[0].month).select_related("pack")
    last = months[-1].month
    within = rows.defer("pack__files", "pack__shelf").order_by("effective_from")
    return [row for row in within if (row.effective_from.year, row.effective_from.month) <= (last.year, last.month)]


def _criteria(site: Site, wanted: Mapping[str, Any]) -> list[CriterionCount]:
    """The criteria that were not met most often by what was decided, where the question is about those."""
    if wanted.get("ask") != "criteria" and wanted.get("mark") != "off_criteria":
        return []
    looked_at = {name: value for name, value in population(wanted).items() if name != "decision"}
    decided = summaries(site, looked_at).filter(decided_at__isnull=False)
    rows = UnmetCriterion.objects.filter(at=DECIDED, summary__in=decided).order_by().values("criterion")
    counted_rows = rows.annotate(
        n=Count("pk"), approved=Count("pk", filter=Q(summary__choice=APPROVE)), pack=Max("summary__pack")
    ).order_by("-n", "criterion")[:MOST_CRITERIA]
    found = list(counted_rows)
    packs = PackVersion.objects.defer("files", "shelf").in_bulk({row["pack"] for row in found})
    words = {key: criteria_words(pack) for key, pack in packs.items()}
    return [
        CriterionCount(row["criterion"], words[row["pack"]].get(row["criterion"], row["criterion"]), row["n"],
                       row["approved"])
        for row in found
    ]  # fmt: skip


def scheduled_count(site: Site, wanted: Mapping[str, Any]) -> ScheduledCount | None:
    """Of authorizations with courses due in days, where the list is narrowed to those."""
    if not (days := value_of(wanted, "due")):
        return None
    due = with_due(site, *days_of(days)).filter(request__in=summaries(site, wanted).values("request"))
    sums = due.aggregate(patients=Count("patient", distinct=True), grams=Sum(F("due") * F("grams_per_course")))
    return ScheduledCount(sums["patients"], Decimal(str(sums["grams"] or 0)))


def given_count(site: Site, wanted: Mapping[str, Any]) -> GivenCount | None:
    """Of infusions recorded for days, where the list is narrowed to those."""
    if not (days := value_of(wanted, "given")):
        return None
    rows = recorded(site, *days_of(days)).filter(request__in=summaries(site, wanted).values("request"))
    sums = rows.aggregate(authorizations=Count("request", distinct=True), grams=Sum("grams"))
    return GivenCount(sums["authorizations"], sums["grams"] or Decimal(0))


def _largest(site: Site, wanted: Mapping[str, Any]) -> list[LargestUser]:
    if not wanted.get("top"):
        return []
    users = largest(site, wanted)
    looked_at = {name: value for name, value in wanted.items() if name in ("decided_since", "decided_until")}
    allowed = summaries(site, looked_at).filter(choice=APPROVE).exclude(status="withdrawn")
    total = allowed.aggregate(all=Sum("total_allowed"))["all"]
    decided = RequestSummary.objects.filter(site=site, patient__in=[patient for patient, _ in users])
    last: dict[int, RequestSummary] = {}
    for row in decided.filter(decided_at__isnull=False).order_by("decided_at", "pk").select_related("request"):
        last[row.patient_id] = row
    return [
        LargestUser(
            place, grams, Decimal(100) * grams / total if total else None, last[patient].decided_at,
            last[patient].request.uid, last[patient].request.number or "",
        )
        for place, (patient, grams) in enumerate(users, 1)
    ]  # fmt: skip
