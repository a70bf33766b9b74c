"""What a prescriber types about a patient: a search, a new patient, measures, corrections, a merge, a death."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.http import QueryDict

from utilization import access
from utilization.models import Patient, Site, User
from utilization.rules.facts.catalogue import CATALOGUE
from utilization.rules.facts.date_words import day_words
from utilization.rules.facts.measures import HEIGHT_UNITS, WEIGHT_UNITS, read_measure
from utilization.rules.facts.values import BadInput, plain
from utilization.rules.identity import SEX_NOT_KNOWN, divided_name, full_name
from utilization.rules.roles import Permission
from utilization.web.fields import offer, offer_sites
from utilization.web.prescribing.forms import RefusableForm
from utilization.workflow import PatientIdentity, TypedMeasure

MEASURES = {"weight_kg": "weight", "height_cm": "height"}
"""Measures of a patient, and the fields in which they are typed."""
_SHORT = {"autocomplete": "off", "spellcheck": "false"}
_WORDS = {"required": "Type an MRN, a birth date or a name.", "max_length": "Type at most 120 characters."}


class SearchForm(forms.Form):
    """Words to look for; never part of an address."""

    q = forms.CharField(
        label="MRN, birth date or name",
        max_length=access.MAX_TYPED,
        widget=forms.TextInput(attrs={**_SHORT, "autofocus": True, "type": "search"}),
        error_messages=_WORDS,
    )


class _Ticks(forms.MultipleChoiceField):
    """Boxes that come and go with what is typed: one that is there no more counts for nothing, and is no fault."""

    def valid_value(self, value: str) -> bool:
        return True


def _units(units: Mapping[str, str], of: str) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=f"Unit of {of}", required=False, choices=list(units.items()), widget=forms.RadioSelect
    )  # fmt: skip


class _Measured(RefusableForm):
    """Weight and height with their units and the day of the weight; an unusual one is questioned, and confirmed as it
    was typed."""

    weight = forms.CharField(label="Weight", required=False, widget=forms.TextInput(attrs=_SHORT))
    weight_unit = _units(WEIGHT_UNITS, "weight")
    measured_on = forms.CharField(label="Weighed on", required=False, widget=forms.TextInput(attrs=_SHORT))
    height = forms.CharField(label="Height", required=False, widget=forms.TextInput(attrs=_SHORT))
    height_unit = _units(HEIGHT_UNITS, "height")
    confirmed = _Ticks(label="Unusual, but right?", required=False, widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ticked = self.data.getlist("confirmed") if isinstance(self.data, QueryDict) else []
        # A tick belongs to the value beside which it was set; another value is questioned anew.
        self._offered = [choice for choice in self._possible() if choice[0] in ticked]
        self._show_offered()

    @property
    def used(self) -> dict[str, dict[str, Any]]:
        """Each measure that can be read, as typed and as used, by field: shaped as a patient's columns."""
        return {
            MEASURES[name]: {name: read.value, f"{MEASURES[name]}_typed": read.typed}
            for name, read in self._read().items()
        }

    def measures(self) -> dict[str, Any]:
        """The measures as the workflow takes them."""
        clean = self.cleaned_data
        typed = {name: TypedMeasure(clean[field], clean[f"{field}_unit"]) for name, field in MEASURES.items()}
        return {**typed, "measured_on": clean["measured_on"], "confirmed": clean["confirmed"]}

    def _read(self) -> dict[str, Any]:
        measures = {}
        for name, field in MEASURES.items():
            typed, unit = str(self.data.get(field, "")), str(self.data.get(f"{field}_unit", ""))
            try:
                measures[name] = read_measure(name, typed[:40], unit)
            except BadInput:
                continue
        return measures

    def _possible(self) -> list[tuple[str, str]]:
        """One choice for each measure that can be read: its name and value, and the sentence that confirms it."""
        return [
            (f"{name}={read.typed}", f"Yes, {CATALOGUE[name].noun} {read.typed} is right")
            for name, read in self._read().items()
        ]

    def _show_offered(self) -> None:
        offer(self, "confirmed", self._offered)
        if not self._offered:
            self.fields["confirmed"].widget = forms.MultipleHiddenInput()

    def clean_confirmed(self) -> list[str]:
        """Names of the measures that were confirmed as they stand now."""
        offered = [choice for choice, _ in self._offered]
        return [choice.partition("=")[0] for choice in self.cleaned_data["confirmed"] if choice in offered]

    def refuse(self, errors: Mapping[str, Iterable[str]]) -> None:
        """As every form; beside an unusual measure the box that confirms it appears."""
        super().refuse({MEASURES.get(name, name): texts for name, texts in errors.items()})
        doubted = [choice for choice in self._possible() if choice[0].partition("=")[0] in errors]
        self._offered = list(dict.fromkeys([*self._offered, *doubted]))
        self.fields["confirmed"].widget = forms.CheckboxSelectMultiple()
        self._show_offered()


