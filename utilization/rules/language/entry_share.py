"""A share of the entries of a list fits: `igg_measurements: {where: {g_per_l: {below: 5 g/L}}, at_least: 50 %}`."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from utilization.rules.facts.catalogue import Fact
from utilization.rules.facts.units import Quantity
from utilization.rules.language.entries import (
    Entry,
    OfList,
    entries_of,
    is_recent,
    on_day,
    read_where,
    read_window,
    where_said,
    within_said,
)
from utilization.rules.language.node import AS_OF, Catalogue, Condition, Facts, Truth
from utilization.rules.language.quantities import read_node_quantity
from utilization.rules.language.reader import ConditionReader, ListForm
from utilization.rules.language.schema_parts import QUANTITY, WHERE
from utilization.rules.language.words import Words, bounds_in_words, label
from utilization.rules.yaml_lines import Node

_BOUNDS = ("at_least", "at_most")
_RUN = 3


@dataclass(frozen=True, slots=True)
class Share(OfList):
    """Of the entries that are so recent, at least `low` and at most `high` percent fit `where`.

    False where there is no such entry: of none there is no share.
    """

    fact: str
    where: Condition
    low: Decimal | None = None
    high: Decimal | None = None
    within: Quantity | None = None

    def truth(self, facts: Facts) -> Truth:
        entries = entries_of(facts, self.fact)
        if entries is None:
            return None
        around = self.around(facts)
        counts = {(0, 0)}
        for entry in entries:
            recent, fit = is_recent(entry, self.within, around[AS_OF]), self.where.truth({**entry, **around})
            steps = set() if recent else {(0, 0)}
            if recent is not False:
                steps |= {(fitting, 1) for fitting, truth in ((1, True), (0, False)) if fit in (truth, None)}
            counts = {(fitting + fits, every + is_in) for fitting, every in counts for fits, is_in in steps}
        truths = {self._holds(fitting, every) for fitting, every in counts}
        return truths.pop() if len(truths) == 1 else None

    def _holds(self, fitting: int, every: int) -> bool:
        if not every:
            return False
        share = fitting * 100
        return (self.low is None or share >= self.low * every) and (self.high is None or share <= self.high * every)

    def said(self, catalogue: Catalogue) -> Words:
        said = bounds_in_words(("at least", "at most"), (self.low, self.high), "%")
        return where_said(
            f"{label(self.fact, catalogue)}: {said}{within_said(self.within)}", self.fact, self.where, catalogue
        )

    def of_entries(self) -> tuple[Condition, ...]:
        return (self.where,)

    def when_never(self) -> bool:
        return not self.low

    @property
    def needs(self) -> int:
        return 2

    @property
    def window(self) -> Quantity | None:
        return self.within

    def runs(self, kinds: Sequence[Entry], as_of: date | None) -> Iterator[tuple[Entry, ...]]:
        yield from ((on_day(kind, as_of),) * _RUN for kind in kinds)


def is_share(keys: Mapping[str, Node]) -> bool:
    """Whether one of the bounds is a percentage."""
    given = [keys[bound] for bound in _BOUNDS if bound in keys]
    return any("%" in node.written() for node in given if not isinstance(node.value, dict | list))


def read(reader: ConditionReader, fact: Fact, node: Node, keys: Mapping[str, Node]) -> Condition:
    """Percentages of the entries that count."""
    if "where" not in keys:
        node.fail("expected where: what the share of the entries fits")
    low, high = (_percent(keys[bound]) if bound in keys else None for bound in _BOUNDS)
    if low is not None and high is not None and low > high:
        node.fail(f"at_least {low} % is above at_most {high} %")
    return Share(fact.name, read_where(reader, fact, keys), low, high, read_window(fact, keys))


def _percent(node: Node) -> Decimal:
    quantity = read_node_quantity(node)
    if quantity.unit != "%" or not 0 <= quantity.value <= 100:
        node.fail(f"expected a percentage from 0 % to 100 %, got {node.shown}")
    return quantity.value


FORM = ListForm("a share", ("where", "within", *_BOUNDS), read, {**WHERE, **dict.fromkeys(_BOUNDS, QUANTITY)})
