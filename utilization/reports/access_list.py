"""Who read what: the access log of a site, of a person, of a patient."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from utilization import access
from utilization.models import AccessEntry, Patient, Request, Site, User
from utilization.reports.log_selection import LogSelection, LogTable
from utilization.reports.paging import Page, Place
from utilization.reports.people import people_at

CSV_HEADER = ("at", "at_local", "by", "read", "request")
EVERYTHING = LogSelection()
MOST_OFFERED = 200
"""People of a site that one list offers to choose from; of more, one is looked for by name."""
MOST_NAMED = 20
MOST_READS = 500
"""Reads of one patient's record that are shown at once."""


@dataclass(frozen=True, slots=True)
class Read:
    """One entry of the access log. `request` is the request that was read, where it was one."""

    entry: AccessEntry
    request: Request | None


def readers(site: Site) -> list[User]:
    """Everybody who works at `site` or once did, by name, where they are few enough to choose from; else nobody."""
    people = people_at(site)[: MOST_OFFERED + 1]
    return [] if len(people) > MOST_OFFERED else list(people)


def readers_named(site: Site, name: str) -> list[User]:
    """Those who work at `site` or once did and whose name contains `name`, the first `MOST_NAMED` of them."""
    return list(people_at(site).filter(full_name__icontains=name)[:MOST_NAMED]) if name else []


def reader(site: Site, pk: int) -> User | None:
    """The person with this key, where they work at `site` or once did."""
    return people_at(site).filter(pk=pk).first()


def reads(
    site: Site,
    selection: LogSelection = EVERYTHING,
    *,
    after: Place | None = None,
    before: Place | None = None,
) -> Page:
    """A page of the access log of `site`, newest first, as Read."""
    page = _table(site).page(selection, after=after, before=before)
    return Page(_read(page.rows), page.previous, page.next)


def read_rows(site: Site, selection: LogSelection) -> Iterator[tuple[Any, ...]]:
    """All that fit as rows of a CSV, in the order of `CSV_HEADER`, read as they go. None names a patient."""
    zone = ZoneInfo(site.time_zone)
    for some in _table(site).all(selection):
        for read in _read(some):
            entry = read.entry
            yield (
                entry.at, entry.at.astimezone(zone).isoformat(timespec="seconds"), entry.actor_name, entry.what,
                read.request.number if read.request else None,
            )  # fmt: skip


def _table(site: Site) -> LogTable:
    return LogTable(site, AccessEntry.objects.filter(site_id=site.pk), kind="what")


def find_patient(actor: Any, site: Site, mrn: str, *, at: datetime) -> Patient | None:
    """The patient of `site` with this whole MRN, whatever its spaces and leading zeros, or who once had it; `actor`
    thereby reads the record. None when there is none."""
    patients = access.by_mrn(site, mrn)
    return access.fetch_patient(actor, patients[0].uid, what="access_log", at=at) if patients else None


def reads_of(patient: Patient) -> list[Read]:
    """Who read the record of `patient`, or one merged into it, newest first, the last `MOST_READS` of them."""
    records = list(access.records_of(patient).values_list("pk", flat=True))
    return _read(list(AccessEntry.objects.filter(patient_id__in=records)[:MOST_READS]))


def _read(entries: Sequence[AccessEntry]) -> list[Read]:
    named = Request.objects.only("uid", "number", "status").order_by()
    known = named.in_bulk({entry.request_id for entry in entries if entry.request_id})
    return [Read(entry, known.get(entry.request_id or 0)) for entry in entries]
