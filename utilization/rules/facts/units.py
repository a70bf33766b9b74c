"""Units and their exact conversion: a value without its unit is refused, and an unknown unit is never guessed.

A unit belongs to one dimension and stands in a fixed ratio to its base. Months and years are the mean ones of UCUM
(30.4375 and 365.25 days) where a duration is converted; windows of time back from a date go by the calendar.
"""

import re
from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from difflib import get_close_matches
from fractions import Fraction
from types import MappingProxyType

Exact = Decimal | Fraction
"""An exact number: a decimal, or a fraction where no decimal is exact (5 mL/kg/h in mL/kg/min)."""

_DIMENSIONS: Mapping[str, Mapping[str, str]] = {
    "mass concentration": {"g/L": "1", "mg/dL": "1/100", "g/dL": "10", "mg/L": "1/1000", "mg/mL": "1", "g/mL": "1000",
                           "ug/mL": "1/1000", "%": "10"},
    "count concentration": {"10^9/L": "1", "10^6/L": "1/1000", "/mm3": "1/1000", "/uL": "1/1000", "10^3/uL": "1"},
    "mass": {"g": "1", "kg": "1000", "mg": "1/1000", "lb": "453.59237"},
    "length": {"cm": "1", "m": "100", "mm": "1/10", "in": "2.54", "ft": "30.48"},
    "dose per weight": {"g/kg": "1", "mg/kg": "1/1000"},
    "dose per day": {"g/day": "1", "mg/day": "1/1000"},
    "dose per weight per day": {"g/kg/day": "1", "mg/kg/day": "1/1000"},
    "volume rate": {"mL/kg/min": "1", "mL/kg/h": "1/60"},
    "mass rate": {"mg/kg/min": "1", "mg/kg/h": "1/60", "g/kg/h": "1000/60"},
    "time": {"days": "1", "minutes": "1/1440", "hours": "1/24", "weeks": "7", "months": "30.4375", "years": "365.25"},
}  # fmt: skip
UNITS: Mapping[str, tuple[str, ...]] = MappingProxyType({what: tuple(units) for what, units in _DIMENSIONS.items()})
"""What units measure, and the units that convert into each other."""
_OTHER_SPELLINGS = {
    "day": "days", "d": "days", "minute": "minutes", "min": "minutes", "hour": "hours", "h": "hours", "hr": "hours",
    "week": "weeks", "wk": "weeks", "month": "months", "mo": "months", "months ago": "months", "year": "years",
    "yr": "years", "y": "years", "lbs": "lb", "pound": "lb", "pounds": "lb", "gram": "g", "grams": "g",
    "kilograms": "kg",
    "inch": "in", "inches": "in", "10*9/l": "10^9/L", "x10^9/l": "10^9/L", "10*6/l": "10^6/L", "x10^6/l": "10^6/L",
    "/mm^3": "/mm3", "/µl": "/uL", "/μl": "/uL", "10^3/µl": "10^3/uL", "µg/ml": "ug/mL", "μg/ml": "ug/mL",
    "mcg/ml": "ug/mL", "percent": "%", "ml/kg/hr": "mL/kg/h", "ml/kg/hour": "mL/kg/h", "mg/kg/hr": "mg/kg/h",
    "g/d": "g/day", "mg/d": "mg/day", "g/kg/d": "g/kg/day", "mg/kg/d": "mg/kg/day",
}  # fmt: skip
_FACTORS: Mapping[str, tuple[str, Fraction]] = MappingProxyType(
    {unit: (dimension, Fraction(ratio) if "/" in ratio else Fraction(Decimal(ratio)))
     for dimension, units in _DIMENSIONS.items() for unit, ratio in units.items()}
)  # fmt: skip
_SPELT = {**{unit.casefold(): unit for unit in _FACTORS}, **_OTHER_SPELLINGS}
_QUANTITY = re.compile(r"([+-]?[0-9]+(?:\.[0-9]+)?)\s*(\S.*)?", re.ASCII)
DAYS = "days"


_COMMA = re.compile(r"([+-]?[0-9]+)\s*,\s*([0-9]+)(.*)", re.ASCII | re.DOTALL)


class UnitError(ValueError):
    """A unit that is not known, or that measures something else; the message says what was expected."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with its unit as written; `unit` is empty for a bare number."""

    value: Decimal
    unit: str = ""

    def __str__(self) -> str:
        return f"{self.value:f} {self.unit}".strip()


def canonical_unit(text: str) -> str:
    """The one spelling of a unit: `lbs` is `lb`, `year` is `years`; what is not known stays as it is."""
    folded = " ".join(text.split()).casefold()
    return _SPELT.get(folded, " ".join(text.split()))


def read_quantity(text: str) -> Quantity | None:
    """The quantity in `18 years` or `2 g/kg`; None when `text` does not begin with a number."""
    match = _QUANTITY.fullmatch(text.strip())
    if match is None:
        return None
    return Quantity(Decimal(match[1]), canonical_unit(match[2] or ""))


