"""The order of a submission as a value: what it asks for within the local limits, and what signed acts made of it."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from utilization import criteria
from utilization.models import Decision, Submission
from utilization.models.decisions import APPROVE, RECOMMENDATION
from utilization.rules.dosing.courses import (
    MOST_COURSES,
    WEEKS_IN_A_MONTH,
    courses_at_most,
    courses_within,
    months_at_most,
)
from utilization.rules.dosing.plan import ordered_g
from utilization.rules.facts.values import json_value

ORDER_PARTS = ("dose_total_g", "course_days", "interval_weeks", "months", "courses")
"""The parts of an order that a reviewer may change, by the names of `Order`."""


@dataclass(frozen=True, slots=True)
class Order:
    """What is given: grams a course, days of a course, weeks between courses, months, courses. None is not known.

    `weeks` counts instead of `months` where it is set: a single course is authorized for weeks.
    """

    dose_total_g: Decimal | None
    course_days: int | None
    interval_weeks: Decimal | None
    months: int
    courses: int
    weeks: int | None = None

    def as_json(self) -> dict[str, Any]:
        """The order as JSON, decimals as strings; `weeks` stands in it where it counts."""
        kept = {name: json_value(value) for name, value in asdict(self).items()}
        return {name: value for name, value in kept.items() if name != "weeks" or value is not None}

    @property
    def lasts_weeks(self) -> Decimal:
        """For how many weeks it is authorized."""
        return Decimal(self.weeks) if self.weeks is not None else self.months * WEEKS_IN_A_MONTH

    def is_that_of(self, kept: Mapping[str, Any]) -> bool:
        """Whether the order that a decision keeps as JSON is this one, however its numbers are written."""
        return all(_number(kept.get(name)) == _number(getattr(self, name)) for name in ORDER_PARTS)


def _number(value: Any) -> Decimal | None:
    return None if value is None else Decimal(str(value))


def asked_order(submission: Submission) -> Order:
    """The order as `submission` asks for it: months within the local limit, courses as many as fit into them.

    Grams are those ordered, or, for an order per kg, those to give after rounding.
    """
    facts: Mapping[str, Any] = criteria.facts_of(submission)
    dose = submission.judgement["dose"]
    grams = ordered_g(facts)
    if grams is None and dose and dose["rounded_g"] is not None:
        grams = Decimal(dose["rounded_g"])
    longest = months_at_most(submission.judgement, longest_months())
    months = min(facts.get("requested_authorization_months", longest), longest)
    interval = facts.get("interval_weeks")
    courses = courses_of(facts, interval, months, most_courses(submission.judgement))
    return Order(grams, facts.get("course_days"), interval, months, courses, weeks_of(courses))


def order_of(act: Decision) -> dict[str, Any]:
    """The order that a signed act was about: as it changed it, else as asked in its version."""
    return act.order or asked_order(act.submission).as_json()


def standing_order(now: Submission, acts: Iterable[Decision]) -> dict[str, Any]:
    """The order that stands, by the signed `acts` of a request, oldest first, and its newest submission `now`: the one
    approved, else the one recommended on this version, else the one that is asked for."""
    given = list(acts)
    approved = [act for act in given if act.kind != RECOMMENDATION and act.choice == APPROVE]
    advised = [act for act in given if act.kind == RECOMMENDATION and act.submission_id == now.pk and act.order]
    for act in (*reversed(approved), *reversed(advised)):
        return order_of(act)
    return asked_order(now).as_json()


def most_courses(judgement: Mapping[str, Any]) -> int:
    """Courses that the criteria allow at most, by the record of a judgement; as many as can be where they say none."""
    return courses_at_most(judgement, MOST_COURSES)


def longest_months() -> int:
    """Months that an authorization lasts at most: a local parameter."""
    return criteria.reference_tables().routing.authorization_months


def weeks_of(courses: int) -> int | None:
    """Weeks for which a single course is authorized, a local parameter; None for more courses, which take months."""
    return criteria.reference_tables().routing.single_course_weeks if courses == 1 else None


def courses_of(facts: Mapping[str, Any], interval: Decimal | None, months: int, most: int) -> int:
    """As many courses as fit into the months, `most` that the criteria allow."""
    return courses_within(facts.get("planned_duration"), interval, months, most)
