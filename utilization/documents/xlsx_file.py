"""Rows as a workbook for spreadsheets, written a row at a time: a sheet of data, and one that explains its columns.

No cell is a formula and none becomes one: a text is written as a text whatever it begins with, and a link is none.
Numbers are kept as numbers where a spreadsheet keeps all their digits, which is up to 15; others stand as text.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from utilization.rules.cell_kinds import ExportColumn

ROWS_A_SHEET = 1_048_575
"""Rows of data that a sheet can hold below its header; more go on a sheet of their own."""
MOST_TEXT = 32_767
"""Characters that a cell can hold; a longer text is cut, and ends with `CUT`."""
CUT = "… (cut: a cell holds 32,767 characters)"
DIGITS = 15
_MADE = datetime(2000, 1, 1)  # noqa: DTZ001 - a workbook knows no zone
_OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "default_date_format": "yyyy-mm-dd",
    "remove_timezone": True,
}


def write_xlsx(
    path: Path, columns: Sequence[ExportColumn], rows: Iterable[Sequence[Any]], about: Iterable[Sequence[str]]
) -> None:
    """Write `rows`, with the cells that `documents.exports` names, under the names of `columns`; `about` fills the
    sheet Columns. Times are in UTC. Raises OSError where the disk is full."""
    # The library is for this alone.
    import xlsxwriter

    # What it lays out on the way goes with its folder, however this ends.
    with TemporaryDirectory(prefix=f"{path.name}.", dir=path.parent) as place:
        book = xlsxwriter.Workbook(str(path), _OPTIONS | {"tmpdir": place})
        # The same rows are the same bytes, whatever the day.
        book.set_properties({"created": _MADE})
        try:
            _fill(book, columns, rows, about)
        except BaseException:
            # Left to itself it would be finished when it is forgotten, as if it were whole.
            book.fileclosed = True
            for sheet in book.worksheets():
                sheet.row_data_fh.close()
            raise
        try:
            book.close()
        except xlsxwriter.exceptions.FileCreateError as fault:
            raise fault.args[0] if isinstance(fault.args[0], OSError) else OSError(str(fault)) from fault


def _fill(
    book: Any, columns: Sequence[ExportColumn], rows: Iterable[Sequence[Any]], about: Iterable[Sequence[str]]
) -> None:
    sheets = _Sheets(book, columns)
    for row in rows:
        sheets.add(row)
    explained = book.add_worksheet("Columns")
    for line, texts in enumerate(about):
        for place, text in enumerate(texts):
            explained.write_string(line, place, text[:MOST_TEXT])


class _Sheets:
    """The sheets of data, each begun with its header; a new one once the last is full."""

    def __init__(self, book: Any, columns: Sequence[ExportColumn]) -> None:
        self._book, self._columns = book, columns
        self._head = book.add_format({"bold": True})
        self._day = book.add_format({"num_format": "yyyy-mm-dd"})
        self._instant = book.add_format({"num_format": 'yyyy-mm-dd"T"hh:mm:ss"Z"'})
        self._count = 0
        self._begin()

    def _begin(self) -> None:
        self._count += 1
        self._sheet = self._book.add_worksheet("Data" if self._count == 1 else f"Data {self._count}")
        self._sheet.freeze_panes(1, 0)
        for place, column in enumerate(self._columns):
            self._sheet.write_string(0, place, column.name, self._head)
        self._line = 1

    def add(self, row: Sequence[Any]) -> None:
        if self._line > ROWS_A_SHEET:
            self._begin()
        for place, value in enumerate(row):
            if value is not None:
                self._write(place, value)
        self._line += 1

    def _write(self, place: int, value: Any) -> None:
        sheet, line = self._sheet, self._line
        if isinstance(value, bool):
            sheet.write_boolean(line, place, value)
        elif isinstance(value, int | Decimal):
            exact = len(Decimal(value).normalize().as_tuple().digits) <= DIGITS
            write = sheet.write_number if exact else sheet.write_string
            write(line, place, value if exact else f"{Decimal(value):f}")
        elif isinstance(value, datetime):
            # A spreadsheet knows no zone and no day before 1900.
            sheet.write_datetime(line, place, value.astimezone(UTC).replace(tzinfo=None, microsecond=0), self._instant)
        elif isinstance(value, date):
            sheet.write_datetime(line, place, value, self._day)
        else:
            sheet.write_string(line, place, _cell_text(str(value)))


def _cell_text(text: str) -> str:
    text = text.encode("utf-8", "replace").decode()
    # What XML cannot hold is replaced; the library escapes the rest.
    text = "".join(letter if letter >= " " or letter in "\t\n\r" else "\ufffd" for letter in text)
    return text if len(text) <= MOST_TEXT else text[: MOST_TEXT - len(CUT)] + CUT
