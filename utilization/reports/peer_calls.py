"""Peer-to-peer calls on a request as pages show them, with times as instants."""

from dataclasses import dataclass
from datetime import datetime

from utilization.models import PeerCall, Request
from utilization.rules.call_times import CALL_ENDS, CALL_OUTCOMES


@dataclass(frozen=True, slots=True)
class ShownCall:
    """A call with the times that were offered; `begun` says that the time that was booked has come."""

    call: PeerCall
    times: tuple[datetime, ...]
    begun: bool
    over: bool

    @property
    def is_open(self) -> bool:
        """Whether nothing ended it yet."""
        return self.call.closed_at is None

    @property
    def state(self) -> str:
        """Where it stands, in words."""
        if not self.is_open:
            return CALL_ENDS[self.call.closed_as]
        if self.call.booked_for is None:
            return "Offered, and every time is over" if self.over else "Offered, not booked yet"
        return "Outcome to be recorded" if self.begun else "Booked"

    @property
    def outcome(self) -> str:
        """What it came to, in words; empty before."""
        return CALL_OUTCOMES.get(self.call.outcome, "")


def shown_calls(request: Request, *, at: datetime) -> tuple[ShownCall, ...]:
    """Every call on `request`, oldest first."""
    rows = request.peer_calls.select_related("offered_by", "booked_by", "closed_by", "spoke")
    return tuple(_shown(call, at) for call in rows)


def _shown(call: PeerCall, at: datetime) -> ShownCall:
    times = tuple(datetime.fromisoformat(time) for time in call.times)
    begun = call.booked_for is not None and call.booked_for <= at
    return ShownCall(call, times, begun, over=all(time <= at for time in times))
