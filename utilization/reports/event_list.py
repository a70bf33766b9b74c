"""The event log of a site as a list: what happened, by whom, and what each entry speaks of."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from utilization.models import CriteriaDraft, Event, Publication, Request, Site, User
from utilization.reports.log_selection import LogSelection, LogTable
from utilization.reports.paging import Page, Place
from utilization.rules.canonical_json import canonical

CSV_HEADER = ("entry", "at", "at_local", "event", "by", "roles", "request", "person", "criteria", "data")
UNREADABLE = "cannot be read"


@dataclass(frozen=True, slots=True)
class EventLine:
    """One entry of the log. `actor` is empty for the system, and for somebody whom the log alone still knows.

    What it speaks of, where it is there: `request`; `person`, whose account it is; `draft` of criteria, and the
    `publication` that it became.
    """

    seq: int
    at: datetime
    type: str
    actor: str
    roles: tuple[str, ...]
    data: str
    request: Request | None = None
    person: User | None = None
    draft: CriteriaDraft | None = None
    publication: Publication | None = None

    @property
    def version_key(self) -> str:
        """The key under which pages name the published version; empty where there is none."""
        return f"version.{self.publication.uid}" if self.publication else ""


def event_table(site: Site) -> LogTable:
    """The entries of the log that belong to `site`."""
    return LogTable(site, Event.objects.filter(site_id=site.pk), kind="type")


def events(site: Site, selection: LogSelection, *, after: Place | None = None, before: Place | None = None) -> Page:
    """A page of them, newest first, as EventLine."""
    page = event_table(site).page(selection, after=after, before=before)
    return Page(_lines(site, page.rows), page.previous, page.next)


def event_rows(site: Site, selection: LogSelection) -> Iterator[tuple[Any, ...]]:
    """All that fit as rows of a CSV, in the order of `CSV_HEADER`, read as they go."""
    zone = ZoneInfo(site.time_zone)
    for some in event_table(site).all(selection):
        for line in _lines(site, some):
            yield (
                line.seq, line.at, line.at.astimezone(zone).isoformat(timespec="seconds"), line.type, line.actor,
                " ".join(line.roles), line.request.number if line.request else None,
                line.person.full_name if line.person else None, line.draft.name if line.draft else None, line.data,
            )  # fmt: skip


def _lines(site: Site, entries: Sequence[Event]) -> list[EventLine]:
    said = [_said(entry) for entry in entries]
    told: list[Mapping[str, Any]] = [data if isinstance(data := body.get("data"), dict) else {} for body in said]
    spoken = [data.get("person") for data in told]
    persons = [key for key in spoken if isinstance(key, int)]
    people = User.objects.in_bulk([*persons, *(entry.actor_id for entry in entries if entry.actor_id)])
    about = Request.objects.only("uid", "number", "status").order_by()
    requests = about.in_bulk([entry.request_id for entry in entries if entry.request_id])
    drafts = _drafts(site, told)
    return [
        EventLine(
            seq=entry.seq,
            at=entry.at,
            type=entry.type,
            actor=people[entry.actor_id].signature_name if entry.actor_id in people else "",
            roles=tuple((body.get("actor") or {}).get("roles", ())),
            data=canonical(data).decode() if body else UNREADABLE,
            request=requests.get(entry.request_id or 0),
            person=people.get(data.get("person") if isinstance(data.get("person"), int) else 0),
            draft=drafts.get(str(data.get("draft"))),
            publication=getattr(drafts.get(str(data.get("draft"))), "publication", None),
        )
        for entry, body, data in zip(entries, said, told, strict=True)
    ]


def _said(entry: Event) -> dict[str, Any]:
    """What the entry's bytes say; nothing where somebody made them unreadable, which the check of the log tells."""
    try:
        body = json.loads(bytes(entry.body))
    except (ValueError, RecursionError):
        return {}
    return body if isinstance(body, dict) else {}


def _drafts(site: Site, told: Sequence[Mapping[str, Any]]) -> dict[str, CriteriaDraft]:
    uids = {uid for data in told if (uid := _uid(data.get("draft")))}
    if not uids:
        return {}
    rows = CriteriaDraft.objects.filter(site=site, uid__in=uids).select_related("publication")
    return {str(draft.uid): draft for draft in rows.defer("files")}


def _uid(text: Any) -> UUID | None:
    try:
        return UUID(str(text)) if text else None
    except ValueError:
        return None
