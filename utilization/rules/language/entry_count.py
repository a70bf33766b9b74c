"""So many entries of a list fit: `infections: {where: {severity: serious}, within: 12 months, at_least: 2}`."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from utilization.rules.facts.catalogue import Fact
from utilization.rules.facts.units import Exact, Quantity
from utilization.rules.language.composites import between
from utilization.rules.language.dated import back
from utilization.rules.language.entries import (
    DATE,
    Entry,
    OfList,
    entries_of,
    fits,
    needs_dates,
    on_day,
    read_where,
    read_window,
    where_said,
    within_said,
)
from utilization.rules.language.node import Catalogue, Condition, Facts, Truth
from utilization.rules.language.quantities import quantity_in, read_counts
from utilization.rules.language.reader import ConditionReader, ListForm
from utilization.rules.language.schema_parts import COUNT, QUANTITY, WHERE
from utilization.rules.language.words import Words, how_many, label, number_in_words
from utilization.rules.yaml_lines import Node


@dataclass(frozen=True, slots=True)
class Entries(OfList):
    """At least `low` and at most `high` entries fit `where` and are so recent; with `apart`, so far apart."""

    fact: str
    where: Condition
    low: int = 1
    high: int | None = None
    within: Quantity | None = None
    apart_days: Exact | None = None

    def truth(self, facts: Facts) -> Truth:
        entries = entries_of(facts, self.fact)
        if entries is None:
            return None
        around = self.around(facts)
        fitting = [(entry, fits(entry, self.where, self.within, around)) for entry in entries]
        surely = [entry for entry, fit in fitting if fit is True]
        possibly = [entry for entry, fit in fitting if fit is not False]
        return between(self._count(surely, False), self._count(possibly, True), self.low, self.high)

    def _count(self, entries: Sequence[Entry], hopeful: bool) -> int:
        if self.apart_days is None:
            return len(entries)
        undated = sum(DATE not in entry for entry in entries)
        chosen = 0
        last: date | None = None
        for day in sorted(entry[DATE] for entry in entries if DATE in entry):
            if last is None or (day - last).days >= self.apart_days:
                chosen, last = chosen + 1, day
        return chosen + (undated if hopeful else int(undated > 0 and not chosen))

    def said(self, catalogue: Catalogue) -> Words:
        apart = (
            "" if self.apart_days is None
            else f", each at least {number_in_words(self.apart_days)} days from the next"
        )  # fmt: skip
        head = f"{label(self.fact, catalogue)}: {how_many(self.low, self.high)}{apart}{within_said(self.within)}"
        return where_said(head, self.fact, self.where, catalogue)

    def of_entries(self) -> tuple[Condition, ...]:
        return (self.where,)

    def when_never(self) -> bool:
        return self.low == 0

    @property
    def needs(self) -> int:
        return min(3, max(self.low, 0 if self.high is None else self.high + 1))

    @property
    def window(self) -> Quantity | None:
        return self.within

    @property
    def days_apart(self) -> int | None:
        return None if self.apart_days is None else int(-(-Fraction(self.apart_days) // 1))

    def entry_days(self, as_of: date) -> Iterator[date]:
        # Named, since the class that slots make is another than the one that super() without arguments knows.
        yield from OfList.entry_days(self, as_of)
        if self.days_apart is not None:
            yield from (back(as_of, self.days_apart * n) for n in range(1, min(self.low, 3) + 1))

    def runs(self, kinds: Sequence[Entry], as_of: date | None) -> Iterator[tuple[Entry, ...]]:
        step = self.days_apart or 0
        for many in {self.low, 0 if self.high is None else self.high + 1} - {0, 1}:
            for kind in kinds:
                yield tuple(on_day(kind, None if as_of is None else back(as_of, step * n)) for n in range(many))


def read(reader: ConditionReader, fact: Fact, node: Node, keys: Mapping[str, Node]) -> Condition:
    """A count of entries, at least one where none is said."""
    if not keys or not keys.keys() <= set(FORM.keys):
        node.fail("expected where, within, at_least and so on, or sum, latest, trend or change")
    low, high = read_counts(node, keys, 1)
    apart = None
    if "apart" in keys:
        needs_dates(fact, keys["apart"])
        apart = quantity_in(keys["apart"], "days")
        if apart <= 0:
            keys["apart"].fail("expected a span of more than nothing, such as 3 weeks")
    return Entries(fact.name, read_where(reader, fact, keys), low, high, read_window(fact, keys), apart)


FORM = ListForm(
    "",
    ("where", "within", "apart", "at_least", "at_most", "exactly"),
    read,
    {**WHERE, "apart": QUANTITY, "at_least": QUANTITY, "at_most": QUANTITY, "exactly": COUNT},
)
