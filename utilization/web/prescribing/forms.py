"""What a prescriber types around a request: patients, searches, the submission, an answer, a withdrawal."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.http import QueryDict

from utilization import access
from utilization.models import Site, User
from utilization.rules.facts.catalogue import CATALOGUE
from utilization.rules.facts.values import BadInput, read_value
from utilization.rules.lifecycle import Permission
from utilization.rules.packs.pack import to_acknowledge
from utilization.web import wording
from utilization.web.fields import offer, offer_sites
from utilization.workflow import ATTESTATION, Invalid
from utilization.workflow.checking import DOSE_AGAIN, WEIGHT_AGAIN, Checked

MEASURES = ("weight_kg", "height_cm")
REASON = "reason_"


class RefusableForm(forms.Form):
    """A form whose last word is the workflow's."""

    def refuse(self, errors: Mapping[str, Iterable[str]]) -> None:
        """Show what the workflow found wrong beside the fields that it is about."""
        for field, sentences in errors.items():
            self.add_error(field if field in self.fields else None, list(sentences))


class SearchForm(forms.Form):
    """Words to look for; never part of an address."""

    q = forms.CharField(
        label="MRN or name",
        min_length=2,
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autofocus": True}),
        error_messages={
            "required": "Type at least two characters of the MRN or the name.",
            "min_length": "Type at least two characters of the MRN or the name.",
            "max_length": "Type at most 120 characters of the MRN or the name.",
        },
    )


class _Ticks(forms.MultipleChoiceField):
    """Boxes that come and go with what is typed: one that is there no more counts for nothing, and is no fault."""

    def valid_value(self, value: str) -> bool:
        return True


