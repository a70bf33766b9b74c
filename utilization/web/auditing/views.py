"""The auditor's pages: thin, since `reports` gathers what is shown. None of them changes a record."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from utilization import criteria
from utilization.documents.exports import csv_pieces
from utilization.models import Site, User
from utilization.reports import access_list, audit_export, audit_list, audit_record
from utilization.reports.case import case as gather
from utilization.rules.roles import Permission
from utilization.web.auditing.forms import PatientSearchForm, ReaderForm
from utilization.web.auditing.list_page import asked_site, filters
from utilization.web.auditing.log_words import READS
from utilization.web.paging import asked_place, neighbours
from utilization.web.policy import policy

auditors = policy(Permission.AUDIT)


@require_safe
@auditors
def export(request: HttpRequest) -> HttpResponseBase:
    """The filtered list as CSV, streamed; a filter that cannot be read goes back to the list, which says so."""
    site, form = filters(request)
    wanted = form.wanted()
    if form.errors:
        return redirect(f"{reverse('audit-list')}?{request.GET.urlencode()}")
    pieces = csv_pieces(audit_export.exported_columns(site), audit_export.exported(site, wanted))
    response = StreamingHttpResponse(pieces, content_type="text/csv; charset=utf-8")
    name = f"requests-{site.code}-{site.date_at(timezone.now()).isoformat()}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@require_safe
@auditors
def record(request: HttpRequest, uid: UUID) -> HttpResponse:
    """One request whole: what was filed and judged, all that happened, who signed, and the log's own entries."""
    at = timezone.now()
    the_request = audit_record.fetch_record(request.user, uid, what="audit", at=at)
    context: dict[str, Any] = {"now": at, "request_record": the_request, "lines": audit_record.log_lines(the_request)}
    if the_request.submitted_at is None:
        # What was typed last was asked by the criteria of that day.
        pack = criteria.criteria_for(the_request, the_request.site.date_at(the_request.updated_at))
        return render(request, "auditing/draft.html", {**context, "pack": pack})
    return render(request, "auditing/record.html", {**context, "case": gather(request.user, the_request, at=at)})


@require_safe
@auditors
def judged_again(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Each version of a request judged again by the pack that judged it, beside what was stored."""
    the_request = audit_record.fetch_record(request.user, uid, what="judged_again", at=timezone.now())
    again = audit_record.judged_again(the_request)
    return render(
        request,
        "auditing/rejudgement.html",
        {
            "request_record": the_request,
            "again": again,
            "same": all(rejudgement.same and rejudgement.whole for rejudgement in again),
        },
    )


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
    people = ReaderForm(request.GET, readers=access_list.readers(site))
    who, named = asked_reader(request, site, people)
    page = access_list.reads(site, person=who.pk if who else people.chosen(), **asked_place(request))
    query = {name: request.GET[name] for name in ("site", "person", "who") if request.GET.get(name)}
    context |= {"who": who, "named": named}
    context |= {"page": page, "people": people, "searching": searching, **neighbours(page, query)}
    return render(request, "auditing/access.html", context, status=422 if searching.errors else 200)


def asked_reader(request: HttpRequest, site: Site, people: ReaderForm) -> tuple[User | None, list[User]]:
    """Of a site with many people: whose reads are asked for, and all who are called so where it is not one."""
    if "who" not in people.fields:
        return None, []
    key = request.GET.get("person", "")
    if key.isascii() and key.isdecimal() and len(key) < 19:
        return access_list.reader(site, int(key)), []
    named = access_list.readers_named(site, people.name())
    return (named[0], []) if len(named) == 1 else (None, named)