def with_point(text: str) -> str:
    """`0.4 g/kg` for `0,4 g/kg`; empty for what holds no decimal comma."""
    match = _COMMA.fullmatch(text.strip())
    return f"{match[1]}.{match[2]}{match[3]}" if match else ""


def convert(quantity: Quantity, unit: str) -> Exact:
    """`quantity` in `unit`, exact. Raises UnitError for an unknown unit, or one that measures something else."""
    wanted = canonical_unit(unit)
    if quantity.unit == wanted:
        return quantity.value
    if wanted not in _FACTORS:
        raise UnitError(f"expected the unit {unit}, got {quantity.unit or 'no unit'}")
    if quantity.unit not in _FACTORS or _FACTORS[quantity.unit][0] != _FACTORS[wanted][0]:
        alike = ", ".join(units_like(wanted))
        near = get_close_matches(quantity.unit, units_like(wanted), n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise UnitError(f"expected one of the units {alike}, got {quantity.unit or 'no unit'}{hint}")
    return exact(Fraction(quantity.value) * _FACTORS[quantity.unit][1] / _FACTORS[wanted][1])


def exact(value: Fraction) -> Exact:
    """`value` as a decimal where one is exact, else as it is."""
    rest = value.denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    return Decimal(value.numerator) / Decimal(value.denominator) if rest == 1 else value


def as_decimal(value: Exact) -> Decimal:
    """`value` as a decimal, rounded to 28 digits where none is exact."""
    return value if isinstance(value, Decimal) else Decimal(value.numerator) / Decimal(value.denominator)


def ratio(one: Exact, other: Exact) -> Exact:
    """`one` divided by `other`, exact."""
    return exact(Fraction(one) / Fraction(other))


def units_like(unit: str) -> tuple[str, ...]:
    """Every unit that measures what `unit` measures, itself among them."""
    known = _FACTORS.get(canonical_unit(unit))
    return tuple(_DIMENSIONS[known[0]]) if known else (unit,)


_ONE = {"days": "day", "weeks": "week", "months": "month", "years": "year", "hours": "hour", "minutes": "minute"}


def unit_for(value: object, unit: str) -> str:
    """The unit as it stands behind `value` in words: "day" behind 1, "days" behind every other number."""
    first, space, rest = unit.partition(" ")
    try:
        one = Decimal(str(value)) == 1
    except ArithmeticError:
        one = False
    return f"{_ONE.get(first, first)}{space}{rest}" if one else unit


def months_in_words(months: Decimal) -> str:
    """So many months as people say them: "3 months", "1.5 months"; "2 weeks" or "10 days" where they are whole ones.

    What is written as 14 days is kept as 0.4599… months: `months_in_words(Decimal("0.4599589"))` is "2 weeks".
    """
    if months == months.to_integral_value():
        return f"{int(months)} {unit_for(months, 'months')}"
    days = months * Decimal(_DIMENSIONS["time"]["months"])
    whole = days.to_integral_value()
    if abs(days - whole) > Decimal("0.001"):
        return f"{months.normalize():f} months"
    count, unit = (whole / 7, "weeks") if whole % 7 == 0 else (whole, "days")
    return f"{int(count)} {unit_for(count, unit)}"


def known_unit(unit: str) -> bool:
    """Whether the unit stands in the table."""
    return canonical_unit(unit) in _FACTORS


def days_of(quantity: Quantity) -> Exact:
    """A duration in days. Raises UnitError."""
    return convert(quantity, DAYS)


def before(day: date, span: Quantity) -> date:
    """The day that lies `span` before `day`: days and weeks counted, months and years by the calendar.

    The last day of a shorter month stands for one that it lacks: one month before 31 March is 28 or 29 February.
    Raises UnitError when `span` is no whole number of days, weeks, months or years; dates before year 1 become year 1.
    """
    if span.unit not in ("days", "weeks", "months", "years") or span.value != span.value.to_integral_value():
        raise UnitError(f"expected a whole number of days, weeks, months or years, got {span}")
    whole = int(span.value)
    if span.unit in ("days", "weeks"):
        whole *= 7 if span.unit == "weeks" else 1
        return day - timedelta(days=whole) if whole < day.toordinal() else date.min
    months = whole * (12 if span.unit == "years" else 1)
    return date.min if months > (day.year - 1) * 12 + day.month - 1 else months_later(day, -months)


def months_later(day: date, months: int) -> date:
    """The same day `months` later, earlier where negative; the last day of that month where it has no such day.

    Six months after 31 August are 28 or 29 February. Raises ValueError beyond the years 1 to 9999.
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def last_day_of(first: date, months: int) -> date:
    """The last day of `months` that begin with the day `first`: the one before the same day comes round.

    Where the last month has no such day, it is the last day of that month: six months from 28 August end on
    27 February, and from 29, 30 or 31 August on the last of February.
    """
    end = months_later(first, months)
    return end if end.day < first.day else end - timedelta(days=1)
