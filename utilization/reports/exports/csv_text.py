"""The rows of one query as lines of CSV that the database itself writes: what it gives is a text a row.

The bytes are those of `documents.exports.csv_pieces` over the same rows, which a test holds. A row is never taken
apart in Python, which is what makes other ways slow (decision 0058).
"""

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet
from django.utils.dateparse import parse_datetime

from utilization.rules.cell_kinds import CellKind, ExportColumn

LINES = 2000
"""Lines that are handed on at once."""

Piece = tuple[int, bytes]

# Where a spreadsheet may see a cell begin, and what would begin a formula there: see documents.exports. Every space of
# Unicode is named, since a database knows fewer by itself.
_SPACES = "\\t\\n\\v\\f\\r\\x1c-\\x1f \\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000"
_LIVE = f"((?:^|[;|\\t\\r\\n])[{_SPACES}\"\\x01-\\x1f\\u200b\\ufeff]*)('*[=+@\\uff1d\\uff0b\\uff0d\\uff20-])"


def csv_lines(
    rows: "QuerySet[Any, tuple[Any, ...]]",
    columns: Sequence[ExportColumn],
    time_zone: str,
    cell: Callable[[str], str],
) -> Iterator[Piece]:
    """(number of lines, their bytes in UTF-8) for `rows`, whose columns are c0, c1, ... for each of `columns`.

    After a time in UTC stands the same in `time_zone`. `cell` makes a text inert and quotes it; a database that calls
    Python asks it of what is not plainly harmless.
    """
    try:
        sql, parameters = rows.query.sql_with_params()
    except EmptyResultSet:
        # Django knows without the database that nothing fits, and makes no query of it.
        return iter(())
    if connection.vendor == "postgresql":
        return _by_copy(_postgresql(sql, columns, time_zone), parameters)
    return _by_line(_sqlite(sql, columns), parameters, time_zone, cell)


def _sqlite(inner: str, columns: Sequence[ExportColumn]) -> str:
    cells = [cell for place, column in enumerate(columns) for cell in _SQLITE[column.kind](f"c{place}", column)]
    # Django reads a percent sign of the query as the start of a parameter.
    shape = ",".join(["%%s"] * len(cells))
    return f"SELECT printf('{shape}', {', '.join(cells)}) FROM ({inner})"  # noqa: S608 - columns and kinds of our own


def _text(name: str, column: ExportColumn) -> list[str]:
    return [f"CASE WHEN {name} = '' THEN '' ELSE text_cell({name}) END"]


def _instant(name: str, column: ExportColumn) -> list[str]:
    return [f"CASE WHEN {name} IS NULL THEN ',' ELSE time_cells({name}) END"]


def _decimal(name: str, column: ExportColumn) -> list[str]:
    return [f"CASE WHEN {name} IS NULL THEN NULL ELSE printf('%%.{column.places}f', {name}) END"]


def _as_it_is(name: str, column: ExportColumn) -> list[str]:
    return [name]


_SQLITE: dict[CellKind, Callable[[str, ExportColumn], list[str]]] = {
    CellKind.TEXT: _text,
    CellKind.CODE: _as_it_is,
    CellKind.WHOLE: _as_it_is,
    CellKind.DECIMAL: _decimal,
    CellKind.TRUTH: lambda name, column: [f"CASE {name} WHEN 1 THEN 'yes' WHEN 0 THEN 'no' END"],
    CellKind.DAY: _as_it_is,
    CellKind.INSTANT: _instant,
}


def _by_line(sql: str, parameters: Sequence[Any], time_zone: str, cell: Callable[[str], str]) -> Iterator[Piece]:
    connection.ensure_connection()
    connection.connection.create_function("text_cell", 1, lru_cache(maxsize=4096)(cell), deterministic=True)
    connection.connection.create_function("time_cells", 1, _times(ZoneInfo(time_zone)), deterministic=True)
    with connection.chunked_cursor() as cursor:
        cursor.execute(sql, parameters)
        while lines := cursor.fetchmany(LINES):
            text = "\r\n".join([line for (line,) in lines])
            yield len(lines), f"{text}\r\n".encode("utf-8", "replace")


def _times(zone: ZoneInfo) -> Callable[[str], str]:
    """What turns a time as SQLite keeps it into two cells: in UTC, and on clocks in `zone`."""

    @lru_cache(maxsize=8192)
    def hour(text: str) -> tuple[str, str, str] | None:
        first, last = (parse_datetime(f"{text}:{minute}Z").astimezone(zone) for minute in ("00:00", "59:59"))  # type: ignore[union-attr]
        if first.minute or first.utcoffset() != last.utcoffset():
            return None
        return f"{text[:10]}T{text[11:]}", f"Z,{first.isoformat()[:13]}", first.isoformat()[19:]

    def times(text: str) -> str:
        if known := hour(text[:13]):
            utc, here, offset = known
            rest = text[13:19]
            return f"{utc}{rest}{here}{rest}{offset}"
        local = parse_datetime(f"{text[:19]}Z").astimezone(zone)  # type: ignore[union-attr]
        return f"{text[:10]}T{text[11:19]}Z,{local.isoformat(timespec='seconds')}"

    return times


def _postgresql(inner: str, columns: Sequence[ExportColumn], time_zone: str) -> str:
    cells = [given for place, column in enumerate(columns) for given in _copied(f"c{place}", column.kind, time_zone)]
    return f"COPY (SELECT {', '.join(cells)} FROM ({inner}) AS r) TO STDOUT (FORMAT csv)"  # noqa: S608 - as above


def _copied(name: str, kind: CellKind, time_zone: str) -> list[str]:
    match kind:
        case CellKind.TEXT:
            live = f"E'{_escaped(_LIVE)}'"
            inert = f"regexp_replace({name}::text, {live}, E'\\\\1''\\\\2', 'g')"
            return [f"CASE WHEN {name}::text ~ {live} THEN {inert} ELSE NULLIF({name}::text, '') END"]
        case CellKind.CODE:
            return [f"NULLIF({name}::text, '')"]
        case CellKind.TRUTH:
            return [f"CASE WHEN {name} THEN 'yes' WHEN NOT {name} THEN 'no' END"]
        case CellKind.INSTANT:
            utc, here = f"({name} AT TIME ZONE 'UTC')", f"({name} AT TIME ZONE '{time_zone}')"
            away = f"({here} - {utc})"
            offset = (
                f"CASE WHEN {away} < interval '0' THEN '-' || to_char(-{away}, 'HH24:MI') "
                f"ELSE '+' || to_char({away}, 'HH24:MI') END"
            )
            form = 'YYYY-MM-DD"T"HH24:MI:SS'
            return [f"to_char({utc}, '{form}\"Z\"')", f"to_char({here}, '{form}') || {offset}"]
    return [name]


def _escaped(pattern: str) -> str:
    return pattern.replace("\\", "\\\\").replace("'", "''")


def _by_copy(sql: str, parameters: Sequence[Any]) -> Iterator[Piece]:
    with connection.cursor() as cursor, cursor.cursor.copy(sql, parameters) as copied:
        lines: list[bytes] = []
        # The server sends a row at a time, each with a line end of its own, which is a bare one.
        for line in copied:
            lines.append(bytes(line)[:-1])
            if len(lines) == LINES:
                yield LINES, b"\r\n".join(lines) + b"\r\n"
                lines = []
        if lines:
            yield len(lines), b"\r\n".join(lines) + b"\r\n"
