"""The justifications of an auditor's selection: laid out by a job where there is none yet, handed out as one zip."""

from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_safe

from utilization import access
from utilization.documents.document_zip import zip_pieces
from utilization.jobs.document_archive import files
from utilization.jobs.documents import issue_batch
from utilization.reports.document_batch import MOST, document_batch
from utilization.rules.roles import Permission
from utilization.seal.entry_proof import unsealed_since
from utilization.web.auditing.list_page import filters
from utilization.web.policy import policy

auditors = policy(Permission.AUDIT)


@require_http_methods(["GET", "HEAD", "POST"])
@auditors
def batch(request: HttpRequest) -> HttpResponse:
    """How many justifications of the selection are ready; by POST, the others are put in the queue."""
    site, form = filters(request)
    if form.errors:
        return _back_to_the_list(request)
    wanted = form.wanted()
    query = urlencode(form.query(), doseq=True)
    selected = document_batch(site, wanted)
    if request.method == "POST":
        if selected.waiting:
            issue_batch.enqueue(selected.waiting)
        return redirect(f"{reverse('audit-batch')}?{query}")
    context = {"site": site, "batch": selected, "most": MOST, "query": query, "since": unsealed_since()}
    return render(request, "auditing/batch.html", context)


@require_safe
@auditors
def archive(request: HttpRequest) -> HttpResponseBase:
    """Those that are ready, as one zip that is written as it is sent, with an index of all. Each is a read."""
    at = timezone.now()
    site, form = filters(request)
    if form.errors:
        return _back_to_the_list(request)
    selected = document_batch(site, form.wanted())
    ready = [one for one in selected.requests if one.pk in selected.ready]
    access.note_handed_out(request.user, ready, what="justifications", at=at)
    response = StreamingHttpResponse(zip_pieces(files(selected)), content_type="application/zip")
    name = f"justifications-{site.code}-{site.date_at(at).isoformat()}.zip"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _back_to_the_list(request: HttpRequest) -> HttpResponse:
    """To the list with the filters as typed, which says what is wrong: one left out would widen the selection."""
    return redirect(f"{reverse('audit-list')}?{request.GET.urlencode()}")
