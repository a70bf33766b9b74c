"""Drafts: start one, save what is typed, throw it away."""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from utilization import access, eventlog, library
from utilization.models import Patient, Request, User
from utilization.rules.asking.answers import SAFETY
from utilization.rules.asking.merging import merge
from utilization.rules.lifecycle import Permission, Status, Verb
from utilization.workflow.errors import Invalid, Refused
from utilization.workflow.judged import NOT_FACTS, mark
from utilization.workflow.moving import carry, overtaken, record, reread, take
from utilization.workflow.typed import clean_text
from utilization.workflow.unsent import Saved, set_aside

KNOWN_FROM_PATIENT = frozenset({"age_years", "sex", "weight_kg", "height_cm"})
"""Facts that stand with the patient and are not typed again."""

TRUE_ON_ONE_DAY = frozenset(
    {
        "days_since_onset", "days_since_last_dose", "hours_since_infusion_end", "months_on_therapy",
        "maintenance_doses_given", "last_dose_reduction_attempt_months_ago",
    }
)  # fmt: skip
"""Answers that a copy leaves out: they were true on the day of the earlier request, and would be wrong unseen."""

_CODE = re.compile(r"[a-z][a-z0-9_]{0,59}", re.ASCII)
_MOST_CHOICES = 40


@transaction.atomic
def start_draft(
    *, by: User, at: datetime, patient_uid: UUID | str, indication: str, copy_of: UUID | str | None = None,
    renewal: bool = False,
) -> Request:  # fmt: skip
    """A new draft of `by` for this patient, filed under the department where `by` prescribes at the patient's site.

    With `copy_of`, an earlier request of the same patient, its answers are taken over, as answers of `by`, but for
    the safety checklist, the emergency, the justification and what was only true on its day. A `renewal` is asked for
    as one, whatever the earlier request was.
    Raises NotFound, Refused, Invalid on indication or copy_of.
    """
    patient = access.fetch_patient(by, patient_uid, what="start", at=at)
    department = access.department(by, patient.site)
    if department is None:
        raise Refused(access.can(by, Permission.FILE, site=patient.site).why)
    if not isinstance(indication, str) or not _CODE.fullmatch(indication):
        raise Invalid({"indication": ["Choose an indication: a code of small letters, digits and underscores."]})
    source, answers = _copied(by, at, patient, copy_of)
    if renewal:
        answers |= {"request_type": "renewal"}
    now = mark(by, at)
    request = Request.objects.create(
        site=patient.site,
        department=department,
        patient=patient,
        author=by,
        copied_from=source,
        indication=indication,
        draft=answers,
        entered=dict.fromkeys(answers, now),
        created_at=at,
        updated_at=at,
    )
    eventlog.append(
        type="request.started",
        at=at,
        actor=by,
        request=request,
        data={"patient": patient.uid, "indication": indication, "copied_from": source.number if source else None},
    )
    return request


def _copied(by: User, at: datetime, patient: Patient, uid: UUID | str | None) -> tuple[Request | None, dict[str, Any]]:
    if uid is None:
        return None, {}
    source = access.fetch_request(by, uid, what="copy", at=at)
    if source.patient_id != patient.pk or source.submitted_at is None:
        raise Invalid({"copy_of": ["Only a request that was filed for the same patient can be copied."]})
    left_out = TRUE_ON_ONE_DAY.union(NOT_FACTS, [SAFETY])
    return source, {name: value for name, value in source.draft.items() if name not in left_out}


@transaction.atomic
def save_draft(
    uid: UUID | str, *, by: User, at: datetime, answers: Mapping[str, Any], version: int | None = None
) -> Request:
    """Take `answers`, as typed, into the draft; what they do not name stays as it was.

    An answer need not be right to be saved, but it must be text that can be kept: at most 4,000 characters, without
    hidden characters. Raises NotFound, Refused, Conflict (a `version` that is not the draft's), Invalid.
    """
    request = _opened(uid, by, at)
    if version not in (None, request.version):
        raise overtaken(request)
    return _write(request, clean_answers(answers), by, at)


