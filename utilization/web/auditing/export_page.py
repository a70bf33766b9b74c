"""Exports and evidence bundles of a selection: asked for by a form, made in the background, handed out once whole."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_safe

from utilization import access
from utilization.documents.exports import csv_pieces
from utilization.jobs.export_files import DISK_FULL, look_later, make_export
from utilization.jobs.export_places import export_path
from utilization.jobs.task_queue import put
from utilization.models import Export
from utilization.models.exports import DONE, RUNNING, WAITING
from utilization.reports.audit_list import fitting
from utilization.reports.exports import TABLES
from utilization.reports.exports.dictionary import dictionary_rows, type_of
from utilization.rules.roles import Permission
from utilization.web.auditing.export_form import TITLES, ExportForm
from utilization.web.auditing.list_page import filters
from utilization.web.policy import SignedInRequest, policy
from utilization.web.single_send import once
from utilization.workflow import KEPT_FOR, ExportOrder, Invalid, ask_export, note_export_fetched

MOST_SHOWN = 20
_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "parquet": "application/vnd.apache.parquet",
    "jsonl": "application/x-ndjson",
    "zip": "application/zip",
}

auditors = policy(Permission.AUDIT)


@require_http_methods(["GET", "HEAD", "POST"])
@auditors
@once
def exports(request: SignedInRequest) -> HttpResponse:
    """The exports that this auditor asked for, and the form for another; by POST, it is put in the queue."""
    site, selection = filters(request)
    wanted = selection.wanted()
    query = urlencode(selection.query(), doseq=True)
    form = ExportForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and not selection.errors and form.is_valid():
        order = ExportOrder(site, **form.order(), wanted=wanted, query=query)
        try:
            # One transaction: no export waits for a job that nobody wrote (decision 98).
            with transaction.atomic():
                export = ask_export(order, by=request.user, at=timezone.now())
                put(make_export.enqueue, export.pk)
                put(look_later, export.pk)
        except Invalid as invalid:
            form.take_errors(invalid.errors)
        else:
            return redirect(f"{reverse('audit-exports')}{f'?{query}' if query else ''}#files")
    context: dict[str, Any] = {
        "site": site,
        "form": form,
        "query": query,
        "unread": selection.errors,
        "count": fitting(site, wanted).count(),
        "narrowed": bool(wanted),
        "days": KEPT_FOR.days,
        **_shown(request),
    }
    refused = bool(form.errors or selection.errors) and request.method == "POST"
    return render(request, "auditing/exports.html", context, status=422 if refused else 200)


@require_safe
@auditors
def progress(request: SignedInRequest) -> HttpResponse:
    """How far the exports are, as a piece of the page; it asks for itself again while one is under way."""
    return render(request, "auditing/_export_files.html", _shown(request))


def _shown(request: SignedInRequest) -> dict[str, Any]:
    shown = list(access.visible_exports(request.user).select_related("site")[:MOST_SHOWN])
    busy = any(export.status in (WAITING, RUNNING) for export in shown)
    return {"exports": shown, "busy": busy, "titles": TITLES, "disk_full": DISK_FULL}


@require_safe
@auditors
def export_file(request: SignedInRequest, uid: UUID) -> HttpResponseBase:
    """The file of an export, once it is whole and while it is kept; the log tells of each that names patients."""
    export = access.fetch_export(request.user, uid)
    if export.status != DONE or export.removed_at is not None:
        raise Http404
    if export.ended_at is None or export.ended_at <= timezone.now() - KEPT_FOR:
        raise Http404
    if not export_path(export).exists():
        raise Http404
    if request.method == "GET":
        note_export_fetched(export, by=request.user, at=timezone.now())
    try:
        content = export_path(export).open("rb")
    except FileNotFoundError:
        # Removed this very moment.
        raise Http404 from None
    response = FileResponse(content, content_type=_TYPES[export.form])
    response["Content-Length"] = str(export.size)
    response["Content-Disposition"] = f'attachment; filename="{_file_name(export)}"'
    return response


def _file_name(export: Export) -> str:
    named = "-identified" if export.identified and export.form != "zip" else ""
    return f"{export.what}-{export.site.code}-{export.site.date_at(export.asked_at)}{named}.{export.form}"


@require_safe
@auditors
def dictionary(request: HttpRequest) -> HttpResponse:
    """Every column of every export: what it means and where it comes from."""
    tables = [
        (table, [(column, type_of(column)) for column in table.columns_for(identified=True)])
        for table in TABLES.values()
    ]
    return render(request, "auditing/dictionary.html", {"tables": tables})


@require_safe
@auditors
def dictionary_csv(request: HttpRequest) -> StreamingHttpResponse:
    """The same as CSV."""
    header, *lines = dictionary_rows(TABLES.values())
    response = StreamingHttpResponse(csv_pieces(header, lines), content_type=_TYPES["csv"])
    response["Content-Disposition"] = 'attachment; filename="data-dictionary.csv"'
    return response
