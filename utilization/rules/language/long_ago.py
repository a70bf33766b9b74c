"""It never happened, or long ago: `prior_courses: {where: {response: worse}, never_or_at_least_ago: 6 months}`."""

from collections.abc import Mapping
from dataclasses import dataclass

from utilization.rules.facts.catalogue import Fact
from utilization.rules.facts.units import Quantity
from utilization.rules.language.composites import AllOf, Not
from utilization.rules.language.dated import IsDated
from utilization.rules.language.entries import DATE, OfList, needs_dates, read_where, where_said
from utilization.rules.language.entry_count import Entries
from utilization.rules.language.node import Catalogue, Condition, Facts, Truth
from utilization.rules.language.quantities import read_span
from utilization.rules.language.reader import ConditionReader, ListForm
from utilization.rules.language.schema_parts import QUANTITY, WHERE
from utilization.rules.language.words import Words, label
from utilization.rules.yaml_lines import Node

_WORD = "never_or_at_least_ago"


@dataclass(frozen=True, slots=True)
class LongAgo(OfList):
    """No entry fits `where` but those that are dated at least `ago` before the request."""

    fact: str
    where: Condition
    ago: Quantity

    @property
    def since(self) -> Entries:
        """The same as a count: none that fits is dated later."""
        return Entries(self.fact, AllOf((self.where, Not(IsDated(DATE, ago=self.ago)))), 0, 0)

    def truth(self, facts: Facts) -> Truth:
        return self.since.truth(facts)

    def said(self, catalogue: Catalogue) -> Words:
        head = f"{label(self.fact, catalogue)}: never, or at least {self.ago} ago"
        return where_said(head, self.fact, self.where, catalogue)

    def of_entries(self) -> tuple[Condition, ...]:
        return self.since.of_entries()

    def when_never(self) -> bool:
        return True


def read(reader: ConditionReader, fact: Fact, node: Node, keys: Mapping[str, Node]) -> Condition:
    """What is asked of the entries, and how long ago they are at least."""
    needs_dates(fact, keys[_WORD])
    return LongAgo(fact.name, read_where(reader, fact, keys), read_span(keys[_WORD]))


FORM = ListForm(_WORD, (_WORD, "where"), read, {_WORD: QUANTITY, "where": WHERE["where"]})
