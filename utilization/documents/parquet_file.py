"""Rows as a Parquet file with typed columns: laid out first as plain lines, then taken over by DuckDB.

Neither step holds more than some thousands of rows, so that memory does not grow with them.
"""

import csv
import json
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from utilization.rules.cell_kinds import CellKind, ExportColumn

MEMORY = "192MB"
_TYPES = {
    CellKind.TEXT: "VARCHAR",
    CellKind.CODE: "VARCHAR",
    CellKind.CLOCK: "VARCHAR",
    CellKind.WHOLE: "BIGINT",
    CellKind.TRUTH: "BOOLEAN",
    CellKind.DAY: "DATE",
    CellKind.INSTANT: "TIMESTAMPTZ",
}


def write_parquet(
    path: Path, columns: Sequence[ExportColumn], rows: Iterable[Sequence[Any]], about: Iterable[Sequence[str]]
) -> None:
    """Write `rows` under the names of `columns`; `about`, which explains them, stands in the file's own metadata under
    "columns". Raises OSError where the disk is full."""
    # The engine is large: no process should carry it that never exports.
    import duckdb

    lines = path.with_name(f"{path.name}.lines")
    try:
        with lines.open("w", encoding="utf-8", errors="replace", newline="") as file:
            writer = csv.writer(file, quoting=csv.QUOTE_NOTNULL if hasattr(csv, "QUOTE_NOTNULL") else csv.QUOTE_ALL)
            writer.writerows([_cell(value) for value in row] for row in rows)
        with duckdb.connect(config={"threads": 2, "memory_limit": MEMORY}) as connection:
            connection.execute("SET TimeZone = 'UTC'")
            connection.execute("SET preserve_insertion_order = true")
            connection.execute(f"SET temp_directory = '{_quoted(path.parent)}'")
            connection.execute(_copy(lines, path, columns, about))
    except duckdb.IOException as fault:
        raise OSError(str(fault)) from fault
    finally:
        lines.unlink(missing_ok=True)


_NOTHING = "\\N"


def _cell(value: Any) -> str:
    if value is None:
        return _NOTHING
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, date):
        return value.isoformat()
    # A text that is the sign for nothing, or begins as it does, gets one more stroke, which is taken off again.
    text = str(value).replace("\0", "\ufffd")
    return f"\\{text}" if text.startswith("\\") else text


def _copy(lines: Path, path: Path, columns: Sequence[ExportColumn], about: Iterable[Sequence[str]]) -> str:
    read = ", ".join(f"'{column.name}': 'VARCHAR'" for column in columns)
    taken = ", ".join(_taken(column) for column in columns)
    explained = json.dumps([list(texts) for texts in about], ensure_ascii=False)
    return (
        f"COPY (SELECT {taken} FROM read_csv('{_quoted(lines)}', header=false, auto_detect=false, delim=',', "  # noqa: S608 - names and kinds of our own
        f"quote='\"', escape='\"', nullstr='{_NOTHING}', max_line_size=16000000, columns={{{read}}})) "
        f"TO '{_quoted(path)}' (FORMAT parquet, COMPRESSION zstd, KV_METADATA {{columns: '{_quoted(explained)}'}})"
    )


def _taken(column: ExportColumn) -> str:
    name = f'"{column.name}"'
    if _TYPES.get(column.kind) == "VARCHAR":
        return f"CASE WHEN starts_with({name}, '\\') THEN substr({name}, 2) ELSE {name} END AS {name}"
    kind = f"DECIMAL(18, {column.places})" if column.kind is CellKind.DECIMAL else _TYPES[column.kind]
    return f"CAST({name} AS {kind}) AS {name}"


def _quoted(text: Any) -> str:
    return str(text).replace("'", "''")
