"""The auditor's list: every request of a site by filters. It names no patient."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, Q, QuerySet

from utilization import access
from utilization.models import Authorization, Decision, Department, Membership, Request, Site, User
from utilization.models.decisions import DECISION
from utilization.reports.paging import Page, Place, merged
from utilization.reports.queue import IndicationName, indication
from utilization.rules.language.outcomes import Outcome
from utilization.rules.lifecycle import OPEN, Status
from utilization.rules.roles import Permission, Role

PAGE = 50
"""Rows on a page of the list and of the access log."""
FEW = 500
"""Requests that are gathered and sorted rather than walked, at most."""
UNFILED = (Status.DRAFT, Status.DISCARDED)
FILED = tuple(status for status in Status if status not in UNFILED)
OUTCOMES = ("", *(outcome.value for outcome in Outcome))
_STATUSES: Mapping[str, tuple[Status, ...]] = {
    "approved": (Status.APPROVED,),
    "denied": (Status.DENIED,),
    "withdrawn": (Status.WITHDRAWN,),
    "open": tuple(sorted(OPEN)),
    "unfiled": UNFILED,
}


_COLUMNS = (
    "uid", "number", "indication", "judged_as", "outcome", "grams", "expedited", "emergency", "status", "created_at",
    "submitted_at", "ended_at", "site_id", "department__name", "author__full_name", "author__title",
)  # fmt: skip


_REVIEWERS = (Role.PHARMACIST, Role.PHYSICIAN)


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One request on the list, with its decision and the state of its authorization where there are any."""

    request: Request
    indication: IndicationName
    judged_as: IndicationName | None
    decision: Decision | None
    authorization: Authorization | None
    state: str


@dataclass(frozen=True, slots=True)
class Choices:
    """What the list of a site can be filtered by."""

    departments: Sequence[Department]
    reviewers: Sequence[User]


def sites(actor: Any) -> list[Site]:
    """The sites that `actor` audits."""
    return list(access.sites(actor, Permission.AUDIT))


def choices(site: Site) -> Choices:
    """Departments of `site`, and everybody who reviews there or once did."""
    reviewed = Membership.objects.filter(site=site, role__in=_REVIEWERS)
    return Choices(
        departments=list(site.departments.all()),
        reviewers=list(User.objects.filter(pk__in=reviewed.values("user")).order_by("full_name")),
    )


def requests(
    site: Site, wanted: Mapping[str, Any], *, on: date, after: Place | None = None, before: Place | None = None
) -> Page:
    """Requests of `site` that fit `wanted`, newest first; `on` is today there, for the state of authorizations.

    `wanted` names any of since and until (dates of filing, inclusive; of the start where nothing was filed),
    indication, outcome, decision (approved, denied, withdrawn, open, unfiled), reviewer and department (keys).
    """
    moment = moment_of(wanted)
    keys, page = merged(_arms(site, wanted), moment, PAGE, after, before)
    requests = Request.objects.select_related("department", "author").only(*_COLUMNS).order_by().in_bulk(keys)
    return Page(_rows([requests[key] for key in keys], on), page.previous, page.next)


def _arms(site: Site, wanted: Mapping[str, Any]) -> list[QuerySet[Request]]:
    """The requests that fit, in parts that are each read in order along an index: see `paging.merged`.

    Of several filters the one that fits few leads, where one does; else the first, and the others narrow its walk.
    """
    rows = fitting(site, wanted)
    ways = [[rows.filter(arm) for arm in arms] for arms in _ways(wanted)]
    if (keys := _signed_by(wanted)) is not None:
        ways.insert(0, [rows.filter(pk__in=keys)])
    if len(ways) > 1:
        # Few alone can be sorted; of many, the first is walked and the other filters narrow what it comes by.
        few = (way for way in ways if sum(len(arm.order_by().values_list("pk")[:FEW]) for arm in way) < FEW)
        return next(few, ways[0])
    return ways[0] if ways else [rows]


def _ways(wanted: Mapping[str, Any]) -> list[list[Q]]:
    """For each filter with an index of its own, the parts in which that index is walked in order."""
    decision, outcome = wanted.get("decision"), wanted.get("outcome")
    if decision == "unfiled":
        return [[Q(status=status) for status in UNFILED]]
    statuses = _STATUSES[decision] if decision else FILED
    ways: list[list[Q]] = []
    if code := wanted.get("indication"):
        outcomes = [outcome] if outcome else OUTCOMES
        ways.append(
            [
                Q(**{name: code, "outcome": wanted_outcome})
                for name in ("indication", "judged_as")
                for wanted_outcome in outcomes
            ]
        )
    if department := wanted.get("department"):
        ways.append([Q(department=department, status=status) for status in statuses])
    if decision:
        ways.append([Q(status=status) for status in statuses])
    if outcome:
        ways.append([Q(outcome=outcome)])
    return ways


def _signed_by(wanted: Mapping[str, Any]) -> list[int] | None:
    """Keys of all requests that the wanted reviewer signed on, where they are few; None where they are many."""
    if not (reviewer := wanted.get("reviewer")):
        return None
    keys = list(Decision.objects.filter(signed_by=reviewer).order_by().values_list("request_id", flat=True)[:FEW])
    return keys if len(keys) < FEW else None


def moment_of(wanted: Mapping[str, Any]) -> str:
    return "created_at" if wanted.get("decision") == "unfiled" else "submitted_at"


def fitting(site: Site, wanted: Mapping[str, Any]) -> QuerySet[Request]:
    moment = moment_of(wanted)
    kept = Q(site=site, **{f"{moment}__isnull": False})
    zone = ZoneInfo(site.time_zone)
    if since := wanted.get("since"):
        kept &= Q(**{f"{moment}__gte": datetime.combine(since, time(), zone)})
    if until := wanted.get("until"):
        kept &= Q(**{f"{moment}__lt": datetime.combine(until + timedelta(days=1), time(), zone)})
    if code := wanted.get("indication"):
        kept &= Q(indication=code) | Q(judged_as=code)
    if outcome := wanted.get("outcome"):
        kept &= Q(outcome=outcome)
    if decision := wanted.get("decision"):
        kept &= Q(status__in=_STATUSES[decision])
    if department := wanted.get("department"):
        kept &= Q(department=department)
    if reviewer := wanted.get("reviewer"):
        kept &= Q(Exists(Decision.objects.filter(request=OuterRef("pk"), signed_by=reviewer)))
    return Request.objects.filter(kept)


def _rows(requests: Sequence[Request], on: date) -> tuple[AuditRow, ...]:
    decided = Decision.objects.filter(request__in=requests, kind=DECISION).defer("judgement", "unmet", "order")
    decisions = {decision.request_id: decision for decision in decided.order_by()}
    held = {
        authorization.request_id: authorization for authorization in Authorization.objects.filter(request__in=requests)
    }
    return tuple(
        AuditRow(
            request=request,
            indication=indication(request.indication),
            judged_as=indication(request.judged_as) if request.judged_as not in ("", request.indication) else None,
            decision=decisions.get(request.pk),
            authorization=held.get(request.pk),
            state=held[request.pk].state(on) if request.pk in held else "",
        )
        for request in requests
    )
