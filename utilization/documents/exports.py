"""Rows as CSV: streamed, exact to the last decimal, and no cell that a spreadsheet would run.

A spreadsheet takes text that begins with = + - @ (or their full-width twins) for a formula, and where its separator
is the semicolon it takes text after one for a new cell. Each such place gets one apostrophe, which a spreadsheet
hides; `as_typed` takes exactly these out again, so nothing is lost.
"""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import islice
from typing import Any

ROWS_A_PIECE = 500
"""Rows that are sent at once: large enough to be quick, small enough to stay out of memory."""

_QUOTE = '"'
_NEEDS_QUOTES = re.compile('[,"\r\n]')
_TRIGGER = "[=+\\-@\uff1d\uff0b\uff0d\uff20]"
# Where a spreadsheet may see the start of a cell: the start of the text, after a line end, tab, semicolon or bar, and
# after spaces, quotes and unseen characters that stand between.
_START = '(?:^|[;|\\t\\r\\n])[\\s"\\x00-\\x1f\\u200b\\ufeff]*'
_LIVE = re.compile(f"({_START})('*{_TRIGGER})")
_MADE_INERT = re.compile(f"({_START})'('*{_TRIGGER})")
# What no live place can be without: a first character that triggers or is passed over, or a separator further on. Most
# cells have neither, and this says so without looking at every place.
_MAYBE_LIVE = re.compile(f"{_TRIGGER}|[\\s\"'\\x00-\\x1f\\u200b\\ufeff]|.*[;|\\t\\r\\n]", re.DOTALL)


def inert(text: str) -> str:
    """`text` with an apostrophe before all that could begin a formula; NUL, which no reader takes, as U+FFFD."""
    if _MAYBE_LIVE.match(text):
        text = _LIVE.sub(r"\1'\2", text)
    return text.replace("\0", "\ufffd")


def as_typed(cell: str) -> str:
    """The text that `inert` made `cell` from."""
    return _MADE_INERT.sub(r"\1\2", cell)


def csv_pieces(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[bytes]:
    """The CSV of `rows` under `header` in pieces of UTF-8 bytes, for a streamed answer.

    Cells are text, whole numbers, Decimal (written exactly, without exponent), bool (yes, no), date (ISO 8601), aware
    datetime (ISO 8601 in UTC) or None (empty). It begins with a byte order mark, by which Excel knows UTF-8; read it
    with `utf-8-sig`. Raises TypeError for a float, which has no exact decimals, and ValueError for a time without zone.
    """
    lines = _Lines()
    write = csv.writer(lines, lineterminator="\r\n").writerow
    write([inert(name) for name in header])
    yield b"\xef\xbb\xbf" + lines.take()
    left = iter(rows)
    while piece := list(islice(left, ROWS_A_PIECE)):
        for row in piece:
            write([_cell(value) for value in row])
        yield lines.take()


class _Lines(list[str]):
    """What the CSV writer writes to: lines kept until they are taken."""

    write = list.append

    def take(self) -> bytes:
        text = "".join(self)
        self.clear()
        return text.encode("utf-8", "replace")


def _cell(value: Any) -> str | int:
    if isinstance(value, str):
        return inert(value)
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return value
    return _exact(value)


def _exact(value: Any) -> str:
    if isinstance(value, Decimal):
        if not value.is_finite():
            raise TypeError("A cell holds a number that is not finite.")
        return f"{value:f}"
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise ValueError("A cell holds a time without a time zone.")
        if value.tzinfo is not UTC:
            value = value.astimezone(UTC)
        return value.isoformat(timespec="seconds").removesuffix("+00:00") + "Z"
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"A cell holds text, whole numbers, Decimal, dates or None; found {type(value).__name__}.")


def quoted_cell(text: str | None) -> str:
    """`text` as a cell of the CSV: made inert, in quotes where it needs them; empty for None."""
    if text is None:
        return ""
    text = inert(text)
    return f'"{text.replace(_QUOTE, _QUOTE * 2)}"' if _NEEDS_QUOTES.search(text) else text
