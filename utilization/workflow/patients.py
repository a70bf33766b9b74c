"""Patients as a site knows them: add one, measure again."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID

from django.db import transaction

from utilization import access, event_log
from utilization.digests import PATIENT_IDENTITY, PATIENT_MEASURES, as_kept, of_row, salted
from utilization.models import Patient, PatientChange, PatientKey, Site, User
from utilization.models.patients import SEXES
from utilization.rules.facts.date_words import day_words
from utilization.rules.facts.measures import read_measure
from utilization.rules.facts.values import BadInput, Facts, implausible, json_value
from utilization.rules.identity import SEX_NOT_KNOWN, bare_mrn, full_name, mrn_key, name_keys, name_parts, read_days
from utilization.rules.roles import Permission
from utilization.workflow.errors import Invalid, Refused
from utilization.workflow.text_input import clean_text, sentence

_MRN = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9./ -]*[A-Za-z0-9./-])?", re.ASCII)
_OLDEST_YEARS = 120
_NUMBER = re.compile(r"[+-]?[0-9.]+", re.ASCII)
_UNIT = {"height_cm": "cm", "weight_kg": "kg"}
_MEASURED = ("height_cm", "height_typed", "weight_kg", "weight_typed", "measured_on")


@dataclass(frozen=True, slots=True)
class TypedMeasure:
    """A measure as typed into a form, with the unit chosen beside it: without either, the number has no unit."""

    text: str
    unit: str = ""

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class PatientIdentity:
    """Who a patient is, as typed. `name` is "Family, Given" or, without a comma, kept as it stands."""

    mrn: str
    name: str
    date_of_birth: date | str
    sex: str


@dataclass(frozen=True, slots=True)
class BodyMeasures:
    """Height and weight as typed; both may be unknown, a weight comes with its day.

    Each may carry its unit ("5 ft 4 in", "198 lb"); a bare number is in cm and kg, but one that is `TypedMeasure` needs
    its unit.
    """

    height_cm: TypedMeasure | Decimal | str | None = None
    weight_kg: TypedMeasure | Decimal | str | None = None
    measured_on: date | str | None = None


@transaction.atomic
def add_patient(
    *, by: User, at: datetime, site: Site, identity: PatientIdentity, measures: BodyMeasures,
    confirmed: Iterable[str] = (), different_from: Iterable[UUID | str] = (),
) -> Patient:  # fmt: skip
    """Add a patient to `site`.

    An unusual measure is questioned and must be named in `confirmed`. Patients who may be the same (`access.alike`)
    must be named in `different_from`, which the event keeps. Adding what the same person has added already returns it
    unchanged: a double click makes one patient. Raises Refused, Invalid by field.
    """
    permitted = access.can(by, Permission.FILE, site=site)
    if not permitted:
        raise Refused(permitted.why)
    form = PatientInput(site.date_at(at))
    values = {**form.identity(identity), **form.measures(measures)}
    form.check_measures(values, confirmed)
    # One at a time at a site, so that two who add the same patient at once do not both find nobody like it.
    Site.objects.select_for_update(no_key=True).get(pk=site.pk)
    others = alike_to(site, values)
    twin = next((likeness.patient for likeness in others if likeness.mrn_is_same), None)
    if twin is not None and not form.errors and _is_added_again(twin, values, by):
        return twin
    if twin is not None or Patient.objects.filter(site=site, mrn=values["mrn"]).exists():
        form.errors["mrn"] = ["A patient with this MRN is known already. Open that record instead of adding it again."]
    compared = {str(uid) for uid in different_from}
    if any(str(likeness.patient.uid) not in compared for likeness in others):
        form.errors["different_from"] = ["Compare the patients shown, then say whether this is another person."]
    form.finish()
    patient = Patient.objects.create(site=site, **values, created_at=at, created_by=by, updated_at=at, updated_by=by)
    write_keys(patient)
    event_log.append(
        type="patient.added", at=at, actor=by, site=site,
        data={
            "patient": patient.uid, "different_from": sorted(str(likeness.patient.uid) for likeness in others),
            "identity": salted(of_row(patient, PATIENT_IDENTITY)),
            "measures": salted(as_kept(patient, PATIENT_MEASURES)),
        },
    )  # fmt: skip
    return patient


def similar_patients(
    *, by: User, at: datetime, site: Site, mrn: str, name: str, date_of_birth: str
) -> list[access.Likeness]:
    """Patients of `site` who may be the one that is being typed; each is written down as a read, once a working day.

    What cannot be read yet is left out. Nobody is found for a person who does not file requests at `site`.
    """
    if not access.can(by, Permission.FILE, site=site):
        return []
    form = PatientInput(site.date_at(at))
    likenesses = alike_to(site, form.identity(PatientIdentity(mrn, name, date_of_birth, SEX_NOT_KNOWN)))
    access.note_patients(by, [likeness.patient for likeness in likenesses], what="alike", at=at)
    return likenesses


def alike_to(site: Site, values: dict[str, Any]) -> list[access.Likeness]:
    """Patients of `site` who may be the one that `values` describe, as far as these could be read."""
    return access.alike(
        site, mrn=values["mrn"] or "", name=values["name"] or "", date_of_birth=values["date_of_birth"]
    )  # fmt: skip


def _is_added_again(twin: Patient, values: dict[str, Any], by: User) -> bool:
    same = all(getattr(twin, name) == values[name] for name in ("mrn", "name", "date_of_birth", "sex"))
    return same and twin.created_by_id == by.pk and twin.merged_into_id is None


@transaction.atomic
def update_patient(
    uid: UUID | str, *, by: User, at: datetime, height_cm: TypedMeasure | Decimal | str | None,
    weight_kg: TypedMeasure | Decimal | str | None, measured_on: date | str | None, confirmed: Iterable[str] = (),
) -> Patient:  # fmt: skip
    """Take new measures of a patient; requests filed before keep the measures that they were judged by.

    Raises NotFound, Refused, Invalid by field, as `add_patient` does.
    """
    patient = take_patient(uid, by=by, at=at, what="measure")
    form = PatientInput(patient.site.date_at(at))
    values = form.measures(BodyMeasures(height_cm, weight_kg, measured_on))
    form.check_measures({"date_of_birth": patient.date_of_birth, "sex": patient.sex, **values}, confirmed)
    form.finish()
    changes = [
        {"field": name, "old": json_value(getattr(patient, name)), "new": json_value(value)}
        for name, value in values.items()
        if _is_changed(getattr(patient, name), value, name)
    ]
    if changes:
        for name, value in values.items():
            setattr(patient, name, value)
        patient.updated_at, patient.updated_by = at, by
        patient.save(update_fields=[*values, "updated_at", "updated_by"])
        event_log.append(
            type="patient.measured",
            at=at,
            actor=by,
            site=patient.site,
            data={
                "patient": patient.uid,
                "changes": changes,
                "measures": salted(as_kept(patient, PATIENT_MEASURES)),
            },
        )
    return patient


def _is_changed(old: Any, new: Any, name: str) -> bool:
    # A record of the version before holds no typed words: that they are known now is no new measure.
    return old != new and (old != "" or not name.endswith("_typed"))


def take_patient(uid: UUID | str, *, by: User, at: datetime, what: str) -> Patient:
    """The patient with this `uid`, or the one that the record was merged into, locked for a change by `by`.

    Raises NotFound, Refused.
    """
    seen = access.fetch_patient(by, uid, what=what, at=at)
    patient = Patient.objects.select_for_update(of=("self",), no_key=True).select_related("site").get(pk=seen.pk)
    permitted = access.can(by, Permission.FILE, site=patient.site)
    if not permitted:
        raise Refused(permitted.why)
    return patient


def write_keys(patient: Patient) -> None:
    """Write anew what `patient` is found by: name and MRN, earlier ones, and those of records merged into it."""
    now = _keys_of(patient.name, patient.mrn)
    before = {key for name, mrn in former(patient) for key in _keys_of(name, mrn)}
    PatientKey.objects.filter(patient=patient).delete()
    PatientKey.objects.bulk_create(
        PatientKey(site_id=patient.site_id, patient=patient, kind=kind, key=key, former=(kind, key) not in now)
        for kind, key in sorted(now | before)
    )


def _keys_of(name: str | None, mrn: str | None) -> set[tuple[str, str]]:
    names = {(PatientKey.NAME, key) for key in name_keys(name or "")}
    return names | ({(PatientKey.MRN, mrn_key(mrn))} if mrn else set())


def former(patient: Patient) -> list[tuple[str | None, str | None]]:
    """(name, MRN) that `patient` had before, and that records merged into it have or had; None where it is not told."""
    merged = list(Patient.objects.filter(merged_into=patient))
    names: list[tuple[str | None, str | None]] = [(record.name, record.mrn) for record in merged]
    corrected = PatientChange.objects.filter(patient__in=[patient, *merged], kind=PatientChange.CORRECTED)
    for change in corrected.order_by("pk"):
        old = {part["field"]: part["old"] for part in change.changes}
        names.append((old.get("name"), old.get("mrn")))
    return names


class PatientInput:
    """Reads field by field and keeps every fault, so that a person corrects them all at once.

    `today` is the site's.
    """

    def __init__(self, today: date):
        self.today = today
        self.errors: dict[str, list[str]] = {}

    def take(self, field: str, read: Callable[[Any], Any], raw: Any) -> Any:
        """What `read` makes of `raw`; None where it cannot, with the reason kept."""
        try:
            return read(raw)
        except Invalid as invalid:
            self.errors |= invalid.errors
        except BadInput as bad:
            self.errors[field] = [sentence(bad.message)]
        return None

    def identity(self, typed: PatientIdentity) -> dict[str, Any]:
        """Who the patient is, by column; None where a value could not be read."""
        return {
            "mrn": self.take("mrn", _read_mrn, typed.mrn),
            "name": self.take("name", _read_name, typed.name),
            "date_of_birth": self.take("date_of_birth", self.birth, typed.date_of_birth),
            "sex": self.take("sex", _read_sex, typed.sex),
        }

    def measures(self, given: BodyMeasures) -> dict[str, Any]:
        """Height and weight with the words typed and the day of the weight, by column."""
        columns: dict[str, Any] = {}
        for name, raw in (("height_cm", given.height_cm), ("weight_kg", given.weight_kg)):
            read = None if _blank(raw) else self.take(name, partial(_read_measure, name), raw)
            typed = name.replace(_UNIT[name], "typed")
            columns |= {name: read.value if read else None, typed: read.typed if read else ""}
        day = given.measured_on
        columns["measured_on"] = None if _blank(day) else self.take("measured_on", self.measured, day)
        return {name: columns[name] for name in _MEASURED}

    def birth(self, raw: Any) -> date:
        """A date of birth: not in the future, not over 120 years ago."""
        day = self.day("date_of_birth", raw, "check the year")
        if self.today.year - day.year > _OLDEST_YEARS:
            raise BadInput("date_of_birth", f"this is more than {_OLDEST_YEARS} years ago: check the year")
        return day

    def measured(self, raw: Any) -> date:
        """The date of a measure: not in the future."""
        return self.day("measured_on", raw, "give the day on which the weight was measured")

    def day(self, field: str, raw: Any, advice: str) -> date:
        """The one day up to today that `raw` means."""
        days = _read_days(raw)
        if not days:
            raise BadInput(field, "give the date as day, month and year, such as 31 May 1980, or as 1980-05-31")
        past = [day for day in days if day <= self.today]
        if not past:
            raise BadInput(field, f"this date is in the future: {advice}")
        if len(past) > 1:
            one, other = map(day_words, past[:2])
            raise BadInput(field, f"this can be {one} or {other}: write the month in letters and the whole year")
        return past[0]

    def check_measures(self, values: dict[str, Any], confirmed: Iterable[str]) -> None:
        """Keep what does not fit together, and the doubts that nobody confirmed."""
        weight, measured, born = values["weight_kg"], values["measured_on"], values["date_of_birth"]
        if weight is not None and measured is None and "measured_on" not in self.errors:
            self.errors["measured_on"] = ["Give the day on which the weight was measured."]
        if measured is not None and weight is None and "weight_kg" not in self.errors:
            self.errors["weight_kg"] = ["Give the weight that was measured on this day, or leave the day out."]
        if measured and born and measured < born:
            self.errors["measured_on"] = ["This is before the patient was born: check both dates."]
        known = {name: values[name] for name in ("height_cm", "weight_kg", "sex") if values[name] is not None}
        if known.get("sex") == SEX_NOT_KNOWN:
            del known["sex"]
        if born:
            known["age_years"] = Decimal((self.today - born).days) / Decimal("365.25")
        sure = set(confirmed)
        for doubt in implausible(Facts(known)):
            if doubt.fact in _UNIT and doubt.fact not in sure:
                self.errors.setdefault(doubt.fact, []).append(doubt.text)

    def finish(self) -> None:
        """Raise Invalid with every fault found."""
        if self.errors:
            raise Invalid(self.errors)


def _blank(raw: Any) -> bool:
    return raw is None or (isinstance(raw, str | TypedMeasure) and not str(raw).strip())


def _read_measure(name: str, raw: Any) -> Any:
    typed = clean_text(name, str(raw), most=40, one_line=True)
    if isinstance(raw, TypedMeasure):
        return read_measure(name, typed, raw.unit)
    return read_measure(name, typed, _UNIT[name] if _NUMBER.fullmatch(typed) else "")


def _read_mrn(raw: Any) -> str:
    text = clean_text("mrn", raw, required="Type the MRN (medical record number).", most=30, one_line=True)
    mrn = " ".join(text.split())
    if not _MRN.fullmatch(mrn):
        raise BadInput(
            "mrn", "expected letters, digits, points, slashes, hyphens and spaces only, as on the patient's label"
        )
    return mrn


def _read_name(raw: Any) -> str:
    name = full_name(clean_text("name", raw, required="Type the patient's name.", most=120, one_line=True))
    if not name_parts(name)[0]:
        raise BadInput("name", "type the patient's name in letters")
    return name


def _read_sex(raw: Any) -> str:
    if raw not in SEXES:
        raise BadInput("sex", "choose female or male, or say that it is not known")
    return raw


def _read_days(raw: Any) -> tuple[date, ...]:
    if isinstance(raw, datetime):
        return ()
    if isinstance(raw, date):
        return (raw,)
    return read_days(raw[:40]) if isinstance(raw, str) else ()


def is_same_mrn(patient: Patient, typed: str) -> bool:
    """Whether `typed` is the MRN of `patient`, whatever spaces and hyphens; without its leading zeros too, unless
    another patient of the site has that number."""
    if bare_mrn(typed) == bare_mrn(patient.mrn):
        return True
    key = mrn_key(typed)
    others = PatientKey.objects.filter(site=patient.site_id, kind=PatientKey.MRN, key=key).exclude(patient=patient)
    return bool(key) and key == mrn_key(patient.mrn) and not others.exists()
