"""The order keeps a limit or reaches one: `dose: {at_most: 2 g/kg, per: course}`, or a rate."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import ClassVar

from utilization.rules.facts.catalogue import AMOUNTS
from utilization.rules.facts.units import (
    Exact,
    Quantity,
    UnitError,
    as_decimal,
    canonical_unit,
    convert,
    days_of,
    exact,
    ratio,
)
from utilization.rules.facts.values import plain
from utilization.rules.language.node import Catalogue, Condition, Facts, OfOneFact, Truth
from utilization.rules.language.quantities import read_node_quantity, read_percent
from utilization.rules.language.reader import ConditionReader, Word
from utilization.rules.language.schema_parts import QUANTITY, TEXT, obj
from utilization.rules.language.words import Words, bounds_in_words
from utilization.rules.yaml_lines import Node

_RATES = ("mL/kg/min", "mL/kg/h", "mg/kg/min", "mg/kg/h", "g/kg/h")
_DOSES = ("g/kg", "mg/kg", "g", "mg")
_WEEK_DAYS = Decimal(7)
_NAMES = {
    "course_g_per_kg": "Dose of a course",
    "day_g_per_kg": "Dose of a day",
    "week_g_per_kg": "Dose of a week",
    "course_g": "Grams of a course",
    "day_g": "Grams of a day",
    "week_g": "Grams of a week",
    "rate_ml_per_kg_min": "Infusion rate",
    "rate_mg_per_kg_min": "Infusion rate",
}


@dataclass(frozen=True, slots=True)
class DoseWithin(OfOneFact):
    """The order stays within `high` and reaches `low`, in the unit of `fact`: an amount that the dose rule derives.

    The amount knows how it was ordered, so that rounding never trips a limit; `tolerance` is a fraction of the limit.
    """

    is_range: ClassVar[bool] = True
    fact: str
    low: Exact | None = None
    high: Exact | None = None
    tolerance: Decimal = Decimal(0)
    # The interval as it was written, for the limit's words: an amount of a week stands for every interval.
    per: Quantity | None = field(default=None, compare=False)

    def truth(self, facts: Facts) -> Truth:
        value = facts.get(self.fact)
        if value is None:
            return None
        enough = True if self.low is None else value.reaches(self.low, self.tolerance)
        if enough is False or self.high is None:
            return enough
        within = value.stays_within(self.high, self.tolerance)
        return None if enough is None and within is True else within

    def said(self, catalogue: Catalogue) -> Words:
        name, bounds = _NAMES.get(self.fact, self.fact), (self.low, self.high)
        if self.per is not None:
            # A limit is held as one of a week; people read the interval in which it was written.
            name = f"{name.removesuffix(' of a week')} per {self.per}"
            week = ratio(_WEEK_DAYS, days_of(self.per))
            low, high = (None if bound is None else ratio(bound, week) for bound in bounds)
            bounds = (low, high)
        said = f"{name}: {bounds_in_words(('at least', 'at most'), bounds, AMOUNTS.get(self.fact, ''))}"
        return Words(f"{said}, with a tolerance of {plain(self.tolerance * 100)} %" if self.tolerance else said)

    def marks(self, as_of: date) -> Iterator[Exact]:
        if self.low is not None:
            yield exact(Fraction(self.low) * Fraction(1 - self.tolerance))
        if self.high is not None:
            yield exact(Fraction(self.high) * Fraction(1 + self.tolerance))

    def limits(self, truth: Truth) -> Iterator[tuple[Decimal, str]]:
        """(limit, sign) of each bound that the amount keeps when the test turns out as `truth`.

        None where it is out of one of two bounds: it may then be on either side.
        """
        if self.low is not None and self.high is not None and not truth:
            return
        if self.high is not None:
            yield as_decimal(self.high) * (1 + self.tolerance), "<=" if truth else ">"
        if self.low is not None:
            yield as_decimal(self.low) * (1 - self.tolerance), ">=" if truth else "<"


def read(reader: ConditionReader, node: Node) -> Condition:
    """The order keeps `at_most` and reaches `at_least`, per course, day or interval, or as a rate."""
    keys = node.mapping((), ("at_least", "at_most", "per", "tolerance"))
    bounds = {key: read_node_quantity(keys[key]) for key in ("at_least", "at_most") if key in keys}
    if not bounds:
        node.fail("expected at_most or at_least, with a unit such as 2 g/kg")
    unit = canonical_unit(next(iter(bounds.values())).unit)
    name, times = _amount(node, unit, keys.get("per"))
    per = read_node_quantity(keys["per"]) if times != 1 else None
    found = {key: _as_limit(keys[key], quantity, name, times) for key, quantity in bounds.items()}
    low, high = found.get("at_least"), found.get("at_most")
    if low is not None and high is not None and low > high:
        node.fail(f"at_least {bounds['at_least']} is above at_most {bounds['at_most']}")
    tolerance = read_percent(keys["tolerance"]) if "tolerance" in keys else reader.tolerance
    return DoseWithin(name, low, high, tolerance, per)


def _amount(node: Node, unit: str, per: Node | None) -> tuple[str, Exact]:
    """The name of the amount that a limit in `unit` is about, and the weeks by which it is divided."""
    if unit in _RATES:
        if per is not None:
            per.fail("a rate says its time by its unit: leave out per")
        return ("rate_ml_per_kg_min" if unit.startswith("mL") else "rate_mg_per_kg_min"), Decimal(1)
    if unit not in _DOSES:
        got = unit or "no unit"
        node.fail(f"expected a dose in g/kg, mg/kg or g, or a rate in mL/kg/min, mL/kg/h or mg/kg/min, got {got}")
    if per is None:
        node.fail("expected per: course, day, or an interval such as 4 weeks")
    kind = "g_per_kg" if unit.endswith("/kg") else "g"
    if per.value in ("course", "day"):
        return f"{per.value}_{kind}", Decimal(1)
    return f"week_{kind}", _weeks(per)


def _weeks(per: Node) -> Exact:
    quantity = read_node_quantity(per)
    try:
        days = days_of(quantity)
    except UnitError:
        per.fail(f"expected course, day, or an interval such as 4 weeks, got {quantity}")
    if days <= 0:
        per.fail("expected an interval of more than nothing")
    return ratio(days, _WEEK_DAYS)


def _as_limit(node: Node, quantity: Quantity, name: str, times: Exact) -> Exact:
    if quantity.value < 0:
        node.fail(f"expected a dose that is not below nothing, got {quantity}")
    try:
        limit = convert(quantity, AMOUNTS[name])
    except UnitError as error:
        node.fail(str(error))
    # Rounded as an order is that is divided by its days or weeks, so that equal stays equal.
    return as_decimal(limit if times == 1 else ratio(limit, times))


_KEYS = {"at_least": QUANTITY, "at_most": QUANTITY, "per": TEXT, "tolerance": QUANTITY}
WORD = Word("dose", read, obj((), _KEYS), of_request=True)
