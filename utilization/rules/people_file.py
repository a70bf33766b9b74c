"""A CSV file of people who are to get accounts, read line by line: what each says, as typed."""

import csv
from dataclasses import dataclass

from utilization.rules.csv_lines import UnreadableFile, check_columns, full_rows, rows_of, shown, text_of
from utilization.rules.roles import ROLES

MOST_BYTES = 100_000
MOST_ROWS = 200
"""People who are made at once: each is an entry of the log, written in one transaction."""
REQUIRED = ("full_name", "username", "email", "role")
OPTIONAL = ("title", "department")
MOST_SHOWN = 80
_FORMULA = ("=", "+", "-", "@")
_BY_WORD = {
    spelt.casefold(): role.value for role, row in ROLES.items() for spelt in (role.value, row.word)
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class PersonLine:
    """One line: its number in the file, and its cells by the name of their column."""

    number: int
    cells: dict[str, str]

    @property
    def role(self) -> str:
        """The code of the role, where the cell is a code or a word for one; else the cell as a page may quote it."""
        cell = self.cells["role"]
        return _BY_WORD.get(cell.casefold(), shown(cell))

    @property
    def formulas(self) -> dict[str, str]:
        """The columns in which a sheet would reckon and not read, each with the sign by which it would."""
        return {name: cell[0] for name, cell in self.cells.items() if cell.startswith(_FORMULA)}

    @property
    def shown(self) -> dict[str, str]:
        """The cells as a page may show them."""
        return {name: shown(cell, MOST_SHOWN) for name, cell in self.cells.items()}


def read_people_file(content: bytes) -> list[PersonLine]:
    """The lines of a file, with a cell for each column that may stand there. Raises UnreadableFile."""
    text = text_of(content, MOST_BYTES)
    try:
        rows = rows_of(text)
        names = [cell.casefold() for cell in next(rows, (1, []))[1]]
        check_columns(names, REQUIRED, OPTIONAL)
        blank = dict.fromkeys(OPTIONAL, "")
        lines = [
            PersonLine(number, blank | dict(zip(names, cells, strict=True)))
            for number, cells in full_rows(rows, len(names))
        ]
    except csv.Error as fault:
        raise UnreadableFile(f"This is not CSV: {fault}.") from None
    if not lines:
        raise UnreadableFile("The file names nobody below its header.")
    if len(lines) > MOST_ROWS:
        raise UnreadableFile(f"The file names {len(lines)} people: send at most {MOST_ROWS} at once.")
    return lines
