"""The auditor's list: every request of a site by filters. It names no patient unless that was chosen."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import DecimalField, F, QuerySet, Sum, Value
from django.db.models.functions import Coalesce

from utilization import access, criteria
from utilization.models import (
    Authorization,
    Decision,
    Department,
    Infusion,
    Membership,
    PackVersion,
    Request,
    RequestSummary,
    Site,
    Submission,
    UnmetCriterion,
    User,
)
from utilization.models.decisions import DECISION
from utilization.reports.audit_filter import fitting, overdue, summaries, summary_moment, ways
from utilization.reports.audit_words import clock_words, hours_words, order_words, response_words
from utilization.reports.paging import Page, Place, merged, ordered
from utilization.reports.queue import IndicationName, indication
from utilization.rules.request_summary import DECIDED, FILED
from utilization.rules.roles import Permission, Role
from utilization.rules.yaml_lines import PackError

__all__ = ["ORDERS", "AuditRow", "Choices", "choices", "fitting", "in_order", "note_numbers_read", "requests", "sites"]

PAGE = 50
"""Rows on a page of the list and of the access log."""
FEW = 500
"""Requests that are gathered and sorted rather than walked, at most."""
_NEVER = datetime(1900, 1, 1, tzinfo=UTC)
_LAST: Any = Value(-1, output_field=DecimalField())
ORDERS: Mapping[str, Any] = {
    "filed": F("filed_at"),
    "decided": Coalesce(F("decided_at"), Value(_NEVER)),
    "grams": Coalesce(F("total_allowed"), F("total_asked"), _LAST),
    "hours": Coalesce(F("clock_seconds"), Value(-1)),
    "patient": F("patient__mrn"),
}
"""What the list may be ordered by, largest or latest first unless asked the other way: what is not known stands last
then. Grams are those allowed, else asked; hours are those of the clock."""
MOST_OFFERED = 500
"""People whom a filter offers to choose from."""
_COLUMNS = (
    "uid", "number", "indication", "judged_as", "outcome", "grams", "expedited", "emergency", "status", "created_at",
    "submitted_at", "ended_at", "withdrawal_reason", "site_id", "patient_id", "department__name", "author__full_name",
    "author__title",
)  # fmt: skip
_REVIEWERS = (Role.PHARMACIST, Role.PHYSICIAN)


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One request on the list, with its summary, decision, newest submission and the state of its authorization where
    there are any; `unmet` are the criteria not met, in words, as decided, else as filed; `given` the grams recorded as
    given, None where none were."""

    request: Request
    indication: IndicationName
    judged_as: IndicationName | None
    decision: Decision | None
    authorization: Authorization | None
    state: str
    summary: RequestSummary | None = None
    submission: Submission | None = None
    unmet: Sequence[str] = ()
    given: Decimal | None = None

    @property
    def outcome(self) -> str:
        """The outcome of what was decided, else of what was filed last; empty of a draft."""
        return (self.summary and self.summary.outcome_decided) or self.request.outcome

    @property
    def order_words(self) -> str:
        """The order as decided, where it was changed."""
        return order_words(self.decision.order) if self.decision and self.decision.order else ""

    @property
    def hours_words(self) -> str:
        """The hours with each side."""
        return hours_words(self.summary) if self.summary else ""

    @property
    def hours(self) -> str:
        """The hours of the clock until the decision; empty where they are not known."""
        seconds = self.summary.clock_seconds if self.summary else None
        return "" if seconds is None else clock_words(seconds)

    @property
    def response_words(self) -> str:
        """What a renewal says of the response."""
        return response_words(self.summary) if self.summary else ""


@dataclass(frozen=True, slots=True)
class Choices:
    """What the list of a site can be filtered by."""

    departments: Sequence[Department]
    reviewers: Sequence[User]
    prescribers: Sequence[User]


def sites(actor: Any) -> list[Site]:
    """The sites that `actor` audits."""
    return list(access.sites(actor, Permission.AUDIT))


def choices(site: Site) -> Choices:
    """Departments of `site`, and everybody who reviews or prescribes there or once did, the first `MOST_OFFERED`."""

    def working(*roles: Role) -> list[User]:
        held = Membership.objects.filter(site=site, role__in=roles)
        return list(User.objects.filter(pk__in=held.values("user")).order_by("full_name")[:MOST_OFFERED])

    return Choices(list(site.departments.all()), working(*_REVIEWERS), working(Role.PRESCRIBER))


def requests(
    site: Site, wanted: Mapping[str, Any], *, on: date, after: Place | None = None, before: Place | None = None
) -> Page:
    """Requests of `site` that fit `wanted` (see `audit_filter`), newest first; `on` is today there, for the state of
    authorizations."""
    if wanted.get("decision") == "unfiled":
        # Each of the two has an index of its own.
        arms = [fitting(site, wanted).filter(status=status) for status in ("draft", "discarded")]
        keys, page = merged(arms, "created_at", PAGE, after, before)
    else:
        found, page = merged(_arms(site, wanted), summary_moment(wanted), PAGE, after, before)
        of_summary = dict(RequestSummary.objects.filter(pk__in=found).order_by().values_list("pk", "request_id"))
        keys = [of_summary[key] for key in found]
    rows = Request.objects.select_related("department", "author").only(*_COLUMNS).order_by().in_bulk(keys)
    return Page(_rows([rows[key] for key in keys], on), page.previous, page.next)


