"""A text mentions one of some words, is one of them, or is stated at all; and how any test of a text is written."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from utilization.rules.facts.catalogue import Fact
from utilization.rules.language.editions import SECOND
from utilization.rules.language.mentions_words import MentionsWords, read_words
from utilization.rules.language.node import Catalogue, Condition, Facts, OfOneFact, Truth
from utilization.rules.language.one_of import one_or_several
from utilization.rules.language.reader import ConditionReader, FactForm
from utilization.rules.language.schema_parts import TEXT, TEXTS, obj
from utilization.rules.language.words import Words, either, label
from utilization.rules.yaml_lines import Node


@dataclass(frozen=True, slots=True)
class Mentions(OfOneFact):
    """The text holds one of the words; with `whole`, it is one of them; with no words, any text at all is stated.

    Case, spacing, and a low line for a space make no difference.
    """

    fact: str
    words: tuple[str, ...] = ()
    whole: bool = False

    def truth(self, facts: Facts) -> Truth:
        value = facts.get(self.fact)
        if value is None:
            return None
        text = folded(value)
        if not self.words:
            return bool(text)
        return any(folded(word) == text if self.whole else folded(word) in text for word in self.words)

    def said(self, catalogue: Catalogue) -> Words:
        verb = "is" if self.whole else "mentions"
        told = f"{verb} {either(list(self.words))}" if self.words else "stated"
        return Words(f"{label(self.fact, catalogue)}: {told}")

    def marks(self, as_of: date) -> Iterable[str]:
        return self.words

    def looked_for(self) -> Iterable[str]:
        return self.words


def folded(text: str) -> str:
    """`text` as texts are compared."""
    return " ".join(text.replace("_", " ").casefold().split())


def read(reader: ConditionReader, fact: Fact, node: Node) -> Condition:
    """`stated`, one text or several that it may be, or `{mentions: [...]}`."""
    if isinstance(node.value, dict):
        words = node.mapping(("mentions",), ())["mentions"]
        if not words.items():
            node.fail("expected at least one word")
        if reader.edition >= SECOND:
            return MentionsWords(fact.name, read_words(words))
        return Mentions(fact.name, words.texts())
    if node.value == "stated":
        return Mentions(fact.name)
    return Mentions(fact.name, tuple(item.text() for item in one_or_several(node)), whole=True)


FORM = FactForm(read, {"anyOf": [TEXT, TEXTS, obj(("mentions",), {"mentions": TEXTS})]})
