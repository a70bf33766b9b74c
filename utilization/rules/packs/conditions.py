"""Conditions of the criteria language, from marked text to what `language/` makes of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from utilization.rules.facts.catalogue import AMOUNTS, CATALOGUE, DERIVED, Fact, Kind
from utilization.rules.facts.therapies import Vocabulary
from utilization.rules.facts.therapy_table import THERAPIES
from utilization.rules.facts.values import BadInput, nearest, read_value
from utilization.rules.language import registry, within
from utilization.rules.language.composites import ALWAYS, AllOf, Always
from utilization.rules.language.editions import FIRST
from utilization.rules.language.entries import VALUE, field_catalogue
from utilization.rules.language.node import OF_CASE, Condition
from utilization.rules.language.one_of import derived_value, read_derived
from utilization.rules.language.quantities import BOUNDS
from utilization.rules.language.reader import Word
from utilization.rules.yaml_lines import Node

MOST_PARTS = 20_000
"""Conditions and clauses of one pack, all that it uses put in. The packs that come with the product have 1,200 at most;
more than this took ten seconds to be refused."""
DEEPEST_USE = 20


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
    `entry_of` names the list of whose entries the facts are the fields; `case` are then the facts of the case.
    `edition` says what the words mean, `therapies` what `tried` finds.
    """

    catalogue: Mapping[str, Fact] = field(default_factory=lambda: CATALOGUE)
    named: Mapping[str, Node] = field(default_factory=dict)
    tolerance: Decimal = Decimal(0)
    within: tuple[str, ...] = ()
    budget: Budget = field(default_factory=Budget)
    entry_of: str = ""
    case: Mapping[str, Fact] = field(default_factory=dict)
    edition: int = FIRST
    therapies: Vocabulary = THERAPIES

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

    def _part(self, key: str, node: Node) -> Condition:
        word = _WORDS.get(key)
        if word is None or key in self.catalogue:
            return self._test(self.fact(node, key), node)
        if self.entry_of and word.of_request:
            node.fail(f"{key} speaks of the request, not of an entry of {self.entry_of}: expected one of its fields")
        return word.read(self, node)

    def _test(self, name: str, node: Node) -> Condition:
        if name in DERIVED:
            return read_derived(name, node)
        fact = self.catalogue[name]
        return registry.FORMS[fact.kind].read(self, fact, node)

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

    def bound(self, node: Node) -> tuple[str, Fact | None]:
        """The name by which a test reads what gives a bound, and what is known of it."""
        if not self.entry_of:
            named = node.mapping(("fact",), ())["fact"]
            name = self.fact(named, named.text())
            return name, self.catalogue.get(name)
        keys = node.mapping((), ("fact", "field", "case"))
        if len(keys) != 1:
            node.fail("expected fact, or where an entry has a field of that name, field or case")
        [(where, named)] = keys.items()
        name = named.text()
        if where == "fact" and self.edition != FIRST and self.in_case(name):
            named.fail(
                f"{name} is a field of an entry and a fact of the case: write {{field: {name}}} or {{case: {name}}}"
            )
        if where == "case" or (where == "fact" and name in self.case and name not in self.catalogue):
            name = replace(self, catalogue=self.case, entry_of="").fact(named, name)
            return OF_CASE + name, self.case.get(name)
        return self._field(named, name), self.catalogue[name]

    def in_case(self, name: str) -> bool:
        """Whether a field of an entry has the name of a fact of the case as well."""
        return name in self.case and name in self.catalogue

    def _field(self, node: Node, name: str) -> str:
        if name not in self.catalogue:
            near = nearest(name, self.catalogue)
            hint = f"; did you mean {near}?" if near else ""
            known = ", ".join(self.catalogue)
            node.fail(f"unknown field {name!r}: expected one of {known}, which an entry of {self.entry_of} holds{hint}")
        return name

    def of_entry(self, fact: Fact, node: Node) -> Condition:
        """A condition on the fields of one entry of a list; of a plain list, the bounds of its numbers."""
        if fact.kind is Kind.LIST_DEC and isinstance(node.value, dict) and set(node.value) <= set(BOUNDS):
            # In the first edition a bound that a fact of the case gives was never known here.
            inner = self if self.edition == FIRST else self._within_entry(fact)
            return within.read(inner, field_catalogue(fact)[VALUE], node)
        return self._within_entry(fact).condition(node)

    def _within_entry(self, fact: Fact) -> "Reader":
        fields = field_catalogue(fact)
        return replace(self, catalogue=fields, named={}, within=(), entry_of=fact.name, case=self.catalogue)

    def stated(self, node: Node) -> dict[str, Any]:
        """Facts with one value each."""
        return {self.fact(value, name): self.value(name, value) for name, value in node.mapping().items()}

    def value(self, name: str, node: Node) -> Any:
        """One value of a fact, as the fact's kind asks."""
        if name in DERIVED:
            return derived_value(node)
        try:
            return read_value(self.catalogue[name], node.value, "")
        except BadInput as error:
            node.fail(error.message)

    def shared(self, node: Node) -> Condition:
        """The condition that the pack shares under a name."""
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


# What people write who know other languages.
_MEANT = {"or": "any", "either": "any", "and": "all", "both": "all", "none": "not"}
_WORDS: Mapping[str, Word] = {word.name: word for word in registry.WORDS}
WORDS = tuple(name for name, word in _WORDS.items() if not word.yields)
"""Words of the language that no fact may be named after."""