class _Identity(forms.Form):
    """Who a patient is."""

    mrn = forms.CharField(
        label="MRN, from the label", required=False, widget=forms.TextInput(attrs={**_SHORT, "autofocus": True})
    )
    date_of_birth = forms.CharField(label="Birth date", required=False, widget=forms.TextInput(attrs=_SHORT))
    family_name = forms.CharField(label="Family name", required=False, widget=forms.TextInput(attrs=_SHORT))
    given_names = forms.CharField(label="Given names", required=False, widget=forms.TextInput(attrs=_SHORT))
    sex = forms.ChoiceField(
        label="Sex",
        required=False,
        choices=[("female", "Female"), ("male", "Male"), (SEX_NOT_KNOWN, "Not known")],
        widget=forms.RadioSelect,
    )

    def identity(self) -> dict[str, str]:
        """Who the patient is, as typed: as the workflow takes it, and whatever was refused already."""
        mrn, born, family, given, sex = (
            str(self.data.get(name, ""))
            for name in ("mrn", "date_of_birth", "family_name", "given_names", "sex")
        )  # fmt: skip
        return {"mrn": mrn, "name": full_name(family, given), "date_of_birth": born, "sex": sex}


def _on_its_field(errors: Mapping[str, Iterable[str]]) -> dict[str, Iterable[str]]:
    return {"family_name" if name == "name" else name: texts for name, texts in errors.items()}


class PatientForm(_Measured, _Identity):
    """A new patient of a site where the prescriber works."""

    site = forms.ModelChoiceField(queryset=Site.objects.none(), label="Site", empty_label="Choose a site")
    another = forms.BooleanField(label="Another person", required=False)
    field_order = (
        "site", "mrn", "date_of_birth", "family_name", "given_names", "sex", "weight", "weight_unit", "measured_on",
        "height", "height_unit", "confirmed", "another",
    )  # fmt: skip

    def __init__(self, actor: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_sites(self, access.sites(actor, Permission.FILE))

    def refuse(self, errors: Mapping[str, Iterable[str]]) -> None:
        """A fault of the name stands beside the family name; patients to compare ask for the answer about them."""
        moved = {"another" if name == "different_from" else name: texts for name, texts in errors.items()}
        super().refuse(_on_its_field(moved))


class MeasureForm(_Measured):
    """New measures of a known patient."""

    field_order = ("weight", "weight_unit", "measured_on", "height", "height_unit", "confirmed")


def measures_of(patient: Patient) -> dict[str, Any]:
    """The measures of `patient` as they were typed, for a form to begin with."""
    weight = patient.weight_typed or (f"{plain(patient.weight_kg)} kg" if patient.weight_kg else "")
    height = patient.height_typed or (f"{plain(patient.height_cm)} cm" if patient.height_cm else "")
    return {"weight": weight, "height": height, "measured_on": _day(patient.measured_on)}


def _day(day: Any) -> str:
    return day_words(day) if day else ""


class CorrectionForm(RefusableForm, _Identity):
    """Who a patient is, corrected. `was` holds what the page showed."""

    reason = forms.CharField(label="Why", required=False, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    was_mrn = forms.CharField(required=False, widget=forms.HiddenInput)
    was_name = forms.CharField(required=False, widget=forms.HiddenInput)
    was_date_of_birth = forms.CharField(required=False, widget=forms.HiddenInput)
    was_sex = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, patient: Patient, data: Any = None) -> None:
        family, given = divided_name(patient.name)
        known = {
            "mrn": patient.mrn, "family_name": family, "given_names": given, "sex": patient.sex,
            "date_of_birth": _day(patient.date_of_birth), "was_mrn": patient.mrn, "was_name": patient.name,
            "was_date_of_birth": patient.date_of_birth.isoformat(), "was_sex": patient.sex,
        }  # fmt: skip
        super().__init__(data, initial=known, auto_id="correct_%s")
        self.fields["mrn"].widget.attrs.pop("autofocus", None)

    def arguments(self) -> dict[str, Any]:
        """What is corrected, as the workflow takes it."""
        clean = self.cleaned_data
        was = {name: clean[f"was_{name}"] for name in ("mrn", "name", "date_of_birth", "sex") if clean[f"was_{name}"]}
        return {"identity": PatientIdentity(**self.identity()), "reason": clean["reason"], "was": was}

    def refuse(self, errors: Mapping[str, Iterable[str]]) -> None:
        """A fault of the name stands beside the family name."""
        super().refuse(_on_its_field(errors))


class MergeForm(RefusableForm):
    """The other record of the same patient, by its MRN; then, compared, the reason."""

    mrn = forms.CharField(label="MRN of the other record", required=False, widget=forms.TextInput(attrs=_SHORT))
    other = forms.UUIDField(required=False, widget=forms.HiddenInput)
    reason = forms.CharField(label="Why they are one patient", required=False, widget=forms.TextInput)

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, auto_id="merge_%s")


class DeathForm(RefusableForm):
    """A death, or that one was recorded by mistake."""

    died_on = forms.CharField(label="Died on", required=False, widget=forms.TextInput(attrs=_SHORT))
    reason = forms.CharField(label="Why", required=False, widget=forms.TextInput(attrs={"autocomplete": "off"}))

    def __init__(self, patient: Patient, data: Any = None) -> None:
        super().__init__(data, initial={"died_on": _day(patient.died_on)}, auto_id="death_%s")


class SeparateForm(RefusableForm):
    """Why two merged records are two patients after all; `other` is the id of the one that stands for itself again."""

    reason = forms.CharField(label="Why they are two patients", required=False, widget=forms.TextInput)

    def __init__(self, other: str, data: Any = None) -> None:
        # A page may hold one beside each record, so each has ids of its own.
        super().__init__(data, auto_id=f"separate_{''.join(filter(str.isalnum, other))}_%s")
