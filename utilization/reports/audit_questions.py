"""The ten questions that audits ask of a list, each as the filters that answer it, and what a filter is counted of."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q

from utilization.models.decisions import APPROVE
from utilization.rules.request_summary import OBESE_BMI, RENEWAL

MONTHS = 12
"""Months that a question looks back, the present one included."""


@dataclass(frozen=True, slots=True)
class AuditQuestion:
    """A question: its code, its words on a chip, and the filters that answer it, beside the dates. `dated` names the
    day that its dates are of: filed, decided, or none."""

    code: str
    words: str
    filters: Mapping[str, str]
    dated: str = "decided"

    def query(self, today: date) -> dict[str, str]:
        """The filters of the question as an address spells them, over the last `MONTHS` months."""
        names = {"decided": ("decided_since", "decided_until"), "filed": ("since", "until")}.get(self.dated)
        dates = zip(names, (period_start(today).isoformat(), today.isoformat()), strict=True) if names else ()
        return {**dict(dates), **self.filters}


@dataclass(frozen=True, slots=True)
class Counted:
    """What a filter is counted of: `among`, a noun for the whole, `of`, what holds of it, and `says`, what holds of
    those that are counted, as the end of a sentence; `meaning` in whole sentences."""

    among: str
    of: Q
    says: str
    meaning: str


QUESTIONS = (
    AuditQuestion("off-criteria", "Off-criteria approvals", {"mark": "off_criteria"}),
    AuditQuestion("ceiling", "Above the ceiling", {"mark": "over_ceiling_asked"}, "filed"),
    AuditQuestion("response", "Renewal without response", {"mark": "response_missing"}, "filed"),
    AuditQuestion("overdue", "Review overdue", {"overdue": "yes"}, ""),
    AuditQuestion("weight", "Actual weight in obesity", {"mark": "actual_weight_in_obesity"}, "filed"),
    AuditQuestion("late", "Late", {"mark": "late"}),
    AuditQuestion("emergency", "Emergency not reviewed after", {"reviewed_after": "no"}, "filed"),
    AuditQuestion("criterion", "Most overridden criterion", {"mark": "off_criteria", "ask": "criteria"}),
    AuditQuestion("largest", "20 largest users", {"top": "yes"}),
    AuditQuestion("given", "Given as authorized", {"ask": "given"}, ""),
)

_OF_MARKS: Mapping[str, Counted] = {
    "off_criteria": Counted(
        "approvals", Q(choice=APPROVE), "did not meet criteria",
        "An approval did not meet criteria where the outcome of what was decided, a changed order included, is another "
        "than “meets”.",
    ),
    "overridden": Counted(
        "decisions with a recommendation", Q(overridden__isnull=False), "went against the recommendation",
        "A decision goes against a recommendation by another choice, another order, or a condition left out.",
    ),
    "late": Counted(
        "decisions", Q(late__isnull=False), "were late",
        "A decision was late where it was signed after the time by which it was due. The clock is stopped while the "
        "prescriber is asked.",
    ),
    "over_ceiling_allowed": Counted(
        "approvals with a ceiling and a dose", Q(over_ceiling_allowed__isnull=False), "allow more than the ceiling",
        "The ceiling is that of the criteria that judged, a course, by the dosing weight.",
    ),
    "over_ceiling_asked": Counted(
        "requests with a ceiling and a dose", Q(over_ceiling_asked__isnull=False), "asked for more than the ceiling",
        "The ceiling is that of the criteria that judged, a course, by the dosing weight.",
    ),
    "response_missing": Counted(
        "renewals", Q(kind=RENEWAL), "lack a documented response or an objective measure",
        "Counted are requests that say that they are renewals.",
    ),
    "actual_weight_in_obesity": Counted(
        f"adults with a body mass index of {OBESE_BMI} or more",
        Q(actual_weight_in_obesity__isnull=False, bmi__gte=OBESE_BMI), "were dosed by actual weight",
        "Adults whose height, weight and dosing weight are known. Each request is counted, not each patient.",
    ),
    "emergency": Counted("requests", Q(), "were emergencies", "As the prescriber declared them when filing."),
}  # fmt: skip
_ALL = Counted("requests", Q(), "fit the filters", "Every request that was filed at this site is one.")


def period_start(today: date) -> date:
    """The first day of the last `MONTHS` months."""
    months = today.year * 12 + today.month - MONTHS
    return date(months // 12, months % 12 + 1, 1)


def counted(wanted: Mapping[str, Any]) -> Counted:
    """What requests that fit `wanted` are counted of."""
    if mark := wanted.get("mark"):
        return _OF_MARKS[mark]
    if wanted.get("reviewed_after"):
        says = "were not decided on yet" if wanted["reviewed_after"] == "no" else "were decided on afterwards"
        return Counted("emergencies", Q(emergency=True), says, "As the prescriber declared them when filing.")
    if wanted.get("overdue"):
        meaning = (
            "An authorization that stands today, whose review was due before today, and after which nothing was asked "
            "for the same patient and indication. One that has ended is authorized no longer."
        )
        return Counted("approvals", Q(choice=APPROVE), "have a review overdue", meaning)
    if wanted.get("top"):
        meaning = (
            "Patients with most grams allowed, all courses, by what was decided in these days (else in the last 365) "
            "and not withdrawn. Grams given are recorded for some authorizations alone, so nobody is ranked by them."
        )
        return Counted("approvals", Q(choice=APPROVE), "are of the 20 largest users", meaning)
    if wanted.get("decision") == "approved" and not wanted.get("outcome_decided"):
        return Counted("decisions", Q(decided_at__isnull=False), "are approvals that stand", _ALL.meaning)
    return _ALL


def population(wanted: Mapping[str, Any]) -> dict[str, Any]:
    """The filters of `wanted` that say what is looked at, without those that say what is looked for."""
    looked_for = {
        "mark",
        "reviewed_after",
        "overdue",
        "top",
        "unmet",
        "words",
        "outcome",
        "outcome_decided",
        "reviewer",
        "also",
    }
    marked = wanted.get("mark") or wanted.get("top") or wanted.get("overdue")
    looked_for |= set() if marked else {"decision"}
    return {name: value for name, value in wanted.items() if name not in looked_for}
