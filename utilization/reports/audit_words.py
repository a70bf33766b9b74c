"""What the auditor's list shows of a request, in words."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from utilization.models import RequestSummary

_HOUR = Decimal(3600)
_PARTS = (
    ("dose_total_g", "{} g a course"), ("course_days", "{} days"), ("interval_weeks", "every {} weeks"),
    ("courses", "courses: {}"), ("months", "months: {}"),
)  # fmt: skip


def order_words(order: Mapping[str, Any]) -> str:
    """An order as decided: what is known of it."""
    return ", ".join(says.format(order[name]) for name, says in _PARTS if order.get(name) is not None)


def hours_words(summary: RequestSummary) -> str:
    """The hours until the decision with each side, beside those given."""
    asked = f"{clock_words(summary.asked_seconds)} h with the prescriber"
    given = f"{summary.clock_hours} h given" if summary.clock_hours else "an unknown time given"
    if summary.clock_seconds is None:
        return f"{asked}; not decided; {given}"
    late = ", late" if summary.late else ""
    return f"{clock_words(summary.clock_seconds)} h with the reviewers of {given}{late}; {asked}"


def response_words(summary: RequestSummary) -> str:
    """What a renewal says of the response."""
    if summary.response_documented is None:
        return "no renewal"
    documented = "documented" if summary.response_documented else "not documented"
    measure = "with an objective measure" if summary.objective_measure else "without an objective measure"
    return f"{summary.response.replace('_', ' ') or 'not said'}; {documented}, {measure}"


def clock_words(seconds: int) -> str:
    """Seconds as hours to one decimal."""
    return f"{Decimal(seconds) / _HOUR:.1f}"
