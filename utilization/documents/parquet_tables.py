"""Rows in, Parquet out: one file a table, each column of a stated type, the rows in the order of stated columns.

Rows are kept in a file of text until the last is there, so that memory stays flat; DuckDB sorts and writes them.
"""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

import duckdb

MEMORY = "512MB"
ROWS_A_GROUP = 122_880
_TEXT_OF = {True: "true", False: "false", None: ""}


class ParquetTable:
    """One table while it is written: `add` rows, then `finish` it. As a context it leaves nothing open."""

    def __init__(self, path: Path, types: Mapping[str, str]) -> None:
        """`types` are DuckDB's, by column; the rows are kept beside `path` meanwhile."""
        self.path, self.types, self.rows = path, types, 0
        self._text = path.with_suffix(".csv")
        self._file = self._text.open("w", newline="", encoding="utf-8")
        self._writer = csv.writer(self._file)

    def __enter__(self) -> "ParquetTable":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._file.close()
        self._text.unlink(missing_ok=True)

    def add(self, row: Mapping[str, Any]) -> None:
        """One more row; what it lacks is empty, and an empty text is empty too."""
        values = (row.get(name) for name in self.types)
        self._writer.writerow(
            [_TEXT_OF[value] if value is None or isinstance(value, bool) else value for value in values]
        )
        self.rows += 1

    def finish(self, order: Sequence[str]) -> None:
        """Write the file, its rows in the order of the columns `order`. Raises OSError or duckdb.Error."""
        self._file.close()
        columns = ", ".join(f"'{name}': '{kind}'" for name, kind in self.types.items())
        with duckdb.connect() as con:
            con.execute(f"SET memory_limit='{MEMORY}'")
            con.execute("SET threads=1")
            con.execute(f"SET temp_directory={_quoted(self.path.with_suffix('.spill'))}")
            # Names and types are those of the dictionary.
            rows = (
                f"SELECT * FROM read_csv({_quoted(self._text)}, header=false, auto_detect=false, delim=',', "  # noqa: S608
                f"quote='\"', escape='\"', nullstr='', columns={{{columns}}}) ORDER BY {', '.join(order)}"
            )
            form = f"FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {ROWS_A_GROUP}"
            con.execute(f"COPY ({rows}) TO {_quoted(self.path)} ({form})")
        self._text.unlink()


def _quoted(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"
