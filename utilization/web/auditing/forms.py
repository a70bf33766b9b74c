"""Whom an auditor looks for."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms

from utilization.models import User
from utilization.web.fields import offer


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
