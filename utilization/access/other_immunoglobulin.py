"""What else a patient is given or asked for, whoever asks: a second order must not be written without it."""

import uuid
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Q

from utilization.access.patients import records_of
from utilization.access.requests import visible_requests
from utilization.models import Authorization, Request
from utilization.rules.lifecycle import OPEN, Status

OTHER_IMMUNOGLOBULIN = "other_immunoglobulin"
"""The code by which a prescriber acknowledges what `other_immunoglobulin` tells, and its key in `Submission.checks`."""


@dataclass(frozen=True, slots=True)
class OtherImmunoglobulin:
    """Another request of a patient that is open, or approved with an authorization that is not over.

    `first` and `last` are the days of the authorization; of an open request, the day of filing and none. Where the
    actor may not read that request, `uid` is None and `number` and `indication` are empty: department, grams and dates
    are what a second order must not be written without.
    """

    uid: uuid.UUID | None
    number: str
    indication: str
    department: str
    authorized: bool
    grams_per_course: Decimal | None
    courses: int | None
    first: date
    last: date | None

    def as_json(self) -> dict[str, Any]:
        """It as kept with a submission: dates and grams as text."""
        return {
            "number": self.number,
            "indication": self.indication,
            "department": self.department,
            "authorized": self.authorized,
            "grams_per_course": None if self.grams_per_course is None else f"{self.grams_per_course.normalize():f}",
            "courses": self.courses,
            "first": self.first.isoformat(),
            "last": self.last.isoformat() if self.last else None,
        }


def other_immunoglobulin(actor: Any, request: Request, on: date) -> list[OtherImmunoglobulin]:
    """What else the patient of `request` is given or asked for on the date `on`, for any indication, oldest first.

    An authorization counts to the end of its last day, and one that begins later counts too. Drafts do not: nobody has
    asked for them yet. What stands under a record that was merged into the patient's is the patient's.
    """
    same_person = list(records_of(request.patient).values_list("pk", flat=True))
    valid = Q(status=Status.APPROVED, authorization__voided_at=None, authorization__valid_to__gte=on)
    others = Request.objects.filter(Q(status__in=OPEN) | valid, patient__in=same_person).exclude(pk=request.pk)
    readable = set(visible_requests(actor).filter(patient__in=same_person).order_by().values_list("pk", flat=True))
    rows = others.select_related("department", "authorization", "site").defer("draft", "entered")
    return [_other(row, row.pk in readable) for row in rows.order_by("submitted_at", "pk")]


def _other(request: Request, readable: bool) -> OtherImmunoglobulin:
    held: Authorization | None = getattr(request, "authorization", None)
    assert request.submitted_at is not None  # what is neither draft nor discarded was filed: the database holds it
    return OtherImmunoglobulin(
        uid=request.uid if readable else None,
        number=(held.number if held else request.number or "") if readable else "",
        indication=request.indication if readable else "",
        department=request.department.name,
        authorized=held is not None,
        grams_per_course=held.grams_per_course if held else request.grams,
        courses=held.courses if held else None,
        first=held.valid_from if held else request.site.date_at(request.submitted_at),
        last=held.valid_to if held else None,
    )
