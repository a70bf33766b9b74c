"""A fact has one of some values: a choice, yes or no, or a number compared exactly."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from utilization.rules.facts.catalogue import SAME_AS, Fact, Kind
from utilization.rules.facts.units import Exact
from utilization.rules.facts.values import BadInput, read_value
from utilization.rules.language.node import Catalogue, Condition, Facts, OfOneFact, Truth
from utilization.rules.language.quantities import number_of
from utilization.rules.language.reader import ConditionReader, FactForm
from utilization.rules.language.schema_parts import one_or_more
from utilization.rules.language.sql_parts import literal
from utilization.rules.language.words import Words, either, label, values_in_words
from utilization.rules.yaml_lines import Node


@dataclass(frozen=True, slots=True)
class IsOneOf(OfOneFact):
    """The fact has one of the values."""

    fact: str
    values: frozenset[Any]

    def truth(self, facts: Facts) -> Truth:
        value = facts.get(self.fact)
        return None if value is None else value in self.values

    def said(self, catalogue: Catalogue) -> Words:
        values = values_in_words(catalogue.get(self.fact), self.values)
        return Words(f"{label(self.fact, catalogue)}: {either(values)}")

    def marks(self, as_of: date) -> Iterable[Decimal]:
        return [Decimal(value) for value in self.values]

    def edges(self) -> Iterable[tuple[Exact, bool | None]]:
        return [(value, None) for value in self.values]

    def sql(self, column: str) -> str:
        return f"{column} IN ({', '.join(literal(value) for value in sorted(self.values))})"


def read(reader: ConditionReader, fact: Fact, node: Node) -> Condition:
    """One value, or a list of values."""
    if isinstance(node.value, dict):
        node.fail(f"expected a value of {fact.name}, got a mapping")
    values = frozenset(_value(fact, item) for item in one_or_several(node))
    return IsOneOf(SAME_AS.get(fact.name, fact.name), values)


def read_derived(name: str, node: Node) -> Condition:
    """`true`, `false` or both, of what follows from the order and the products."""
    return IsOneOf(name, frozenset(derived_value(item) for item in one_or_several(node)))


def derived_value(node: Node) -> bool:
    """True or false."""
    if not isinstance(node.value, bool):
        node.fail(f"expected true or false, got {node.shown}")
    return node.value


def one_or_several(node: Node) -> list[Node]:
    """The items of a list, or the one value that stands in its place."""
    values = node.items() if isinstance(node.value, list) else [node]
    if not values:
        node.fail("expected at least one value")
    return values


def _value(fact: Fact, node: Node) -> Any:
    if fact.kind in (Kind.INT, Kind.DEC):
        return number_of(node, fact)
    try:
        return read_value(fact, node.value, "")
    except BadInput as error:
        node.fail(error.message)


FORM = FactForm(read, one_or_more({"type": "boolean"}))
