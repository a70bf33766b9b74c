"""What an auditor narrows a list to, and whom they look for."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator

from utilization.models import Site, User
from utilization.reports.audit_list import Choices
from utilization.reports.queue import indications
from utilization.rules import words
from utilization.web.fields import offer

DECISIONS = {
    "approved": "Approved",
    "denied": "Denied",
    "withdrawn": "Withdrawn",
    "open": "Open",
    "unfiled": "Drafts, never filed",
}


def date_field(label: str) -> forms.DateField:
    """A day that may be left out, within the years in which there can be anything."""
    told = "Give a date between 1900 and 2999."
    return forms.DateField(
        label=label,
        required=False,
        validators=[MinValueValidator(date(1900, 1, 1), told), MaxValueValidator(date(2999, 12, 31), told)],
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": "Give a date as YYYY-MM-DD."},
    )


class AuditFilterForm(forms.Form):
    """What the list of one site is narrowed to."""

    since = date_field("Filed from")
    until = date_field("Filed to")
    indication = forms.ChoiceField(required=False)
    outcome = forms.ChoiceField(
        required=False, choices=[("", "All"), *((code, sign.word) for code, sign in words.OUTCOMES.items())]
    )
    decision = forms.ChoiceField(label="Decision", required=False, choices=[("", "All filed"), *DECISIONS.items()])
    reviewer = forms.TypedChoiceField(label="Signed by", required=False, coerce=int, empty_value=None)
    department = forms.TypedChoiceField(required=False, coerce=int, empty_value=None)

    def __init__(self, data: Mapping[str, Any], *, sites: Iterable[Site], site: Site, choices: Choices) -> None:
        super().__init__(data, auto_id="filter_%s")
        known = [
            (indication.code, f"{indication.name} ({indication.short})" if indication.short else indication.name)
            for indication in indications([site])
        ]
        self._offer("indication", known)
        self._offer("reviewer", [(reviewer.pk, reviewer.full_name) for reviewer in choices.reviewers])
        self._offer("department", [(department.pk, department.name) for department in choices.departments])
        self.many = [(choice.code, choice.name) for choice in sites]
        if len(self.many) > 1:
            offered = forms.ChoiceField(label="Site", required=False, choices=self.many, initial=site.code)
            self.fields = {"site": offered, **self.fields}

    def _offer(self, name: str, choices: list[tuple[Any, str]]) -> None:
        offer(self, name, [("", "All"), *choices])
        self.fields[name].error_messages["invalid_choice"] = "Choose from the list."

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and until < since:
            self.add_error("until", "This is before the first date. Swap the two.")
        return cleaned

    def wanted(self) -> dict[str, Any]:
        """The filters that are set and can be read, by name."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value and name != "site"}

    def query(self) -> dict[str, str]:
        """The filters that are set, as an address spells them."""
        values = {name: str(value) for name, value in self.wanted().items()}
        return values | ({"site": self.data["site"]} if self.data.get("site") in dict(self.many) else {})


class ReaderForm(forms.Form):
    """Whose reads to show: chosen from a list or, of a site with more people than that holds, found by name."""

    person = forms.TypedChoiceField(label="Read by", required=False, coerce=int, empty_value=None)
    who = forms.CharField(
        label="Read by: name, or part of it",
        required=False,
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, data: Mapping[str, Any], *, readers: Iterable[User]) -> None:
        super().__init__(data, auto_id="filter_%s")
        offered = [(reader.pk, reader.signature_name) for reader in readers]
        if offered:
            offer(self, "person", [("", "Everybody"), *offered])
            del self.fields["who"]
        else:
            del self.fields["person"]

    def chosen(self) -> int | None:
        """The key of the person chosen from the list; None for everybody."""
        self.is_valid()
        return self.cleaned_data.get("person")

    def name(self) -> str:
        """The name that is looked for; empty where there is none."""
        self.is_valid()
        return str(self.cleaned_data.get("who", "")).replace("\0", "").strip()


class PatientSearchForm(forms.Form):
    """Whose record was read: found by its whole MRN, so that nobody leafs through patients here."""

    mrn = forms.CharField(
        label="Patient’s MRN",
        max_length=30,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": "Type the whole MRN (medical record number) of the patient."},
    )
