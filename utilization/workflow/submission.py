"""What prescribers do with a request once it is written: submit it, answer a question, withdraw it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from utilization import access, criteria
from utilization.digests import salted
from utilization.models import AnswerPart, Authorization, Question, Request, Unsent, User
from utilization.models.decisions import WITHDRAWN
from utilization.models.unsent import ANSWER, EDIT
from utilization.rules.lifecycle import Status, Verb, moves_from
from utilization.workflow.authorship import note_authors, write_authors
from utilization.workflow.confirmations import NOTHING_CONFIRMED, Confirmations
from utilization.workflow.corrections import beside, checked_order, corrected, queue_columns, ready
from utilization.workflow.departments import refuse_closed
from utilization.workflow.errors import Conflict, Invalid
from utilization.workflow.filing_signals import signals_at_filing
from utilization.workflow.form_use import form_use_at_filing
from utilization.workflow.frozen_submission import Signing, freeze, reads_as
from utilization.workflow.patient_identity import refuse_dead
from utilization.workflow.patients import is_same_mrn
from utilization.workflow.reading import Unready, read_request
from utilization.workflow.request_clock import DueTime, goes_on, started
from utilization.workflow.request_number import REQUEST, next_number
from utilization.workflow.text_input import clean_text
from utilization.workflow.transfer_end import refuse_taken_over
from utilization.workflow.transition import allowed_move, carry, overtaken, record, take
from utilization.workflow.unsent_text import TWO_VALUES, unsent_of

ATTESTATION = (
    "I attest that this request is for the patient named in it and that, to the best of my knowledge, "
    "what it states is true and complete."
)
_WORDS_FOR_THE_REST = (
    "Not all that was asked for is answered: write why the rest cannot be given or stays as it is, or send what you "
    "have as a part."
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
    refuse_closed(request.department)
    refuse_taken_over(request)
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
    due = started(request, made.record["route"], at=at)
    request = carry(
        request,
        move,
        at=at,
        number=next_number(REQUEST, request.site, at),
        submitted_at=at,
        emergency=made.emergency,
        emergency_reason=reason,
        **due.columns(),
        **queue_columns(made),
    )
    checks = checked.record() | beside(others) | signals_at_filing(made, confirmed) | form_use_at_filing(made)
    signing = Signing(by, at, request.department.name, ATTESTATION, acknowledged, confirmed, checks)
    submission, said = freeze(request, made, signing)
    write_authors(submission, by, at)
    said |= {"emergency": salted({"text": reason}) if made.emergency else None, **due.said()}
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
    """Answer the whole open question in words, and correct facts where `answers` (raw, as typed) say otherwise.

    What was asked for and is not given by now, in this answer or a part before, takes words that say why.

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
    before = request.draft
    typed = corrected(request, pack, answers, by, at)
    not_given = [name for name in question.still_open if request.draft.get(name) == before.get(name)]
    said: dict[str, Any] = {"question": question.pk, "answer": salted({"text": words}), "not_given": not_given}
    if not words and (not_given or reads_as(request, previous, pack)):
        raise Invalid({"text": [_WORDS_FOR_THE_REST if not_given else "Write an answer, or correct a fact."]})
    if reads_as(request, previous, pack):
        move = next(m for m in moves_from(Status.INFORMATION_ASKED) if m.target == question.asked_from)
        due = goes_on(request, at=at)
        moved = carry(request, move, at=at, **typed, **_clock_runs(due))
        note_authors(moved, {by.pk}, at)
    else:
        correction = ready(request, pack, previous, words, confirmations, at)
        due = goes_on(request, at=at, route=correction.made.record["route"])
        moved = carry(request, move, at=at, **typed, **_clock_runs(due), **queue_columns(correction.made))
        said |= correction.file(moved, by, at, ANSWER_ATTESTATION)
    Question.objects.filter(pk=question.pk).update(answered_at=at, answered_by=by, answer=words, not_given=not_given)
    record(moved, move, by=by, at=at, data=said | due.said())
    return moved


@transaction.atomic
def answer_in_part(
    uid: UUID | str, *, by: User, at: datetime, version: int, text: str, answers: Mapping[str, Any]
) -> Request:
    """Give some of the facts that the open question asks for; the question stays open for the rest.

    The request stays with the prescriber and its clock stays stopped. Nothing is judged before all is answered, or sent
    back with words for what cannot be given (`answer`). Raises NotFound, Refused, Conflict, Invalid (by fact, or on
    text).
    """
    words = clean_text("text", text)
    request, move = take(uid, Verb.ANSWER_IN_PART, by=by, at=at, version=version)
    question = request.questions.filter(answered_at=None).first()
    if question is None:
        raise overtaken(request)
    pack, before, wanted = criteria.pack_of(request.latest.pack), request.draft, question.still_open
    typed = corrected(request, pack, answers, by, at)
    given = [name for name in wanted if request.draft.get(name) != before.get(name)]
    if not given:
        raise Invalid({"text": ["Answer at least one of the facts that are asked for, or send a message instead."]})
    if len(given) == len(wanted):
        raise Invalid({"text": ["This answers all that is asked for. Send it as the whole answer."]})
    read = read_request(request, at, pack=pack).facts
    facts = {name: read.get(name) for name in given}
    moved = carry(request, move, at=at, **typed)
    note_authors(moved, {by.pk}, at)
    part = AnswerPart.objects.create(request=moved, question=question, at=at, by=by, facts=facts, text=words)
    Unsent.objects.filter(request=moved, user=by, page=ANSWER).delete()
    said = {"question": question.pk, "part": part.pk, "given": given, "sha256": salted({"facts": facts, "text": words})}
    record(moved, move, by=by, at=at, data=said)
    return moved


def _clock_runs(due: DueTime) -> dict[str, Any]:
    """Columns of a request whose clock goes on."""
    return {**due.columns(), "clock_left": None}


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
