"""Which courses of an authorization are due when: grams scheduled, which are not grams given."""

from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from utilization.rules.utilization_report.months import ReportPeriod
from utilization.rules.utilization_report.rows import AuthorizationRow

TENTHS_A_WEEK = 10
DAYS_A_WEEK = 7


class Scheduled(NamedTuple):
    """What an authorization has due in a period: courses by month (`2026-03`), and their milligrams where known."""

    authorization: AuthorizationRow
    courses: dict[str, int]
    mg: int | None
    total: int

    @property
    def patient(self) -> int:
        return self.authorization.patient


@lru_cache(maxsize=8192)
def ordinal(day: str) -> int:
    """The number of the day whose ISO text is `day`."""
    return date.fromisoformat(day).toordinal()


def scheduled(authorizations: Iterable[AuthorizationRow], period: ReportPeriod) -> list[Scheduled]:
    """The authorizations that have a course due in `period`, each with its courses there."""
    first, last = period.first_day.toordinal(), period.last_day.toordinal()
    months = [month.code for month in period.months for _ in range(month.last_day.day)]
    rows = []
    start, end = period.days
    for authorization in authorizations:
        if authorization.valid_from > end or authorization.valid_to < start:
            continue
        if courses := _due(authorization, first, last, months):
            rows.append(_scheduled(authorization, courses))
    return rows


def part_of(rows: Iterable[Scheduled], period: ReportPeriod) -> list[Scheduled]:
    """What of `rows` is due in `period`, which lies within theirs."""
    months = {month.code for month in period.months}
    return [
        _scheduled(row.authorization, courses)
        for row in rows
        if (courses := {month: count for month, count in row.courses.items() if month in months})
    ]


def _scheduled(authorization: AuthorizationRow, courses: dict[str, int]) -> Scheduled:
    mg, total = authorization.course_mg, sum(courses.values())
    return Scheduled(authorization, courses, None if mg is None else mg * total, total)


def _due(authorization: AuthorizationRow, first: int, last: int, months: list[str]) -> dict[str, int]:
    """Courses due from day `first` to day `last`, by month: course n on `valid_from` + n intervals.

    None is due after the last valid day, nor from the day on which the authorization was voided. Where several courses
    have no known interval, the first alone has a day.
    """
    start, end = ordinal(authorization.valid_from), min(last, ordinal(authorization.valid_to))
    if authorization.voided_on:
        end = min(end, ordinal(authorization.voided_on) - 1)
    tenths = authorization.interval_tenths
    count = authorization.courses if tenths else 1
    courses: dict[str, int] = {}
    for place in range(count):
        day = start + place * (tenths or 0) * DAYS_A_WEEK // TENTHS_A_WEEK
        if day > end:
            break
        if day >= first:
            month = months[day - first]
            courses[month] = courses.get(month, 0) + 1
    return courses
