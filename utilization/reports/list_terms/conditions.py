"""What holds of a request under the terms of an address, as a condition over summaries."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Exists, F, OuterRef, Q

from utilization.models import RequestSummary, Site, UnmetCriterion
from utilization.models.decisions import APPROVE, DENY
from utilization.reports import due_courses, given_grams
from utilization.reports.due_courses import day_number, days_of
from utilization.reports.list_terms.term import COLUMNS, OF_PATIENTS, TRUTHS, terms_of
from utilization.rules.request_summary import DECIDED
from utilization.rules.utilization_report.groups import AGE_GROUPS, UNKNOWN, WEIGHT_BANDS

_GRAMS_A_KILOGRAM = 1000
_EMPTY = (UNKNOWN, "not_stated", "none")


@dataclass(frozen=True, slots=True)
class TermPlace:
    """What one condition is made from; `prefix` leads to the summary, `key` is the request's from where it stands."""

    site: Site
    value: str
    prefix: str
    key: str

    def q(self, **conditions: Any) -> Q:
        return Q(**{f"{self.prefix}{name}": value for name, value in conditions.items()})

    def of_authorizations(self, rows: Any) -> Q:
        """That the request is one of these authorizations’, which are looked for once and not for each request."""
        return Q(**{f"{self.key}__in": rows.values("request_id")})


def terms_condition(site: Site, wanted: Mapping[str, Any], prefix: str, key: str) -> Q:
    """What holds under all terms of `wanted` but those that choose patients; `prefix` and `key` as in `TermPlace`."""
    kept = Q()
    for term in terms_of(wanted):
        if term.name not in OF_PATIENTS:
            kept &= term_condition(term.name, TermPlace(site, term.value, prefix, key))
    return kept


def term_condition(name: str, asked: TermPlace) -> Q:
    if name in COLUMNS:
        return asked.q(**{name: "" if asked.value in _EMPTY else asked.value})
    if name in TRUTHS:
        return asked.q(**{name: asked.value == "yes"})
    return _WAYS[name](asked)


def _band(asked: TermPlace, bands: Mapping[str, tuple[int, int]], column: str, unit: int) -> Q:
    if asked.value == UNKNOWN:
        return asked.q(**{f"{column}__isnull": True})
    low, high = (Decimal(edge) / unit for edge in bands[asked.value])
    return asked.q(**{f"{column}__gte": low, f"{column}__lte": high})


def _urgency(asked: TermPlace) -> Q:
    if asked.value == "emergency":
        return asked.q(emergency=True)
    return asked.q(emergency=False, expedited=asked.value == "expedited")


def _unmet(asked: TermPlace) -> Q:
    if asked.prefix:
        rows = UnmetCriterion.objects.filter(summary__request=OuterRef(asked.key))
    else:
        rows = UnmetCriterion.objects.filter(summary=OuterRef("pk"))
    return Q(Exists(rows.filter(criterion=asked.value, at=DECIDED)))


def _unused(asked: TermPlace) -> Q:
    """Requests whose grams of that line of “Grams not used” are not 0."""
    column = asked.prefix
    if asked.value == "refusal":
        return asked.q(choice=DENY, total_asked__gt=0)
    if asked.value == "reviewer":
        return asked.q(choice=APPROVE) & ~Q(**{f"{column}total_asked": F(f"{column}total_allowed")}) & asked.q(
            total_asked__isnull=False, total_allowed__isnull=False
        )  # fmt: skip
    known = asked.q(g_per_kg_asked__gt=0, actual_weight_kg__isnull=False, dosing_weight_kg__isnull=False)
    return asked.q(choice=APPROVE) & known & ~Q(**{f"{column}actual_weight_kg": F(f"{column}dosing_weight_kg")})


def _due(asked: TermPlace) -> Q:
    return asked.of_authorizations(due_courses.with_due(asked.site, *days_of(asked.value)))


def _given(asked: TermPlace) -> Q:
    return asked.of_authorizations(given_grams.recorded(asked.site, *days_of(asked.value)))


def _closed(asked: TermPlace) -> Q:
    since, until = days_of(asked.value)
    rows = due_courses.authorizations(asked.site)
    return asked.of_authorizations(rows.filter(last_day__gte=day_number(since), last_day__lte=day_number(until)))


def _overdue(asked: TermPlace) -> Q:
    day = date.fromisoformat(asked.value)
    standing = due_courses.authorizations(asked.site).filter(valid_from__lte=day, valid_to__gte=day, review_by__lt=day)
    standing = standing.filter(Q(voided_day__isnull=True) | Q(voided_day__gt=day_number(day)))
    since = RequestSummary.objects.filter(
        site=asked.site, patient=OuterRef("patient"), indication=OuterRef("request__summary__indication"),
        filed_on__gt=OuterRef("valid_from"), filed_on__lte=day,
    )  # fmt: skip
    return asked.of_authorizations(standing.exclude(Exists(since)))


_WAYS: Mapping[str, Callable[[TermPlace], Q]] = {
    "age": lambda asked: _band(asked, AGE_GROUPS, "age_years", 1),
    "weight": lambda asked: _band(asked, WEIGHT_BANDS, "dosing_weight_kg", _GRAMS_A_KILOGRAM),
    "questions": lambda asked: asked.q(questions__gte=3) if asked.value == "3+" else asked.q(questions=asked.value),
    "warnings": lambda asked: (
        asked.q(warnings_acknowledged__gte=3) if asked.value == "3+" else asked.q(warnings_acknowledged=asked.value)
    ),
    "urgency": _urgency,
    "unmet": _unmet,
    "unused": _unused,
    "response_silent": lambda asked: asked.q(response_documented=False) | asked.q(response_documented__isnull=True),
    "known": lambda asked: asked.q(**{f"{asked.value}__isnull": False}),
    "decided_by": lambda asked: asked.q(decided_on__lte=asked.value),
    "product": lambda asked: asked.of_authorizations(
        due_courses.authorizations(asked.site).filter(product="" if asked.value in _EMPTY else asked.value)
    ),
    "course_grams": lambda asked: asked.of_authorizations(
        due_courses.authorizations(asked.site).filter(grams_per_course__isnull=asked.value == UNKNOWN)
    ),
    "due": _due,
    "given": _given,
    "closed": _closed,
    "overdue": _overdue,
}
