"""What a reader asks of the utilization report: edition, period, and to what it is narrowed."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django import forms

from utilization.models import Site
from utilization.reports.queue import indications
from utilization.rules.utilization_report.basis import group_words
from utilization.rules.utilization_report.groups import FILTERS
from utilization.rules.utilization_report.months import (
    ReportPeriod,
    UnreadablePeriod,
    last_whole_year,
    period_between,
    read_month,
    report_years,
)
from utilization.rules.utilization_report.report import CIRCULATION, EVERY_CASE, Asked
from utilization.web.fields import offer

YEARS = 6
"""Report years that are offered, newest first."""
_EDITIONS = [(EVERY_CASE, "With every case"), (CIRCULATION, "For circulation")]


def _month(label: str) -> forms.CharField:
    return forms.CharField(
        label=label,
        required=False,
        max_length=7,
        widget=forms.TextInput(attrs={"type": "month", "autocomplete": "off", "placeholder": ""}),
    )


class ReportForm(forms.Form):
    """What the report of one site is asked for. `whole`: whether this reader may see every case."""

    edition = forms.ChoiceField(required=False, choices=_EDITIONS)
    first = _month("From month")
    last = _month("To month")
    year = forms.ChoiceField(label="Report year", required=False)
    department = forms.ChoiceField(required=False)
    indication = forms.ChoiceField(required=False)
    kind = forms.ChoiceField(required=False)
    age = forms.ChoiceField(label="Age group", required=False)

    def __init__(self, data: Mapping[str, Any], *, sites: Iterable[Site], site: Site, today: date, whole: bool) -> None:
        super().__init__(data, auto_id="report_%s")
        self.site, self.today = site, today
        self.chosen_edition = self._edition(data, whole)
        self.years = report_years(today, site.report_year_starts, YEARS)
        for name in ("first", "last") if self.chosen_edition == CIRCULATION else ("year",):
            del self.fields[name]
        if not whole:
            del self.fields["edition"]
        self._offer_all()
        many = [(choice.code, choice.name) for choice in sites]
        if len(many) > 1:
            self.fields = {"site": forms.ChoiceField(label="Site", required=False, choices=many), **self.fields}

    def _edition(self, data: Mapping[str, Any], whole: bool) -> str:
        wanted = data.get("edition") or EVERY_CASE
        return CIRCULATION if not whole or wanted == CIRCULATION else EVERY_CASE

    def _offer_all(self) -> None:
        if "year" in self.fields:
            self.fields["year"].error_messages["invalid_choice"] = "Choose a report year from the list."
            offer(
                self,
                "year",
                [
                    ("", "Last report year"),
                    *((year.first.code, f"{year.first.words} to {year.last.words}") for year in self.years),
                ],
            )
        departments = [(str(key), name) for key, name in self.site.departments.values_list("pk", "name")]
        known = [(named.code, named.name) for named in indications([self.site])]
        for name, choices in (
            ("department", departments),
            ("indication", known),
            ("kind", list(group_words("kind").items())),
            ("age", list(group_words("age").items())),
        ):
            offer(self, name, [("", "All"), *choices])
            self.fields[name].error_messages["invalid_choice"] = "Choose from the list."

    def clean_first(self) -> Any:
        return self._read("first")

    def clean_last(self) -> Any:
        return self._read("last")

    def _read(self, name: str) -> Any:
        try:
            return read_month(self.cleaned_data[name]) if self.cleaned_data[name] else None
        except UnreadablePeriod as reason:
            raise forms.ValidationError(str(reason)) from None

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if self.chosen_edition == CIRCULATION and sum(bool(cleaned.get(name)) for name in FILTERS) > 1:
            raise forms.ValidationError("A report for circulation has one filter at a time. Set the others to All.")
        if not self.errors:
            try:
                self.period = self._period(cleaned)
            except UnreadablePeriod as reason:
                self.add_error("last", str(reason))
        return cleaned

    def _period(self, cleaned: Mapping[str, Any]) -> ReportPeriod:
        if self.chosen_edition == CIRCULATION:
            return next((year for year in self.years if year.first.code == cleaned.get("year")), self.years[0])
        usual = last_whole_year(self.today)
        first, last = cleaned.get("first"), cleaned.get("last")
        if first and not last:
            last = max(first, usual.last)
        if last and not first:
            first = last.after(1 - usual.length)
        return period_between(first, last) if first and last else usual

    def asked(self) -> Asked | None:
        """What is asked for; None where it cannot be read."""
        if not self.is_valid():
            return None
        chosen = {name: self.cleaned_data[name] for name in FILTERS if self.cleaned_data.get(name)}
        return Asked(self.period, chosen, self.site.fewest_patients if self.chosen_edition == CIRCULATION else None)

    def query(self) -> dict[str, str]:
        """What is set, as an address spells it: the same report, whichever day it is opened."""
        if not self.is_valid():
            return {}
        kept = {name: self.cleaned_data[name] for name in FILTERS if self.cleaned_data.get(name)}
        if "edition" in self.fields:
            kept["edition"] = self.chosen_edition
        if self.chosen_edition == CIRCULATION:
            kept["year"] = self.period.first.code
        else:
            kept |= {"first": self.period.first.code, "last": self.period.last.code}
        return kept | ({"site": self.site.code} if "site" in self.fields else {})
