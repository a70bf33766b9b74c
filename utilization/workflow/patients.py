"""Patients as a site knows them: add one, measure again."""

import re
from collections.abc import Callable, Iterable
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID

from django.db import transaction

from utilization import access, eventlog
from utilization.models import Patient, Site, User
from utilization.rules.facts.catalogue import CATALOGUE
from utilization.rules.facts.values import BadInput, Facts, implausible, json_value, read_value
from utilization.rules.lifecycle import Permission
from utilization.workflow.errors import Invalid, Refused
from utilization.workflow.typed import clean_text, sentence

_MRN = re.compile(r"[A-Za-z0-9][A-Za-z0-9./-]*", re.ASCII)
_OLDEST_YEARS = 120
_PLACES = {"height_cm": 1, "weight_kg": 3}


@transaction.atomic
def add_patient(
    *, by: User, at: datetime, site: Site, mrn: str, name: str, date_of_birth: date | str, sex: str,
    height_cm: Decimal | str | None = None, weight_kg: Decimal | str | None = None,
    measured_on: date | str | None = None, confirmed: Iterable[str] = (),
) -> Patient:  # fmt: skip
    """Add a patient to `site`. Height in cm and weight in kg may be unknown; a weight comes with its date.

    An unusual height or weight is questioned and must be named in `confirmed`. Raises Refused, Invalid by field.
    """
    permitted = access.can(by, Permission.FILE, site=site)
    if not permitted:
        raise Refused(permitted.why)
    form = _Form(site.date_at(at))
    values = {
        "mrn": form.take("mrn", _read_mrn, mrn),
        "name": form.take("name", _read_name, name),
        "date_of_birth": form.take("date_of_birth", form.birth, date_of_birth),
        "sex": form.take("sex", _read_sex, sex),
        **_measures(form, height_cm, weight_kg, measured_on),
    }
    form.check_measures(values, confirmed)
    # One at a time at a site, so that two who add the same patient at once do not both find the MRN free.
    Site.objects.select_for_update().get(pk=site.pk)
    if values["mrn"] and Patient.objects.filter(site=site, mrn__iexact=values["mrn"]).exists():
        form.errors["mrn"] = ["A patient with this MRN is known already. Search for it instead of adding it again."]
    form.finish()
    patient = Patient.objects.create(site=site, **values, created_at=at, created_by=by, updated_at=at, updated_by=by)
    eventlog.append(type="patient.added", at=at, actor=by, site=site, data={"patient": patient.uid})
    return patient


@transaction.atomic
def update_patient(
    uid: UUID | str, *, by: User, at: datetime, height_cm: Decimal | str | None, weight_kg: Decimal | str | None,
    measured_on: date | str | None, confirmed: Iterable[str] = (),
) -> Patient:  # fmt: skip
    """Take new measures of a patient; requests filed before keep the measures that they were judged by.

    Raises NotFound, Refused, Invalid by field, as `add_patient` does.
    """
    seen = access.fetch_patient(by, uid, what="measure", at=at)
    patient = Patient.objects.select_for_update(of=("self",)).select_related("site").get(pk=seen.pk)
    permitted = access.can(by, Permission.FILE, site=patient.site)
    if not permitted:
        raise Refused(permitted.why)
    form = _Form(patient.site.date_at(at))
    values = _measures(form, height_cm, weight_kg, measured_on)
    known = {"date_of_birth": patient.date_of_birth, "sex": patient.sex, **values}
    form.check_measures(known, confirmed)
    form.finish()
    changes = [
        {"field": name, "old": json_value(getattr(patient, name)), "new": json_value(value)}
        for name, value in values.items()
        if getattr(patient, name) != value
    ]
    if changes:
        for name, value in values.items():
            setattr(patient, name, value)
        patient.updated_at, patient.updated_by = at, by
        patient.save(update_fields=[*values, "updated_at", "updated_by"])
        eventlog.append(
            type="patient.measured", at=at, actor=by, site=patient.site, data={"patient": uid, "changes": changes}
        )
    return patient


class _Form:
    """Reads field by field and keeps every fault, so that a person mends them all at once. `today` is the site's."""

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

    def birth(self, raw: Any) -> date:
        """A date of birth: not in the future, not over 120 years ago."""
        day = _read_date(raw)
        if day > self.today:
            raise BadInput("date_of_birth", "this date is in the future: check the year")
        if self.today.year - day.year > _OLDEST_YEARS:
            raise BadInput("date_of_birth", f"this is more than {_OLDEST_YEARS} years ago: check the year")
        return day

    def measured(self, raw: Any) -> date:
        """The date of a measure: not in the future."""
        day = _read_date(raw)
        if day > self.today:
            raise BadInput("measured_on", "this date is in the future: give the day on which the weight was measured")
        return day

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
        if born:
            known["age_years"] = Decimal((self.today - born).days) / Decimal("365.25")
        sure = set(confirmed)
        for doubt in implausible(Facts(known)):
            if doubt.fact in _PLACES and doubt.fact not in sure:
                self.errors.setdefault(doubt.fact, []).append(doubt.text)

    def finish(self) -> None:
        """Raise Invalid with every fault found."""
        if self.errors:
            raise Invalid(self.errors)


def _measures(form: _Form, height_cm: Any, weight_kg: Any, measured_on: Any) -> dict[str, Any]:
    typed = {"height_cm": height_cm, "weight_kg": weight_kg, "measured_on": measured_on}
    read: dict[str, Callable[[Any], Any]] = {
        "height_cm": partial(_read_measure, "height_cm"),
        "weight_kg": partial(_read_measure, "weight_kg"),
        "measured_on": form.measured,
    }
    return {name: None if _blank(raw) else form.take(name, read[name], raw) for name, raw in typed.items()}


def _blank(raw: Any) -> bool:
    return raw is None or (isinstance(raw, str) and not raw.strip())


def _read_measure(name: str, raw: Any) -> Decimal:
    value: Any = read_value(CATALOGUE[name], raw.strip() if isinstance(raw, str) else raw, name)
    places = _PLACES[name]
    if round(value, places) != value:
        unit = CATALOGUE[name].unit
        raise BadInput(name, f"expected {unit} with at most {places} decimal {'place' if places == 1 else 'places'}")
    return Decimal(value)


def _read_mrn(raw: Any) -> str:
    mrn = clean_text("mrn", raw, required="Type the MRN (medical record number).", most=30, one_line=True)
    if not _MRN.fullmatch(mrn):
        raise BadInput("mrn", "expected letters, digits, points, slashes and hyphens only, as on the patient's label")
    return mrn


def _read_name(raw: Any) -> str:
    return clean_text("name", raw, required="Type the patient's name.", most=120, one_line=True)


def _read_sex(raw: Any) -> str:
    if raw not in ("female", "male"):
        raise BadInput("sex", "choose female or male: ideal weight is reckoned by it")
    return raw


def _read_date(raw: Any) -> date:
    if isinstance(raw, date) and not isinstance(raw, datetime):
        return raw
    try:
        return date.fromisoformat(raw.strip())
    except (AttributeError, ValueError):
        raise BadInput("", "give the date, as year-month-day: 1980-05-31") from None
