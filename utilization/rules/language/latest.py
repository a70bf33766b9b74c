"""The latest entry of a list fits: `platelet_measurements: {latest: {...}, within: 7 days}`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from utilization.rules.facts.catalogue import Fact
from utilization.rules.facts.units import Quantity
from utilization.rules.language.entries import (
    DATE,
    OfList,
    asks_dates,
    entries_of,
    fits,
    read_window,
    where_said,
    within_said,
)
from utilization.rules.language.node import Catalogue, Condition, Facts, Truth
from utilization.rules.language.reader import ConditionReader, ListForm
from utilization.rules.language.schema_parts import QUANTITY
from utilization.rules.language.words import Words, label
from utilization.rules.yaml_lines import Node


@dataclass(frozen=True, slots=True)
class Latest(OfList):
    """There is a latest entry, it fits `where`, and it is so recent. Entries of one day must agree to be known."""

    in_order: ClassVar[bool] = True
    fact: str
    where: Condition
    within: Quantity | None = None

    def truth(self, facts: Facts) -> Truth:
        entries = entries_of(facts, self.fact)
        if entries is None:
            return None
        if not entries:
            return False
        dates = [entry[DATE] for entry in entries if DATE in entry]
        # An entry without a date may be the latest, an older one not; a list without any may stand in its order.
        last = max(dates, default=None)
        in_time = dates or self.by_date
        candidates = [entry for entry in entries if entry.get(DATE, last) == last] if in_time else entries[-1:]
        around = self.around(facts)
        truths = {fits(entry, self.where, self.within, around) for entry in candidates}
        return truths.pop() if len(truths) == 1 else None

    def said(self, catalogue: Catalogue) -> Words:
        head = (
            f"{label(self.fact, catalogue)}: the latest{' by date' if self.by_date else ''}{within_said(self.within)}"
        )
        return where_said(head, self.fact, self.where, catalogue)

    def of_entries(self) -> tuple[Condition, ...]:
        return (self.where,)

    @property
    def window(self) -> Quantity | None:
        return self.within


class LatestByDate(Latest):
    """The same where only dates tell which entry is the latest."""

    __slots__ = ()
    by_date: ClassVar[bool] = True


def read(reader: ConditionReader, fact: Fact, node: Node, keys: Mapping[str, Node]) -> Condition:
    """What the latest entry fits."""
    latest = LatestByDate if asks_dates(reader, fact) else Latest
    return latest(fact.name, reader.of_entry(fact, keys["latest"]), read_window(fact, keys))


FORM = ListForm("latest", ("latest", "within"), read, {"latest": {"type": "object"}, "within": QUANTITY})