@transaction.atomic
def save_page(
    uid: UUID | str, *, by: User, at: datetime, answers: Mapping[str, Any], seen: Mapping[str, Any] | None,
    earlier: Iterable[Mapping[str, Any]] = (), settled: Iterable[str] = (),
) -> Saved:  # fmt: skip
    """Take the `answers` of one page of the form into the draft, which other pages of the same draft write too.

    `answers`, `seen` and `earlier` are those of `merging.merge`: an answer that this page and another changed to
    different values is set aside for the person to choose, and the draft keeps what it has. `settled` are answers that
    the person has chosen: nothing of these stays set aside. What cannot be kept is told in the result, and the rest is
    saved. Raises NotFound, Refused, Conflict.
    """
    request = _opened(uid, by, at)
    clean: dict[str, Any] = {}
    refused: dict[str, list[str]] = {}
    for name, value in answers.items():
        try:
            clean[name] = _clean(name, value)
        except Invalid as invalid:
            refused |= invalid.errors
    merged = merge(request.draft, seen, clean, earlier)
    aside = {name: clean.get(name, "") for name in merged.apart}
    set_aside(request, by, aside, [*merged.written, *settled], at)
    return Saved(_write(request, merged.written, by, at), refused, merged.apart, merged.elsewhere)


def _opened(uid: UUID | str, by: User, at: datetime) -> Request:
    """The draft with this `uid`, its row locked. Raises NotFound, Refused, and Conflict where it is none any more."""
    seen = access.fetch_request(by, uid, what="draft", at=at, same_page=True)
    # Two saves of one page may overtake each other; the row lock lets the second merge into what the first left.
    request = Request.objects.select_for_update(of=("self",)).select_related("site", "patient").get(pk=seen.pk)
    permitted = access.can(by, Permission.FILE, request)
    if not permitted:
        raise Refused(permitted.why)
    if request.status != Status.DRAFT:
        raise overtaken(request)
    return request


def _write(request: Request, typed: Mapping[str, Any], by: User, at: datetime) -> Request:
    changed = {name: value for name, value in typed.items() if request.draft.get(name) != value}
    if changed:
        now = mark(by, at)
        Request.objects.filter(pk=request.pk).update(
            draft=request.draft | changed,
            entered=request.entered | dict.fromkeys(changed, now),
            version=request.version + 1,
            updated_at=at,
        )
    return reread(request)


def clean_answers(answers: Mapping[str, Any]) -> dict[str, Any]:
    """`answers` as they can be kept. Raises Invalid for each that cannot, on its own field."""
    kept: dict[str, Any] = {}
    errors: dict[str, list[str]] = {}
    for name, value in answers.items():
        try:
            kept[name] = _clean(name, value)
        except Invalid as invalid:
            errors |= invalid.errors
    if errors:
        raise Invalid(errors)
    return kept


def _clean(name: Any, value: Any) -> str | list[str]:
    if name == SAFETY:
        items = [value] if isinstance(value, str) else value
        if not isinstance(items, list | tuple) or len(items) > _MOST_CHOICES:
            raise Invalid({SAFETY: ["Expected a list of choices."]})
        return [clean_text(SAFETY, item) for item in items]
    if name in KNOWN_FROM_PATIENT:
        raise Invalid({name: ["This stands with the patient: change it there."]})
    if name not in NOT_FACTS and library.fact_named(name) is None:
        raise Invalid({"answers": ["The form holds a field that is not known here. Reload the page and try again."]})
    return clean_text(name, value)


@transaction.atomic
def discard(uid: UUID | str, *, by: User, at: datetime, version: int) -> Request:
    """Throw a draft away; it stays as a discarded row that auditors see. Raises NotFound, Refused, Conflict."""
    request, move = take(uid, Verb.DISCARD, by=by, at=at, version=version)
    request = carry(request, move, at=at, ended_at=at, ended_by=by)
    record(request, move, by=by, at=at, data={})
    return request
