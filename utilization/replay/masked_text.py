"""A text in which every word is hidden but those by which criteria of the second edition know what it says."""

from dataclasses import dataclass
from functools import lru_cache
from itertools import count
from string import ascii_lowercase

from utilization.rules.facts.text_words import TELLING_CLAUSES, reworded, words_in
from utilization.rules.facts.therapies import BESIDE_A_NAME, is_beside_a_name
from utilization.rules.language.mentions import folded
from utilization.rules.language.mentions_words import NEGATIONS, STEM

STATED = "\N{MIDDLE DOT}"


@dataclass(frozen=True)
class Mask:
    """The words that stay, and the beginnings of such; one number, letter and word stand for any others."""

    shown: frozenset[str]
    stems: tuple[str, ...]
    number: str
    letter: str
    word: str

    def over(self, word: str) -> str:
        """The word, or what stands for it."""
        if word in self.shown or word.startswith(self.stems) or not word.strip("0"):
            return word
        if is_beside_a_name(word):
            return self.number
        # A full stop behind a single letter ends no clause.
        return self.letter if len(word) == 1 else self.word


def masked(text: str, words: frozenset[str]) -> str:
    """`text` with its clauses, negations and doses as they are, and no word of its own but those looked for.

    A text that is one of the words as a whole stays so; any other ends in a dot, so that it equals none.
    """
    stated = folded(text)
    if text in words or not stated:
        return text
    if any(folded(word) == stated for word in words):
        return stated
    return f"{reworded(text, _mask(words).over)} {STATED}"


@lru_cache(maxsize=64)
def _mask(words: frozenset[str]) -> Mask:
    parts = {part for word in words for whole in words_in(word) for part in (whole, f"{whole}s")}
    stems = tuple(words_in(word)[-1] for word in words if word.endswith(STEM))
    shown = frozenset({*parts, *NEGATIONS, *BESIDE_A_NAME, *TELLING_CLAUSES})
    number = next(number for number in map(str, count(1)) if number not in shown and not number.startswith(stems))
    letter = next((letter for letter in ascii_lowercase[::-1] if letter not in shown), "z")
    hidden = next(word for word in ("z" * n for n in count(3)) if word not in shown and not word.startswith(stems))
    return Mask(shown, stems, number, letter, hidden)
