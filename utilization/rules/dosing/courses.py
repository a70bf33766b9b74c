"""How many courses an order comes to within the months for which it may be authorized, and on which day each is."""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import ROUND_FLOOR, Decimal
from typing import Any

WEEKS_IN_A_MONTH = Decimal("4.345")
MOST_COURSES = 60


def months_at_most(judgement: Mapping[str, Any], longest: int) -> int:
    """Whole months that the criteria allow at most by the record of a judgement, one at least; `longest`, the local
    limit, where no cap of theirs applies."""
    capped = (judgement.get("authorization") or {}).get("months")
    return min(longest, max(1, int(Decimal(capped)))) if capped else longest


def courses_at_most(judgement: Mapping[str, Any], most: int = MOST_COURSES) -> int:
    """Courses that the criteria allow at most, by the record of a judgement; `most` where they say none."""
    return (judgement.get("authorization") or {}).get("courses") or most


def courses_within(planned_duration: str | None, interval: Decimal | None, months: int, most: int) -> int:
    """As many courses, `interval` weeks apart, as fit into the months, `most` that the criteria allow."""
    if planned_duration == "single_course" or interval is None:
        return 1
    return min(most, max(1, int((months * WEEKS_IN_A_MONTH / interval).to_integral_value(ROUND_FLOOR))))


def day_of_course(first: date, interval: Decimal | None, course: int) -> date:
    """The day of a course, counted from 0, where the first is on `first` and they are `interval` weeks apart: the
    nearest day, of two the even one; `first` where there is no interval."""
    return first + timedelta(days=round(course * 7 * (interval or 0)))


def days_due(start: date, end: date, courses: int, interval_weeks: Decimal | None) -> tuple[date, ...]:
    """The days on which the courses of an authorization are due from `start` to `end`, its last day.

    Where the interval is not known, the first alone has a day.
    """
    count = courses if interval_weeks else 1
    days = (day_of_course(start, interval_weeks, place) for place in range(count))
    return tuple(day for day in days if day <= end)
