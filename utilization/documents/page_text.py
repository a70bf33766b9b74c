"""Text as a page shows it: nothing in it is unseen, turns what follows around, or is drawn as an empty box."""

import re
import unicodedata
from collections.abc import Callable
from itertools import accumulate
from typing import Any

from django.utils.html import escape, format_html
from django.utils.safestring import mark_safe

from utilization.documents.fonts import AS_EMOJI, EMOJI, JOINERS, OTHERS, face_of, width

# Characters that draw nothing, or turn the direction of what follows (Unicode: Default_Ignorable_Code_Point, controls,
# surrogates, private use): printed as their code, so that the page shows what the field holds.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\u2800\u3164\ufdd0-\ufdef\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff\ud800-\udfff\ue000-\uf8ff"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff\U000f0000-\U0010ffff]"
)
_LINE_END = re.compile("\r\n?|\x85|\u2028|\u2029")
# Marks over and under Latin, Greek and Cyrillic letters, and such a letter with all that it bears.
_MARK = re.compile("[\u0300-\u036f]")
_BEARING = re.compile(".[\u0300-\u036f]+")
_SPACES = re.compile("(\\s+)")
_RIGHT_TO_LEFT = frozenset({"R", "AL"})
_STRONG = _RIGHT_TO_LEFT | {"L"}


def each_text(value: Any, change: Callable[[str], str]) -> Any:
    """`value` (text, lists and dictionaries of it) with every text in it changed; keys stay."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, dict):
        return {key: each_text(item, change) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [each_text(item, change) for item in value]
    return value


def printable(value: Any) -> Any:
    """`value` with every text in it fit for a page.

    Line ends are made one kind. What a reader could not see is shown by its code: unseen characters ("[U+202E]"), and
    those that no shipped font has ("[U+13A0]"). Joiners stay where they shape the letters around them.
    """
    return each_text(value, _printable)


def _printable(text: str) -> str:
    text = _LINE_END.sub("\n", text)
    if text.isascii() and text.isprintable():
        return text
    seen = _UNSEEN.sub(lambda match: _shown(text, match.start()), text)
    seen = _BEARING.sub(lambda match: unicodedata.normalize("NFC", match[0]), seen)
    missing: dict[str, str | int | None] = {c: _code(c) for c in set(seen) if not (c in "\t\n" + JOINERS or face_of(c))}
    return seen.translate(str.maketrans(missing)) if missing else seen


def _shown(text: str, place: int) -> str:
    """What a page shows for the unseen character there: nothing for one that chooses an emoji's own form, which all of
    ours have; a joiner itself within a word of a script, or an emoji, that it shapes; else its code."""
    before, after = text[place - 1 : place], text[place + 1 : place + 2]
    if text[place] == AS_EMOJI and before and face_of(before) is EMOJI:
        return ""
    if text[place] in JOINERS and before and after:
        face = EMOJI if before == AS_EMOJI else face_of(before)
        if face in OTHERS and face is face_of(after):
            return text[place]
    return _code(text[place])


def _code(character: str) -> str:
    return f"[U+{ord(character):04X}]"


def marked_up(text: str) -> str:
    """`text` with the elements that it needs to be drawn as it is written; the same text where it needs none.

    Letters that run from right to left get an element of their own direction, since the figures and commas beside a
    Hebrew or Arabic name would else be drawn among it. Words whose marks have no letter of their own, such as q\u0303,
    get a class: Source Sans does not place these marks.
    """
    if text.isascii():
        return text
    drawn = text
    if _MARK.search(text):
        words = (format_html('<span class="marks">{}</span>', word) if _MARK.search(word) else escape(word)
                 for word in _SPACES.split(text))  # fmt: skip
        drawn = mark_safe("".join(words))  # noqa: S308 - every word of it is escaped
    strong = [kind for kind in map(unicodedata.bidirectional, text) if kind in _STRONG]
    if _RIGHT_TO_LEFT.intersection(strong):
        drawn = format_html('<bdi dir="{}">{}</bdi>', "ltr" if strong[0] == "L" else "rtl", drawn)
    return drawn


def shortened(text: str, ems: float) -> str:
    """`text` if it is at most `ems` wide, else as much of its beginning as fits with an ellipsis."""
    text = " ".join(text.split())
    if width(text) <= ems:
        return text
    left = ems - width("…")
    fitting = sum(reached <= left for reached in accumulate(map(width, text)))
    # A letter is not parted from its marks, nor from what is joined to it.
    while fitting and (unicodedata.combining(text[fitting]) or text[fitting] in JOINERS + AS_EMOJI):
        fitting -= 1
    kept = text[:fitting].rstrip()
    # After letters that run from right to left a mark of their direction keeps the ellipsis at their end.
    return kept + ("…\u200f" if unicodedata.bidirectional(kept[-1:] or " ") in _RIGHT_TO_LEFT else "…")
