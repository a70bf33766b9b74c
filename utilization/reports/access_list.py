"""Who read what: the access log of a site, of a person, of a patient."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from utilization import access
from utilization.models import AccessEntry, Patient, Request, Site, User
from utilization.reports.audit_list import PAGE
from utilization.reports.paging import Page, Place, walk
from utilization.reports.people import people_at

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


def reads(site: Site, *, person: int | None = None, after: Place | None = None, before: Place | None = None) -> Page:
    """The access log of `site`, newest first; with `person`, what they read."""
    entries = AccessEntry.objects.filter(site_id=site.pk)
    if person:
        entries = entries.filter(actor_id=person)
    lines, page = walk(entries, "at", PAGE, after, before)
    return Page(_read(lines), page.previous, page.next)


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
