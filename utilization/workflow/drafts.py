"""Drafts: start one, save what is typed, throw it away."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from django.db import transaction

from utilization import access, criteria, event_log
from utilization.models import Authorization, Department, Patient, Request, User
from utilization.models.requests import DOSE_CHANGE
from utilization.rules.dosing.slips import DOSES
from utilization.rules.facts.ages import AGES
from utilization.rules.facts.catalogue import CATALOGUE, PREGNANCY, SAFETY_CHECKLIST, Fact, Kind
from utilization.rules.facts.elapsed import apart, as_of_now
from utilization.rules.form.answers import SAFETY, as_typed
from utilization.rules.form.merge import Sent, merge
from utilization.rules.lifecycle import OPEN, Status, Verb
from utilization.rules.packs.pack import Pack
from utilization.rules.roles import Permission
from utilization.rules.signals import STOOD_SECONDS
from utilization.workflow.diagnosis_code import chosen_code, diagnosis_codes
from utilization.workflow.draft_answers import (
    DIAGNOSIS_CODE,
    IDENTIFIERS,
    MOST_IDENTIFIER,
    NOT_FACTS,
    PRESCRIBER_NUMBER,
    Catalogue,
    with_its_moment,
)
from utilization.workflow.errors import Conflict, Invalid, Refused
from utilization.workflow.form_use import changed_since, is_question
from utilization.workflow.frozen_submission import mark
from utilization.workflow.patient_identity import refuse_dead
from utilization.workflow.text_input import clean_text
from utilization.workflow.transition import carry, overtaken, record, take
from utilization.workflow.unsent_text import Saved, set_aside
from utilization.workflow.usual_product import begins_with

KNOWN_FROM_PATIENT = frozenset({*AGES, "sex", "weight_kg", "height_cm"})
"""Facts that stand with the patient and are not typed again."""

_CODE = re.compile(r"[a-z][a-z0-9_]{0,59}", re.ASCII)
_MOST_CHOICES = 40
_OF_THE_ORDER = (*DOSES, "course_days", "interval_weeks", "requested_authorization_months")


@transaction.atomic
def start_draft(
    *,
    by: User,
    at: datetime,
    patient_uid: UUID | str,
    indication: str,
    copy_of: UUID | str | None = None,
    request_type: str = "",
    found_by: str = "",
    changes: str = "",
) -> Request:
    """A new draft of `by` for this patient, of the department for which `by` prescribes at the patient's site.

    With `copy_of`, an earlier request of the same patient, its answers are taken over, as answers of `by`, but for
    the safety checklist, the emergency, the justification and what was true on its day (`Fact.of_its_day`).
    `request_type` "renewal" makes that copy a renewal, "initial" a request from the start; a score before treatment
    stays the baseline. `changes` says what such a renewal asks to change of the authorization, which must stand: the
    dose, in its place, or one extra course beside it. What copies nothing begins with the site's usual product.
    `found_by` is what the indication was found by: an ICD-10-CM code is chosen, and what it settles is answered.
    Raises NotFound, Refused, Invalid on indication, copy_of or request_type.
    """
    patient, department = _where(by, at, patient_uid)
    if not is_code(indication):
        raise Invalid({"indication": ["Choose an indication: a code of small letters, digits and underscores."]})
    source, answers = _copied(by, at, patient, copy_of)
    if source is None:
        answers = begins_with(patient.site)
    answers |= _begun_with(patient, at, indication, request_type, found_by)
    if changes:
        answers = _for_change(source, answers, changes, at)
    elif request_type == "renewal":
        _refuse_ended(source)
    beginning = Beginning(indication, answers, dict.fromkeys(answers, mark(by, at)), source, changes)
    return begin(by, at, patient, department, beginning)


@transaction.atomic
def start_from_denial(uid: UUID | str, *, by: User, at: datetime) -> Request:
    """A new draft of `by` that carries all that was typed in the denied request `uid`, each answer as of the day and
    by the hand that typed it: what was true on that day alone is asked again before the draft can be filed.

    An emergency is of its hour and is declared anew; a colleague's own number stays theirs. Raises NotFound, Refused,
    and Conflict where it is not denied.
    """
    source = access.fetch_request(by, uid, what="copy", at=at)
    if source.status != Status.DENIED:
        raise Conflict("This request is not denied, so nothing is missing in it. Start a copy of it instead.", source)
    patient, department = _where(by, at, source.patient.uid)
    left_out = {"emergency", "emergency_reason"} | ({PRESCRIBER_NUMBER} if source.author_id != by.pk else set())
    answers = {name: value for name, value in source.draft.items() if name not in left_out}
    entered = {name: told for name, told in source.entered.items() if name in answers}
    return begin(by, at, patient, department, Beginning(source.indication, answers, entered, source))


@dataclass(frozen=True, slots=True)
class Beginning:
    """What a draft begins with: answers with who typed each and when; `said` is what its log entry says besides."""

    indication: str
    answers: Mapping[str, Any]
    entered: Mapping[str, Any]
    source: Request | None
    changes: str = ""
    said: Mapping[str, Any] = field(default_factory=dict)


def _where(by: User, at: datetime, patient_uid: UUID | str) -> tuple[Patient, Department]:
    """The patient, locked, and the department of `by` at the patient's site. Raises NotFound, Refused."""
    seen = access.fetch_patient(by, patient_uid, what="start", at=at)
    # Locked, so that a merge or a death recorded at this moment is not missed.
    patient = Patient.objects.select_for_update(of=("self",), no_key=True).select_related("site").get(pk=seen.pk)
    if patient.merged_into_id is not None:
        raise Refused("This patient's record was merged with another one at this moment. Open the patient again.")
    refuse_dead(patient)
    department = access.department(by, patient.site)
    if department is None:
        raise Refused(access.can(by, Permission.FILE, site=patient.site).why)
    return patient, department


