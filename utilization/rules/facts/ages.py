"""Ages to the day: the facts that a birth date gives, and the words in which people read an age.

One age is known under three names, because no single number compares rightly with days and with calendar months:
`age_years` (completed years; under two years with the part of the year), `age_months` (calendar months with the part
of the month) and `age_days`. A limit in days or weeks is held against `age_days`, one in months against `age_months`,
one in years against `age_years`.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

from utilization.rules.facts.values import plain

YEARS, MONTHS, DAYS = "age_years", "age_months", "age_days"
AGES = (YEARS, MONTHS, DAYS)
BY_UNIT: Mapping[str, str] = {"days": DAYS, "weeks": DAYS, "hours": DAYS, "minutes": DAYS, "months": MONTHS}
"""The name that a limit in a unit is held against; in years it is `age_years`."""

_A_YEAR: Mapping[str, Decimal] = {YEARS: Decimal(1), MONTHS: Decimal(12), DAYS: Decimal("365.25")}
_TO_THE_DAY_BELOW_YEARS = 18
_IN_PARTS_BELOW_YEARS = 2
_LONGEST_MONTH = 31
_PLACES, _DIGITS = 4, 12
_IN_WEEKS_FROM_DAYS, _IN_MONTHS_FROM_MONTHS = 56, 6


def ages(born: date, as_of: date) -> dict[str, Decimal]:
    """The facts about the age on `as_of`, by name; months and days for a child alone, where limits are in them."""
    months, rest = whole_months(born, as_of)
    if months >= _TO_THE_DAY_BELOW_YEARS * 12:
        return {YEARS: Decimal(months // 12)}
    # A whole month is exact, and a day more or less, at least 0.0026 of a year, lies on its side of it.
    in_months = months + Decimal(rest) / _LONGEST_MONTH
    years = Decimal(months // 12) if months >= _IN_PARTS_BELOW_YEARS * 12 else in_months / 12
    return {YEARS: _short(years), MONTHS: _short(in_months), DAYS: Decimal((as_of - born).days)}


def _short(number: Decimal) -> Decimal:
    return Decimal(plain(round(number, _PLACES)))


def whole_months(start: date, end: date) -> tuple[int, int]:
    """(completed calendar months, days beyond them) from `start` to a later `end`.

    A month is completed on the same day of a later month and, where that lacks the day, on the first of the next:
    born on 29 February, one year is completed on 1 March.
    """
    months = (end.year - start.year) * 12 + end.month - start.month - (end.day < start.day)
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    try:
        completed = date(year, month + 1, start.day)
    except ValueError:
        completed = date(year, month + 2, 1)
    return months, (end - completed).days


def named_alike(facts: Mapping[str, Any]) -> dict[str, Decimal]:
    """What an age stated under one name says under the others, by mean lengths (a year of 365.25 days)."""
    stated = next((name for name in AGES if facts.get(name) is not None), None)
    if stated is None:
        return {}
    alike = _alike(stated, Decimal(facts[stated]))
    return {name: age for name, age in alike if facts.get(name) is None}


@lru_cache(maxsize=1024)
def _alike(stated: str, age: Decimal) -> tuple[tuple[str, Decimal], ...]:
    years = age / _A_YEAR[stated]
    return tuple((name, Decimal(plain(round(years * a_year, _DIGITS)))) for name, a_year in _A_YEAR.items())


def age_words(born: date, as_of: date) -> str:
    """The age as people say it: days under 8 weeks, weeks under 6 months, months under 2 years, then years."""
    return _said((as_of - born).days, whole_months(born, as_of)[0])


def words_of(facts: Mapping[str, Any]) -> str:
    """The age that `facts` state, as `age_words` says it where the days are among them."""
    if DAYS in facts and MONTHS in facts:
        return _said(int(Decimal(str(facts[DAYS]))), int(Decimal(str(facts[MONTHS]))))
    return fact_words(YEARS, facts[YEARS])


def fact_words(name: str, value: Any) -> str:
    """One fact about the age in words with its unit: "29 days", "3 months and 1 day", "57 years"."""
    number = Decimal(str(value))
    if name == DAYS:
        return _many(int(number), "day")
    if name == YEARS and number >= _IN_PARTS_BELOW_YEARS:
        return _many(int(number), "year")
    months = number if name == MONTHS else number * 12
    whole, rest = divmod(round(months * _LONGEST_MONTH), _LONGEST_MONTH)
    told = [*([_many(whole, "month")] if whole else []), *([_many(rest, "day")] if rest or not whole else [])]
    return " and ".join(told)


def _said(days: int, months: int) -> str:
    if months >= _IN_PARTS_BELOW_YEARS * 12:
        return _many(months // 12, "year")
    if months >= _IN_MONTHS_FROM_MONTHS:
        return _many(months, "month")
    return _many(days, "day") if days < _IN_WEEKS_FROM_DAYS else _many(days // 7, "week")


def _many(count: int, word: str) -> str:
    return f"{count} {word}" if count == 1 else f"{count} {word}s"
