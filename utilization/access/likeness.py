"""Patients who may be the one that is being added."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from utilization.models import Patient, PatientChange, PatientKey, Site
from utilization.rules.identity import (
    alike_days,
    alike_names,
    bare_mrn,
    mrn_key,
    mrn_slips,
    name_parts,
    same_name,
    slips,
)

MOST_ALIKE = 6
"""Patients that are pointed out as perhaps the same, at most."""
MOST_COMPARED = 300
"""Patients whose name or birth date is compared with those of a new one, at most, for each way of finding them."""
YEARS_APART = 10
"""Years by which a slip in a birth date is looked for along the name."""


@dataclass(frozen=True, slots=True)
class Likeness:
    """A patient who may be the one that is being added: what of MRN, name and birth date is "same" or "alike";
    empty where it is neither. `mrn_is_same`: to the letter, but for case, spaces and hyphens."""

    patient: Patient
    mrn: str
    name: str
    date_of_birth: str
    mrn_is_same: bool = False

    @property
    def rank(self) -> tuple[int, ...]:
        """Sorts the most telling first."""
        told = (self.mrn, self.date_of_birth, self.name)
        return (not self.mrn_is_same, -told.count("same"), -told.count("alike"), self.patient.pk)


def alike(
    site: Site, *, mrn: str = "", name: str = "", date_of_birth: date | None = None, besides: Patient | None = None
) -> list[Likeness]:
    """At most `MOST_ALIKE` patients of `site` who may be the one of this MRN, name and birth date: with the same birth
    date and a like name, with the same name and a like birth date, or with a like MRN. The likest first.

    No actor is asked and nothing is written down: that is the caller's part.
    """
    patients: dict[int, Patient] = {}
    for rows in (_of_mrn(site, mrn), _of_day(site, date_of_birth), _of_name(site, name, date_of_birth)):
        patients |= {patient.pk: patient for patient in rows}
    if besides is not None:
        patients.pop(besides.pk, None)
    earlier = _earlier_names(patients)
    likenesses = (
        _likeness(patient, [patient.name, *earlier.get(patient.pk, ())], mrn, name, date_of_birth)
        for patient in patients.values()
    )
    return sorted((likeness for likeness in likenesses if likeness), key=lambda likeness: likeness.rank)[:MOST_ALIKE]


def _of_mrn(site: Site, mrn: str) -> list[Patient]:
    key = mrn_key(mrn)
    if not key:
        return []
    rows = PatientKey.objects.filter(site=site, kind=PatientKey.MRN, key__in=[key, *mrn_slips(key)])
    return [row.patient for row in rows.select_related("patient__site").order_by("key", "patient")[:MOST_COMPARED]]


def _of_day(site: Site, day: date | None) -> Iterable[Patient]:
    if day is None:
        return ()
    born = Patient.objects.filter(site=site, date_of_birth=day, merged_into=None).select_related("site")
    return born.order_by("pk")[:MOST_COMPARED]


def _of_name(site: Site, name: str, day: date | None) -> list[Patient]:
    spellings = name_parts(name)
    if not day or not spellings[0]:
        return []
    longest = {max(parts, key=len) for parts in spellings}
    rows = PatientKey.objects.filter(site=site, kind=PatientKey.NAME, key__in=longest).select_related("patient__site")
    # By the birth date beside the index: of the namesakes only those of about that age are compared.
    near = rows.filter(patient__date_of_birth__range=(_shifted(day, -YEARS_APART), _shifted(day, YEARS_APART)))
    return [row.patient for row in near.order_by("key", "patient")[:MOST_COMPARED]]


def _shifted(day: date, years: int) -> date:
    return date(min(max(day.year + years, 1), 9999), day.month, min(day.day, 28))


def _earlier_names(patients: Mapping[int, Patient]) -> dict[int, list[str]]:
    """Names that these patients had before they were corrected."""
    rows = PatientChange.objects.filter(patient__in=patients, kind=PatientChange.CORRECTED)
    names: dict[int, list[str]] = {}
    for pk, changes in rows.values_list("patient", "changes"):
        names.setdefault(pk, []).extend(change["old"] for change in changes if change["field"] == "name")
    return names


def _likeness(patient: Patient, names: list[str], mrn: str, name: str, day: date | None) -> Likeness | None:
    key, theirs = mrn_key(mrn), mrn_key(patient.mrn)
    numbered = "" if not key else "same" if key == theirs else "alike" if slips(key, theirs, 1) else ""
    if key and not numbered and PatientKey.objects.filter(
        patient=patient, kind=PatientKey.MRN, key__in=[key, *mrn_slips(key)]
    ).exists():  # fmt: skip
        numbered = "alike"  # an earlier MRN, or that of a record merged into this one
    born = (
        ""
        if not day
        else "same"
        if day == patient.date_of_birth
        else "alike"
        if alike_days(day, patient.date_of_birth)
        else ""
    )
    same = bool(name) and any(same_name(name, known) for known in names)
    called = "same" if same else "alike" if name and any(alike_names(name, known) for known in names) else ""
    if not (numbered or (born == "same" and called) or (born == "alike" and called == "same")):
        return None
    bare = bool(key) and bare_mrn(mrn) == bare_mrn(patient.mrn)
    return Likeness(patient, numbered, called, born, mrn_is_same=bare)