def begin(by: User, at: datetime, patient: Patient, department: Department, beginning: Beginning) -> Request:
    """Write the draft of `by` for `patient` with what it begins with, and its entry."""
    catalogue = criteria.in_force(patient.site, patient.site.date_at(at)).catalogue
    request = Request.objects.create(
        site=patient.site,
        department=department,
        patient=patient,
        author=by,
        copied_from=beginning.source,
        indication=beginning.indication,
        changes=beginning.changes,
        draft=beginning.answers,
        entered=beginning.entered,
        prefilled={name: False for name, value in beginning.answers.items() if value and is_question(name, catalogue)},
        created_at=at,
        updated_at=at,
    )
    event_log.append(
        type="request.started",
        at=at,
        actor=by,
        request=request,
        data={
            "patient": patient.uid,
            "department": department.pk,
            "indication": beginning.indication,
            "copied_from": beginning.source.number if beginning.source else None,
            **({"changes": beginning.changes} if beginning.changes else {}),
            **beginning.said,
        },
    )
    return request


def _refuse_ended(source: Request | None) -> None:
    """Raises Refused where the authorization that is to be renewed was ended before its last day."""
    held = Authorization.objects.filter(request=source, voided_at__isnull=False).first() if source else None
    if held is not None:
        raise Refused(f"{held.number} was ended, so there is nothing to renew. Start a copy: it is a new request.")


def _for_change(source: Request | None, answers: dict[str, Any], changes: str, at: datetime) -> dict[str, Any]:
    """The answers of a request that changes an authorization: an extra dose is one course, whose dose is to be stated.

    Raises Refused where no authorization stands, or a change of it is in review.
    """
    held = Authorization.objects.filter(request=source).first() if source else None
    if source is None or held is None or held.state(source.site.date_at(at)) not in ("live", "future"):
        raise Refused("There is no authorization that stands, so there is nothing to change. File a new request.")
    waiting = Request.objects.filter(copied_from=source, changes=changes, status__in=OPEN).first()
    if waiting is not None:
        raise Refused(f"{waiting.number} asks for this already and is not decided yet.")
    if changes == DOSE_CHANGE:
        return answers | {"request_type_detail": "dose_change"}
    kept = {name: value for name, value in answers.items() if name not in _OF_THE_ORDER}
    return kept | {"request_type_detail": "repeat_dose", "planned_duration": "single_course"}


def is_code(indication: object) -> bool:
    """Whether `indication` is spelled as the code of one: small letters, digits and underscores, a letter first."""
    return isinstance(indication, str) and _CODE.fullmatch(indication) is not None


def _copied(by: User, at: datetime, patient: Patient, uid: UUID | str | None) -> tuple[Request | None, dict[str, Any]]:
    if uid is None:
        return None, {}
    source = access.fetch_request(by, uid, what="copy", at=at)
    if source.patient_id != patient.pk or source.submitted_at is None:
        raise Invalid({"copy_of": ["Only a request that was filed for the same patient can be copied."]})
    return source, carried(source, by)


def carried(source: Request, by: User) -> dict[str, Any]:
    """The answers of `source` that a copy by `by` begins with: what was true on its day alone is answered anew."""
    left_out = {*NOT_FACTS, SAFETY, *SAFETY_CHECKLIST, PREGNANCY} - {DIAGNOSIS_CODE, *IDENTIFIERS}
    if source.author_id != by.pk:
        left_out.add(PRESCRIBER_NUMBER)
    left_out |= {name for name, fact in criteria.pack_of(source.latest.pack).catalogue.items() if fact.of_its_day}
    return {name: value for name, value in source.draft.items() if name not in left_out}


