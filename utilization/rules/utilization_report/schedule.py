"""Which courses of an authorization are due when: grams scheduled, which are not grams given."""

from collections.abc import Mapping
from datetime import date
from functools import lru_cache

from utilization.rules.utilization_report.bitmaps import BitmapTable
from utilization.rules.utilization_report.months import ReportPeriod

TENTHS_A_WEEK = 10
DAYS_A_WEEK = 7
Terms = tuple[str, str, str, int, int | None]
"""First and last valid day, day of voiding, courses, and tenths of weeks between them."""
DueByTerms = Mapping[Terms, Mapping[str, int]]
"""Courses by month (`2026-03`), for each terms."""
_TERMS = ("valid_from", "valid_to", "voided_on", "courses", "interval_tenths")


@lru_cache(maxsize=8192)
def ordinal(day: str) -> int:
    """The number of the day whose ISO text is `day`."""
    return date.fromisoformat(day).toordinal()


def due_by_terms(table: BitmapTable, period: ReportPeriod) -> DueByTerms:
    """For all terms that an authorization has, the courses due in `period`."""
    if "terms" not in table.columns:
        table.columns["terms"] = list(zip(*(table.columns[name] for name in _TERMS), strict=True))
    first, last = period.first_day.toordinal(), period.last_day.toordinal()
    months = [month.code for month in period.months for _ in range(month.last_day.day)]
    return {terms: _due(terms, first, last, months) for terms in set(table.columns["terms"])}


def part_of(due: DueByTerms, period: ReportPeriod) -> DueByTerms:
    """What of `due` is due in `period`, which lies within theirs."""
    months = {month.code for month in period.months}
    return {
        terms: {month: count for month, count in courses.items() if month in months} for terms, courses in due.items()
    }


def keep_due(table: BitmapTable, due: DueByTerms, name: str) -> None:
    """Add to `table` the milligrams that are `due` of each authorization, where known, as the column `name`, and beside
    it, under that name and ", courses", how many are due."""
    courses = {terms: sum(months.values()) for terms, months in due.items()}
    counts = [courses[terms] for terms in table.columns["terms"]]
    table.columns[f"{name}, courses"] = counts
    table.columns[name] = [
        None if mg is None else mg * count for mg, count in zip(table.columns["course_mg"], counts, strict=True)
    ]


def _due(terms: Terms, first: int, last: int, months: list[str]) -> dict[str, int]:
    """Courses due from day `first` to day `last`, by month: course n on `valid_from` + n intervals.

    None is due after the last valid day, nor from the day on which the authorization was voided. Where several courses
    have no known interval, the first alone has a day.
    """
    valid_from, valid_to, voided_on, count, tenths = terms
    start, end = ordinal(valid_from), min(last, ordinal(valid_to))
    if voided_on:
        end = min(end, ordinal(voided_on) - 1)
    courses: dict[str, int] = {}
    for place in range(count if tenths else 1):
        day = start + place * (tenths or 0) * DAYS_A_WEEK // TENTHS_A_WEEK
        if day > end:
            break
        if day >= first:
            month = months[day - first]
            courses[month] = courses.get(month, 0) + 1
    return courses
