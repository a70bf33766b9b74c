"""A number lies within bounds: `{at_least: 18 years, below: 65 years}`."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import ClassVar

from utilization.rules.facts.ages import AGES, BY_UNIT
from utilization.rules.facts.ages import YEARS as AGE_IN_YEARS
from utilization.rules.facts.catalogue import SAME_AS, Fact
from utilization.rules.facts.units import Exact
from utilization.rules.language import beside, one_of
from utilization.rules.language.composites import AllOf, AnyOf, Not
from utilization.rules.language.node import Catalogue, Condition, Facts, OfOneFact, Truth
from utilization.rules.language.quantities import BOUNDS, number_of, read_node_quantity
from utilization.rules.language.reader import ConditionReader, FactForm
from utilization.rules.language.schema_parts import NAME, QUANTITY, obj
from utilization.rules.language.sql_parts import bound_in_sql
from utilization.rules.language.words import Words, bounds_in_words, label
from utilization.rules.yaml_lines import Node


@dataclass(frozen=True, slots=True)
class IsWithin(OfOneFact):
    """The number is at least `low` and at most `high`, or above and below where open; None for no bound."""

    is_range: ClassVar[bool] = True
    fact: str
    low: Exact | None = None
    high: Exact | None = None
    low_open: bool = False
    high_open: bool = False

    def truth(self, facts: Facts) -> Truth:
        value = facts.get(self.fact)
        return None if value is None else self.holds(value)

    def holds(self, value: Exact) -> bool:
        """Whether the bounds hold for a known number."""
        low, high = self.low, self.high
        if low is not None and (value < low or (self.low_open and value == low)):
            return False
        return high is None or value < high or (value == high and not self.high_open)

    def said(self, catalogue: Catalogue) -> Words:
        unit = catalogue[self.fact].unit if self.fact in catalogue else ""
        return Words(f"{label(self.fact, catalogue)}: {self.bounds_said(unit)}")

    def bounds_said(self, unit: str) -> str:
        """The bounds in words."""
        words = ("above" if self.low_open else "at least", "below" if self.high_open else "at most")
        return bounds_in_words(words, (self.low, self.high), unit)

    def marks(self, as_of: date) -> Iterable[Exact]:
        return [bound for bound in (self.low, self.high) if bound is not None]

    def edges(self) -> Iterable[tuple[Exact, bool | None]]:
        if self.low is not None:
            yield self.low, self.low_open
        if self.high is not None:
            yield self.high, not self.high_open

    def sql(self, column: str) -> str:
        parts = []
        if self.low is not None:
            parts.append(f"{column} {bound_in_sql('>', self.low, self.low_open)}")
        if self.high is not None:
            parts.append(f"{column} {bound_in_sql('<', self.high, self.high_open)}")
        return f"({' AND '.join(parts)})" if parts else f"({column} = {column})"


def read(reader: ConditionReader, fact: Fact, node: Node) -> Condition:
    """Bounds, of which each is a number or another fact; or a bare number, or several, compared exactly."""
    if not isinstance(node.value, dict):
        return one_of.read(reader, fact, node)
    keys = node.mapping((), BOUNDS)
    if not keys:
        node.fail("expected at_least, at_most, above or below")
    facts = {key: value for key, value in keys.items() if isinstance(value.value, dict)}
    parts: list[Condition] = [_beside(beside.read(reader, fact, key, value)) for key, value in facts.items()]
    numbers = {key: value for key, value in keys.items() if key not in facts}
    if numbers:
        parts += _aged(reader, fact, node, numbers) if fact.name in AGES else [_within(fact, node, numbers)]
    return parts[0] if len(parts) == 1 else AllOf(tuple(parts))


def _beside(held: beside.IsBeside) -> Condition:
    """The comparison; where a known number is held against itself it is at least and at most that, never above."""
    if held.fact != held.other:
        return held
    known = AnyOf((IsWithin(held.fact, high=Decimal(0)), IsWithin(held.fact, low=Decimal(0), low_open=True)))
    return Not(known) if held.is_open else known


def _within(fact: Fact, node: Node, bounds: Mapping[str, Node]) -> IsWithin:
    return read_bounds(fact, replace(node, value=bounds))


def _aged(reader: ConditionReader, fact: Fact, node: Node, bounds: Mapping[str, Node]) -> list[Condition]:
    """Bounds on an age, each held against the age in its own unit, so that it is right to the day."""
    _within(fact, node, bounds)
    apart: dict[str, dict[str, Node]] = {}
    for key, value in bounds.items():
        unit = read_node_quantity(value).unit
        apart.setdefault(BY_UNIT.get(unit, AGE_IN_YEARS) if unit else fact.name, {})[key] = value
    return [_within(reader.catalogue[name], node, those) for name, those in apart.items()]


def read_bounds(fact: Fact, node: Node) -> IsWithin:
    """Bounds that are numbers."""
    keys = node.mapping((), BOUNDS)
    if not keys:
        node.fail("expected at_least, at_most, above or below")
    for one, other in (("at_least", "above"), ("at_most", "below")):
        if one in keys and other in keys:
            keys[other].fail(f"{one} and {other} are two bounds on one side: leave one out")
    bounds = {key: number_of(value, fact) for key, value in keys.items()}
    low, high = bounds.get("at_least", bounds.get("above")), bounds.get("at_most", bounds.get("below"))
    is_open = "above" in keys, "below" in keys
    if low is not None and high is not None and (low > high or (low == high and any(is_open))):
        lower, upper = ("above" if is_open[0] else "at_least"), ("below" if is_open[1] else "at_most")
        node.fail(f"{lower} {keys[lower].written()} is not under {upper} {keys[upper].written()}: nothing fits")
    return IsWithin(SAME_AS.get(fact.name, fact.name), low, high, *is_open)


_BOUND = {"anyOf": [QUANTITY, obj(("fact",), {"fact": NAME})]}
BOUNDED = obj((), dict.fromkeys(BOUNDS, _BOUND))
FORM = FactForm(read, {"anyOf": [QUANTITY, {"type": "array", "items": QUANTITY}, BOUNDED]})
