"""Whole months at a site, and the periods that a report covers."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

MONTHS_A_YEAR = 12
MOST_MONTHS = 60
"""Months that one report covers at most."""
_SPELT = re.compile(r"([0-9]{4})-([0-9]{2})", re.ASCII)
_NAMES = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
MONTH_NAMES = dict(enumerate(_NAMES, 1))
"""The months of the year by number."""


class UnreadablePeriod(Exception):
    """What was asked for is no period; the message says what to do."""


class Month(NamedTuple):
    """A calendar month; months compare by time."""

    year: int
    month: int

    def after(self, months: int) -> "Month":
        """The month that many `months` later, or earlier where it is below 0."""
        place = self.year * MONTHS_A_YEAR + self.month - 1 + months
        return Month(place // MONTHS_A_YEAR, place % MONTHS_A_YEAR + 1)

    @property
    def first_day(self) -> date:
        return date(self.year, self.month, 1)

    @property
    def last_day(self) -> date:
        return date(self.year, self.month, monthrange(self.year, self.month)[1])

    @property
    def code(self) -> str:
        """As `2026-03`, with which the ISO text of each of its days begins."""
        return f"{self.year:04}-{self.month:02}"

    @property
    def words(self) -> str:
        """As `Mar 2026`."""
        return f"{MONTH_NAMES[self.month][:3]} {self.year}"


@dataclass(frozen=True, slots=True)
class ReportPeriod:
    """Whole months from `first` to `last`, both included."""

    first: Month
    last: Month

    @property
    def months(self) -> tuple[Month, ...]:
        return tuple(self.first.after(place) for place in range(self.length))

    @property
    def length(self) -> int:
        years = self.last.year - self.first.year
        return years * MONTHS_A_YEAR + self.last.month - self.first.month + 1

    @property
    def before(self) -> "ReportPeriod":
        """The same months a year before; where they are more than a year, as many right before."""
        back = -max(self.length, MONTHS_A_YEAR)
        return ReportPeriod(self.first.after(back), self.last.after(back))

    @property
    def first_day(self) -> date:
        return self.first.first_day

    @property
    def last_day(self) -> date:
        return self.last.last_day

    @property
    def days(self) -> tuple[str, str]:
        """ISO text of the first and the last day."""
        return self.first_day.isoformat(), self.last_day.isoformat()


def month_of(day: date) -> Month:
    """The month of `day`."""
    return Month(day.year, day.month)


def read_month(text: str) -> Month:
    """The month spelt `2026-03`. Raises UnreadablePeriod."""
    spelt = _SPELT.fullmatch(text.strip())
    # A year has to have one before it, and a month after it.
    if not spelt or not 1 <= int(spelt[2]) <= MONTHS_A_YEAR or not 1900 <= int(spelt[1]) <= 9000:
        raise UnreadablePeriod("Give a month as year and month, such as 2026-03.")
    return Month(int(spelt[1]), int(spelt[2]))


def period_between(first: Month, last: Month) -> ReportPeriod:
    """The period from `first` to `last`. Raises UnreadablePeriod where it ends before it begins, or is too long."""
    if last < first:
        raise UnreadablePeriod("The period ends before it begins. Give a last month that is not before the first.")
    period = ReportPeriod(first, last)
    if period.length > MOST_MONTHS:
        raise UnreadablePeriod(f"A report covers at most {MOST_MONTHS} months. Choose a shorter period.")
    return period


def last_whole_year(today: date) -> ReportPeriod:
    """The last twelve whole months before `today`."""
    last = month_of(today).after(-1)
    return ReportPeriod(last.after(1 - MONTHS_A_YEAR), last)


def report_years(today: date, starts: int, years: int) -> tuple[ReportPeriod, ...]:
    """The last `years` whole report years before `today`, newest first; each begins with the month `starts` (1 to 12).

    No two of them share a month, so that no difference of two is a month of its own.
    """
    this_month = month_of(today)
    begun = Month(this_month.year - (this_month.month < starts), starts)
    firsts = [begun.after(-MONTHS_A_YEAR * place) for place in range(1, years + 1)]
    return tuple(ReportPeriod(first, first.after(MONTHS_A_YEAR - 1)) for first in firsts)
