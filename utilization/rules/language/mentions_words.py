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
    "not", "no", "non", "none", "nor", "neither", "never", "without", "nil", "absent", "unlikely", "instead",
    "cannot", "cant", "couldnt", "isnt", "arent", "wasnt", "werent", "hasnt", "havent", "hadnt", "doesnt", "dont",
    "didnt", "wont", "wouldnt", "shouldnt", "nt", "unable", "lacks", "lacking", "unavailable", "ex", "former",
    "formerly",
    # asked for, and not yet had
    "await", "awaiting", "awaited", "awaits", "pending", "wait", "waiting", "waitlisted", "listed", "refer",
    "referred", "referral", "request", "requested", "requesting", "appointment", "booked", "scheduled", "planned",
    "next", "tba", "tbc",
    # refused, or failed
    "declined", "declines", "declining", "refuse", "refused", "refuses", "refusing", "denies", "denied", "cancelled",
    "canceled", "dna",
    # the same in languages whose names of specialists look alike
    "pas", "sans", "kein", "keine", "keinen", "nicht", "ohne", "ikke", "ingen", "sin", "sem", "nao", "nie", "bez",
    "geen", "niet", "zonder", "senza",
})  # fmt: skip
"""Words that leave it open whether what they stand beside is so."""


@dataclass(frozen=True, slots=True)
class MentionsWords(OfOneFact):
    """The text holds one of the words, whole, or as the beginning of a word where it ends in a star.

    A hit is denied where a negation stands in its clause, or begins the clause after it. Where every hit is denied it
    is unknown what the text means, which is no denial.
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
    if len(clauses_in(word)) > 1:
        node.fail(f"{word!r} holds a sign or a word that ends a clause, so that no text mentions it: write two words")
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
    clauses = clauses_in(text)
    denied = [
        any(beside in NEGATIONS for beside in (*others, *after[:1]))
        for clause, after in zip(clauses, (*clauses[1:], ()), strict=False)
        for word in words
        for others in _beside_hits(clause, word)
    ]
    return None if denied and all(denied) else bool(denied)


def _beside_hits(clause: TextWords, word: str) -> Iterator[TextWords]:
    """For each place of a clause at which the word stands, the other words of the clause."""
    *first, last = words_in(word)
    for start in range(len(clause) - len(first)):
        end = start + len(first)
        fits = clause[end].startswith(last) if word.endswith(STEM) else clause[end] in (last, f"{last}s")
        if fits and clause[start:end] == tuple(first):
            yield (*clause[:start], *clause[end + 1 :])
