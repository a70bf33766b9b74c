"""How far the log is sealed now: what the pages, and a supervisor, are told."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from utilization.models import Checkpoint, Event, LogHead

PATIENCE = timedelta(minutes=1)
"""For so long an entry may wait for its seal before anybody is told: the sealer comes by each second."""


@dataclass(frozen=True, slots=True)
class SealState:
    """How many entries there are, the last checkpoint, and since when entries wait that it does not cover.

    `unsealed_since` is the time of the first entry that waits longer than it should; None where none does.
    """

    size: int
    checkpoint: Checkpoint | None
    unsealed_since: datetime | None

    @property
    def sealed(self) -> int:
        """How many entries the last checkpoint covers."""
        return self.checkpoint.size if self.checkpoint else 0


def seal_state(now: datetime) -> SealState:
    """The state at `now`. It reads three rows by their keys, however long the log is."""
    checkpoint = Checkpoint.objects.order_by("-size").first()
    size = LogHead.objects.filter(pk=1).values_list("size", flat=True).first() or 0
    sealed = checkpoint.size if checkpoint else 0
    first = Event.objects.filter(seq=sealed).values_list("at", flat=True).first()
    # An entry from the future is one that was written before a clock was stepped back: nobody knows how long it waits.
    waits = first is not None and abs(now - first) > PATIENCE
    return SealState(size, checkpoint, first if waits else None)
