"""What prescribers do with a request once it is written: submit it, answer a question, withdraw it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from utilization import access, criteria
from utilization.digests import salted
from utilization.models import Authorization, Question, Request, User
from utilization.models.decisions import WITHDRAWN
from utilization.models.unsent import EDIT
from utilization.rules.clock import due_after, resumed
from utilization.rules.lifecycle import Status, Verb, moves_from
from utilization.workflow.confirmations import NOTHING_CONFIRMED, Confirmations
from utilization.workflow.corrections import (
    beside,
    checked_order,
    corrected,
    note_authors,
    queue_columns,
    ready,
    write_authors,
)
from utilization.workflow.errors import Conflict, Invalid
from utilization.workflow.filing_signals import signals_at_filing
from utilization.workflow.frozen_submission import Signing, freeze, reads_as
from utilization.workflow.patient_identity import refuse_dead
from utilization.workflow.patients import is_same_mrn
from utilization.workflow.reading import Unready, read_request
from utilization.workflow.request_number import REQUEST, next_number
from utilization.workflow.text_input import clean_text
from utilization.workflow.transition import allowed_move, carry, overtaken, record, take
from utilization.workflow.unsent_text import TWO_VALUES, unsent_of

ATTESTATION = (
    "I attest that this request is for the patient named in it and that, to the best of my knowledge, "
    "what it states is true and complete."
)
ANSWER_ATTESTATION = (
    "I attest that, to the best of my knowledge, the answer and the corrected facts are true and complete."
)


def submit(
    uid: UUID | str,
    *,
    by: User,
    at: datetime,
    version: int,
    mrn: str,
    attested: bool,
    confirmations: Confirmations = NOTHING_CONFIRMED,
) -> Request:
    """File a draft: freeze its facts and their judgement, number it, start its clock, put it before the pharmacist.

    Filing what its author has filed already returns it unchanged: a double click, a second tab or the back button
    makes one request.
    Raises NotFound, Refused, Conflict, Invalid (by fact, or on mrn, attested, acknowledged, justification,
    emergency_reason, dose_again, weight_again, or reason_ and the trap's code).
    """
    try:
        return _submit(uid, by, at, version, mrn, attested, confirmations)
    except Conflict as conflict:
        # The other tab was first: what this one asked for has happened.
        if _filed_by(by, conflict.request):
            return conflict.request
        raise


def _filed_by(by: User, request: Request) -> bool:
    return request.author_id == by.pk and request.submitted_at is not None


@transaction.atomic
def _submit(
    uid: UUID | str, by: User, at: datetime, version: int, mrn: str, attested: bool, confirmations: Confirmations
) -> Request:
    request = access.fetch_request(by, uid, what=Verb.SUBMIT.value, at=at)
    if _filed_by(by, request):
        return request
    move = allowed_move(request, Verb.SUBMIT, by=by, version=version)
    refuse_dead(request.patient)
    made = read_request(request, at)
    checked = checked_order(made, confirmations)
    acknowledged, confirmed = list(confirmations.acknowledged), [*confirmations.confirmed, *checked.facts]
    errors = checked.errors() | made.faults(acknowledged, confirmed)
    others = access.other_immunoglobulin(by, request, made.as_of)
    if others and access.OTHER_IMMUNOGLOBULIN not in acknowledged:
        told = "Acknowledge that this patient has other immunoglobulin, authorized or requested."
        errors["acknowledged"] = [*errors.get("acknowledged", ()), told]
    for name in unsent_of(request, by, EDIT):
        errors.setdefault(name, [TWO_VALUES])
    if fault := mrn_fault(request, mrn):
        errors["mrn"] = [fault]
    if attested is not True:
        errors["attested"] = ["Attest that what you file is true and complete."]
    reason = request.draft.get("emergency_reason", "") if made.emergency else ""
    if made.emergency and not reason:
        errors["emergency_reason"] = ["Write why this is an emergency."]
    if errors:
        raise Unready(errors, made)
    route = made.record["route"]
    request = carry(
        request,
        move,
        at=at,
        number=next_number(REQUEST, request.site, at),
        submitted_at=at,
        due_at=due_after(route["clock_hours"], at=at),
        emergency=made.emergency,
        emergency_reason=reason,
        **queue_columns(made),
    )
    checks = checked.record() | beside(others) | signals_at_filing(made, confirmed)
    signing = Signing(by, at, request.department.name, ATTESTATION, acknowledged, confirmed, checks)
    submission, said = freeze(request, made, signing)
    write_authors(submission, by, at)
    said |= {"emergency": salted({"text": reason}) if made.emergency else None}
    record(request, move, by=by, at=at, data=said)
    return request


def mrn_fault(request: Request, typed: str) -> str:
    """What is wrong with an MRN that was typed again at signing; empty where it is that of the patient."""
    try:
        mrn = clean_text("mrn", typed)
    except Invalid as invalid:
        return " ".join(invalid.errors["mrn"])
    if not mrn:
        return "Type the patient's MRN again, from the label or the chart."
    if not is_same_mrn(request.patient, mrn):
        return "This is not the MRN of the patient of this request. Check that it is the right patient."
    return ""


@transaction.atomic
def answer(
    uid: UUID | str,
    *,
    by: User,
    at: datetime,
    version: int,
    text: str,
    answers: Mapping[str, Any],
    confirmations: Confirmations = NOTHING_CONFIRMED,
) -> Request:
    """Answer the open question in words, and correct facts where `answers` (raw, as typed) say otherwise.

    Whoever answers writes a part of the request, in words alone too, and never recommends or decides on it afterwards.

    A changed fact makes a new submission, judged by the criteria that judged the first, which starts at the pharmacist
    again; an earlier recommendation no longer counts for it. Otherwise the request goes back to whoever asked. The
    clock runs again with what was left of it, or with the new route's hours where those are fewer.
    `confirmations` name what is new against the submission before. Where the corrected facts do not meet the criteria,
    the answer's words stand as the justification unless one was written.
    Raises NotFound, Refused, Conflict, Invalid (by fact, or on text, acknowledged, justification).
    """
    words = clean_text("text", text)
    request, move = take(uid, Verb.ANSWER, by=by, at=at, version=version)
    question = request.questions.filter(answered_at=None).first()
    if question is None:
        # Somebody else's answer was committed between the two reads.
        raise overtaken(request)
    previous = request.latest
    pack = criteria.pack_of(previous.pack)
    typed = corrected(request, pack, answers, by, at)
    said: dict[str, Any] = {"question": question.pk, "answer": salted({"text": words})}
    if reads_as(request, previous, pack):
        if not words:
            raise Invalid({"text": ["Write an answer, or correct a fact."]})
        move = next(m for m in moves_from(Status.INFORMATION_ASKED) if m.target == question.asked_from)
        moved = carry(request, move, at=at, **typed, **_clock_goes_on(request, at))
        note_authors(moved, {by.pk}, at)
    else:
        correction = ready(request, pack, previous, words, confirmations, at)
        clock = _clock_goes_on(request, at, most_hours=correction.made.record["route"]["clock_hours"])
        moved = carry(request, move, at=at, **typed, **clock, **queue_columns(correction.made))
        said |= correction.file(moved, by, at, ANSWER_ATTESTATION)
    Question.objects.filter(pk=question.pk).update(answered_at=at, answered_by=by, answer=words)
    record(moved, move, by=by, at=at, data=said)
    return moved


def _clock_goes_on(request: Request, at: datetime, most_hours: int | None = None) -> dict[str, Any]:
    """Columns that start the clock again with what was left of it, `most_hours` at most."""
    left = request.clock_left
    assert left is not None, "the clock of a request is stopped while it is asked about: the database holds it"
    return {"due_at": resumed(left, at=at, most_hours=most_hours), "clock_left": None}


@transaction.atomic
def withdraw(uid: UUID | str, *, by: User, at: datetime, version: int, reason: str) -> Request:
    """Take a filed request back, open or approved; its authorization is void from this moment.

    Raises NotFound, Refused, Conflict, Invalid on reason.
    """
    why = clean_text("reason", reason, required="Write why the request is withdrawn.")
    request, move = take(uid, Verb.WITHDRAW, by=by, at=at, version=version)
    request = carry(request, move, at=at, ended_at=at, ended_by=by, withdrawal_reason=why)
    voided = Authorization.objects.filter(request=request).update(voided_at=at, voided_because=WITHDRAWN)
    record(request, move, by=by, at=at, data={"reason": salted({"text": why}), "authorization_voided": voided == 1})
    return request
