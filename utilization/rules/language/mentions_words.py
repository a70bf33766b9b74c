"""A text mentions one of some words, as whole words and not denied: `mentions` of the second edition."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from utilization.rules.facts.text_words import TextWords, clauses_in, words_in
from utilization.rules.language.node import Catalogue, Facts, OfOneFact, Truth
from utilization.rules.language.words import Words, either, label
from utilization.rules.yaml_lines import Node

STEM = "*"
_SHORTEST_STEM = 3
NEGATIONS = frozenset({
    "not", "no", "non", "none", "nor", "neither", "never", "without", "cannot", "cant", "isnt", "arent", "wasnt",
    "werent", "hasnt", "havent", "hadnt", "doesnt", "dont", "didnt", "wont", "lacks", "lacking", "declined",
    "declines", "refused", "awaiting", "awaited", "awaits", "pending", "unavailable",
})  # fmt: skip
"""Words that leave it open whether what they stand beside is so."""


@dataclass(frozen=True, slots=True)
class MentionsWords(OfOneFact):
    """The text holds one of the words, whole, or as the beginning of a word where it ends in a star.

    A hit is denied where a negation stands before it in its clause, or after it up to the next comma. Where every hit
    is denied it is unknown what the text means, which is no denial.
    """

    fact: str
    words: tuple[str, ...]

    def truth(self, facts: Facts) -> Truth:
        value = facts.get(self.fact)
        return None if value is None else _mentioned(value, self.words)

    def said(self, catalogue: Catalogue) -> Words:
        return Words(f"{label(self.fact, catalogue)}: mentions {either([_in_words(word) for word in self.words])}")

    def marks(self, as_of: date) -> Iterable[str]:
        return [" ".join(words_in(word)) for word in self.words]

    def looked_for(self) -> Iterable[str]:
        return self.words


def read_words(node: Node) -> tuple[str, ...]:
    """The words to look for, in which a star stands at the end alone. Fails at the one that can never be found."""
    return tuple(_read_word(item) for item in node.items())


def _read_word(node: Node) -> str:
    word = node.text()
    words = words_in(word)
    if not words:
        node.fail(f"{word!r} holds no letter or digit, so that no text mentions it: expected a word")
    if STEM in word.removesuffix(STEM):
        node.fail(f"a star stands at the end of a word alone, for any ending: expected such as neurolog*, got {word!r}")
    if word.endswith(STEM) and (not word[-2].isalnum() or len(words[-1]) < _SHORTEST_STEM):
        node.fail(f"{word!r} fits too many words: expected at least {_SHORTEST_STEM} letters before the star")
    return word


def _in_words(word: str) -> str:
    *whole, last = word.removesuffix(STEM).rsplit(maxsplit=1)
    if not word.endswith(STEM):
        return f"the word {word}" if not whole else f"the words {word}"
    begins = f"a word that begins with {last}"
    return f"the words {whole[0]} and {begins}" if whole else begins


@lru_cache(maxsize=10_000)
def _mentioned(text: str, words: tuple[str, ...]) -> Truth:
    denied = [hit for clause in clauses_in(text) for word in words for hit in _hits(clause, word)]
    return None if denied and all(denied) else bool(denied)


def _hits(clause: tuple[TextWords, ...], word: str) -> Iterator[bool]:
    """For each place of a clause at which the word stands, whether it is denied there."""
    looked_for, is_stem = words_in(word), word.endswith(STEM)
    flat = [(text_word, part) for part, words in enumerate(clause) for text_word in words]
    for start in range(len(flat) - len(looked_for) + 1):
        end = start + len(looked_for)
        here = tuple(text_word for text_word, _ in flat[start:end])
        if here == looked_for or (is_stem and here[:-1] == looked_for[:-1] and here[-1].startswith(looked_for[-1])):
            last_part = flat[end - 1][1]
            beside = [*flat[:start], *(place for place in flat[end:] if place[1] == last_part)]
            yield any(text_word in NEGATIONS for text_word, _ in beside)
