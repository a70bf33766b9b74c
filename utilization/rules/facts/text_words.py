"""A typed text as its words, in which capital letters, accents and hidden characters make no difference."""

import re
import unicodedata

TextWords = tuple[str, ...]
_ACCENTS = re.compile("[\N{COMBINING GRAVE ACCENT}-\N{COMBINING LATIN SMALL LETTER X}]")
_POSSESSIVE = re.compile("['\N{RIGHT SINGLE QUOTATION MARK}]s(?![^\\W_])")
_APOSTROPHE = re.compile("['\N{RIGHT SINGLE QUOTATION MARK}]")
_TITLE = re.compile(r"\b(dr|prof|mr|mrs|ms|st)\.")
# A full stop within an abbreviation or a number has no space after it, and ends nothing.
_CLAUSE_ENDS = re.compile("[;!?|\r\n\N{MIDDLE DOT}\N{BULLET}]|\\.(?=\\s|$)|\\b(?:but|however|although)\\b")


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
    apart = "".join(sign if sign.isalnum() or unicodedata.category(sign)[0] == "M" else " " for sign in text)
    return tuple(apart.split())
