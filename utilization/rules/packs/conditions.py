"""Conditions of the criteria language, from marked text to nodes.

What was tried before is read in `therapies`, limits on the order in `limits`, tests on lists in `list_tests`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from utilization.rules.facts.ages import AGES, BY_UNIT
from utilization.rules.facts.ages import YEARS as AGE_IN_YEARS
from utilization.rules.facts.catalogue import AMOUNTS, CATALOGUE, DERIVED, SAME_AS, Fact, Kind
from utilization.rules.facts.units import before, canonical_unit
from utilization.rules.facts.values import BadInput, nearest, read_value
from utilization.rules.language.criteria import (
    AllOf,
    Always,
    AnyOf,
    Condition,
    CountOf,
    HasChanged,
    IsBeside,
    IsDated,
    IsOneOf,
    IsWithin,
    Mentions,
    Not,
    Surely,
)
from utilization.rules.language.supposing import field_catalogue
from utilization.rules.packs.limits import dose
from utilization.rules.packs.list_tests import is_plain, list_test, read_step, value_field
from utilization.rules.packs.quantities import (
    ANY_DAY,
    BOUNDS,
    number_of,
    read_counts,
    read_node_quantity,
    read_span,
)
from utilization.rules.packs.therapies import tried, tried_without_success
from utilization.rules.yaml_lines import Node

ALWAYS = Always(True)
MOST_PARTS = 100_000
DEEPEST_USE = 20
# Words that speak of the request as a whole, of which an entry of a list knows nothing.
_NOT_OF_AN_ENTRY = ("use", "tried_without_success", "tried", "dose")


@dataclass
class Budget:
    """How much a pack may come to once what it shares is put in: a few lines that use each other would explode."""

    left: int = MOST_PARTS

    def spend(self, node: Node) -> None:
        """Count one part. Fails at `node` when there are too many."""
        self.left -= 1
        if self.left < 0:
            node.fail(
                f"too much once all that it uses is put in: expected at most {MOST_PARTS:,} conditions and clauses"
            )


@dataclass(frozen=True)
class Reader:
    """Reads the conditions of one pack: by its facts, and by the conditions that it names for sharing.

    `named` gives the text of a named condition. A name that leads back to itself is refused where it is used.
    `entry_of` names the list of whose entries the facts are the fields.
    """

    catalogue: Mapping[str, Fact] = field(default_factory=lambda: CATALOGUE)
    named: Mapping[str, Node] = field(default_factory=dict)
    tolerance: Decimal = Decimal(0)
    within: tuple[str, ...] = ()
    budget: Budget = field(default_factory=Budget)
    entry_of: str = ""

    def condition(self, node: Node) -> Condition:
        """A condition: `always`, `never`, one of the words of the language, or facts with their values."""
        self.budget.spend(node)
        if node.value == "always":
            return ALWAYS
        if node.value == "never":
            return Always(False)
        keys = node.mapping()
        if not keys:
            node.fail(f"expected a condition: {', '.join(_WORDS)}, or a fact with its value")
        parts = [self._part(key, value) for key, value in keys.items()]
        return parts[0] if len(parts) == 1 else AllOf(tuple(parts))

    def _part(self, key: str, value: Node) -> Condition:
        if key not in _WORDS or (self.entry_of and key in self.catalogue):
            return self._test(self.fact(value, key), value)
        if self.entry_of and key in _NOT_OF_AN_ENTRY:
            value.fail(f"{key} speaks of the request, not of an entry of {self.entry_of}: expected one of its fields")
        return _WORDS[key](self, value)

    def fact(self, node: Node, name: str) -> str:
        """The name of a fact that the pack may use. Fails at `node`, with the nearest name."""
        if self.entry_of:
            return self._field(node, name)
        if name in AMOUNTS:
            node.fail(f"{name} is written as a dose: expected dose: {{at_most: 2 g/kg, per: course}}")
        if name not in self.catalogue and name not in DERIVED:
            near = _MEANT.get(name.casefold()) or nearest(name, [*self.catalogue, *DERIVED, *_WORDS])
            hint = f"; did you mean {near}?" if near else ""
            node.fail(f"unknown fact {name!r}: expected a name of the vocabulary or of the pack's own facts{hint}")
        return name

    def _field(self, node: Node, name: str) -> str:
        if name not in self.catalogue:
            near = nearest(name, self.catalogue)
            hint = f"; did you mean {near}?" if near else ""
            known = ", ".join(self.catalogue)
            node.fail(f"unknown field {name!r}: expected one of {known}, which an entry of {self.entry_of} holds{hint}")
        return name

    def of_entry(self, fact: Fact, node: Node) -> Condition:
        """A condition on the fields of one entry of a list; of a plain list, the bounds of its numbers."""
        if is_plain(fact) and isinstance(node.value, dict) and set(node.value) <= set(BOUNDS):
            return self._bounds(value_field(fact), node)
        fields = field_catalogue(fact)
        return replace(self, catalogue=fields, named={}, within=(), entry_of=fact.name).condition(node)

    def stated(self, node: Node) -> dict[str, Any]:
        """Facts with one value each."""
        return {self.fact(value, name): self.value(name, value) for name, value in node.mapping().items()}

    def value(self, name: str, node: Node) -> Any:
        """One value of a fact, as the fact's kind asks."""
        if name in DERIVED:
            if not isinstance(node.value, bool):
                node.fail(f"expected true or false, got {node.shown}")
            return node.value
        try:
            return read_value(self.catalogue[name], node.value, "")
        except BadInput as error:
            node.fail(error.message)

    # --- The words of the language ---------------------------------------------------------------------------------

    def _parts(self, node: Node) -> tuple[Condition, ...]:
        parts = tuple(self.condition(item) for item in node.items())
        if not parts:
            node.fail("expected at least one condition")
        return parts

    def _all(self, node: Node) -> Condition:
        return AllOf(self._parts(node))

    def _any(self, node: Node) -> Condition:
        return AnyOf(self._parts(node))

    def _not(self, node: Node) -> Condition:
        return Not(self.condition(node))

    def _surely(self, node: Node) -> Condition:
        return Surely(self.condition(node))

    def _count(self, node: Node) -> Condition:
        keys = node.mapping(("of",), ("at_least", "at_most", "exactly"))
        parts = self._parts(keys["of"])
        low, high = read_counts(node, keys, None)
        if low > len(parts):
            node.fail(f"at_least {low} of {len(parts)} conditions can never hold")
        return CountOf(parts, low, high)

    def _use(self, node: Node) -> Condition:
        name = node.text()
        if name not in self.named:
            near = nearest(name, self.named)
            known = f"expected one of {', '.join(self.named)}" if self.named else "the pack names none"
            node.fail(f"unknown condition {name!r}: {known}" + (f"; did you mean {near}?" if near else ""))
        if name in self.within:
            node.fail(f"the condition {name!r} leads back to itself: {' > '.join((*self.within, name))}")
        if len(self.within) == DEEPEST_USE:
            node.fail(f"conditions that use each other more than {DEEPEST_USE} deep: {self.within[0]} > … > {name}")
        return replace(self, within=(*self.within, name)).condition(self.named[name])

    def _change(self, node: Node) -> Condition:
        keys = node.mapping(("from", "to"), ("rises_by", "falls_by"))
        names = [self.fact(keys[key], keys[key].text()) for key in ("from", "to")]
        for key, name in zip(("from", "to"), names, strict=True):
            if name in DERIVED or self.catalogue[name].kind not in (Kind.INT, Kind.DEC):
                keys[key].fail(f"expected a fact that is a number, got {name}")
        if names[0] == names[1]:
            node.fail(f"expected two facts, got {names[0]} twice")
        by, rises, percent = read_step(node, keys, self.catalogue[names[0]])
        return HasChanged(names[0], names[1], by, rises, percent)

    # --- Facts -----------------------------------------------------------------------------------------------------

    def _test(self, name: str, node: Node) -> Condition:
        if name in DERIVED:
            return IsOneOf(name, frozenset(self.value(name, item) for item in _one_or_more(node)))
        fact = self.catalogue[name]
        if fact.kind in (Kind.LIST_DEC, Kind.LIST_RECORD):
            return list_test(self, fact, node)
        if isinstance(node.value, dict):
            return self._mapped(fact, node)
        if fact.kind is Kind.TEXT and node.value == "stated":
            return Mentions(name)
        if fact.kind is Kind.DATE:
            node.fail("expected within: 12 months, at_least_ago: 3 months, or from and until with dates")
        if fact.kind is Kind.TEXT:
            return Mentions(name, tuple(item.text() for item in _one_or_more(node)), whole=True)
        values = frozenset(self._one_value(fact, item) for item in _one_or_more(node))
        return IsOneOf(SAME_AS.get(name, name), values)

    def _one_value(self, fact: Fact, node: Node) -> Any:
        if fact.kind in (Kind.INT, Kind.DEC):
            return number_of(node, fact)
        try:
            return read_value(fact, node.value, "")
        except BadInput as error:
            node.fail(error.message)

    def _mapped(self, fact: Fact, node: Node) -> Condition:
        if fact.kind in (Kind.INT, Kind.DEC):
            return self._bounds(fact, node)
        if fact.kind is Kind.DATE:
            return _dated(fact, node)
        if fact.kind is not Kind.TEXT:
            node.fail(f"expected a value of {fact.name}, got a mapping")
        words = node.mapping(("mentions",), ())["mentions"].texts()
        if not words:
            node.fail("expected at least one word")
        return Mentions(fact.name, words)

    def _beside(self, fact: Fact, bound: str, node: Node) -> Condition:
        """A bound that another fact gives: `{below: {fact: igg_lower_limit}}`."""
        named = node.mapping(("fact",), ())["fact"]
        other = self.fact(named, named.text())
        if other in DERIVED or self.catalogue[other].kind not in (Kind.INT, Kind.DEC) or other == fact.name:
            named.fail(f"expected another fact that is a number, got {other}")
        names = [SAME_AS.get(name, name) for name in (fact.name, other)]
        units = [canonical_unit(self.catalogue[name].unit) for name in names]
        if units[0] != units[1]:
            named.fail(
                f"{fact.name} is in {units[0] or 'no unit'}, {other} in {units[1] or 'no unit'}: expected one unit"
            )
        return IsBeside(names[0], names[1], bound in ("at_least", "above"), bound in ("above", "below"))

    def _bounds(self, fact: Fact, node: Node) -> Condition:
        keys = node.mapping((), BOUNDS)
        if not keys:
            node.fail("expected at_least, at_most, above or below")
        parts: list[Condition] = [
            self._beside(fact, key, value) for key, value in keys.items() if isinstance(value.value, dict)
        ]
        rest = {key: value for key, value in keys.items() if not isinstance(value.value, dict)}
        if rest:
            parts += self._aged(fact, node, rest) if fact.name in AGES else [self._within(fact, node, rest)]
        return parts[0] if len(parts) == 1 else AllOf(tuple(parts))

    def _within(self, fact: Fact, node: Node, bounds: Mapping[str, Node]) -> IsWithin:
        return self.number_bounds(fact, replace(node, value=bounds))

    def _aged(self, fact: Fact, node: Node, bounds: Mapping[str, Node]) -> list[Condition]:
        """Bounds on an age, each held against the age in its own unit, so that it is right to the day."""
        self._within(fact, node, bounds)
        apart: dict[str, dict[str, Node]] = {}
        for key, value in bounds.items():
            unit = read_node_quantity(value).unit
            apart.setdefault(BY_UNIT.get(unit, AGE_IN_YEARS) if unit else fact.name, {})[key] = value
        return [self._within(self.catalogue[name], node, those) for name, those in apart.items()]

    def number_bounds(self, fact: Fact, node: Node) -> IsWithin:
        """Bounds that are numbers."""
        keys = node.mapping((), BOUNDS)
        if not keys:
            node.fail("expected at_least, at_most, above or below")
        for one, other in (("at_least", "above"), ("at_most", "below")):
            if one in keys and other in keys:
                keys[other].fail(f"{one} and {other} are two bounds on one side: leave one out")
        bounds = {key: number_of(value, fact) for key, value in keys.items()}
        low, high = bounds.get("at_least", bounds.get("above")), bounds.get("at_most", bounds.get("below"))
        is_open = "above" in keys, "below" in keys
        if low is not None and high is not None and (low > high or (low == high and any(is_open))):
            lower, upper = ("above" if is_open[0] else "at_least"), ("below" if is_open[1] else "at_most")
            node.fail(f"{lower} {keys[lower].written()} is not under {upper} {keys[upper].written()}: nothing fits")
        return IsWithin(SAME_AS.get(fact.name, fact.name), low, high, *is_open)


