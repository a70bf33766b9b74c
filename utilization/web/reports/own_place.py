"""A prescriber's own place among the approvals of a site: their share off criteria, and nobody else's."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from utilization import access
from utilization.documents.own_place_plot import own_place_plot
from utilization.models import Site
from utilization.reports.own_place import place_of
from utilization.rules.roles import Permission
from utilization.rules.utilization_report.months import ReportPeriod, report_years
from utilization.rules.utilization_report.own_place import LEAST_OTHERS
from utilization.web.fields import offer
from utilization.web.policy import SignedInRequest, policy
from utilization.web.reports.forms import YEARS


class OwnPlaceForm(forms.Form):
    """Of which report year, and at which site where the prescriber has several."""

    year = forms.ChoiceField(label="Report year", required=False)

    def __init__(
        self, data: Mapping[str, Any], *, sites: Sequence[Site], site: Site, years: Sequence[ReportPeriod]
    ) -> None:
        super().__init__(data, auto_id="place_%s")
        words = ((year.first.code, f"{year.first.words} to {year.last.words}") for year in years)
        offer(self, "year", [("", "Last report year"), *words])
        if len(sites) > 1:
            choices = [(choice.code, choice.name) for choice in sites]
            offered = forms.ChoiceField(label="Site", required=False, choices=choices, initial=site.code)
            self.fields = {"site": offered, **self.fields}
        for field in self.fields.values():
            field.error_messages["invalid_choice"] = "Choose from the list."


@require_safe
@policy(Permission.FILE)
def own_place(request: SignedInRequest) -> HttpResponse:
    """The own share of a report year beside what chance makes of that of all; a year that is not offered is said."""
    sites = list(access.sites(request.user, Permission.FILE))
    site = next((site for site in sites if site.code == request.GET.get("site")), sites[0])
    years = report_years(site.date_at(timezone.now()), site.report_year_starts, YEARS)
    form = OwnPlaceForm(request.GET, sites=sites, site=site, years=years)
    context: dict[str, Any] = {"site": site, "form": form, "limit": site.fewest_patients, "others": LEAST_OTHERS}
    if form.is_valid():
        chosen = form.cleaned_data["year"]
        year = next((year for year in years if year.first.code == chosen), years[0])
        place = place_of(request.user, site, year)
        context |= {"year": year, "place": place}
        if place["funnel"]:
            context["plot"] = own_place_plot(place["funnel"])
    return render(request, "reports/own_place.html", context, status=200 if form.is_valid() else 422)
