"""A date is held against another fact's: `treated_on: {from: {fact: diagnosed_on}}`, or so long before it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import ClassVar

from utilization.rules.facts.catalogue import Fact, Kind
from utilization.rules.facts.date_words import NEVER
from utilization.rules.facts.units import Quantity, before
from utilization.rules.language.node import OF_CASE, Catalogue, Condition, Facts, Test, Truth
from utilization.rules.language.quantities import ANY_DAY, read_span
from utilization.rules.language.reader import ConditionReader
from utilization.rules.language.schema_parts import NAME, QUANTITY, obj
from utilization.rules.language.words import Words, label
from utilization.rules.yaml_lines import Node

# Months differ by three days, so that as many days share one that lies a month before them.
_SAME_BEFORE = 4
_OF_ONE_LENGTH = ("days", "weeks")
# The calendar begins with the year 1, before which nothing can be counted back.
_MOST_YEARS = 200


@dataclass(frozen=True, slots=True)
class IsDatedBeside(Test):
    """One date lies on or after another fact's, or on or before it; with `minus`, held against so long before that.

    What never happened lies on neither side of anything.
    """

    is_free: ClassVar[bool] = True
    fact: str
    other: str
    after: bool
    minus: Quantity | None = None

    @property
    def reads(self) -> tuple[str, ...]:
        return (self.fact, self.other)

    def truth(self, facts: Facts) -> Truth:
        day, other = facts.get(self.fact), facts.get(self.other)
        if day is NEVER or other is NEVER:
            return False
        if day is None or other is None:
            return None
        limit = self._limit(other)
        return bool(day >= limit) if self.after else bool(day <= limit)

    def _limit(self, other: date) -> date:
        return other if self.minus is None else before(other, self.minus)

    def said(self, catalogue: Catalogue) -> Words:
        about = f"“{label(self.other, catalogue)}”"
        limit = about if self.minus is None else f"{self.minus} before {about}"
        return Words(f"{label(self.fact, catalogue)}: {'from' if self.after else 'until'} {limit}")

    def days_beside(self, name: str, other: date) -> Iterator[date]:
        if other is NEVER:
            return
        limit = self._limit(other)
        if name == self.fact or self.minus is None:
            yield limit
            return
        # The day of which `other` lies the span before: as far after it as what lies the span before it is before.
        ahead = other.toordinal() + (other - limit).days
        near = 0 if self.minus.unit in _OF_ONE_LENGTH else _SAME_BEFORE
        for ordinal in range(ahead - near, ahead + near + 1):
            if date.min.toordinal() <= ordinal <= date.max.toordinal():
                yield date.fromordinal(ordinal)


def read(reader: ConditionReader, fact: Fact, bound: str, node: Node) -> Condition:
    """`from` or `until` that another fact gives, or so long before it."""
    keys = node.mapping((), ("fact", "case", "minus"))
    given = {key: value for key, value in keys.items() if key != "minus"}
    name, known = reader.bound(replace(node, value=given))
    [named] = given.values()
    other = named.text()
    if known is None or known.kind is not Kind.DATE:
        named.fail(f"expected another fact that is a date, got {other}")
    if name == fact.name:
        named.fail(f"{other} is held against itself: expected another date")
    if reader.entry_of and not name.startswith(OF_CASE):
        named.fail(f"{other} is a field of the same entry: expected a date of the case")
    return IsDatedBeside(fact.name, name, bound == "from", _read_minus(keys["minus"]) if "minus" in keys else None)


def _read_minus(node: Node) -> Quantity:
    span = read_span(node)
    if ANY_DAY.year - before(ANY_DAY, span).year > _MOST_YEARS:
        node.fail(f"expected a span of at most {_MOST_YEARS} years, got {span}")
    return span


BOUND = obj((), {"fact": NAME, "case": NAME, "minus": QUANTITY})
