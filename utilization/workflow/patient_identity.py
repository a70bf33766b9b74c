"""Who a patient is, corrected: name, birth date, sex and MRN; two records merged, and parted again; a death.

Each leaves a `PatientChange` with old and new and the reason, and an event that vouches for it by digest. What was
filed stays as it was filed.
"""

from collections.abc import Mapping
from datetime import date, datetime
from types import MappingProxyType
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q

from utilization import access, event_log
from utilization.digests import PATIENT_CHANGE, PATIENT_IDENTITY, PATIENT_MEASURES, as_kept, of_row, salted
from utilization.models import Authorization, Patient, PatientChange, PatientKey, Request, RequestSummary, User
from utilization.models.decisions import DEATH
from utilization.rules.facts.date_words import day_words
from utilization.rules.facts.values import json_value
from utilization.rules.identity import bare_mrn
from utilization.rules.lifecycle import Status
from utilization.rules.roles import Permission
from utilization.workflow.errors import Invalid, Refused
from utilization.workflow.patients import PatientIdentity, PatientInput, take_patient, write_keys
from utilization.workflow.text_input import clean_text

_MEASURES = (
    "height_cm", "height_typed", "weight_kg", "weight_typed", "measured_on", "updated_at", "updated_by_id",
)  # fmt: skip


@transaction.atomic
def correct_patient(
    uid: UUID | str, *, by: User, at: datetime, identity: PatientIdentity, reason: str,
    was: Mapping[str, Any] = MappingProxyType({}),
) -> Patient:  # fmt: skip
    """Correct who a patient is, with a reason. Requests filed before keep what was filed; old names and MRNs are found.

    `was` holds what the page showed, as JSON, so that a correction made meanwhile is not undone unseen.
    Raises NotFound, Refused, Invalid by field (on `correction` where nothing is changed).
    """
    patient = take_patient(uid, by=by, at=at, what="correct")
    form = PatientInput(patient.site.date_at(at))
    why = form.take("reason", _read_reason, reason)
    values = form.identity(identity)
    changes = _changes(patient, values) if not form.errors else []
    for field in PATIENT_IDENTITY:
        if field in was and was[field] != json_value(getattr(patient, field)):
            form.errors[field] = [
                f"This was corrected meanwhile, to {getattr(patient, field)}. Check it and save again."
            ]
    if not form.errors and not changes:
        form.errors["correction"] = ["Nothing is changed: correct what is wrong, then save."]
    _check_correction(form, patient, values)
    form.finish()
    for field, value in values.items():
        setattr(patient, field, value)
    if {change["field"] for change in changes} & {"date_of_birth", "sex"}:
        # Facts of a request come from these two: who wrote them last does not judge it.
        patient.corrected_at, patient.corrected_by = at, by
    patient.save(update_fields=[*values, "corrected_at", "corrected_by"])
    _drafts_changed(Request.objects.filter(patient=patient))
    change = PatientChange.objects.create(
        patient=patient, kind=PatientChange.CORRECTED, at=at, by=by, changes=changes, reason=why
    )
    write_keys(patient)
    fields = sorted(change["field"] for change in changes)
    _log("patient.corrected", change, fields=fields, identity=salted(of_row(patient, PATIENT_IDENTITY)))
    return patient