class _Measured(RefusableForm):
    """Weight and height with the day of the weight; an unusual one is questioned, and confirmed as it was typed."""

    weight_kg = forms.CharField(
        label="Weight in kilograms", required=False, widget=forms.TextInput(attrs={"inputmode": "decimal"})
    )
    height_cm = forms.CharField(
        label="Height in centimetres", required=False, widget=forms.TextInput(attrs={"inputmode": "decimal"})
    )
    measured_on = forms.CharField(
        label="Weight measured on", required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    confirmed = _Ticks(label="Unusual, but right?", required=False, widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ticked = self.data.getlist("confirmed") if isinstance(self.data, QueryDict) else []
        # A tick belongs to the value beside which it was set; another value is questioned anew.
        self._offered = [choice for choice in self._possible() if choice[0] in ticked]
        self._show_offered()

    def _possible(self) -> list[tuple[str, str]]:
        """One choice for each measure that can be read: its name and value, and the sentence that confirms it."""
        found = []
        for name in MEASURES:
            typed = str(self.data.get(name, "")).strip()
            try:
                read_value(CATALOGUE[name], typed, name)
            except BadInput:
                continue
            label = f"Yes, {CATALOGUE[name].noun} {typed} {CATALOGUE[name].unit} is right"
            found.append((f"{name}={typed}", label))
        return found

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
        super().refuse(errors)
        doubted = [choice for choice in self._possible() if choice[0].partition("=")[0] in errors]
        self._offered = list(dict.fromkeys([*self._offered, *doubted]))
        self.fields["confirmed"].widget = forms.CheckboxSelectMultiple()
        self._show_offered()


class PatientForm(_Measured):
    """A new patient of a site where the prescriber works."""

    site = forms.ModelChoiceField(queryset=Site.objects.none(), label="Site", empty_label="Choose a site")
    mrn = forms.CharField(label="MRN (medical record number)", required=False, help_text="As on the patient’s label.")
    name = forms.CharField(label="Name", required=False)
    date_of_birth = forms.CharField(
        label="Date of birth", required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    sex = forms.ChoiceField(
        label="Sex",
        required=False,
        choices=[("female", "Female"), ("male", "Male")],
        widget=forms.RadioSelect,
        help_text="Ideal body weight is reckoned by it.",
    )
    field_order = (
        "site", "mrn", "name", "date_of_birth", "sex", "weight_kg", "measured_on", "height_cm", "confirmed",
    )  # fmt: skip

    def __init__(self, actor: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_sites(self, access.sites(actor, Permission.FILE))


class MeasureForm(_Measured):
    """New measures of a known patient."""

    field_order = ("weight_kg", "measured_on", "height_cm", "confirmed")


class Again:
    """The fields that check the dose, and the traps that each reason answers; a form holds them only where asked."""

    fields: dict[str, forms.Field]

    @property
    def stated_again(self) -> list[forms.BoundField]:
        """The fields in which dose and weight are stated a second time."""
        return [self[name] for name in (DOSE_AGAIN, WEIGHT_AGAIN) if name in self.fields]  # type: ignore[index]  # mixed into forms

    @property
    def to_reason(self) -> list[forms.BoundField]:
        """The fields for a reason against a trap; the `trap` of each says what looks wrong."""
        return [self[name] for name in self.fields if name.startswith(REASON)]  # type: ignore[index]  # mixed into forms


class SubmitForm(Again, RefusableForm):
    """The last page before filing: warnings, unusual values, the MRN once more, and the attestation."""

    acknowledged = forms.MultipleChoiceField(label="Warnings", required=False, widget=forms.CheckboxSelectMultiple)
    confirmed = forms.MultipleChoiceField(label="Unusual values", required=False, widget=forms.CheckboxSelectMultiple)
    mrn = forms.CharField(
        label="MRN of the patient, typed again",
        required=False,
        help_text="From the patient’s label or chart, not from this page.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    attested = forms.BooleanField(label="Attestation", help_text=ATTESTATION, required=False)

    def __init__(
        self, warnings: Iterable[str], doubts: Iterable[Any], checked: Checked, *args: Any, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        _offer_boxes(self, warnings, doubts, checked)
        _ask_again(self, checked)


class AnswerForm(Again, RefusableForm):
    """The answer in words, with what newly corrected facts ask of the prescriber."""

    text = forms.CharField(label="Your answer", required=False, widget=forms.Textarea(attrs={"rows": 4}))
    acknowledged = forms.MultipleChoiceField(label="Warnings", required=False, widget=forms.CheckboxSelectMultiple)
    confirmed = forms.MultipleChoiceField(label="Unusual values", required=False, widget=forms.CheckboxSelectMultiple)

    def __init__(
        self, warnings: Iterable[str], doubts: Iterable[Any], checked: Checked, *args: Any, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        _offer_boxes(self, warnings, doubts, checked)
        _ask_again(self, checked)


def again_in(post: QueryDict) -> dict[str, str]:
    """What was stated a second time, as `workflow.submit` takes it."""
    return {"dose": post.get(DOSE_AGAIN, ""), "weight": post.get(WEIGHT_AGAIN, "")}


def reasons_in(post: QueryDict) -> dict[str, str]:
    """The reasons written against traps, by the trap's code."""
    return {name.removeprefix(REASON): post.get(name, "") for name in post if name.startswith(REASON)}


def _ask_again(form: forms.Form, checked: Checked) -> None:
    exactly = {"autocomplete": "off", "spellcheck": "false", "inputmode": "decimal"}
    if checked.wants_dose:
        unit, example = {
            "dose_total_g": ("grams", "150"), "dose_total_g_per_kg": ("g/kg", "2"),
        }[checked.wants_dose]  # fmt: skip
        form.fields[DOSE_AGAIN] = forms.CharField(
            label=f"Dose of the whole course again, in {unit}",
            required=False,
            help_text=f"From the order, not worked out from this page: for example {example}. A slip in one of the two"
            " then shows.",
            widget=forms.TextInput(attrs=exactly),
        )
    if checked.wants_weight:
        form.fields[WEIGHT_AGAIN] = forms.CharField(
            label="Weight again, with its unit",
            required=False,
            help_text="From the chart: for example 82.5 kg or 181.9 lb.",
            widget=forms.TextInput(attrs={**exactly, "inputmode": "text"}),
        )
    for trap in checked.open:
        if checked.reasons.get(trap.code) and REASON + trap.code not in form.data:
            continue  # told with an earlier version already
        fact = CATALOGUE[trap.fact].noun
        field = forms.CharField(
            label=trap.asks or f"Why this is right: {fact}", required=False, widget=forms.Textarea(attrs={"rows": 2})
        )
        field.trap = trap.text  # type: ignore[attr-defined]  # read by our templates
        form.fields[REASON + trap.code] = field


def _offer_boxes(form: forms.Form, warnings: Iterable[str], doubts: Iterable[Any], checked: Checked) -> None:
    offered = {
        "acknowledged": [(code, wording.warning(code).title) for code in to_acknowledge(warnings)],
        "confirmed": [(doubt.fact, doubt.text) for doubt in doubts if doubt.fact not in checked.facts],
    }
    for name, choices in offered.items():
        offer(form, name, choices)
        if not choices:
            del form.fields[name]


class WithdrawForm(RefusableForm):
    """Why a request is taken back."""

    reason = forms.CharField(
        label="Why is it withdrawn?",
        required=False,
        help_text="The reviewers and the auditor read this. At most 4,000 characters.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )


def faults(invalid: Invalid, shown: Iterable[str]) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """The errors of `invalid` apart: those about fields in `shown`, and those about answers of the request."""
    here = set(shown)
    mine = {name: texts for name, texts in invalid.errors.items() if name in here}
    return mine, {name: texts for name, texts in invalid.errors.items() if name not in here}
