"""What fields of a form offer, where that is known only when a page is asked for."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.db.models import QuerySet

from utilization.models import Site


def offer(form: forms.BaseForm, name: str, choices: Iterable[Any]) -> None:
    """Let the field `name` offer these choices."""
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField), name
    field.choices = list(choices)


def offer_rows(form: forms.BaseForm, name: str, rows: QuerySet[Any]) -> None:
    """Let the field `name` offer these rows."""
    field = form.fields[name]
    assert isinstance(field, forms.ModelChoiceField), name
    field.queryset = rows


def offer_sites(form: forms.BaseForm, sites: QuerySet[Site]) -> None:
    """Let the field `site` offer these sites; where there is one, it is taken and not asked for."""
    offer_rows(form, "site", sites)
    if len(sites) == 1:
        form.fields["site"].initial = sites[0]
        form.fields["site"].widget = forms.HiddenInput()