def _begun_with(patient: Patient, at: datetime, indication: str, request_type: str, found_by: str) -> dict[str, str]:
    if request_type not in ("", *CATALOGUE["request_type"].choices):
        raise Invalid({"request_type": ["Choose an initial request or a renewal."]})
    today = patient.site.date_at(at)
    pack = criteria.in_force(patient.site, today)
    code = chosen_code(diagnosis_codes(pack, indication, today), found_by) if found_by else ""
    settled = _settled(pack, indication, found_by) if found_by.strip() else {}
    return settled | {name: value for name, value in (("request_type", request_type), (DIAGNOSIS_CODE, code)) if value}


def _settled(pack: Pack, indication: str, found_by: str) -> dict[str, str]:
    """Answers that the name or code settles by which the indication was found."""
    # Looked up again and not taken from the form, which could settle anything.
    matches = criteria.find_indications(found_by, pack)
    return as_typed(next((match.settles for match in matches if match.indication.code == indication), {}))


@transaction.atomic
def save_draft(
    uid: UUID | str, *, by: User, at: datetime, answers: Mapping[str, Any], version: int | None = None,
    still: Iterable[str] = (), pack: Pack | None = None,
) -> Request:  # fmt: skip
    """Take `answers`, as typed, into the draft; what they do not name stays as it was.

    An answer need not be right to be saved, but it must be text that can be kept: at most 4,000 characters, without
    hidden characters. `still` names answers of an earlier day that are confirmed as they stand; `pack` the criteria in
    force, where they are known already.
    Raises NotFound, Refused, Conflict (a `version` that is not the draft's), Invalid.
    """
    request = _opened(uid, by, at)
    if version not in (None, request.version):
        raise overtaken(request)
    catalogue = (pack or criteria.criteria_for(request, request.site.date_at(at))).catalogue
    return _write(request, catalogue, clean_answers(answers, catalogue), by, at, still)


@transaction.atomic
def save_page(uid: UUID | str, *, by: User, at: datetime, page: Callable[[Mapping[str, Fact]], Sent]) -> Saved:
    """Take the answers of one page of the form into the draft, which other pages of the same draft write too.

    `page` gives what was sent, read with the facts of the criteria in force: which fields are answers is theirs to
    say. An answer that this page and another changed to different values is set aside for the person to choose, and
    the draft keeps what it has. What cannot be kept is told in the result, and the rest is saved. Raises NotFound,
    Refused, Conflict.
    """
    request = _opened(uid, by, at)
    pack = criteria.criteria_for(request, request.site.date_at(at))
    catalogue, sent = pack.catalogue, page(pack.catalogue)
    clean: dict[str, Any] = {}
    refused: dict[str, list[str]] = {}
    for name, value in sent.answers.items():
        try:
            clean[name] = _clean(name, value, catalogue)
        except Invalid as invalid:
            refused |= invalid.errors
    # What counts back from now is compared as the number that it is today: a page shows the number, the draft the day.
    today = partial(_as_shown, request, catalogue, at=at)
    shown = None if sent.seen is None else today(sent.seen)
    merged = merge(today(request.draft), shown, today(clean), [today(answers) for answers in sent.earlier])
    aside = {name: clean.get(name, "") for name in merged.apart}
    set_aside(request, by, aside, [*merged.written, *sent.settled], at)
    written = {name: clean[name] for name in merged.written}
    now = _write(request, catalogue, written, by, at, sent.still)
    return Saved(now, sent, pack, refused, merged.apart, merged.elsewhere)


def _as_shown(request: Request, catalogue: Catalogue, answers: Mapping[str, Any], *, at: datetime) -> dict[str, Any]:
    """`answers` as a page shows them at this moment: what counts back from now as the number that it comes to."""
    return {name: _number_now(request, catalogue, name, value, at) for name, value in answers.items()}


def _number_now(request: Request, catalogue: Catalogue, name: str, value: Any, at: datetime) -> Any:
    fact = catalogue.get(name)
    if fact is not None and fact.kind is Kind.BOOL:
        return _yes_or_no(value)
    if fact is None or not fact.counts_back or not isinstance(value, str):
        return value
    # Kept before answers had their moment, it counts from when it was typed; any other bare number is typed now.
    kept = with_its_moment(request, catalogue, name, value) if value == request.draft.get(name) else value
    return as_of_now(fact, kept, request.site.date_at(at), at)


def _yes_or_no(value: Any) -> Any:
    """The one spelling of a yes and of a no: "true" and "false", which the form's own choices send."""
    return {"yes": "true", "no": "false"}.get(value, value) if isinstance(value, str) else value


