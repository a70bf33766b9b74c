"""A CSV file of infusions, read line by line: what each says, and every fault with its line."""

import csv
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from utilization.rules.authorization.infusion_text import TypedInfusion

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


class UnreadableFile(ValueError):
    """The file as a whole cannot be read; the text says what is expected."""


def read_infusion_file(content: bytes) -> list[InfusionLine]:
    """The lines of a file. Raises UnreadableFile."""
    if len(content) > MOST_BYTES:
        raise UnreadableFile(f"The file is larger than {MOST_BYTES // 1000} kB: send it in parts.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UnreadableFile("Expected text in UTF-8: save the sheet as “CSV UTF-8”.") from None
    if "\0" in text:
        raise UnreadableFile(
            "The file holds characters with the code 0, which are no text: save it anew as “CSV UTF-8”."
        )
    try:
        rows = _rows(text)
        names = _header(next(rows, (1, []))[1])
        lines = [_line(number, dict(zip(names, cells, strict=True))) for number, cells in _full(rows, len(names))]
    except csv.Error as fault:
        raise UnreadableFile(f"This is not CSV: {fault}.") from None
    if not lines:
        raise UnreadableFile("The file holds no infusion below its header.")
    if len(lines) > MOST_ROWS:
        raise UnreadableFile(f"The file holds {len(lines)} infusions: send at most {MOST_ROWS} at once.")
    return lines


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    first = text.split("\n", 1)[0]
    reader = csv.reader(
        text.splitlines(keepends=True), delimiter=";" if first.count(";") > first.count(",") else ",", strict=True
    )
    for cells in reader:
        if any(cell.strip() for cell in cells):
            yield reader.line_num, [cell.strip() for cell in cells]


def _header(cells: list[str]) -> list[str]:
    names = [cell.casefold() for cell in cells]
    for name in names:
        base, _, unit = name.replace("(", " ").replace(")", " ").replace("_", " ").partition(" ")
        if base == "grams" and unit.strip() in ("", "g"):
            names[names.index(name)] = "grams"
        elif set(name.replace("_", " ").replace("(", " ").replace(")", " ").split()) & _WRONG_UNIT:
            raise UnreadableFile(f"The column “{name}” is not in grams. Give a column “grams”; nothing is converted.")
    missing = [name for name in REQUIRED if name not in names]
    if missing:
        raise UnreadableFile(f"The first line must name the columns {', '.join(REQUIRED)}; missing: {missing[0]}.")
    unknown = [name for name in names if name not in (*REQUIRED, *OPTIONAL)]
    if unknown:
        raise UnreadableFile(f"The column “{unknown[0][:40]}” is not known. Optional are {', '.join(OPTIONAL)}.")
    if twice := [name for name, count in Counter(names).items() if count > 1]:
        raise UnreadableFile(f"The column “{twice[0]}” stands twice.")
    return names


def _full(rows: Iterator[tuple[int, list[str]]], width: int) -> Iterator[tuple[int, list[str]]]:
    for number, cells in rows:
        if len(cells) != width:
            raise UnreadableFile(f"Line {number} has {len(cells)} cells where the first line names {width} columns.")
        yield number, cells


def _line(number: int, cells: dict[str, str]) -> InfusionLine:
    typed = TypedInfusion(
        given_on=cells["date"], product=cells["product"], grams=cells["grams"],
        **{name: cells.get(name, "") for name in OPTIONAL},
    )  # fmt: skip
    return InfusionLine(number, cells["authorization"], cells["mrn"], typed)
