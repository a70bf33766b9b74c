"""The data dictionary: every column of every export, from the table that the files are made by."""

from collections.abc import Iterable, Iterator

from utilization.reports.exports.table import ExportTable
from utilization.rules.cell_kinds import CellKind, ExportColumn

HEADER = ("table", "column", "type", "unit", "meaning", "source", "identifies a patient")


def type_of(column: ExportColumn) -> str:
    """The type of a column in words: a decimal with its places."""
    return f"{column.kind}, {column.places} places" if column.kind is CellKind.DECIMAL else str(column.kind)


def dictionary_rows(tables: Iterable[ExportTable], identified: bool = True) -> Iterator[tuple[str, ...]]:
    """Its lines as texts, the header first; without `identified`, those of files that name no patient."""
    yield HEADER
    for table in tables:
        for column in table.columns_for(identified=identified):
            yield (
                table.code, column.name, type_of(column), column.unit, column.meaning, column.source,
                "yes" if column.identifies else "no",
            )  # fmt: skip
