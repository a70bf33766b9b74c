"""Who read what: the auditor's page of the access log, and of one patient's record by the whole MRN."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from utilization.reports import access_list, audit_list
from utilization.web.auditing.event_words import READ_GROUPS
from utilization.web.auditing.forms import PatientSearchForm
from utilization.web.auditing.list_page import asked_site
from utilization.web.auditing.log_filters import LogFilters, log_filters
from utilization.web.auditing.log_pages import filter_context, log_csv
from utilization.web.auditing.log_words import READS
from utilization.web.auditing.views import auditors
from utilization.web.paging import asked_place, neighbours

_KINDS = [(code, title) for code, (title, _) in READ_GROUPS.items()]


def access_filters(request: HttpRequest) -> LogFilters:
    """The filters of the access log."""
    return log_filters(request, kinds=_KINDS, of=lambda choice: READ_GROUPS.get(choice, ("", ()))[1], by="Read by")


@require_http_methods(["GET", "HEAD", "POST"])
@auditors
def access_log(request: HttpRequest) -> HttpResponse:
    """Who read what at a site; by POST, who read the record of the patient with this MRN."""
    at = timezone.now()
    site = asked_site(request)
    searching = PatientSearchForm(request.POST if request.method == "POST" else None)
    context: dict[str, Any] = {"site": site, "sites": audit_list.sites(request.user), "words": READS}
    if searching.is_valid():
        patient = access_list.find_patient(request.user, site, searching.cleaned_data["mrn"], at=at)
        if patient:
            context |= {"patient": patient, "reads": access_list.reads_of(patient), "most": access_list.MOST_READS}
            return render(request, "auditing/reads_of_patient.html", {**context, "searching": PatientSearchForm()})
        searching.add_error("mrn", f"No patient of {site.name} has this MRN. Check each character.")
    narrowed = access_filters(request)
    page = access_list.reads(narrowed.site, narrowed.selection, **asked_place(request))
    context |= {"page": page, "searching": searching, **filter_context(request, narrowed, "audit-access")}
    context |= neighbours(page, narrowed.query)
    return render(request, "auditing/access.html", context, status=422 if searching.errors else 200)


@require_safe
@auditors
def access_csv(request: HttpRequest) -> HttpResponseBase:
    """Who read what as CSV, by the filters of its page."""
    return log_csv(request, access_filters(request), "audit-access", access_list.CSV_HEADER, access_list.read_rows)