def in_order(
    site: Site, wanted: Mapping[str, Any], order: str, *, on: date, after: int | None = None, before: int | None = None
) -> Page:
    """As `requests`, by `order`: one of `ORDERS`, with `-` before it the other way round. Raises LookupError."""
    rows = summaries(site, wanted).annotate(place=ORDERS[order.removeprefix("-")])
    found, page = ordered(rows, PAGE, after, before, descending=not order.startswith("-"))
    of_summary = dict(RequestSummary.objects.filter(pk__in=found).order_by().values_list("pk", "request_id"))
    keys = [of_summary[key] for key in found]
    shown = Request.objects.select_related("department", "author").only(*_COLUMNS).order_by().in_bulk(keys)
    return Page(_rows([shown[key] for key in keys], on), page.previous, page.next)


def _arms(site: Site, wanted: Mapping[str, Any]) -> list[QuerySet[RequestSummary]]:
    """The summaries that fit, in parts that are each read in order along an index: see `paging.merged`.

    Of several filters the one that fits few leads, where one does; else the first, and the others narrow its walk.
    """
    rows = summaries(site, wanted)
    led = [[rows.filter(arm) for arm in arms] for arms in ways(wanted)]
    if (keys := _few_keys(site, wanted)) is not None:
        led.insert(0, [rows.filter(request__in=keys)])
    if len(led) > 1:
        # Few alone can be sorted; of many, the first is walked and the other filters narrow what it comes by.
        few = (way for way in led if sum(len(arm.values_list("pk")[:FEW]) for arm in way) < FEW)
        return next(few, led[0])
    return led[0] if led else [rows]


def _few_keys(site: Site, wanted: Mapping[str, Any]) -> list[int] | None:
    """Keys of all requests that the wanted reviewer signed on, that lack the wanted criterion or that are overdue,
    where they are few; None where they are many."""
    rows: QuerySet[Any]
    if wanted.get("overdue"):
        keys = overdue(site)[:FEW]
    elif reviewer := wanted.get("reviewer"):
        keys = list(Decision.objects.filter(signed_by=reviewer).order_by().values_list("request_id", flat=True)[:FEW])
    elif unmet := wanted.get("unmet"):
        rows = UnmetCriterion.objects.filter(criterion=unmet, at__in=(FILED, DECIDED)).order_by()
        keys = list(rows.values_list("summary__request_id", flat=True)[:FEW])
    else:
        return None
    return keys if len(keys) < FEW else None


def _rows(requests: Sequence[Request], on: date) -> tuple[AuditRow, ...]:
    keys = [request.pk for request in requests]
    decided = Decision.objects.filter(request__in=keys, kind=DECISION).defer("judgement", "unmet").order_by()
    decisions = {decision.request_id: decision for decision in decided}
    held = {given.request_id: given for given in Authorization.objects.filter(request__in=keys).order_by()}
    summed = (
        RequestSummary.objects.filter(request__in=keys)
        .select_related("recommended_by", "pack")
        .defer("pack__files", "pack__shelf")
    )
    summed = summed.order_by()
    told = {summary.request_id: summary for summary in summed}
    filed = Submission.objects.filter(request__in=keys).order_by("ordinal")
    newest = {row.request_id: row for row in filed.only("request_id", "justification", "acknowledged", "ordinal")}
    unmet = _unmet(told.values())
    infusions = Infusion.objects.filter(request__in=keys, in_error=False, corrected_by=None).order_by()
    given = dict(infusions.values_list("request").annotate(sum=Sum("grams")))
    return tuple(
        AuditRow(
            request=request,
            indication=indication(request.indication),
            judged_as=indication(request.judged_as) if request.judged_as not in ("", request.indication) else None,
            decision=decisions.get(request.pk),
            authorization=held.get(request.pk),
            state=held[request.pk].state(on) if request.pk in held else "",
            summary=told.get(request.pk),
            submission=newest.get(request.pk),
            unmet=unmet.get(request.pk, ()),
            given=given.get(request.pk),
        )
        for request in requests
    )


def _unmet(told: Collection[RequestSummary]) -> dict[int, list[str]]:
    """The criteria that each request did not meet, in words, by the key of the request."""
    summed = {summary.pk: summary for summary in told}
    packs = PackVersion.objects.defer("files", "shelf").in_bulk({summary.pack_id for summary in told})
    words = {key: criteria_words(pack) for key, pack in packs.items()}
    named: dict[int, list[str]] = {}
    for row in sorted(UnmetCriterion.objects.filter(summary__in=summed).order_by(), key=_key):
        summary = summed[row.summary_id]
        if row.at == (DECIDED if summary.decided_at else FILED):
            said = words[summary.pack_id].get(row.criterion, row.criterion)
            named.setdefault(summary.request_id, []).append(said)
    return named


def _key(row: UnmetCriterion) -> int:
    return row.pk


def criteria_words(pack: PackVersion) -> Mapping[str, str]:
    """What each criterion of a kept pack says, by its id; none of one that no longer reads."""
    try:
        read = criteria.pack_of(pack)
    except PackError:
        return {}
    said = {clause.id: clause.says for known in read.indications.values() for clause in known.clauses}
    return {**said, "silent": "The criteria do not list this use"}


def note_numbers_read(actor: Any, rows: Sequence[AuditRow], *, at: datetime) -> dict[int, str]:
    """The MRN of the patient of each row, by the key of the request; `actor` thereby reads each record."""
    shown = Request.objects.filter(pk__in=[row.request.pk for row in rows]).select_related("patient")
    access.note_handed_out(actor, shown, what="audit_list", at=at)
    return {request.pk: request.patient.mrn for request in shown}
