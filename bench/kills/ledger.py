"""What writers were told is done, what they do not know of, and what came back that should not have."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Change:
    """One change that was sent: the row that it writes is known by `text` in `column` of `table`, or by nothing but its
    entry of type `event` on the request `uid`."""

    kind: str
    table: str = ""
    column: str = ""
    text: str = ""
    uid: str = ""
    event: str = ""


@dataclass
class Ledger:
    """Filled by many threads."""

    acknowledged: list[Change] = field(default_factory=list)
    unsure: list[Change] = field(default_factory=list)
    typed: dict[str, int] = field(default_factory=dict)
    """By request: the number of the last text of its draft that was acknowledged."""
    sent: dict[str, int] = field(default_factory=dict)
    """By request: the number of the last text of its draft that was sent."""
    surprises: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    gate: "Gate" = field(default_factory=lambda: Gate())
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def done(self, change: Change) -> None:
        """The server said that `change` is done."""
        with self._lock:
            self.acknowledged.append(change)
            self.counts[change.kind] += 1

    def unknown(self, change: Change) -> None:
        """The server was killed before it said anything."""
        with self._lock:
            self.unsure.append(change)
            self.counts["unanswered"] += 1

    def count(self, what: str) -> None:
        """Count something that is no fault."""
        with self._lock:
            self.counts[what] += 1

    def surprise(self, says: str) -> None:
        """Something came back that should not have."""
        with self._lock:
            self.surprises.append(says)


class Gate:
    """Holds writers back: a look must not fall between an answer and its note in the ledger."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._shut = False
        self._inside = 0

    @contextmanager
    def inside(self) -> Iterator[None]:
        """One sending, from before the form is sent until the ledger knows what came of it."""
        with self._changed:
            self._changed.wait_for(lambda: not self._shut)
            self._inside += 1
        try:
            yield
        finally:
            with self._changed:
                self._inside -= 1
                self._changed.notify_all()

    @contextmanager
    def shut(self) -> Iterator[None]:
        """A time in which nobody is sending."""
        with self._changed:
            self._shut = True
            self._changed.wait_for(lambda: not self._inside)
        try:
            yield
        finally:
            with self._changed:
                self._shut = False
                self._changed.notify_all()
