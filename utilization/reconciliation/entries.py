"""Entries of the log as the check reads them, in the order in which they were written."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q

from utilization.models import Event

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


def entries_beside_requests(size: int) -> Iterator[ToldEntry]:
    """The entries below `size` that are about no request, and those of `OF_PEOPLE_TOO`."""
    told = Event.objects.filter(Q(request_id=None) | Q(type__in=OF_PEOPLE_TOO), seq__lt=size)
    yield from _read(told.order_by("seq").iterator(chunk_size=1000))


def entries_of(requests: Iterable[int], size: int) -> dict[int, list[ToldEntry]]:
    """The entries below `size` about each of these requests, by its key."""
    by_request: dict[int, list[ToldEntry]] = {key: [] for key in requests}
    for entry in _read(Event.objects.filter(request_id__in=by_request, seq__lt=size).order_by("seq")):
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
