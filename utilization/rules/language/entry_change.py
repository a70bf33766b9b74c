"""From an earlier entry of a list to the latest it rose or fell: `{change: {field: score, falls_by: 20 %}}`."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, ClassVar

from utilization.rules.facts.catalogue import Fact
from utilization.rules.language.change import STEP, changed, read_step
from utilization.rules.language.entries import (
    OfList,
    asks_dates,
    entries_of,
    field_catalogue,
    ordered,
    read_field,
    tied,
)
from utilization.rules.language.node import Catalogue, Condition, Facts, Truth
from utilization.rules.language.reader import ConditionReader, ListForm
from utilization.rules.language.schema_parts import TEXT, obj
from utilization.rules.language.words import Words, label, step_in_words
from utilization.rules.yaml_lines import Node

_SINCE = ("first", "previous", "highest", "lowest")


@dataclass(frozen=True, slots=True)
class EntryChange(OfList):
    """From the `first`, `previous`, `highest` or `lowest` entry to the latest it rose or fell by at least `by`.

    With `percent`, of the earlier number's size. False where there are fewer than two entries.
    """

    in_order: ClassVar[bool] = True
    fact: str
    field: str
    by: Decimal
    rises: bool
    percent: bool = False
    since: str = "first"

    def truth(self, facts: Facts) -> Truth:
        entries = entries_of(facts, self.fact)
        if entries is None:
            return None
        if len(entries) < 2:
            return False
        in_order = ordered(entries, self.by_date)
        values = [entry[self.field] for entry in in_order or () if self.field in entry]
        if in_order is None or tied(in_order) or len(values) < len(entries):
            return None
        *earlier, latest = values
        start = {"first": earlier[0], "previous": earlier[-1], "highest": max(earlier), "lowest": min(earlier)}
        return changed(start[self.since], latest, self.by, self.rises, self.percent)

    def said(self, catalogue: Catalogue) -> Words:
        step = step_in_words(self.by, self.rises, self.percent)
        latest = f"the latest{' by date' if self.by_date else ''}"
        return Words(f"{label(self.fact, catalogue)}: from the {self.since} to {latest} it {step}")

    @property
    def needs(self) -> int:
        return 2

    @property
    def exact_field(self) -> str:
        return self.field

    def field_marks(self, field: Fact, marks: Sequence[Any], entries: Sequence[Any]) -> Iterator[Fraction]:
        """What lies a step above and below each of the numbers."""
        for number in map(Fraction, marks):
            step = abs(number) * Fraction(self.by) / 100 if self.percent else Fraction(self.by)
            yield from (number - step, number + step)


class EntryChangeByDate(EntryChange):
    """The same where only dates tell which entry is the first and which the latest."""

    __slots__ = ()
    by_date: ClassVar[bool] = True


def read(reader: ConditionReader, fact: Fact, node: Node, keys: Mapping[str, Node]) -> Condition:
    """From which entry, and by how much."""
    inner = keys["change"].mapping((), ("field", "from", "rises_by", "falls_by"))
    name = read_field(fact, keys["change"], inner)
    since = inner["from"].one_of(_SINCE) if "from" in inner else "first"
    by, rises, percent = read_step(keys["change"], inner, field_catalogue(fact)[name])
    change = EntryChangeByDate if asks_dates(reader, fact) else EntryChange
    return change(fact.name, name, by, rises, percent, since)


FORM = ListForm(
    "change", ("change",), read, {"change": obj((), {"field": TEXT, "from": {"enum": list(_SINCE)}, **STEP})}
)
