"""The numbers of a field, added over entries, are within bounds: `prior_courses: {sum: g_per_kg, at_most: 4 g/kg}`."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from utilization.rules.facts.catalogue import Fact
from utilization.rules.facts.units import Exact, Quantity
from utilization.rules.language.entries import (
    Entry,
    OfList,
    entries_of,
    field_catalogue,
    fits,
    numbers_of,
    on_day,
    read_where,
    read_window,
    where_said,
    within_said,
)
from utilization.rules.language.node import Catalogue, Condition, Facts, Truth
from utilization.rules.language.quantities import BOUNDS
from utilization.rules.language.reader import ConditionReader, ListForm
from utilization.rules.language.schema_parts import QUANTITY, TEXT, WHERE
from utilization.rules.language.within import IsWithin, read_bounds
from utilization.rules.language.words import Words, label
from utilization.rules.yaml_lines import Node

_MOST_ADDED = 12
_MOST_BESIDE = 8


@dataclass(frozen=True, slots=True)
class Total(OfList):
    """The numbers of one field, over the entries that fit `where` and are so recent, add up to within the bounds.

    An entry that may or may not fit, or that lacks the number, leaves the total unknown.
    """

    fact: str
    field: str
    where: Condition
    low: Exact | None = None
    high: Exact | None = None
    low_open: bool = False
    high_open: bool = False
    within: Quantity | None = None

    @property
    def bounds(self) -> IsWithin:
        """The bounds, as those of one number."""
        return IsWithin(self.field, self.low, self.high, self.low_open, self.high_open)

    def truth(self, facts: Facts) -> Truth:
        entries = entries_of(facts, self.fact)
        if entries is None:
            return None
        around = self.around(facts)
        total = Decimal(0)
        for entry in entries:
            fit = fits(entry, self.where, self.within, around)
            if fit is None or (fit and self.field not in entry):
                return None
            total += entry[self.field] if fit else 0
        return self.bounds.holds(total)

    def said(self, catalogue: Catalogue) -> Words:
        field = catalogue[self.fact].fields.get(self.field) if self.fact in catalogue else None
        said = self.bounds.bounds_said(field.unit if field else "")
        head = f"{label(self.fact, catalogue)}: together {said}{within_said(self.within)}"
        return where_said(head, self.fact, self.where, catalogue)

    def of_entries(self) -> tuple[Condition, ...]:
        return (self.where,)

    def when_never(self) -> bool:
        return self.bounds.holds(Decimal(0))

    @property
    def window(self) -> Quantity | None:
        return self.within

    @property
    def exact_field(self) -> str:
        return self.field

    def runs(self, kinds: Sequence[Entry], as_of: date | None) -> Iterator[tuple[Entry, ...]]:
        for kind in kinds:
            yield from ((on_day(kind, as_of),) * many for many in self._reaching(kind))

    def _reaching(self, kind: Entry) -> set[int]:
        """How many entries alike just fall short of each bound, and just reach or pass it."""
        number = Fraction(kind[self.field])
        most = {int(Fraction(bound) / number) for bound in self.bounds.marks(date.max)} if number > 0 else set()
        return {many for least in most for many in (least, least + 1) if 1 < many <= _MOST_ADDED}

    def field_marks(self, field: Fact, marks: Sequence[Any], entries: Sequence[Any]) -> Iterator[Fraction]:
        """Numbers that fall short of each bound, reach it and pass it: alone, together, and beside known entries."""
        beside = {Fraction(0)}
        for entry in entries[:_MOST_BESIDE]:
            number = Fraction(entry.get(self.field, 0) if isinstance(entry, Mapping) else entry)
            beside |= {start + number for start in beside}
        yield from (Fraction(end) for end in (0, *field.possible) if end is not None)
        for bound in self.bounds.marks(date.max):
            for start in beside:
                rest = Fraction(bound) - start
                yield from (rest / 2, rest / 3, rest - 1, rest, rest + 1)


def read(reader: ConditionReader, fact: Fact, node: Node, keys: Mapping[str, Node]) -> Condition:
    """The field that is added, and the bounds of what it comes to."""
    name = keys["sum"].one_of(numbers_of(fact))
    bounds = replace(node, value={key: value for key, value in keys.items() if key in BOUNDS})
    within = read_bounds(field_catalogue(fact)[name], bounds)
    low, high, low_open, high_open = within.low, within.high, within.low_open, within.high_open
    where = read_where(reader, fact, keys)
    return Total(fact.name, name, where, low, high, low_open, high_open, read_window(fact, keys))


FORM = ListForm(
    "sum", ("sum", "where", "within", *BOUNDS), read, {"sum": TEXT, **WHERE, **dict.fromkeys(BOUNDS, QUANTITY)}
)
