"""The log as lines for a system that gathers logs: each entry once, in order, and none that is skipped.

A place in the stream is the number of the next entry: entries have no gaps, whoever commits late. Reads of records and
sign-ins come with the entry that closed their batch, since their own keys are given before they are committed.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from utilization import event_log
from utilization.access_batches import READS, SIGN_INS, BatchedTable
from utilization.models import Event
from utilization.rules.canonical_json import canonical

STREAMS = ("events", "reads", "sign_ins")
_BATCHES: Mapping[str, tuple[str, BatchedTable]] = {
    READS.closed: ("reads", READS),
    SIGN_INS.closed: ("sign_ins", SIGN_INS),
}
_CHUNK = 500


def log_lines(after: int, streams: tuple[str, ...] = STREAMS) -> Iterator[str]:
    """A JSON line for each entry from number `after` on, and for what its batch holds, of the `streams` wanted.

    Each says its stream and `next`, the place from which to go on once it is kept. All but the last of an entry say the
    place of that entry, so that a batch that was cut off comes again whole.
    """
    while True:
        events = list(Event.objects.filter(seq__gte=after).order_by("seq")[:_CHUNK])
        for event in events:
            waits: tuple[str, Mapping[str, Any]] | None = None
            for told in _of(event):
                if told[0] in streams:
                    if waits:
                        yield _line(event.seq, *waits)
                    waits = told
            if waits:
                yield _line(event.seq + 1, *waits)
        if len(events) < _CHUNK:
            return
        after = events[-1].seq + 1


def _of(event: Event) -> Iterator[tuple[str, dict[str, Any]]]:
    """What belongs to an entry: the rows of its batch, and then the entry itself."""
    said = event_log.said_in(event)
    if batch := _BATCHES.get(event.type):
        stream, table = batch
        for first, last in said["data"]["spans"]:
            for row in table.model.objects.filter(pk__range=(first, last)).order_by("pk").values(*table.columns):
                yield stream, row
    yield "events", said


def _line(place: int, stream: str, content: Mapping[str, Any]) -> str:
    return canonical({"stream": stream, "next": place, **content}).decode()
