"""Pages of long lists: found by the place of a row along an index, however long the list."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
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


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list, with the places of its neighbours where there are any."""

    rows: Sequence[Any]
    previous: Place | None
    next: Place | None


def read_place(text: str) -> Place | None:
    """The place that `text` spells; None where it spells none."""
    moment, _, key = text.partition("~")
    try:
        at = parse_datetime(moment.replace(" ", "+"))
    except ValueError:
        return None
    # A key longer than the database's whole numbers would be an error there.
    if at is None or at.tzinfo is None or not (key.isascii() and key.isdecimal() and len(key) < 19):
        return None
    return Place(at, int(key))


def walk(
    rows: QuerySet[Any], moment: str, size: int, after: Place | None, before: Place | None = None
) -> tuple[list[Any], Page]:
    """At most `size` of `rows`, newest first by `moment` and key, walked along an index from `after` or `before`."""
    backwards = before is not None
    if place := before or after:
        sign = "gt" if backwards else "lt"
        rows = rows.filter(
            Q(**{f"{moment}__{sign}": place.at}) | Q(**{f"pk__{sign}": place.pk}), **{f"{moment}__{sign}e": place.at}
        )
    order = (moment, "pk") if backwards else (f"-{moment}", "-pk")
    found = list(rows.order_by(*order)[: size + 1])
    more, found = len(found) > size, found[:size]
    if backwards:
        found.reverse()

    def at(row: Any) -> Place:
        return Place(getattr(row, moment), row.pk)

    newer = found and (after or (before and more))
    older = found and (before or more)
    return found, Page(found, at(found[0]) if newer else None, at(found[-1]) if older else None)
