"""A table of an export as CSV that the database writes: for the job, and for the list, which streams it at once."""

from collections.abc import Iterator

from django.db.models import QuerySet

from utilization.documents.exports import csv_pieces, quoted_cell
from utilization.models import Request, Site
from utilization.reports.exports import ExportTable
from utilization.reports.exports.csv_text import Piece, csv_lines


def table_csv(table: ExportTable, requests: QuerySet[Request], site: Site, *, identified: bool) -> Iterator[Piece]:
    """(number of rows, bytes) for a `table` whose rows are those of one query; the header first, which is no row."""
    columns = table.columns_for(identified=identified)
    yield 0, b"".join(csv_pieces([column.name for column in columns], ()))
    query = table.query(requests, identified=identified)
    yield from csv_lines(query, table.kept(identified=identified), site.time_zone, quoted_cell)
