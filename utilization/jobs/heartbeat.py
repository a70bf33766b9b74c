"""How far the job of an export is, told now and then: the heartbeat by which a lost one is known."""

import time
from collections.abc import Iterable, Iterator
from typing import Any

from django.utils import timezone

from utilization.models import Export
from utilization.workflow import note_export_progress

_BEAT_SECONDS = 0.5
_ROWS_BETWEEN = 500


class TakenOver(Exception):
    """Another attempt makes the file: this one was taken for lost."""


class Heartbeat:
    """Counts rows and tells how far they are, at most twice a second. `tell` raises TakenOver."""

    def __init__(self, export: Export) -> None:
        self.total = 0
        self.rows = 0
        self._export = export
        self._told = 0.0

    def count(self, rows: int) -> None:
        """So many rows more are written."""
        self.rows += rows
        self.tell()

    def counted(self, rows: Iterable[Any]) -> Iterator[Any]:
        """`rows`, each counted as it passes."""
        for row in rows:
            self.rows += 1
            if self.rows % _ROWS_BETWEEN == 0:
                self.tell()
            yield row

    def tell(self, *, now: bool = False) -> None:
        """Keep how far it is, if that was not done a moment ago or has to be done `now`."""
        if now or time.monotonic() - self._told > _BEAT_SECONDS:
            self._told = time.monotonic()
            done = min(self.rows, self.total) if self.total else self.rows
            if not note_export_progress(self._export, done, self.total, at=timezone.now()):
                raise TakenOver
