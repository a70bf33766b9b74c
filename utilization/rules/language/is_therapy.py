"""A typed text means a therapy, or one of a class: what `tried` of the second edition asks of the entries of a list."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from utilization.rules.facts.therapies import Vocabulary
from utilization.rules.language.node import Catalogue, Facts, OfOneFact, Truth
from utilization.rules.language.words import Words, label


@dataclass(frozen=True, slots=True)
class IsTherapy(OfOneFact):
    """The text means the therapy `code` of the vocabulary; unknown where it is not known what it means."""

    fact: str
    code: str
    vocabulary: Vocabulary

    def truth(self, facts: Facts) -> Truth:
        value = facts.get(self.fact)
        return None if value is None else self.vocabulary.is_meant(value, self.code)

    def said(self, catalogue: Catalogue) -> Words:
        any_of = "any of the " if self.vocabulary.has_members(self.code) else ""
        return Words(f"{label(self.fact, catalogue)}: {any_of}{self.vocabulary.therapies[self.code].label}")

    def looked_for(self) -> Iterable[str]:
        return self.vocabulary.texts

    def texts(self, as_of: date) -> Iterable[str]:
        return self.vocabulary.texts
