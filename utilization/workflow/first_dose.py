"""Treat now: the first dose of a filed request released before its review, to be reviewed after by a deadline."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from utilization import access, criteria
from utilization.digests import FIRST_DOSE, as_kept, salted
from utilization.models import FirstDose, Patient, Request, User
from utilization.rules.authorization.first_dose import (
    FirstDoseGrams,
    Ground,
    NoRelease,
    first_dose,
    ground_of,
)
from utilization.rules.lifecycle import AWAITS_DECISION, Status, Verb
from utilization.workflow.authorship import note_authors
from utilization.workflow.errors import Invalid, Refused
from utilization.workflow.patient_identity import refuse_dead
from utilization.workflow.text_input import clean_text
from utilization.workflow.transition import carry, record, take

_MEETS = "meets"


@dataclass(frozen=True, slots=True)
class FirstDoseOffer:
    """What would be released of a request now: grams, until when, whom to call and by when the review is due.

    `why_not` says why nothing can be, in words that say what to do; `dose` is None then. `wants_reason` says why an
    emergency has to be declared first; empty where the case is urgent by its criteria or one is declared already.
    """

    dose: FirstDoseGrams | None
    why_not: str
    wants_reason: str
    off_criteria: bool
    hours: int
    until: datetime
    review_by: datetime
    on_call: str


def first_dose_offer(request: Request, at: datetime) -> FirstDoseOffer:
    """What could be released of `request`, a filed one, at `at`."""
    submission, table = request.latest, criteria.authorization_table()
    dose, why_not, wants = None, _released_already(request, at), ""
    try:
        dose = first_dose(submission.judgement, table.first_dose)
    except NoRelease as none:
        why_not = why_not or str(none)
    try:
        ground_of(submission.judgement, request.emergency_reason)
    except NoRelease as none:
        wants = str(none)
    return FirstDoseOffer(
        dose=None if why_not else dose, why_not=why_not, wants_reason=wants,
        off_criteria=submission.judgement["outcome"] != _MEETS, hours=table.first_dose.hours,
        until=at + timedelta(hours=table.first_dose.hours),
        review_by=at + timedelta(hours=request.site.review_after_hours), on_call=request.site.on_call,
    )  # fmt: skip


@transaction.atomic
def treat(uid: UUID | str, *, by: User, at: datetime, version: int, reason: str = "") -> Request:
    """Release the first dose of a filed request at once; the request goes on to its review.

    `reason` is why it is an emergency, where none was declared when it was filed. An emergency goes past criteria that
    are not met, never past the ceiling of the dose, a missing weight or a product that must not be given. Whoever
    releases it writes a part of the request. Raises NotFound, Refused, Conflict, Invalid on reason.
    """
    why = clean_text("reason", reason)
    request, move = take(uid, Verb.TREAT, by=by, at=at, version=version)
    refuse_dead(request.patient)
    # Two requests of one patient, treated at the same moment, wait for each other here.
    Patient.objects.select_for_update(no_key=True).get(pk=request.patient_id)
    if told := _released_already(request, at):
        raise Refused(told)
    submission, limits = request.latest, criteria.authorization_table().first_dose
    try:
        dose = first_dose(submission.judgement, limits)
    except NoRelease as none:
        raise Refused(str(none)) from None
    why = why or request.emergency_reason
    try:
        ground = ground_of(submission.judgement, why)
    except NoRelease as none:
        raise Invalid({"reason": [str(none)]}) from None
    moved = carry(request, move, at=at)
    note_authors(moved, {by.pk}, at)
    row = FirstDose.objects.create(
        request=moved, submission=submission, grams=dose.grams, because=dose.because, ground=ground,
        product=submission.facts.get("product", "")[:60], reason=why if ground == Ground.DECLARED else "",
        off_criteria=submission.judgement["outcome"] != _MEETS, released_at=at, released_by=by,
        released_name=by.signature_name, until=at + timedelta(hours=limits.hours),
        review_by=at + timedelta(hours=moved.site.review_after_hours), on_call=moved.site.on_call,
    )  # fmt: skip
    said = {
        "first_dose": row.pk, "about": submission.ordinal, "until": row.until, "review_by": row.review_by,
        "sha256": salted(as_kept(row, FIRST_DOSE)),
    }  # fmt: skip
    record(moved, move, by=by, at=at, data=said)
    return moved


def _released_already(request: Request, at: datetime) -> str:
    """Why no further first dose may be released: one was, of this request, or of another one for the same treatment."""
    if FirstDose.objects.filter(request=request).exists():
        return "The first dose of this request is released already: see its page for the grams and until when."
    live = FirstDose.objects.filter(
        request__patient__in=access.records_of(request.patient), request__indication=request.indication, until__gt=at,
        request__status__in=(*AWAITS_DECISION, Status.APPROVED),
    )  # fmt: skip
    other = live.select_related("request").order_by("pk").first()
    if other is None:
        return ""
    return (
        f"A first dose for this patient and indication is released by {other.request.number} and may still be given. "
        "Give that one, or withdraw that request first."
    )