def _changes(patient: Patient, values: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [
        {"field": field, "old": json_value(getattr(patient, field)), "new": json_value(value)}
        for field, value in values.items()
        if getattr(patient, field) != value
    ]


def _check_correction(form: PatientInput, patient: Patient, values: Mapping[str, Any]) -> None:
    born, mrn = values["date_of_birth"], values["mrn"]
    dates = [day for day in (patient.measured_on, patient.died_on) if day]
    if born and any(day < born for day in dates):
        form.errors["date_of_birth"] = ["This is after the weight was measured or the death: check the dates."]
    if mrn and bare_mrn(mrn) != bare_mrn(patient.mrn) and (other := _holder_of(patient, mrn)):
        if other.merged_into_id == patient.pk:
            form.errors["mrn"] = [
                "This is the MRN of a record merged into this one: the patient is found by it already."
            ]
        else:
            form.errors["mrn"] = ["Another record has this MRN. If both are this patient, merge them instead."]


def _holder_of(patient: Patient, mrn: str) -> Patient | None:
    """The other record of the site that has this very MRN; one that was merged away keeps its own."""
    alike = [other for other in access.by_mrn(patient.site, mrn) if bare_mrn(other.mrn) == bare_mrn(mrn)]
    rows = Patient.objects.filter(Q(site=patient.site, mrn=mrn) | Q(merged_into=patient))
    away = [other for other in rows if bare_mrn(other.mrn) == bare_mrn(mrn)]
    return next((other for other in [*alike, *away] if other.pk != patient.pk), None)


@transaction.atomic
def merge_patients(uid: UUID | str, other_uid: UUID | str, *, by: User, at: datetime, reason: str) -> Patient:
    """Merge the record `other_uid` into `uid`, both of one patient: its requests, drafts too, go along.

    Authorizations stay with their requests; the record that is merged away leads to the one that is kept, which takes
    over measures where it has none, and a death. Raises NotFound, Refused, Invalid on reason or other.
    """
    kept = access.fetch_patient(by, uid, what="merge", at=at)
    permitted = access.can(by, Permission.FILE, site=kept.site)
    if not permitted:
        raise Refused(permitted.why)
    why = _read_reason(reason)
    other = access.fetch_patient(by, other_uid, what="merge", at=at)
    if other.pk == kept.pk:
        raise Invalid({"other": ["These are one record already. Give the MRN of the other one."]})
    if other.site_id != kept.site_id:
        raise Refused("The two records belong to different sites, so they cannot be merged.")
    # Both rows in one order and neither before, so that two who merge the two in opposite directions do not wait for
    # each other. Row by row: a statement that sorts locks as it reads.
    rows = {pk: _locked(pk) for pk in sorted((kept.pk, other.pk))}
    kept, other = rows[kept.pk], rows[other.pk]
    if kept.merged_into_id or other.merged_into_id:
        raise Refused("One of the two records was merged meanwhile. Open the patient again.")
    moved = Request.objects.filter(patient=other)
    keys, uids = (
        list(moved.values_list("pk", flat=True)),
        sorted(str(request_uid) for request_uid in moved.values_list("uid", flat=True)),
    )
    _drafts_changed(moved)
    _give(keys, kept)
    Patient.objects.filter(merged_into=other).update(merged_into=kept)
    other.merged_into = kept
    other.save(update_fields=["merged_into"])
    bare = kept.weight_kg is None and kept.height_cm is None
    changes = _take_over(kept, other)
    PatientKey.objects.filter(patient=other).delete()
    write_keys(kept)
    ended = _end_authorizations(kept, at) if kept.died_on else []
    change = PatientChange.objects.create(
        patient=kept, other=other, kind=PatientChange.MERGED, at=at, by=by, changes=changes, moved=keys, reason=why
    )
    _log(
        "patient.merged", change, merged=other.uid, requests=uids, authorizations_ended=ended,
        measures=salted(as_kept(kept, PATIENT_MEASURES)), measures_taken_over=bare,
    )  # fmt: skip
    return kept


def _give(requests: list[int], patient: Patient) -> None:
    """Make the requests with these keys, drafts too, those of `patient`."""
    Request.objects.filter(pk__in=requests).update(patient=patient)
    RequestSummary.objects.filter(request__in=requests).update(patient=patient)


def _locked(pk: int) -> Patient:
    return Patient.objects.select_for_update(of=("self",), no_key=True).select_related("site").get(pk=pk)


def _take_over(kept: Patient, other: Patient) -> list[dict[str, Any]]:
    taken: list[str] = []
    if kept.weight_kg is None and kept.height_cm is None:
        taken += _MEASURES
    if kept.died_on is None and other.died_on is not None:
        taken.append("died_on")
    changes = [
        {"field": name, "old": json_value(getattr(kept, name)), "new": json_value(getattr(other, name))}
        for name in taken
        if getattr(kept, name) != getattr(other, name) and not name.startswith("updated")
    ]
    for name in taken:
        setattr(kept, name, getattr(other, name))
    if taken:
        kept.save(update_fields=[name.removesuffix("_id") for name in taken])
    return changes


@transaction.atomic
def separate_patients(uid: UUID | str, other_uid: UUID | str, *, by: User, at: datetime, reason: str) -> Patient:
    """Undo a merge: the record `other_uid` stands for itself again, with the requests that it brought along.

    What was begun since stays with the record `uid`. Raises NotFound, Refused, Invalid on reason.
    """
    kept = take_patient(uid, by=by, at=at, what="merge")
    why = _read_reason(reason)
    other = (
        Patient.objects.select_for_update(of=("self",), no_key=True)
        .filter(merged_into=kept, uid=_uuid(other_uid))
        .first()
    )
    if other is None:
        raise access.NotFound
    merge = PatientChange.objects.filter(other=other, kind=PatientChange.MERGED).order_by("-pk").first()
    moved = Request.objects.filter(patient=kept, pk__in=merge.moved if merge else [])
    keys, uids = (
        list(moved.values_list("pk", flat=True)),
        sorted(str(request_uid) for request_uid in moved.values_list("uid", flat=True)),
    )
    _drafts_changed(moved)
    _give(keys, other)
    other.merged_into = None
    other.save(update_fields=["merged_into"])
    write_keys(kept)
    write_keys(other)
    change = PatientChange.objects.create(
        patient=kept, other=other, kind=PatientChange.SEPARATED, at=at, by=by, moved=keys, reason=why
    )
    _log("patient.separated", change, separated=other.uid, requests=uids)
    return kept


def _uuid(uid: UUID | str) -> UUID:
    try:
        return uid if isinstance(uid, UUID) else UUID(uid)
    except ValueError:
        raise access.NotFound from None


@transaction.atomic
def record_death(uid: UUID | str, *, by: User, at: datetime, died_on: date | str, reason: str = "") -> Patient:
    """Record that a patient died, and end what is still authorized. Another date than was recorded needs a reason.

    Raises NotFound, Refused, Invalid on died_on or reason.
    """
    patient = take_patient(uid, by=by, at=at, what="death")
    form = PatientInput(patient.site.date_at(at))
    day = form.take("died_on", lambda raw: form.day("died_on", raw, "check the date"), died_on)
    another = patient.died_on is not None and day != patient.died_on
    why = form.take("reason", _read_reason if another else _read_remark, reason)
    if day and day < patient.date_of_birth:
        form.errors["died_on"] = ["This is before the patient was born: check both dates."]
    form.finish()
    if day == patient.died_on:
        return patient
    return _write_death(patient, day, why, by=by, at=at)


@transaction.atomic
def take_back_death(uid: UUID | str, *, by: User, at: datetime, reason: str) -> Patient:
    """Take back a death that was recorded by mistake; what it ended stands again until its last day.

    Raises NotFound, Refused, Invalid on reason.
    """
    patient = take_patient(uid, by=by, at=at, what="death")
    why = _read_reason(reason)
    if patient.died_on is None:
        raise Refused("No death is recorded for this patient.")
    return _write_death(patient, None, why, by=by, at=at)


def _write_death(patient: Patient, day: date | None, reason: str, *, by: User, at: datetime) -> Patient:
    changes = _changes(patient, {"died_on": day})
    patient.died_on = day
    patient.save(update_fields=["died_on"])
    ended = _end_authorizations(patient, at) if day else []
    restored = [] if day else _restore_authorizations(patient)
    change = PatientChange.objects.create(
        patient=patient, kind=PatientChange.DEATH, at=at, by=by, changes=changes, reason=reason
    )
    kind = "patient.death_recorded" if day else "patient.death_taken_back"
    _log(kind, change, died_on=day, authorizations_ended=ended, authorizations_restored=restored)
    return patient


def _end_authorizations(patient: Patient, at: datetime) -> list[str]:
    alive = Authorization.objects.filter(
        patient__in=access.records_of(patient), voided_at=None, valid_to__gte=patient.site.date_at(at)
    )
    numbers = sorted(alive.values_list("number", flat=True))
    alive.update(voided_at=at, voided_because=DEATH)
    return numbers


def _restore_authorizations(patient: Patient) -> list[str]:
    ended = Authorization.objects.filter(patient__in=access.records_of(patient), voided_because=DEATH)
    numbers = sorted(ended.values_list("number", flat=True))
    ended.update(voided_at=None, voided_because="")
    return numbers


def _drafts_changed(requests: Any) -> None:
    """Make pages that show drafts of the patient as it was out of date: what they would submit is judged anew."""
    requests.filter(status=Status.DRAFT).update(version=F("version") + 1)


def _read_reason(raw: Any) -> str:
    return clean_text("reason", raw, required="Write why, for whoever reads the record later.", most=1000)


def _read_remark(raw: Any) -> str:
    return clean_text("reason", raw, most=1000)


def _log(kind: str, change: PatientChange, **data: Any) -> None:
    """The event of `change`: it names no patient but by id, and vouches for the row by digest."""
    vouched = salted(of_row(change, PATIENT_CHANGE))
    event_log.append(
        type=kind, at=change.at, actor=change.by, site=change.patient.site,
        data={"patient": change.patient.uid, "change": change.pk, "sha256": vouched, **data},
    )  # fmt: skip


def refuse_dead(patient: Patient) -> None:
    """Raise Refused where the patient's death is recorded: nothing new is asked for, filed or authorized."""
    if patient.died_on is not None:
        raise Refused(
            f"This patient's death on {day_words(patient.died_on)} is recorded, so nothing can be requested or "
            "authorized. If that is a mistake, take it back on the patient's page."
        )
