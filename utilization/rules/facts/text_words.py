"""A typed text as its words, in which capital letters, accents and hidden characters make no difference."""

import re
import unicodedata
from collections.abc import Callable
from itertools import groupby

TextWords = tuple[str, ...]
# With the signs that choose how a picture is drawn, which would cling to the word after it.
_ACCENTS = re.compile("[\N{COMBINING GRAVE ACCENT}-\N{COMBINING LATIN SMALL LETTER X}\ufe00-\ufe0f]")
# What people type for an apostrophe, before accents are folded: some of these would be taken for one.
_APOSTROPHES = re.compile(
    "[`\N{ACUTE ACCENT}\N{MODIFIER LETTER APOSTROPHE}\N{LEFT SINGLE QUOTATION MARK}\N{RIGHT SINGLE QUOTATION MARK}"
    "\N{PRIME}\N{FULLWIDTH APOSTROPHE}]"
)
_POSSESSIVE = re.compile(r"'s(?![^\W_])")
_TITLES, _CONTRASTS = ("dr", "prof", "mr", "mrs", "ms", "st"), ("but", "however", "although")
_TITLE = re.compile(rf"\b({'|'.join(_TITLES)})\.")
# A full stop within an abbreviation or a number has no space after it. One behind a single letter ends nothing either.
_CLAUSE_ENDS = re.compile(
    f"[;!?|\r\n\N{MIDDLE DOT}\N{BULLET}]|(?<!\\b[a-z])\\.(?=\\s|$)|\\b(?:{'|'.join(_CONTRASTS)})\\b"
)
TELLING_CLAUSES = frozenset({*_TITLES, *_CONTRASTS})
"""Words that say where a clause ends, or that it does not."""


def words_in(text: str) -> TextWords:
    """The words of a text, in order: `Methotrexate 15 mg/week` is methotrexate, 15, mg and week."""
    return _cut(_folded(text))


def clauses_in(text: str) -> tuple[TextWords, ...]:
    """The clauses of a text, each as its words; none without a word.

    `Not immunology, neurology. Dr. A` is (not, immunology, neurology) and (dr, a).
    """
    clauses = (_cut(clause) for clause in _CLAUSE_ENDS.split(_TITLE.sub(r"\1", _folded(text))))
    return tuple(clause for clause in clauses if clause)


def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", _APOSTROPHES.sub("'", text)).casefold())
    shown = "".join(sign for sign in _ACCENTS.sub("", plain) if unicodedata.category(sign) != "Cf")
    return _POSSESSIVE.sub("", shown).replace("'", "")


def _cut(text: str) -> TextWords:
    """The words of a folded text: letters and digits with the marks that belong to them."""
    return tuple("".join(signs) for is_word, signs in groupby(text, _of_a_word) if is_word)


def _of_a_word(sign: str) -> bool:
    return sign.isalnum() or unicodedata.category(sign)[0] == "M"


def reworded(text: str, by: Callable[[str], str]) -> str:
    """The text, folded, with what `by` makes of each word, and all that stands between words as it is."""
    runs = ((is_word, "".join(signs)) for is_word, signs in groupby(_folded(text), _of_a_word))
    return "".join(by(run) if is_word else run for is_word, run in runs)
