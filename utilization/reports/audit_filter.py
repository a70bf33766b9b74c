"""What the auditor's list is narrowed to, as a condition over summaries: of the list, its counts and its exports alike.

`wanted` names any of: since and until (days of filing, inclusive; of the start where nothing was filed), decided_since,
decided_until, ended_since, ended_until; indication; outcome and outcome_decided (lists of codes); decision (approved,
denied, withdrawn, open, unfiled); appeal (any, or what became of it); reviewer, prescriber and department (keys); mark
(one of `MARKS`, of which few are); reviewed_after (yes or no, of emergencies); overdue; unmet (a criterion's id); words
(part of a reason); top; also (terms of what a number of the utilization report counts, as `list_terms.term` spells
them).
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Sum
from django.utils import timezone

from utilization.models import Authorization, Decision, Request, RequestSummary, Site, Submission, UnmetCriterion
from utilization.models.request_summary import MARKS
from utilization.reports.list_terms.conditions import terms_condition
from utilization.reports.list_terms.counted_patients import patients_condition
from utilization.rules.language.outcomes import Outcome
from utilization.rules.lifecycle import OPEN, Status
from utilization.rules.request_summary import APPEALS

UNFILED = (Status.DRAFT, Status.DISCARDED)
FILED = tuple(status for status in Status if status not in UNFILED)
STATUSES: Mapping[str, tuple[Status, ...]] = {
    "approved": (Status.APPROVED,),
    "denied": (Status.DENIED,),
    "withdrawn": (Status.WITHDRAWN,),
    "open": tuple(sorted(OPEN)),
    "unfiled": UNFILED,
}
ANY_APPEAL = "any"
"""Appealed, whatever became of it."""
LARGEST = 20
"""Patients who count as the largest users."""
MOST_SEARCHED = 20_000
"""Requests, the newest of those that fit otherwise, in whose reasons words are looked for."""
FEW_OVERDUE = 5_000
_A_YEAR = timedelta(days=365)
_DATES = (("since", "until", "filed_on"), ("decided_since", "decided_until", "decided_on"),
          ("ended_since", "ended_until", "ended_on"))  # fmt: skip


def summary_moment(wanted: Mapping[str, Any]) -> str:
    """The moment by which summaries that fit `wanted` are ordered: of filing, of the decision where that is what is
    asked about, of the end where only that is."""
    if any(wanted.get(name) for name in ("since", "until")):
        return "filed_at"
    mark = wanted.get("mark")
    about_decision = ("decided_since", "decided_until", "outcome_decided", "top")
    if (mark and MARKS[mark] == "decided_at") or any(wanted.get(name) for name in about_decision):
        return "decided_at"
    return "ended_at" if wanted.get("ended_since") or wanted.get("ended_until") else "filed_at"


def fitting(site: Site, wanted: Mapping[str, Any]) -> QuerySet[Request]:
    """The requests of `site` that fit `wanted`, newest first as on the list."""
    if wanted.get("decision") == "unfiled":
        return _unfiled(site, wanted).order_by("-created_at", "-pk")
    rows = Request.objects.filter(condition(site, wanted, "summary__"))
    return rows.order_by(f"-summary__{summary_moment(wanted)}", "-pk")


def summaries(site: Site, wanted: Mapping[str, Any]) -> QuerySet[RequestSummary]:
    """The summaries of the requests of `site` that fit `wanted`, in no order."""
    return RequestSummary.objects.filter(condition(site, wanted)).order_by()


def condition(site: Site, wanted: Mapping[str, Any], prefix: str = "") -> Q:
    """What holds of a summary of `site` that fits `wanted`; `prefix` leads from another table to the summary."""
    kept = Q(**{f"{prefix}site": site, f"{prefix}{summary_moment(wanted)}__isnull": False})
    kept &= _of_columns(wanted, prefix)
    for since, until, day in _DATES:
        if wanted.get(since):
            kept &= Q(**{f"{prefix}{day}__gte": wanted[since]})
        if wanted.get(until):
            kept &= Q(**{f"{prefix}{day}__lte": wanted[until]})
    return kept & _of_other_tables(site, wanted, prefix)


def _of_columns(wanted: Mapping[str, Any], prefix: str) -> Q:
    kept = Q()
    if code := wanted.get("indication"):
        kept &= Q(**{f"{prefix}indication": code}) | Q(**{f"{prefix}asked_for": code})
    if decision := wanted.get("decision"):
        kept &= Q(**{f"{prefix}status__in": [status.value for status in STATUSES[decision]]})
    for name, column in (("outcome", "outcome_asked__in"), ("outcome_decided", "outcome_decided__in"),
                         ("department", "department"), ("prescriber", "prescriber")):  # fmt: skip
        if value := wanted.get(name):
            kept &= Q(**{f"{prefix}{column}": value})
    if mark := wanted.get("mark"):
        kept &= Q(**{f"{prefix}{mark}": True})
    if appeal := wanted.get("appeal"):
        kept &= Q(**{f"{prefix}appeal__in": APPEALS if appeal == ANY_APPEAL else [appeal]})
    if after := wanted.get("reviewed_after"):
        kept &= Q(**{f"{prefix}emergency": True, f"{prefix}decided_at__isnull": after == "no"})
    return kept


def _of_other_tables(site: Site, wanted: Mapping[str, Any], prefix: str) -> Q:
    kept = Q()
    key = "pk" if prefix else "request_id"
    if reviewer := wanted.get("reviewer"):
        kept &= Q(Exists(Decision.objects.filter(request=OuterRef(key), signed_by=reviewer)))
    if unmet := wanted.get("unmet"):
        not_met = UnmetCriterion.objects.filter(summary__request=OuterRef(key)) if prefix else (
            UnmetCriterion.objects.filter(summary=OuterRef("pk"))
        )  # fmt: skip
        kept &= Q(Exists(not_met.filter(criterion=unmet)))
    if wanted.get("overdue"):
        kept &= Q(**{"pk__in" if prefix else "request__in": overdue(site)})
    if wanted.get("top"):
        kept &= Q(**{f"{prefix}patient__in": [key for key, _ in largest(site, wanted)]})
        kept &= Q(**{f"{prefix}total_allowed__isnull": False})
    if wanted.get("also"):
        kept &= terms_condition(site, wanted, prefix, key) & patients_condition(site, wanted, prefix)
    return kept & (_said(site, wanted, prefix, key) if wanted.get("words") else Q())


def _said(site: Site, wanted: Mapping[str, Any], prefix: str, key: str) -> Q:
    """That the words stand in a reason, a condition or a justification of one of the newest that fit otherwise.

    Nothing finds a part of a text along an index, so that it is looked for in so many and no more.
    """
    words, since = wanted["words"], searched_since(site, wanted)
    signed = Decision.objects.filter(request=OuterRef(key))
    filed = Submission.objects.filter(request=OuterRef(key), justification__icontains=words)
    on_request = "" if prefix else "request__"
    said = Q(Exists(signed.filter(Q(reason__icontains=words) | Q(conditions__icontains=words)))) | Q(Exists(filed))
    for column in ("withdrawal_reason", "emergency_reason", "referral_reason"):
        said |= Q(**{f"{on_request}{column}__icontains": words})
    return said & (Q(**{f"{prefix}{summary_moment(wanted)}__gte": since}) if since else Q())


def searched_since(site: Site, wanted: Mapping[str, Any]) -> Any:
    """The moment back to which words are looked for; None where all is."""
    moment = summary_moment(wanted)
    rest = {
        name: value for name, value in wanted.items() if name in ("since", "until", "decided_since", "decided_until")
    }
    order = summaries(site, rest).filter(**{f"{moment}__isnull": False}).order_by(f"-{moment}", "-pk")
    return order.values_list(moment, flat=True)[MOST_SEARCHED : MOST_SEARCHED + 1].first()


def overdue(site: Site) -> list[int]:
    """Keys of the requests of `site` whose authorization stands today, whose review was due before, and after which
    nothing was asked for the same patient and indication; the first `FEW_OVERDUE` by their last day."""
    today = site.date_at(timezone.now())
    renewed = Request.objects.filter(
        patient=OuterRef("patient"), indication=OuterRef("indication"), pk__gt=OuterRef("request_id")
    ).exclude(status__in=(Status.DISCARDED, Status.WITHDRAWN, Status.DENIED))
    standing = Authorization.objects.filter(site=site, voided_at=None, valid_to__gte=today, review_by__lt=today)
    late = standing.exclude(Exists(renewed)).order_by("valid_to", "review_by")
    return list(late.values_list("request_id", flat=True)[:FEW_OVERDUE])


def largest(site: Site, wanted: Mapping[str, Any]) -> list[tuple[int, Any]]:
    """(patient, grams) of the `LARGEST` users: most grams allowed by what was decided within the dates asked for, else
    in the last 365 days; what was withdrawn does not count."""
    today = site.date_at(timezone.now())
    until: date = wanted.get("decided_until") or today
    since: date = wanted.get("decided_since") or until - _A_YEAR
    allowed = RequestSummary.objects.filter(
        site=site, decided_on__gte=since, decided_on__lte=until, total_allowed__isnull=False
    ).exclude(status=Status.WITHDRAWN)
    sums = (
        allowed.order_by().values("patient").annotate(grams=Sum("total_allowed")).order_by(F("grams").desc(), "patient")
    )
    return list(sums.values_list("patient", "grams")[:LARGEST])


def ways(wanted: Mapping[str, Any]) -> list[list[Q]]:
    """For each filter with an index of its own, the parts in which that index is walked in order."""
    found: list[list[Q]] = []
    if mark := wanted.get("mark"):
        found.append([Q(**{mark: True})])
    if wanted.get("reviewed_after"):
        found.append([Q(emergency=True)])
    if appeal := wanted.get("appeal"):
        found.append([Q(appeal=code) for code in (APPEALS if appeal == ANY_APPEAL else (appeal,))])
    by_filing = summary_moment(wanted) == "filed_at"
    outcomes = [Q(outcome_asked=code) for code in wanted.get("outcome") or Outcome] if by_filing else [Q()]
    statuses = STATUSES.get(wanted.get("decision", ""), FILED)
    stands = [Q(status=status.value) for status in statuses] if by_filing else [Q()]
    if code := wanted.get("indication"):
        found.append([Q(**{name: code}) & outcome for name in ("indication", "asked_for") for outcome in outcomes])
    if department := wanted.get("department"):
        found.append([Q(department=department) & status for status in stands])
    if prescriber := wanted.get("prescriber"):
        found.append([Q(prescriber=prescriber)])
    if decision := wanted.get("decision"):
        found.append([Q(status=status.value) for status in STATUSES[decision]])
    for name, column in (("outcome", "outcome_asked"), ("outcome_decided", "outcome_decided")):
        if codes := wanted.get(name):
            found.append([Q(**{column: code}) for code in codes])
    return found


def _unfiled(site: Site, wanted: Mapping[str, Any]) -> QuerySet[Request]:
    """Drafts and what was discarded: they have no summary, so that only what is asked of them narrows them."""
    kept = Q(site=site, status__in=[status.value for status in UNFILED])
    for name in ("indication", "department"):
        if value := wanted.get(name):
            kept &= Q(**{name: value})
    if prescriber := wanted.get("prescriber"):
        kept &= Q(author=prescriber)
    since, until = wanted.get("since"), wanted.get("until")
    if since:
        kept &= Q(created_at__gte=site.day_begins(since))
    if until:
        kept &= Q(created_at__lt=site.day_begins(until + timedelta(days=1)))
    decided = ("outcome", "outcome_decided", "mark", "appeal", "reviewed_after", "unmet", "words", "top", "overdue",
               "reviewer", "also", "decided_since", "decided_until", "ended_since", "ended_until")  # fmt: skip
    rows = Request.objects.filter(kept)
    return rows.none() if any(wanted.get(name) for name in decided) else rows


def keys_of(rows: Sequence[RequestSummary]) -> list[int]:
    """The keys of the requests of these summaries."""
    return [row.request_id for row in rows]
