"""Rows as JSON Lines: an object a line, a decimal as a number with all its digits, what is empty as null."""

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import islice
from typing import Any

from utilization.rules.cell_kinds import ExportColumn

ROWS_A_PIECE = 500

_text = json.JSONEncoder(ensure_ascii=False).encode


def json_pieces(columns: Sequence[ExportColumn], rows: Iterable[Sequence[Any]]) -> Iterator[bytes]:
    """The lines of `rows` in pieces of UTF-8 bytes. A reader that takes numbers for floats loses digits of a decimal:
    Python reads them whole with `json.loads(line, parse_float=Decimal)`.
    """
    names = [f"{_text(column.name)}:" for column in columns]
    left = iter(rows)
    while some := list(islice(left, ROWS_A_PIECE)):
        yield "".join(
            f"{{{','.join([name + _value(value) for name, value in zip(names, row, strict=True)])}}}\n" for row in some
        ).encode("utf-8", "replace")


def _value(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, Decimal):
        if not value.is_finite():
            raise TypeError("A cell holds a number that is not finite.")
        return f"{value:f}"
    if isinstance(value, datetime):
        return f'"{value.astimezone(UTC).isoformat(timespec="seconds").removesuffix("+00:00")}Z"'
    if isinstance(value, date):
        return f'"{value.isoformat()}"'
    raise TypeError(f"A cell holds text, whole numbers, Decimal, dates or None; found {type(value).__name__}.")
