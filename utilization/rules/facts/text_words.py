"""A typed text as its words, in which capital letters, accents and hidden characters make no difference."""

import re
import unicodedata
from collections.abc import Callable
from itertools import groupby

TextWords = tuple[str, ...]
# With the signs that choose how a picture is drawn, which would cling to the word after it.
_ACCENTS = re.compile("[\N{COMBINING GRAVE ACCENT}-\N{COMBINING LATIN SMALL LETTER X}\ufe00-\ufe0f]")
_POSSESSIVE = re.compile("['\N{RIGHT SINGLE QUOTATION MARK}]s(?![^\\W_])")
_APOSTROPHE = re.compile("['\N{RIGHT SINGLE QUOTATION MARK}]")
_TITLES, _CONTRASTS = ("dr", "prof", "mr", "mrs", "ms", "st"), ("but", "however", "although")
_TITLE = re.compile(rf"\b({'|'.join(_TITLES)})\.")
# A full stop within an abbreviation or a number has no space after it, and ends nothing.
_CLAUSE_ENDS = re.compile(f"[;!?|\r\n\N{MIDDLE DOT}\N{BULLET}]|\\.(?=\\s|$)|\\b(?:{'|'.join(_CONTRASTS)})\\b")
TELLING_CLAUSES = frozenset({*_TITLES, *_CONTRASTS})
"""Words that say where a clause ends, or that it does not."""


def words_in(text: str) -> TextWords:
    """The words of a text, in order: `Methotrexate 15 mg/week` is methotrexate, 15, mg and week."""
    return _cut(_folded(text))


def clauses_in(text: str) -> tuple[tuple[TextWords, ...], ...]:
    """The clauses of a text, each as its parts between commas, each of those as its words; none without a word.

    `Not immunology, neurology. Dr. A` is ((not, immunology), (neurology)) and ((dr, a)).
    """
    clauses = (clause.split(",") for clause in _CLAUSE_ENDS.split(_TITLE.sub(r"\1", _folded(text))))
    cut = (tuple(words for part in clause if (words := _cut(part))) for clause in clauses)
    return tuple(clause for clause in cut if clause)


def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    shown = "".join(sign for sign in _ACCENTS.sub("", plain) if unicodedata.category(sign) != "Cf")
    return _APOSTROPHE.sub("", _POSSESSIVE.sub("", shown))


def _cut(text: str) -> TextWords:
    """The words of a folded text: letters and digits with the marks that belong to them."""
    return tuple("".join(signs) for is_word, signs in groupby(text, _of_a_word) if is_word)


def _of_a_word(sign: str) -> bool:
    return sign.isalnum() or unicodedata.category(sign)[0] == "M"


def reworded(text: str, by: Callable[[str], str]) -> str:
    """The text, folded, with what `by` makes of each word, and all that stands between words as it is."""
    runs = ((is_word, "".join(signs)) for is_word, signs in groupby(_folded(text), _of_a_word))
    return "".join(by(run) if is_word else run for is_word, run in runs)
