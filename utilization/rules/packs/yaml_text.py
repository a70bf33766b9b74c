"""Values as YAML text in the manner of the packs: two spaces a level, what is short in one line, long text folded.

Any text reads back as the same text, by YAML 1.1 as well as by 1.2: what another reader could take for a number, a
date, yes or no, or for a mark of YAML is put in quotation marks, and what nobody sees is written by its number.

    yaml_text({"says": "At least: 18", "require": {"age_years": {"at_least": 18}}})

is `says: "At least: 18"` and, below it, `require: {age_years: {at_least: 18}}`.
"""

import re
import textwrap
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from utilization.rules.facts.values import plain

WIDTH = 120
"""Characters of a line; only a word, or a text in quotation marks, that is longer goes beyond."""
_STEP = 2
_BLOCK = frozenset({"sources", "statements", "indications", "criteria", "examples", "clauses", "icd10cm", "caps"})
"""Keys whose items stand below each other, also where they are short."""
# Begins with a letter and holds no mark of YAML: nothing but a word can be read in it.
_WORD = re.compile(r"[^\W\d_][\w .;()/%+'’–<=>^*-]*")
# A comma divides what stands in one line with others, and nothing in a line of its own.
_ALONE = re.compile(r"[^\W\d_][\w .,;()/%+'’–<=>^*-]*")
# A number with its unit, as `18 years` or `2 g/kg`.
_QUANTITY = re.compile(r"[0-9]+(\.[0-9]+)? [A-Za-z/%][A-Za-z0-9/%^]*", re.ASCII)
_NO_WORDS = frozenset({"true", "false", "yes", "no", "on", "off", "y", "n", "null", "nan", "inf"})
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}


def yaml_text(value: Mapping[str, Any]) -> str:
    """`value` as a YAML document: mappings, lists, texts, numbers (int or Decimal), booleans."""
    return "\n".join(_entries(value, 0)) + "\n"


def scalar(value: Any, words: re.Pattern[str] = _WORD) -> str:
    """A text, number or boolean in one line; a text that matches `words` needs no quotation marks."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal | int):
        return plain(Decimal(value))
    return value if _is_plain(value, words) else f'"{"".join(_escaped(sign) for sign in value)}"'


def _is_plain(text: str, words: re.Pattern[str]) -> bool:
    if _QUANTITY.fullmatch(text):
        return True
    return bool(words.fullmatch(text)) and text.casefold() not in _NO_WORDS and not text.endswith(" ")


def _escaped(sign: str) -> str:
    if sign in _ESCAPES:
        return _ESCAPES[sign]
    if sign.isprintable():
        return sign
    number = ord(sign)
    if number < 0x100:
        return f"\\x{number:02x}"
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"


def _in_line(value: Any) -> str:
    """Any value in one line."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{scalar(key)}: {_in_line(held)}" for key, held in value.items()) + "}"
    if _is_list(value):
        return "[" + ", ".join(_in_line(item) for item in value) + "]"
    return scalar(value)


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)


def _entries(value: Mapping[str, Any], indent: int) -> list[str]:
    """The lines of a mapping, moved to the right by `indent`."""
    return [line for key, held in value.items() for line in _entry(key, held, indent)]


def _entry(key: str, value: Any, indent: int) -> list[str]:
    head = f"{' ' * indent}{scalar(key)}:"
    holds = isinstance(value, Mapping) or _is_list(value)
    line = f"{head} {_in_line(value) if holds else scalar(value, _ALONE)}"
    if holds and value and (key in _BLOCK or len(line) > WIDTH):
        inner = indent + _STEP
        return [head, *(_entries(value, inner) if isinstance(value, Mapping) else _items(value, inner))]
    if not holds and len(line) > WIDTH and _folds(value):
        return [f"{head} >-", *_folded(value, indent + _STEP)]
    return [line]


def _items(value: Sequence[Any], indent: int) -> list[str]:
    lines: list[str] = []
    for item in value:
        if isinstance(item, Mapping) and item:
            first, *rest = _entries(item, indent + _STEP)
            lines += [f"{' ' * indent}- {first[indent + _STEP :]}", *rest]
        else:
            lines.append(f"{' ' * indent}- {_in_line(item)}")
    return lines


def _folds(text: Any) -> bool:
    """Whether a text in folded lines reads back as itself: words with one space between them, all of it seen."""
    return isinstance(text, str) and text.isprintable() and text == text.strip() and "  " not in text


def _folded(text: str, indent: int) -> list[str]:
    lines = textwrap.wrap(text, max(WIDTH - indent, 40), break_long_words=False, break_on_hyphens=False)
    return [f"{' ' * indent}{line}" for line in lines]
