"""A CSV file that people send, as rows of cells; every fault of the file as a whole says what is expected."""

import csv
from collections import Counter
from collections.abc import Iterator, Sequence


class UnreadableFile(ValueError):
    """The file as a whole cannot be read; the text says what is expected."""


def text_of(content: bytes, most_bytes: int) -> str:
    """The text of a file. Raises UnreadableFile."""
    if len(content) > most_bytes:
        raise UnreadableFile(f"The file is larger than {most_bytes // 1000} kB: send it in parts.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UnreadableFile("Expected text in UTF-8: save the sheet as “CSV UTF-8”.") from None
    if "\0" in text:
        raise UnreadableFile(
            "The file holds characters with the code 0, which are no text: save it anew as “CSV UTF-8”."
        )
    return text


def rows_of(text: str) -> Iterator[tuple[int, list[str]]]:
    """Each row that says anything, with its line in the file; commas or semicolons, as the first line has more of.

    Raises csv.Error.
    """
    first = text.split("\n", 1)[0]
    reader = csv.reader(
        text.splitlines(keepends=True), delimiter=";" if first.count(";") > first.count(",") else ",", strict=True
    )
    for cells in reader:
        if any(cell.strip() for cell in cells):
            yield reader.line_num, [cell.strip() for cell in cells]


def check_columns(names: Sequence[str], required: Sequence[str], optional: Sequence[str]) -> None:
    """Hold the first line of a file against the columns that it may have. Raises UnreadableFile."""
    missing = [name for name in required if name not in names]
    if missing:
        raise UnreadableFile(f"The first line must name the columns {', '.join(required)}; missing: {missing[0]}.")
    unknown = [name for name in names if name not in (*required, *optional)]
    if unknown:
        raise UnreadableFile(f"The column “{shown(unknown[0])}” is not known. Optional are {', '.join(optional)}.")
    if twice := [name for name, count in Counter(names).items() if count > 1]:
        raise UnreadableFile(f"The column “{twice[0]}” stands twice.")


def full_rows(rows: Iterator[tuple[int, list[str]]], width: int) -> Iterator[tuple[int, list[str]]]:
    """The rows, each with as many cells as there are columns. Raises UnreadableFile."""
    for number, cells in rows:
        if len(cells) != width:
            raise UnreadableFile(f"Line {number} has {len(cells)} cells where the first line names {width} columns.")
        yield number, cells


def shown(cell: str, most: int = 40) -> str:
    """`cell` as a page may quote it: its beginning, with a mark for each character that is hidden or turns text."""
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in cell[:most])
