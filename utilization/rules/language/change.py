"""From one number to another it fell or rose: `change: {from: baseline_score, to: current_score, falls_by: 20 %}`."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from utilization.rules.facts.ages import AGES
from utilization.rules.facts.catalogue import DERIVED, SAME_AS, Fact, Kind
from utilization.rules.facts.units import Exact, read_quantity
from utilization.rules.language.editions import SECOND
from utilization.rules.language.node import Catalogue, Condition, Facts, Test, Truth
from utilization.rules.language.quantities import number_of
from utilization.rules.language.reader import ConditionReader, Word
from utilization.rules.language.schema_parts import QUANTITY, TEXT, obj
from utilization.rules.language.words import Words, label, step_in_words
from utilization.rules.yaml_lines import Node

# Names under which one fact goes, each in a unit of its own. In the first edition a change between them was read.
_ALIKE = (frozenset(AGES), *(frozenset(pair) for pair in SAME_AS.items()))


@dataclass(frozen=True, slots=True)
class HasChanged(Test):
    """From one number to another it fell (or rose) by at least `by`; with `percent`, of the first number's size."""

    is_free: ClassVar[bool] = True
    before: str
    after: str
    by: Decimal
    rises: bool
    percent: bool = False

    @property
    def reads(self) -> tuple[str, ...]:
        return (self.before, self.after)

    def truth(self, facts: Facts) -> Truth:
        first, second = facts.get(self.before), facts.get(self.after)
        if first is None or second is None:
            return None
        return changed(first, second, self.by, self.rises, self.percent)

    def said(self, catalogue: Catalogue) -> Words:
        names = f"From “{label(self.before, catalogue)}” to “{label(self.after, catalogue)}”"
        return Words(f"{names}: {step_in_words(self.by, self.rises, self.percent)}")

    def edges_beside(self, name: str, other: Decimal) -> Iterable[Exact]:
        way = 1 if self.rises else -1
        if name == self.after:
            yield other + way * (abs(other) * self.by / 100 if self.percent else self.by)
        elif not self.percent:
            yield other - way * self.by
        elif 100 + way * self.by != 0:
            yield other * 100 / (100 + way * self.by)

    def lines(self) -> Iterable[tuple[Decimal, Decimal]]:
        way = 1 if self.rises else -1
        if not self.percent:
            yield Decimal(1), way * self.by
            return
        # The percentage is of the size, so that a number below nothing goes the other way.
        yield 1 + way * self.by / 100, Decimal(0)
        yield 1 - way * self.by / 100, Decimal(0)


def changed(first: Decimal, second: Decimal, by: Decimal, rises: bool, percent: bool) -> bool:
    """Whether the way from `first` to `second` is at least `by` up or down, or that many percent of the first's size.

    From nothing every step is more than any percentage, but what stays nothing has not changed.
    """
    way = second - first if rises else first - second
    return way > 0 and way * 100 >= by * abs(first) if percent else way >= by


def read(reader: ConditionReader, node: Node) -> Condition:
    """The two facts and the step between them."""
    keys = node.mapping(("from", "to"), ("rises_by", "falls_by"))
    names = [reader.fact(keys[key], keys[key].text()) for key in ("from", "to")]
    for key, name in zip(("from", "to"), names, strict=True):
        if name in DERIVED or reader.catalogue[name].kind not in (Kind.INT, Kind.DEC):
            keys[key].fail(f"expected a fact that is a number, got {name}")
    if names[0] == names[1]:
        node.fail(f"expected two facts, got {names[0]} twice")
    if reader.edition >= SECOND and any(set(names) <= alike for alike in _ALIKE):
        node.fail(f"{names[1]} is {names[0]} in another unit: expected two facts")
    by, rises, percent = read_step(node, keys, reader.catalogue[names[0]])
    return HasChanged(names[0], names[1], by, rises, percent)


def read_step(node: Node, keys: Mapping[str, Node], fact: Fact) -> tuple[Decimal, bool, bool]:
    """(by how much, whether up, whether in percent) of `rises_by` or `falls_by`."""
    if ("rises_by" in keys) == ("falls_by" in keys):
        node.fail("expected rises_by or falls_by")
    given = keys["rises_by" if "rises_by" in keys else "falls_by"]
    quantity = read_quantity(given.written())
    percent = quantity is not None and quantity.unit == "%" and fact.unit != "%"
    by = quantity.value if percent and quantity else number_of(given, fact)
    if not isinstance(by, Decimal) or by <= 0:
        given.fail("expected more than nothing, as an exact decimal")
    return by, "rises_by" in keys, percent


STEP = {"rises_by": QUANTITY, "falls_by": QUANTITY}
WORD = Word("change", read, obj(("from", "to"), {"from": TEXT, "to": TEXT, **STEP}))
