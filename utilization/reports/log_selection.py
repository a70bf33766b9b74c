"""What a page of a log is narrowed to, and its rows along an index: one way for every log."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from utilization.models import Site
from utilization.reports.audit_list import PAGE
from utilization.reports.paging import Page, Place, merged

CHUNK = 2000
LONGEST = 7
"""Kinds that are each walked along an index of their own; of more, the whole log is walked and the rest passed over."""


@dataclass(frozen=True, slots=True)
class LogSelection:
    """Whose entries, of which kinds, from which day to which at the site, both counted; all where nothing is said."""

    person: int | None = None
    kinds: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class LogTable:
    """The rows of a log at one site, and the names of the columns by which they are narrowed."""

    site: Site
    rows: "QuerySet[Any]"
    kind: str
    person: str = "actor_id"

    def narrowed(self, selection: LogSelection) -> "QuerySet[Any]":
        """The rows that fit, but for their kind."""
        zone = ZoneInfo(self.site.time_zone)
        rows = self.rows
        if selection.person:
            rows = rows.filter(**{self.person: selection.person})
        if selection.since:
            rows = rows.filter(at__gte=datetime.combine(selection.since, time(), zone))
        if selection.until:
            rows = rows.filter(at__lt=datetime.combine(selection.until + timedelta(days=1), time(), zone))
        return rows

    def page(self, selection: LogSelection, *, after: Place | None, before: Place | None) -> Page:
        """At most `audit_list.PAGE` rows that fit, newest first: a page costs the same however long the log is."""
        keys, page = merged(self._arms(selection), "at", PAGE, after, before)
        held = self.rows.model._default_manager.in_bulk(keys)
        return Page([held[key] for key in keys], page.previous, page.next)

    def _arms(self, selection: LogSelection) -> "list[QuerySet[Any]]":
        rows = self.narrowed(selection)
        if not selection.kinds:
            return [rows]
        if selection.person or len(selection.kinds) > LONGEST:
            return [rows.filter(**{f"{self.kind}__in": selection.kinds})]
        return [rows.filter(**{self.kind: kind}) for kind in selection.kinds]

    def all(self, selection: LogSelection) -> Iterator[Sequence[Any]]:
        """Every row that fits, newest first, some thousand at a time."""
        rows = self.narrowed(selection)
        if selection.kinds:
            rows = rows.filter(**{f"{self.kind}__in": selection.kinds})
        some: list[Any] = []
        for row in rows.order_by("-at", "-pk").iterator(chunk_size=CHUNK):
            some.append(row)
            if len(some) == CHUNK:
                yield some
                some = []
        if some:
            yield some
