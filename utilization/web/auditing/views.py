"""The auditor's pages: thin, since `reports` gathers what is shown. None of them changes a record."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from utilization import criteria
from utilization.jobs.table_csv import table_csv
from utilization.reports import audit_record
from utilization.reports.attachments import attached_to
from utilization.reports.audit_list import fitting
from utilization.reports.case import case as gather
from utilization.reports.exports import TABLES
from utilization.reports.thread import thread
from utilization.reports.whereabouts import whereabouts
from utilization.rules.roles import Permission
from utilization.web.auditing.list_page import filters
from utilization.web.policy import policy

auditors = policy(Permission.AUDIT)


@require_safe
@auditors
def export(request: HttpRequest) -> HttpResponseBase:
    """The filtered list as CSV, streamed: the exports' table of requests, of files that name no patient.

    A filter that cannot be read goes back to the list, which says so.
    """
    site, form = filters(request)
    wanted = form.wanted()
    if form.errors:
        return redirect(f"{reverse('audit-list')}?{request.GET.urlencode()}")
    pieces = table_csv(TABLES["requests"], fitting(site, wanted), site, identified=False)
    response = StreamingHttpResponse((lines for _, lines in pieces), content_type="text/csv; charset=utf-8")
    name = f"requests-{site.code}-{site.date_at(timezone.now()).isoformat()}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@require_safe
@auditors
def record(request: HttpRequest, uid: UUID) -> HttpResponse:
    """One request whole: what was filed and judged, all that happened, who signed, and the log's own entries."""
    at = timezone.now()
    the_request = audit_record.fetch_record(request.user, uid, what="audit", at=at)
    context: dict[str, Any] = {
        "now": at,
        "request_record": the_request,
        "lines": audit_record.log_lines(the_request),
        "attachments": attached_to(the_request, removed=True),
        "thread": thread(the_request),
        "whereabouts": whereabouts(the_request, at=at),
    }
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
