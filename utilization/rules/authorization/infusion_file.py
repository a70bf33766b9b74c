"""A CSV file of infusions, read line by line: what each says, and every fault with its line."""

import csv
from dataclasses import dataclass

from utilization.rules.authorization.infusion_text import TypedInfusion
from utilization.rules.csv_lines import UnreadableFile, check_columns, full_rows, rows_of, text_of

MOST_BYTES = 200_000
MOST_ROWS = 200
"""Lines that are recorded at once: each is an entry of the log, written in one transaction."""
REQUIRED = ("authorization", "mrn", "date", "product", "grams")
OPTIONAL = ("lot", "reaction", "seriousness", "words")
_WRONG_UNIT = {"mg", "ml", "kg", "dose", "units"}


@dataclass(frozen=True, slots=True)
class InfusionLine:
    """One line: its number in the file, the number of the authorization, the MRN, and what was given."""

    number: int
    authorization: str
    mrn: str
    typed: TypedInfusion


def read_infusion_file(content: bytes) -> list[InfusionLine]:
    """The lines of a file. Raises UnreadableFile."""
    text = text_of(content, MOST_BYTES)
    try:
        rows = rows_of(text)
        names = _header(next(rows, (1, []))[1])
        lines = [_line(number, dict(zip(names, cells, strict=True))) for number, cells in full_rows(rows, len(names))]
    except csv.Error as fault:
        raise UnreadableFile(f"This is not CSV: {fault}.") from None
    if not lines:
        raise UnreadableFile("The file holds no infusion below its header.")
    if len(lines) > MOST_ROWS:
        raise UnreadableFile(f"The file holds {len(lines)} infusions: send at most {MOST_ROWS} at once.")
    return lines


def _header(cells: list[str]) -> list[str]:
    names = [cell.casefold() for cell in cells]
    for name in names:
        base, _, unit = name.replace("(", " ").replace(")", " ").replace("_", " ").partition(" ")
        if base == "grams" and unit.strip() in ("", "g"):
            names[names.index(name)] = "grams"
        elif set(name.replace("_", " ").replace("(", " ").replace(")", " ").split()) & _WRONG_UNIT:
            raise UnreadableFile(f"The column “{name}” is not in grams. Give a column “grams”; nothing is converted.")
    check_columns(names, REQUIRED, OPTIONAL)
    return names


def _line(number: int, cells: dict[str, str]) -> InfusionLine:
    typed = TypedInfusion(
        given_on=cells["date"], product=cells["product"], grams=cells["grams"],
        **{name: cells.get(name, "") for name in OPTIONAL},
    )  # fmt: skip
    return InfusionLine(number, cells["authorization"], cells["mrn"], typed)
