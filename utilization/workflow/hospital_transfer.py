"""An authorization of another hospital, accepted here: who the patient is here, and the request that is begun."""

from collections.abc import Set
from dataclasses import dataclass
from datetime import datetime

from utilization import access, criteria
from utilization.models import AuthorizationChange, Department, Patient, Request, Site, User
from utilization.rules.identity import SEX_NOT_KNOWN, bare_mrn
from utilization.workflow.authorship import note_authors
from utilization.workflow.departments import is_closed
from utilization.workflow.draft_answers import NOT_FACTS
from utilization.workflow.drafts import Beginning, begin, carried
from utilization.workflow.errors import Invalid, Refused
from utilization.workflow.frozen_submission import mark
from utilization.workflow.patient_identity import refuse_dead
from utilization.workflow.patients import BodyMeasures, PatientIdentity, add_patient
from utilization.workflow.text_input import clean_text

MOST_MRN = 30
_ANOTHER_PERSON = (
    "This MRN is another person’s here: name, birth date or sex are not those of the patient who is transferred. Check "
    "it; a record that is wrong is corrected on the patient’s page first."
)


@dataclass(frozen=True, slots=True)
class Arrival:
    """Who the patient of a transfer is at the hospital that accepts it, as typed: the MRN there; `different_from` are
    the keys of patients there who were compared and are other people."""

    mrn: str = ""
    different_from: tuple[str, ...] = ()


def lock_patient_at_both(patient: Patient, site: Site, arrival: Arrival) -> set[int]:
    """Lock `patient` and who that is at `site` as typed, as far as known there; the keys of what is locked.

    So two acceptances for one patient come one after the other, whichever authorizations they are of, and an approval
    at either hospital waits for them or they for it: all of them lock these rows first, by key.
    """
    keys = {patient.merged_into_id or patient.pk, *_records_there(site, arrival.mrn)}
    return set(
        Patient.objects.select_for_update(no_key=True).filter(pk__in=keys).order_by("pk").values_list("pk", flat=True)
    )


def _records_there(site: Site, typed: str) -> dict[int, Patient]:
    """The records at `site` that fit an MRN as typed, by the key of the one that was kept."""
    try:
        mrn = clean_text("mrn", typed, most=MOST_MRN, one_line=True)
    except Invalid:
        return {}
    records = access.by_mrn(site, mrn) if mrn else []
    exact = [record for record in records if bare_mrn(record.mrn) == bare_mrn(mrn)]
    return {record.merged_into_id or record.pk: record for record in exact or records}


def begin_there(
    source: Request, asked: AuthorizationChange, *, by: User, at: datetime, arrival: Arrival, locked: Set[int]
) -> Request:
    """A draft of `by` for the department that was asked, a renewal with the answers of `source` that every copy carries
    over. Whoever asked and whoever wrote `source` count as its authors, so that none of them decides on it.

    `locked` is what `lock_patient_at_both` gave. Raises Refused, Invalid on mrn, different_from or what of the
    patient's record cannot be kept.
    """
    department = asked.department
    assert department is not None, "a transfer is asked of a department"
    patient = source.patient.merged_into or source.patient
    _refuse_unlocked(patient.pk, locked)
    # Before the department, as where one is renamed: adding a patient locks the site.
    list(Site.objects.select_for_update(no_key=True).filter(pk=department.site_id).values_list("pk"))
    if is_closed(department):
        raise Refused(f"{department.name} is closed, so it takes nothing over.")
    there = _patient_there(patient, department, by, at, arrival, locked)
    refuse_dead(there)
    authors = {asked.by_id, *access.writers(source)} - {by.pk}
    answers = _answers(source, department.site, by, at)
    entered = dict.fromkeys(answers, mark(by, at))
    said = {"authorization": source.authorization.number, "from": source.site.code, "authors": sorted(authors)}
    draft = begin(by, at, there, department, Beginning(source.indication, answers, entered, source, said=said))
    note_authors(draft, authors, at)
    return draft


def _answers(source: Request, site: Site, by: User, at: datetime) -> dict[str, str]:
    """What is carried over, as far as the criteria of `site` ask for it."""
    catalogue = criteria.in_force(site, site.date_at(at)).catalogue
    copied = {name: value for name, value in carried(source, by).items() if name in catalogue or name in NOT_FACTS}
    return copied | {"request_type": "renewal"}


def _patient_there(
    patient: Patient, department: Department, by: User, at: datetime, arrival: Arrival, locked: Set[int]
) -> Patient:
    """The patient of the site of `department` with the MRN that was typed, who must be the same person; where nobody
    has it, the patient is added, once everybody who may be the same was compared."""
    site = department.site
    mrn = clean_text("mrn", arrival.mrn, required=f"Type the MRN at {site.name}.", most=MOST_MRN, one_line=True)
    known = _records_there(site, mrn)
    if len(known) > 1:
        raise Invalid({"mrn": ["More than one record here fits this MRN. Type it as it stands on the label."]})
    for record in known.values():
        there = access.fetch_patient(by, record.uid, what="start", at=at)
        if not _is_same_person(patient, there, mrn):
            raise Invalid({"mrn": [_ANOTHER_PERSON]})
        _refuse_unlocked(there.pk, locked)
        return there
    return add_patient(
        by=by, at=at, site=site, identity=PatientIdentity(mrn, patient.name, patient.date_of_birth, patient.sex),
        measures=_measures(patient, site, at), confirmed=("weight_kg", "height_cm"),
        different_from=arrival.different_from,
    )  # fmt: skip


def _refuse_unlocked(patient: int, locked: Set[int]) -> None:
    """Raise Refused where the record of a patient came, or was merged into another one, after the rows were locked."""
    if patient not in locked:
        raise Refused("Somebody changed the records of this patient at this moment. Open the transfer again.")


def _is_same_person(patient: Patient, there: Patient, mrn: str) -> bool:
    likenesses = access.alike(there.site, mrn=mrn, name=patient.name, date_of_birth=patient.date_of_birth)
    likeness = next((likeness for likeness in likenesses if likeness.patient.pk == there.pk), None)
    sexes = {patient.sex, there.sex} - {SEX_NOT_KNOWN}
    return likeness is not None and likeness.date_of_birth == "same" and bool(likeness.name) and len(sexes) < 2


def _measures(patient: Patient, site: Site, at: datetime) -> BodyMeasures:
    """The measures of `patient`, as typed where that is kept; none of a day that has not come at `site` yet."""
    height, weight = patient.height_typed or patient.height_cm, patient.weight_typed or patient.weight_kg
    if patient.measured_on is None or patient.measured_on > site.date_at(at):
        return BodyMeasures(height)
    return BodyMeasures(height, weight, patient.measured_on)
