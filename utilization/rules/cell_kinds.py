"""What stands in a cell of the files that are handed out, and what is told of a column: kind, unit, meaning, source."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum


class CellKind(StrEnum):
    """What stands in a column; any of them may be empty, which is said apart from an empty text where a file can.

    A CODE is a word of the product, of criteria or of a site: letters, digits, dots, lines and spaces, and a letter or
    digit first. So nothing in it has to be made harmless. What people type is TEXT.
    """

    TEXT = "text"
    CODE = "code"
    WHOLE = "whole number"
    DECIMAL = "decimal"
    TRUTH = "yes or no"
    DAY = "date"
    INSTANT = "time in UTC"
    CLOCK = "time at the site"


@dataclass(frozen=True, slots=True)
class ExportColumn:
    """One column. `places` are the decimals that it can hold; `identifies` keeps it to exports that name patients.

    An INSTANT is an aware datetime; beside it stands a CLOCK column of the same name with `_local`, which holds what
    clocks at the site showed, with the offset: 2026-03-02T11:00:00+01:00.
    """

    name: str
    kind: CellKind
    meaning: str
    source: str
    unit: str = ""
    places: int = 3
    identifies: bool = False


def with_clocks(columns: Iterable[ExportColumn]) -> Iterator[ExportColumn]:
    """`columns` as they stand in a file: after each INSTANT the same moment as clocks at the site showed it."""
    for column in columns:
        yield column
        if column.kind is CellKind.INSTANT:
            yield replace(
                column,
                name=f"{column.name}_local",
                kind=CellKind.CLOCK,
                meaning=f"{column.name}, as clocks at the site showed it, with the offset from UTC.",
            )
