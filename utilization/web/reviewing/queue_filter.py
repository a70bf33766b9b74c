"""What the queue is narrowed to and put in order by, as its address spells it."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.http import urlencode

from utilization.models import Site
from utilization.reports.queue import indications
from utilization.reports.queue_order import SORTS
from utilization.rules import words
from utilization.web.fields import offer


def _hidden(*codes: str) -> forms.ChoiceField:
    """What a tab or the head of a column sets, kept while the filters change."""
    choices = [("", ""), *((code, code) for code in codes)]
    return forms.ChoiceField(required=False, widget=forms.HiddenInput, choices=choices)


class QueueFilterForm(forms.Form):
    """What the queue is narrowed to. A value that is not on a list narrows nothing."""

    indication = forms.ChoiceField(required=False)
    outcome = forms.ChoiceField(
        required=False, choices=[("", "All"), *((code, sign.word) for code, sign in words.OUTCOMES.items())]
    )
    urgency = forms.ChoiceField(
        required=False, choices=[("", "All"), ("expedited", "Expedited"), ("standard", "Standard")]
    )
    department = forms.ChoiceField(required=False)
    holder = forms.ChoiceField(
        label="Held by", required=False, choices=[("", "All"), ("mine", "Me"), ("nobody", "Nobody")]
    )
    stage = _hidden("pharmacy", "physician", "appeals")
    overdue = _hidden("yes")
    sort = _hidden(*SORTS, *(f"-{column}" for column in SORTS))

    def __init__(self, data: Mapping[str, Any], *, sites: Iterable[Site]) -> None:
        super().__init__(data, auto_id="filter_%s")
        worked = sorted(sites, key=lambda site: site.name)
        choices = [
            (indication.code, f"{indication.name} ({indication.short})" if indication.short else indication.name)
            for indication in indications(worked)
        ]
        offer(self, "indication", [("", "All"), *choices])
        named = [
            (str(department.pk), f"{department.name}, {site.name}" if len(worked) > 1 else department.name)
            for site in worked
            for department in site.departments.all()
        ]
        offer(self, "department", [("", "All"), *named])

    def wanted(self) -> dict[str, str]:
        """The filters that are set, by name, and the order."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}

    @property
    def narrowed(self) -> bool:
        """Whether a person has set a filter that can be cleared."""
        return any(self.cleaned_data.get(field.name) for field in self.visible_fields())


def read_filters(query: str, sites: Iterable[Site]) -> dict[str, str]:
    """The filters that an address's query spells; what it spells beside them is left out."""
    return QueueFilterForm(QueryDict(query[:2_000]), sites=sites).wanted()


def spelt(wanted: Mapping[str, str]) -> str:
    """`wanted` as the query of an address, alike for the same filters."""
    return urlencode(sorted(wanted.items()))
