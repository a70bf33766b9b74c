"""The utilization report: on screen, as CSV and as PDF, each from the same value with its hash."""

from typing import Any

from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from utilization import access
from utilization.documents import report_pdf as report_document
from utilization.documents.exports import csv_pieces
from utilization.documents.report_csv import COLUMNS, rows
from utilization.documents.report_plots import plots
from utilization.models import Site
from utilization.reports.letterhead import logo_of
from utilization.reports.utilization_report import utilization_report
from utilization.rules.roles import Permission
from utilization.rules.utilization_report.report import value_hash
from utilization.web.policy import SignedInRequest, policy
from utilization.web.reports.forms import ReportForm

readers = policy(Permission.READ_REPORTS)


@require_safe
@readers
def report(request: SignedInRequest) -> HttpResponse:
    """The report of a site on screen; what cannot be read is said beside its field, and nothing is reckoned then."""
    site, form = _form(request)
    asked = form.asked()
    context: dict[str, Any] = {"site": site, "form": form}
    if asked:
        value = utilization_report(site, asked)
        context |= {
            "value": value,
            "sha256": value_hash(value),
            "plots": plots(value),
            "query": urlencode(form.query()),
        }
    context["at"] = timezone.now()
    return render(request, "reports/utilization.html", context, status=200 if asked else 422)


@require_safe
@readers
def report_csv(request: SignedInRequest) -> HttpResponseBase:
    """All numbers of the report as CSV."""
    return _file(request, "csv")


@require_safe
@readers
def report_pdf(request: SignedInRequest) -> HttpResponseBase:
    """The report on paper."""
    return _file(request, "pdf")


def _file(request: SignedInRequest, kind: str) -> HttpResponseBase:
    site, form = _form(request)
    asked = form.asked()
    if asked is None:
        return redirect(f"{reverse('report')}?{request.GET.urlencode()}")
    value = utilization_report(site, asked)
    name = f"utilization-{site.code}-{value['period']['first']}-{value['period']['last']}-{value['edition']}.{kind}"
    response: HttpResponseBase
    if kind == "csv":
        pieces = csv_pieces(COLUMNS, rows(value, value_hash(value)))
        response = StreamingHttpResponse(pieces, content_type="text/csv; charset=utf-8")
    else:
        address = request.build_absolute_uri(f"{reverse('report')}?{urlencode(form.query())}")
        content = report_document.render(value, address=address, at=timezone.now(), logo=logo_of(site))
        response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _form(request: SignedInRequest) -> tuple[Site, ReportForm]:
    """The site that is asked for, where the reader may read its reports, else their first; and what is asked of it."""
    sites = list(access.sites(request.user, Permission.READ_REPORTS))
    site = next((site for site in sites if site.code == request.GET.get("site")), sites[0])
    whole = bool(access.can(request.user, Permission.AUDIT, site=site))
    today = site.date_at(timezone.now())
    return site, ReportForm(request.GET, sites=sites, site=site, today=today, whole=whole)