def _opened(uid: UUID | str, by: User, at: datetime) -> Request:
    """The draft with this `uid`, its row locked. Raises NotFound, Refused, and Conflict where it is none any more."""
    # Two saves of one page may overtake each other; the row lock lets the second merge into what the first left.
    if own := access.fetch_own_draft(by, uid, what="draft", at=at):
        return own
    request = access.fetch_request(by, uid, what="draft", at=at, same_page=True, lock=True)
    if not (permitted := access.can(by, Permission.FILE, request)):
        raise Refused(permitted.why)
    if request.status != Status.DRAFT:
        raise overtaken(request)
    return request


def _write(
    request: Request, catalogue: Catalogue, typed: Mapping[str, Any], by: User, at: datetime, still: Iterable[str]
) -> Request:
    new = {name: value for name, value in typed.items() if differs(request, catalogue, name, value, at)}
    changed = dated(request, catalogue, new, at)
    again = {name for name in still if request.draft.get(name)}
    if changed or again:
        request.first_answers = _replaced(request, catalogue, changed, at) | request.first_answers
        request.prefilled = changed_since(request, changed)
        request.draft = request.draft | changed
        request.entered = request.entered | dict.fromkeys({*changed, *again}, mark(by, at))
        request.version += 1
        request.updated_at = at
        request.save(update_fields=("draft", "entered", "first_answers", "prefilled", "version", "updated_at"))
    return request


def _replaced(request: Request, catalogue: Catalogue, changed: Iterable[str], at: datetime) -> dict[str, Any]:
    """The facts of the draft that are replaced by `changed` after they had stood a while; those that a copy brought
    are no answers of this draft."""
    stood = {}
    for name in changed:
        typed = request.entered.get(name)
        if name not in catalogue or not request.draft.get(name) or typed is None:
            continue
        since = datetime.fromisoformat(typed["at"])
        if since > request.created_at and at - since >= timedelta(seconds=STOOD_SECONDS):
            stood[name] = request.draft[name]
    return stood


def dated(request: Request, catalogue: Catalogue, answers: Mapping[str, Any], at: datetime) -> dict[str, Any]:
    """`answers`, each that counts back from now with the moment from which it does."""
    return {name: with_its_moment(request, catalogue, name, value, at) for name, value in answers.items()}


def differs(request: Request, catalogue: Catalogue, name: str, value: Any, at: datetime) -> bool:
    """Whether `value` says something else than the answer that `request` holds; the same number of days on the same
    day is the same answer."""
    kept, fact = request.draft.get(name), catalogue.get(name)
    if fact is not None and fact.kind is Kind.BOOL:
        return bool(_yes_or_no(kept) != _yes_or_no(value))
    if kept == value or fact is None or not fact.counts_back or not (kept and value):
        return bool(kept != value)
    typed, then = apart(value)
    return then is not None or typed != as_of_now(
        fact, with_its_moment(request, catalogue, name, kept), request.site.date_at(at), at
    )


def clean_answers(answers: Mapping[str, Any], catalogue: Catalogue) -> dict[str, Any]:
    """`answers` to the facts of `catalogue` as they can be kept. Raises Invalid for each that cannot, on its field."""
    kept: dict[str, Any] = {}
    errors: dict[str, list[str]] = {}
    for name, value in answers.items():
        try:
            kept[name] = _clean(name, value, catalogue)
        except Invalid as invalid:
            errors |= invalid.errors
    if errors:
        raise Invalid(errors)
    return kept


def _clean(name: Any, value: Any, catalogue: Catalogue) -> str | list[str]:
    if name == SAFETY:
        items = [value] if isinstance(value, str) else value
        if not isinstance(items, list | tuple) or len(items) > _MOST_CHOICES:
            raise Invalid({SAFETY: ["Expected a list of choices."]})
        return [clean_text(SAFETY, item) for item in items]
    if name in KNOWN_FROM_PATIENT:
        raise Invalid({name: ["This stands with the patient: change it there."]})
    if name not in NOT_FACTS and name not in catalogue:
        raise Invalid({"answers": ["The form holds a field that is not known here. Reload the page and try again."]})
    if name in IDENTIFIERS:
        return clean_text(name, value, most=MOST_IDENTIFIER, one_line=True)
    return clean_text(name, value)


@transaction.atomic
def discard(uid: UUID | str, *, by: User, at: datetime, version: int) -> Request:
    """Throw a draft away; it stays as a discarded row that auditors see. Raises NotFound, Refused, Conflict."""
    request, move = take(uid, Verb.DISCARD, by=by, at=at, version=version)
    request = carry(request, move, at=at, ended_at=at, ended_by=by)
    record(request, move, by=by, at=at, data={})
    return request
