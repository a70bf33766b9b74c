"""A number is held against another fact's: `igg_g_per_l: {below: {fact: igg_lower_limit}}`."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from utilization.rules.facts.catalogue import CATALOGUE, SAME_AS, Fact, Kind
from utilization.rules.facts.units import Exact, canonical_unit
from utilization.rules.language.editions import FIRST
from utilization.rules.language.node import Catalogue, Facts, Test, Truth
from utilization.rules.language.reader import ConditionReader
from utilization.rules.language.words import Words, label
from utilization.rules.yaml_lines import Node


@dataclass(frozen=True, slots=True)
class IsBeside(Test):
    """One number is at least, or at most, another fact's; above or below it where `open`."""

    is_free: ClassVar[bool] = True
    fact: str
    other: str
    least: bool
    is_open: bool = False

    @property
    def reads(self) -> tuple[str, ...]:
        return (self.fact, self.other)

    def truth(self, facts: Facts) -> Truth:
        number, other = facts.get(self.fact), facts.get(self.other)
        if number is None or other is None:
            return None
        if number == other:
            return not self.is_open
        return bool(number > other) == self.least

    def said(self, catalogue: Catalogue) -> Words:
        way = ("above" if self.is_open else "at least") if self.least else ("below" if self.is_open else "at most")
        return Words(f"{label(self.fact, catalogue)}: {way} “{label(self.other, catalogue)}”")

    def edges_beside(self, name: str, other: Decimal) -> Iterable[Exact]:
        return [other]

    def lines(self) -> Iterable[tuple[Decimal, Decimal]]:
        return [(Decimal(1), Decimal(0))]


def read(reader: ConditionReader, fact: Fact, bound: str, node: Node) -> IsBeside:
    """A bound that another fact gives; in the first edition also a number under its other name, as it was read."""
    name, given = reader.bound(node)
    [named] = node.mapping().values()
    other = named.text()
    if given is None or given.kind not in (Kind.INT, Kind.DEC):
        named.fail(f"expected another fact that is a number, got {other}")
    first, second = _as_tested(fact), _as_tested(given)
    place = name.removesuffix(given.name)
    if place + second.name == first.name and (other == fact.name or reader.edition != FIRST):
        same = "is held against itself" if other == fact.name else f"is {fact.name} in another unit"
        hint = f", or {{case: {other}}} for the fact of the case" if reader.in_case(other) else ""
        named.fail(f"{other} {same}: expected another number that gives the bound{hint}")
    units = [canonical_unit(tested.unit) for tested in (first, second)]
    if units[0] != units[1]:
        named.fail(f"{fact.name} is in {units[0] or 'no unit'}, {other} in {units[1] or 'no unit'}: expected one unit")
    return IsBeside(first.name, place + second.name, bound in ("at_least", "above"), bound in ("above", "below"))


def _as_tested(fact: Fact) -> Fact:
    """The fact under the name and unit in which tests read it; a field of an entry is read as it is."""
    return CATALOGUE[SAME_AS.get(fact.name, fact.name)] if CATALOGUE.get(fact.name) is fact else fact