# What people write who know other languages.
_MEANT = {"or": "any", "either": "any", "and": "all", "both": "all", "none": "not"}
_WORDS: Mapping[str, Callable[[Reader, Node], Condition]] = {
    "all": Reader._all,
    "any": Reader._any,
    "not": Reader._not,
    "surely": Reader._surely,
    "count": Reader._count,
    "use": Reader._use,
    "tried_without_success": tried_without_success,
    "tried": tried,
    "dose": dose,
    "change": Reader._change,
}
WORDS = tuple(_WORDS)
"""Words of the language that no fact may be named after."""


def _dated(fact: Fact, node: Node) -> Condition:
    keys = node.mapping((), ("within", "at_least_ago", "from", "until"))
    if not keys:
        node.fail("expected within, at_least_ago, from or until")
    first = keys["from"].day() if "from" in keys else None
    last = keys["until"].day() if "until" in keys else None
    if first is not None and last is not None and first > last:
        node.fail(f"from {first} is after until {last}")
    within = read_span(keys["within"]) if "within" in keys else None
    ago = read_span(keys["at_least_ago"]) if "at_least_ago" in keys else None
    if within is not None and ago is not None and before(ANY_DAY, within) > before(ANY_DAY, ago):
        node.fail(f"at_least_ago {ago} lies before within {within}: no date fits")
    return IsDated(fact.name, within, ago, first, last)


def _one_or_more(node: Node) -> list[Node]:
    values = node.items() if isinstance(node.value, list) else [node]
    if not values:
        node.fail("expected at least one value")
    return values
