"""Rows of the snapshot made so that nobody is known by them: keys, shifted days, cells, rare values.

All of it follows from one secret of the installation, so that a patient has the same key and the same shift in every
snapshot. Without the secret neither can be worked out; who has it can undo both.
"""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from utilization.reports.snapshot.cells import OTHER, Cell
from utilization.reports.snapshot.columns import CELL, Care, columns_of

MOST_SHIFT = 182
"""Days by which a patient's dates are shifted at most, to either side; never by none."""
_BANDS = ((17, "0-17"), (39, "18-39"), (64, "40-64"), (79, "65-79"), (89, "80-89"))
_OLDEST = "90+"
_OF_INDICATION = ("pack", "criterion")


def age_group(years: int | None) -> str | None:
    """The group of an age; all from 90 on are one."""
    if years is None:
        return None
    return next((band for last, band in _BANDS if years <= last), _OLDEST)


def _told_of(name: str, value: str, guarded: Mapping[str, str | None]) -> str:
    # A site's own criteria, and the id of a criterion, tell what the cell no longer does.
    hidden = name in _OF_INDICATION and (guarded["site"] is None or guarded["indication"] is None)
    return OTHER if hidden else value


@dataclass
class Deidentification:
    """The de-identified edition: what becomes of each row.

    `cells` and `told` are what small cells and rare values come to (`cells.py`), by cell and by (table, column).
    """

    secret: bytes
    cells: Mapping[Cell, Cell]
    told: Mapping[tuple[str, str], frozenset[str]]

    def row(self, table: str, row: Mapping[str, Any], patient: str, cell: Cell) -> dict[str, Any]:
        """`row` of `table` as it may leave, of the patient `patient`, whose request stands in `cell`."""
        guarded = dict(zip(CELL, self.cells[cell], strict=True))
        return {
            column.name: self._value(table, column.name, column.care, row.get(column.name), patient, guarded)
            for column in columns_of(table, identified=False)
        }

    def _value(
        self, table: str, name: str, care: Care, value: Any, patient: str, guarded: Mapping[str, str | None]
    ) -> Any:
        if care == Care.CELL:
            return guarded[name]
        if value is None or value == "":
            return None
        if care == Care.KEY:
            return self.key(name, value)
        if care == Care.SHIFTED:
            return value + timedelta(days=self.shift(patient))
        if care == Care.RARE:
            value = _told_of(name, value, guarded)
            return value if value in self.told[table, name] else OTHER
        return round(Decimal(value), 1) if care == Care.TENTH else value

    def to_count(self, name: str, value: str, cell: Cell) -> str:
        """`value` of a rare column as it is counted, of a request in `cell`."""
        return _told_of(name, value, dict(zip(CELL, self.cells[cell], strict=True)))

    def key(self, kind: str, value: str) -> str:
        """The key in place of `value`, 128 bits as hex."""
        return self._digest(f"{kind}\0{value}")[:16].hex()

    def shift(self, patient: str) -> int:
        """Days by which every date of `patient` is shifted, -182 to 182 and never 0."""
        number = int.from_bytes(self._digest(f"shift\0{patient}")[:8]) % (2 * MOST_SHIFT)
        return number - MOST_SHIFT if number < MOST_SHIFT else number - MOST_SHIFT + 1

    def _digest(self, text: str) -> bytes:
        return hmac.digest(self.secret, text.encode(), "sha256")
