"""Answers that count back from a moment, kept with that moment: "12 days since onset" means a day, and stays that day.

An answer is kept as `12 @2026-11-28T14:05+00:00`: the number as typed, and when it was true, in the site's own time.
Read on a later day it is so much more.
"""

import re
from datetime import date, datetime, timedelta
from decimal import ROUND_FLOOR, Decimal

from utilization.rules.facts.ages import whole_months
from utilization.rules.facts.catalogue import Fact, Kind
from utilization.rules.facts.units import Quantity, as_decimal, before, canonical_unit, convert
from utilization.rules.facts.values import plain, read_number

_KEPT = re.compile(r"(.*\S) @(\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?[+-]\d\d:\d\d)", re.ASCII | re.DOTALL)
_BY_CALENDAR = ("months", "years")
_MEAN_MONTH_DAYS = as_decimal(convert(Quantity(Decimal(1), "months"), "days"))
_PLACES = 2


def keep(typed: str, at: datetime) -> str:
    """`typed` with the moment `at` (aware, in the site's time) at which it was true."""
    return f"{typed} @{at.isoformat(timespec='minutes')}"


def apart(raw: str) -> tuple[str, datetime | None]:
    """What was typed and when it was true; None where the answer was kept without its moment."""
    match = _KEPT.fullmatch(raw)
    try:
        return (match[1], datetime.fromisoformat(match[2])) if match else (raw, None)
    except ValueError:
        return raw, None


def as_of_now(fact: Fact, raw: str, as_of: date, now: datetime | None = None) -> str:
    """What the answer `raw` comes to on `as_of`, at the moment `now` where hours count; text as it would be typed.

    What is no number stays as it was typed, for the reader to refuse.
    """
    typed, at = apart(raw)
    number = read_number(typed.strip(), whole=False)
    if at is None or number is None:
        return typed
    return plain(_whole(fact, number + _passed(canonical_unit(fact.unit), at, as_of, now)))


def _whole(fact: Fact, number: Decimal) -> Decimal:
    return number.to_integral_value(ROUND_FLOOR) if fact.kind is Kind.INT and number > 0 else round(number, _PLACES)


def _passed(unit: str, at: datetime, as_of: date, now: datetime | None) -> Decimal:
    """How much has passed since `at`, in `unit`: days and longer by the calendar's days, hours by the clock."""
    days = (as_of - at.date()).days
    if unit in _BY_CALENDAR:
        first, last = sorted((at.date(), as_of))
        months, rest = whole_months(first, last)
        passed = months + Decimal(rest) / _MEAN_MONTH_DAYS
        return (passed if days >= 0 else -passed) / (12 if unit == "years" else 1)
    if unit in ("hours", "minutes") and now is not None:
        minutes = Decimal(int((now - at).total_seconds() // 60))
        return (minutes / (60 if unit == "hours" else 1)).to_integral_value(ROUND_FLOOR)
    return as_decimal(convert(Quantity(Decimal(days), "days"), unit))


def meant(fact: Fact, raw: str) -> date | datetime | None:
    """The day that the answer means, or the hour where it counts hours; None where it says none."""
    typed, at = apart(raw)
    number = read_number(typed.strip(), whole=False)
    if at is None or number is None or not 0 <= number < 100_000:
        return None
    unit = canonical_unit(fact.unit)
    if unit in ("hours", "minutes"):
        return at - timedelta(minutes=int(number * (60 if unit == "hours" else 1)))
    if unit in _BY_CALENDAR:
        months = number * (12 if unit == "years" else 1)
        day = before(at.date(), Quantity(Decimal(int(months)), "months"))
        return before(day, Quantity(Decimal(int((months - int(months)) * _MEAN_MONTH_DAYS)), "days"))
    days = as_decimal(convert(Quantity(number, unit), "days"))
    return before(at.date(), Quantity(Decimal(int(days)), "days"))
