"""Pages of long lists: found by the place of a row along an index, however long the list."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.dateparse import parse_datetime


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A place in a list that is ordered by time: just behind the row with this moment and key."""

    at: datetime
    pk: int

    def __str__(self) -> str:
        return f"{self.at.isoformat()}~{self.pk}"


BEGINNING = Place(datetime.min.replace(tzinfo=UTC), 0)
"""The place before every row."""


@dataclass(frozen=True, slots=True)
class QueuePlace:
    """A place in a list: that of the row with this key. It says nothing of what the list is sorted by."""

    pk: int

    def __str__(self) -> str:
        return f"~{self.pk}"


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list, with the places of its neighbours where there are any: each a `Place`, or what the list of
    another order has for one."""

    rows: Sequence[Any]
    previous: Any
    next: Any


def read_place(text: str) -> Place | None:
    """The place that `text` spells; None where it spells none."""
    moment, _, key = text.partition("~")
    try:
        at = parse_datetime(moment.replace(" ", "+"))
    except ValueError:
        return None
    # A key longer than the database's whole numbers would be an error there.
    # At either end of the calendar a moment has no place in UTC, or none after it.
    if (
        at is None
        or at.tzinfo is None
        or not 1 < at.year < 9999
        or not (key.isascii() and key.isdecimal() and len(key) < 19)
    ):
        return None
    return Place(at, int(key))


def walk(
    rows: QuerySet[Any], moment: str, size: int, after: Place | None, before: Place | None = None
) -> tuple[list[Any], Page]:
    """At most `size` of `rows`, newest first by `moment` and key, walked along an index from `after` or `before`."""
    walked = list(_along(rows, moment, after, before)[: size + 1])
    return _leaf([(getattr(row, moment), row.pk, row) for row in walked], size, after, before)


def merged(
    arms: Iterable[QuerySet[Any]], moment: str, size: int, after: Place | None, before: Place | None = None
) -> tuple[list[int], Page]:
    """Keys of at most `size` rows of all `arms` together, as `walk` orders them, and their page.

    Each arm is walked along its own index, so that a page costs the same however long the lists are: asked for in one
    go, a planner reads all rows of all arms and sorts them. A row of two arms comes once. The rows of the page are the
    caller's to fetch, with what belongs to them, by their keys.
    """
    places: set[tuple[Any, int]] = set()
    for rows in arms:
        places.update(_along(rows, moment, after, before).values_list(moment, "pk")[: size + 1])
    # The first of each arm hold the first of all: whatever is left out of one has `size` + 1 rows of it before.
    ordered = sorted(places, reverse=before is None)[: size + 1]
    return _leaf([(at, pk, pk) for at, pk in ordered], size, after, before)


def read_key(text: str) -> int | None:
    """The key of the row behind which a page of an ordered list begins; None where `text` spells none."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None


def ordered(
    rows: QuerySet[Any], size: int, after: int | None, before: int | None, *, descending: bool
) -> tuple[list[int], Page]:
    """Keys of at most `size` of `rows` by their `place`, then by key, and their page; from the row with the key `after`
    or `before`, whose own place is looked up, so that no value stands in an address. Raises LookupError of no such row.
    """
    key = before or after
    forward = descending == (before is None)
    if key is not None:
        place = rows.filter(pk=key).values_list("place", flat=True)[:1]
        if not place:
            raise LookupError(key)
        sign = "lt" if forward else "gt"
        beyond = Q(**{f"place__{sign}": place[0]}) | Q(place=place[0], **{f"pk__{sign}": key})
        rows = rows.filter(beyond)
    walked = rows.order_by(*(("-place", "-pk") if forward else ("place", "pk"))).values_list("pk", flat=True)
    found = list(walked[: size + 1])
    more, found = len(found) > size, found[:size]
    if before is not None:
        found = found[::-1]
    newer = found and (after is not None or (before is not None and more))
    older = found and (before is not None or more)
    return found, Page(found, found[0] if newer else None, found[-1] if older else None)


def first(arms: Iterable[QuerySet[Any]], moment: str, size: int) -> list[int]:
    """Keys of the first `size` rows of all `arms` together, oldest first by `moment` and key: see `merged`."""
    return merged(arms, moment, size, None, BEGINNING)[0][::-1]


def _along(rows: QuerySet[Any], moment: str, after: Place | None, before: Place | None) -> QuerySet[Any]:
    place = before or after
    if place and place != BEGINNING:
        sign = "gt" if before else "lt"
        rows = rows.filter(
            Q(**{f"{moment}__{sign}": place.at}) | Q(**{f"pk__{sign}": place.pk}), **{f"{moment}__{sign}e": place.at}
        )
    return rows.order_by(*((moment, "pk") if before else (f"-{moment}", "-pk")))


def _leaf(
    walked: Sequence[tuple[Any, int, Any]], size: int, after: Place | None, before: Place | None
) -> tuple[list[Any], Page]:
    """The first `size` of what was walked, newest first, and the page that they are."""
    more, walked = len(walked) > size, walked[:size]
    if before:
        walked = walked[::-1]
    rows = [row for _, _, row in walked]
    places = [Place(at, pk) for at, pk, _ in walked]
    newer = places and (after or (before and more))
    older = places and (before or more)
    return rows, Page(rows, places[0] if newer else None, places[-1] if older else None)
