"""The last entries of a list rise or fall: `disability_scores: {trend: falling, last: 3, field: score}`."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import ClassVar

from utilization.rules.facts.catalogue import Fact
from utilization.rules.language.dated import back
from utilization.rules.language.entries import Entry, OfList, asks_dates, entries_of, on_day, ordered, read_field, tied
from utilization.rules.language.node import Catalogue, Condition, Facts, Truth
from utilization.rules.language.quantities import read_whole
from utilization.rules.language.reader import ConditionReader, ListForm
from utilization.rules.language.schema_parts import COUNT, TEXT
from utilization.rules.language.words import Words, label
from utilization.rules.yaml_lines import Node

# By name: whether the numbers rise, and whether each step must.
_TRENDS = {
    "rising": (True, True),
    "falling": (False, True),
    "not_falling": (True, False),
    "not_rising": (False, False),
}
_MOST_RUNS = 8


@dataclass(frozen=True, slots=True)
class Trend(OfList):
    """The `last` entries rise (`rising`), or do not fall when not `strict`; false where there are fewer."""

    in_order: ClassVar[bool] = True
    fact: str
    field: str
    rising: bool
    strict: bool
    last: int

    def truth(self, facts: Facts) -> Truth:
        entries = entries_of(facts, self.fact)
        if entries is None:
            return None
        if len(entries) < self.last:
            return False
        in_order = ordered(entries, self.by_date)
        if in_order is None or tied(in_order[-self.last - 1 :]):
            return None
        values = [entry.get(self.field) for entry in in_order[-self.last :]]
        steps = [None if a is None or b is None else self._step(a, b) for a, b in pairwise(values)]
        if False in steps:
            return False
        return None if None in steps else True

    def _step(self, first: Decimal, second: Decimal) -> bool:
        way = second - first if self.rising else first - second
        return way > 0 if self.strict else way >= 0

    def said(self, catalogue: Catalogue) -> Words:
        way = next(name for name, meant in _TRENDS.items() if meant == (self.rising, self.strict))
        last = f"the last {self.last}{' by date' if self.by_date else ''}"
        return Words(f"{label(self.fact, catalogue)}: {last} {way.replace('_', ' ')}")

    @property
    def needs(self) -> int:
        return min(3, self.last)

    @property
    def exact_field(self) -> str:
        return self.field

    def fillers(self, marks: Sequence[Fraction]) -> Iterator[Fraction]:
        """Enough numbers to rise and fall by."""
        if len(marks) < 3:
            yield from (marks[0] + (marks[-1] - marks[0]) * part / 4 for part in (1, 3))

    def runs(self, kinds: Sequence[Entry], as_of: date | None) -> list[tuple[Entry, ...]]:
        """Runs that rise, fall and stay, through each kind, over the days up to the request's."""
        found = list(self._runs(kinds, as_of))
        return found[:: -(-len(found) // _MOST_RUNS) or 1]

    def _runs(self, kinds: Sequence[Entry], as_of: date | None) -> Iterator[tuple[Entry, ...]]:
        ranked = sorted((kind for kind in kinds if self.field in kind), key=lambda kind: kind[self.field])
        for first in range(len(ranked)):
            for way in (1, 0, -1):
                places = [first + way * n for n in range(self.last)]
                if min(places) >= 0 and max(places) < len(ranked):
                    days = [None if as_of is None else back(as_of, self.last - 1 - n) for n in range(self.last)]
                    yield tuple(on_day(ranked[place], day) for place, day in zip(places, days, strict=True))


class TrendByDate(Trend):
    """The same where only dates tell which entries are the last."""

    __slots__ = ()
    by_date: ClassVar[bool] = True


def read(reader: ConditionReader, fact: Fact, node: Node, keys: Mapping[str, Node]) -> Condition:
    """Which way the last so many entries go."""
    rising, strict = _TRENDS[keys["trend"].one_of(tuple(_TRENDS))]
    last = read_whole(keys["last"]) if "last" in keys else 0
    if last < 2:
        node.fail("expected last: the number of entries to look at, 2 or more")
    trend = TrendByDate if asks_dates(reader, fact) else Trend
    return trend(fact.name, read_field(fact, node, keys), rising, strict, last)


FORM = ListForm(
    "trend", ("trend", "last", "field"), read, {"trend": {"enum": list(_TRENDS)}, "last": COUNT, "field": TEXT}
)
