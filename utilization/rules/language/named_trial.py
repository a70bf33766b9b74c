"""A therapy stands in the list with its result: what `tried` of the second edition asks of a therapy without a fact.

The fact of a class says that something of the class was tried, and not what: an empty list beside it denies nothing.
"""

from dataclasses import dataclass

from utilization.rules.language.composites import AnyOf
from utilization.rules.language.entries import OfList, entries_of
from utilization.rules.language.entry_count import Entries
from utilization.rules.language.node import Catalogue, Condition, Facts, Truth
from utilization.rules.language.words import Words


@dataclass(frozen=True, slots=True)
class OfClass:
    """The fact that tells how a class of therapies went; an entry that fits `named` says which of the class it was."""

    fact: str
    named: Condition


@dataclass(frozen=True, slots=True)
class NamedTrial(OfList):
    """An entry is `listed`; unknown where none is while a class came to one of `results` and no entry says which.

    An entry says so that names one of the class with such a result, or, however it went, the therapy looked for, which
    is `itself`. The facts of the classes count when they are known and are never asked for.
    """

    listed: Entries
    itself: Condition
    classes: tuple[OfClass, ...]
    results: frozenset[str]

    @property
    def fact(self) -> str:  # type: ignore[override]  # that of the entries, read alone
        return self.listed.fact

    @property
    def reads(self) -> tuple[str, ...]:
        return (self.fact, *(told.fact for told in self.classes))

    @property
    def asks(self) -> tuple[str, ...]:
        return (self.fact,)

    def truth(self, facts: Facts) -> Truth:
        truth = self.listed.truth(facts)
        return None if truth is False and self.unnamed(facts) else truth

    def unnamed(self, facts: Facts) -> str:
        """The fact of a class of which something was tried that the list, which is known, does not name; else none."""
        entries = entries_of(facts, self.fact) or ()
        for told in self.classes:
            says_which = AnyOf((told.named, self.itself))
            if facts.get(told.fact) in self.results and not any(says_which.truth(entry) for entry in entries):
                return told.fact
        return ""

    def said(self, catalogue: Catalogue) -> Words:
        return self.listed.said(catalogue)

    def of_entries(self) -> tuple[Condition, ...]:
        return self.listed.of_entries()
