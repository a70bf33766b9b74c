"""Entries of the log as the check reads them, in the order in which they were written."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from utilization.models import Event, LogHead
from utilization.seal.lost_runs import Run, undone

OF_PEOPLE_TOO = ("request.assigned",)
"""Entries about a request from which a row about a person follows as well: whose turn it was."""


@dataclass(frozen=True, slots=True)
class ToldEntry:
    """One entry. `site`, `number` and `uid` are as its bytes say; `site_id` and `request_id` keys of the database."""

    seq: int
    at: datetime
    type: str
    actor: int | None
    site_id: int | None
    site: str | None
    request_id: int | None
    uid: str | None
    number: str | None
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class FollowedLog:
    """The entries from which the rows follow: those below `size`, but for the runs `undone`, (first, last), which were
    lost with the rows that they wrote when the database was restored, and put back without them."""

    size: int
    undone: tuple[Run, ...]

    @classmethod
    def now(cls) -> "FollowedLog":
        """Those of the log as it is."""
        size = LogHead.objects.filter(pk=1).values_list("size", flat=True).first() or 0
        return cls(size, undone(size))

    def events(self) -> QuerySet[Event]:
        """They, in their order."""
        events = Event.objects.filter(seq__lt=self.size).order_by("seq")
        for run in self.undone:
            events = events.exclude(seq__range=run)
        return events


def entries_beside_requests(log: FollowedLog) -> Iterator[ToldEntry]:
    """The entries that are about no request, and those of `OF_PEOPLE_TOO`."""
    told = log.events().filter(Q(request_id=None) | Q(type__in=OF_PEOPLE_TOO))
    yield from _read(told.iterator(chunk_size=1000))


def entries_of(requests: Iterable[int], log: FollowedLog) -> dict[int, list[ToldEntry]]:
    """The entries about each of these requests, by its key."""
    by_request: dict[int, list[ToldEntry]] = {key: [] for key in requests}
    for entry in _read(log.events().filter(request_id__in=by_request)):
        if entry.request_id is not None:
            by_request[entry.request_id].append(entry)
    return by_request


def _read(events: Iterable[Event]) -> Iterator[ToldEntry]:
    """What can be read of `events`; what is wrong with an entry itself is for the check of the log to say."""
    for event in events:
        try:
            body = json.loads(bytes(event.body))
            actor, request = body["actor"] or {"id": None}, body["request"] or {"uid": None, "number": None}
            yield ToldEntry(
                event.seq, datetime.fromisoformat(body["at"]), body["type"], actor["id"], event.site_id, body["site"],
                event.request_id, request["uid"], request["number"], dict(body["data"]),
            )  # fmt: skip
        except (ValueError, TypeError, KeyError, RecursionError):
            continue
