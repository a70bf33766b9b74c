"""The access log: who read what of which patient. Written by `access` alone, where a record is fetched."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet

from utilization.models import AccessEntry, Patient, Request

SAME_PAGE = timedelta(hours=12)
"""How long a page may stay open and still count as one read; a session lasts no longer."""

SAME_LOOK = timedelta(minutes=10)
"""Reads of one person that lie closer together than this are one look."""


def record(*, actor: Any, what: str, at: datetime, reads: Iterable[tuple[Patient, Request | None]]) -> None:
    """Write one entry for each patient, and request where there is one, that `actor` read `at` (aware) for `what`.

    All in one statement: a list of fifty must not cost fifty synced writes.
    """
    AccessEntry.objects.bulk_create(
        [
            AccessEntry(
                at=at,
                site_id=patient.site_id,
                actor_id=actor.pk,
                actor_name=actor.signature_name,
                patient_id=patient.pk,
                request_id=request.pk if request else None,
                what=what,
            )
            for patient, request in reads
        ]
    )


def requests_read(*, actor: Any, what: str, at: datetime, site_id: int) -> QuerySet[AccessEntry, int | None]:
    """Keys of the requests of a site on which `actor` has an entry for `what` of exactly the time `at`."""
    entries = AccessEntry.objects.filter(site_id=site_id, actor_id=actor.pk, at=at, what=what)
    return entries.order_by().values_list("request_id", flat=True)


def read_on_this_page(*, actor: Any, what: str, at: datetime, patient: Patient, request: Request | None = None) -> bool:
    """Whether `actor` has an entry for `what` on `patient` and `request` that is younger than `SAME_PAGE`."""
    return (
        _lately(actor, what, at, [patient.site_id])
        .filter(patient_id=patient.pk, request_id=request.pk if request else None)
        .exists()
    )


def listed_lately(*, actor: Any, what: str, at: datetime, requests: Iterable[Request]) -> set[int | None]:
    """Keys of those `requests` on which `actor` has an entry for `what` that is younger than `SAME_PAGE`."""
    shown = list(requests)
    entries = _lately(actor, what, at, {request.site_id for request in shown})
    return set(entries.filter(request_id__in=[request.pk for request in shown]).values_list("request_id", flat=True))


def patients_lately(*, actor: Any, what: str, at: datetime, patients: Iterable[Patient]) -> set[int]:
    """Keys of those `patients` on whom `actor` has an entry for `what` that is younger than `SAME_PAGE`."""
    shown = list(patients)
    entries = _lately(actor, what, at, {patient.site_id for patient in shown})
    read = entries.filter(patient_id__in=[patient.pk for patient in shown], request_id=None)
    return set(read.values_list("patient_id", flat=True))


def last_look(*, actor: Any, what: str, at: datetime, request: Request) -> datetime | None:
    """When `actor` last read `request` for `what` before this time; None where they never did.

    What lies within `SAME_LOOK` of `at` is this look itself, so that a page loaded again still tells what was new;
    where there is nothing older, the first read within it counts.
    """
    reads = AccessEntry.objects.filter(request_id=request.pk, actor_id=actor.pk, what=what, at__lt=at)
    times = reads.order_by("-at").values_list("at", flat=True)
    return times.filter(at__lte=at - SAME_LOOK).first() or times.last()


def _lately(actor: Any, what: str, at: datetime, sites: Iterable[int]) -> QuerySet[AccessEntry]:
    # Sites come first because the log is indexed by site and time; a page still open is near the newest end.
    return AccessEntry.objects.filter(
        site_id__in=sites, at__gt=at - SAME_PAGE, at__lte=at, actor_id=actor.pk, what=what
    )
