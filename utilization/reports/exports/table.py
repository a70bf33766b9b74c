"""One table of an export: its columns, and its rows as they are read from the database."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import F, QuerySet

from utilization.models import Request, Site
from utilization.rules.cell_kinds import CellKind, ExportColumn, with_clocks

CHUNK = 2000
"""Rows that are read at once."""

Wanted = Mapping[str, Any]
Row = tuple[Any, ...]

PATIENT_MRN = ExportColumn(
    "patient_mrn", CellKind.TEXT, "Medical record number, as it is now.", "the patient's record", identifies=True
)
"""What names the patient, in every table."""


@dataclass(frozen=True, slots=True)
class ExportField:
    """A column, and the expression or path by which a queryset gives it."""

    column: ExportColumn
    given: Any


def field_of(given: Any, name: str, kind: CellKind, meaning: str, source: str, **more: Any) -> ExportField:
    """A field by the parts of its column."""
    return ExportField(ExportColumn(name, kind, meaning, source, **more), given)


@dataclass(frozen=True, slots=True)
class ExportTable:
    """What can be exported. `rows` reads them from the selected requests, in the order of `columns`; `count` says how
    many there will be, or about how many, for a bar that tells how far the work is.

    `fields` and `selection` are there where a row is one row of a query, so that a database can write it by itself.
    """

    code: str
    title: str
    a_row: str
    columns: tuple[ExportColumn, ...]
    rows: Callable[["QuerySet[Request]"], Iterator[Row]]
    count: Callable[["QuerySet[Request]"], int]
    fields: tuple[ExportField, ...] = ()
    selection: Callable[["QuerySet[Request]"], "QuerySet[Any]"] | None = None

    def columns_for(self, *, identified: bool) -> tuple[ExportColumn, ...]:
        """The columns of its file, those that identify a patient only where that was asked for."""
        return tuple(with_clocks(self.kept(identified=identified)))

    def kept(self, *, identified: bool) -> tuple[ExportColumn, ...]:
        """The same without what clocks at the site showed."""
        return tuple(column for column in self.columns if identified or not column.identifies)

    def file_rows(self, requests: "QuerySet[Request]", site: Site, *, identified: bool) -> Iterator[Row]:
        """The rows of its file: those of `columns_for`, with what clocks at `site` showed."""
        kept = [self.columns.index(column) for column in self.kept(identified=identified)]
        timed = {place for place in kept if self.columns[place].kind is CellKind.INSTANT}
        zone = ZoneInfo(site.time_zone)
        for row in self.rows(requests):
            cells: list[Any] = []
            for place in kept:
                cells.append(row[place])
                if place in timed:
                    cells.append(row[place].astimezone(zone).isoformat(timespec="seconds") if row[place] else None)
            yield tuple(cells)

    def query(self, requests: "QuerySet[Request]", *, identified: bool) -> "QuerySet[Any, Row]":
        """Its rows as one query with a column c0, c1, ... for each of `columns` that is kept."""
        assert self.selection is not None, f"{self.code} is not the rows of one query"
        kept = self.kept(identified=identified)
        return _query(self.selection(requests), [field for field in self.fields if field.column in kept])


def table_of(
    code: str,
    title: str,
    a_row: str,
    fields: Sequence[ExportField],
    selection: Callable[["QuerySet[Request]"], "QuerySet[Any]"],
) -> ExportTable:
    """A table whose rows are those of one query."""
    return ExportTable(
        code=code,
        title=title,
        a_row=a_row,
        columns=tuple(field.column for field in fields),
        rows=lambda requests: _query(selection(requests), fields).iterator(chunk_size=CHUNK),
        count=lambda requests: selection(requests).order_by().count(),
        fields=tuple(fields),
        selection=selection,
    )


def _query(rows: "QuerySet[Any]", fields: Sequence[ExportField]) -> "QuerySet[Any, Row]":
    given = {
        f"c{place}": F(field.given) if isinstance(field.given, str) else field.given
        for place, field in enumerate(fields)
    }
    return rows.annotate(**given).values_list(*given)
