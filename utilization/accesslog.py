"""The access log: who read what of which patient. Written by `access` alone, where a record is fetched."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from utilization.models import AccessEntry, Patient, Request

SAME_PAGE = timedelta(hours=12)
"""How long a page may stay open and still count as one read; a session lasts no longer."""


def record(*, actor: Any, what: str, at: datetime, patients: Iterable[Patient], request: Request | None = None) -> None:
    """Write one entry for each of `patients`, all read by `actor` at `at` (aware) for `what`."""
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
            for patient in patients
        ]
    )


def read_on_this_page(*, actor: Any, what: str, at: datetime, request: Request) -> bool:
    """Whether `actor` has an entry for `what` on `request` that is younger than `SAME_PAGE`."""
    return AccessEntry.objects.filter(
        # The site comes first because the log is indexed by site and time; a page still open is near the newest end.
        site_id=request.site_id,
        at__gt=at - SAME_PAGE,
        at__lte=at,
        actor_id=actor.pk,
        request_id=request.pk,
        what=what,
    ).exists()
