"""Three logs as pages with one way of filtering: events, the committee's events, and who read what.

The filters stand in the address. One that cannot be read narrows nothing and says so; a CSV goes back to the page.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from utilization.documents.exports import csv_pieces
from utilization.models import LogHead, Site
from utilization.reports import audit_list, event_list
from utilization.reports.log_selection import LogSelection
from utilization.rules.words import ROLES
from utilization.web.auditing.event_words import CRITERIA_EVENTS, EVENT_GROUPS, EVENT_WORDS
from utilization.web.auditing.log_filters import LogFilters, log_filters
from utilization.web.auditing.views import auditors
from utilization.web.paging import asked_place, neighbours

Rows = Callable[[Site, LogSelection], Iterator[tuple[Any, ...]]]


def _event_kinds() -> list[tuple[str, Any]]:
    """The choices of kinds: in each group all of it, then each by itself."""
    return [
        (title, [(code, f"{title}: all"), *kinds.items()] if len(kinds) > 1 else list(kinds.items()))
        for code, (title, kinds) in EVENT_GROUPS.items()
    ]


def _events_of(choice: str) -> tuple[str, ...]:
    if choice in EVENT_GROUPS:
        return tuple(EVENT_GROUPS[choice][1])
    return (choice,) if choice in EVENT_WORDS else ()


def event_filters(request: HttpRequest) -> LogFilters:
    """The filters of the event log."""
    return log_filters(request, kinds=_event_kinds(), of=_events_of)


def criteria_filters(request: HttpRequest) -> LogFilters:
    """The filters of the committee's events: without a kind, all of theirs."""
    return log_filters(
        request, kinds=list(CRITERIA_EVENTS.items()),
        of=lambda choice: (choice,) if choice in CRITERIA_EVENTS else tuple(CRITERIA_EVENTS),
    )  # fmt: skip


@require_safe
@auditors
def entries(request: HttpRequest) -> HttpResponse:
    """The event log of a site, newest first."""
    more = {
        "tab": "entries",
        "title": "Event log",
        "lead": "One entry for every move, written together with the move and never changed afterwards.",
        "size": LogHead.objects.values_list("size", flat=True).first() or 0,
    }
    return _events(request, event_filters(request), "audit-entries", more)


@require_safe
@auditors
def criteria_log(request: HttpRequest) -> HttpResponse:
    """What the committee did, newest first."""
    more = {
        "tab": "criteria",
        "title": "Criteria log",
        "lead": "Every step of the formulary committee: drafts, proposals, what was sent back, what was published.",
    }
    return _events(request, criteria_filters(request), "audit-criteria-log", more)


def _events(request: HttpRequest, filters: LogFilters, address: str, more: Mapping[str, Any]) -> HttpResponse:
    page = event_list.events(filters.site, filters.selection, **asked_place(request))
    context = {
        **more,
        "page": page,
        "words": EVENT_WORDS,
        "roles": ROLES,
        **filter_context(request, filters, address),
        **neighbours(page, filters.query),
    }
    return render(request, "auditing/entries.html", context)


def filter_context(request: HttpRequest, filters: LogFilters, address: str) -> dict[str, Any]:
    """What the filters of a log show: see auditing/_log_filters.html."""
    return {
        "site": filters.site,
        "sites": audit_list.sites(request.user),
        "people": filters.form,
        "who": filters.who,
        "named": filters.named,
        "address": reverse(address),
        "csv_address": reverse(f"{address}-csv"),
        "query": urlencode(filters.query),
    }


@require_safe
@auditors
def entries_csv(request: HttpRequest) -> HttpResponseBase:
    """The event log as CSV, by the filters of its page."""
    filters = event_filters(request)
    return log_csv(request, filters, "audit-entries", event_list.CSV_HEADER, event_list.event_rows)


@require_safe
@auditors
def criteria_csv(request: HttpRequest) -> HttpResponseBase:
    """The committee's events as CSV, by the filters of their page."""
    filters = criteria_filters(request)
    return log_csv(request, filters, "audit-criteria-log", event_list.CSV_HEADER, event_list.event_rows)


def log_csv(
    request: HttpRequest, filters: LogFilters, address: str, header: Sequence[str], rows: Rows
) -> HttpResponseBase:
    """What fits the filters as CSV, streamed; back to the page of this address where one cannot be read."""
    if filters.form.errors or filters.named:
        return redirect(f"{reverse(address)}?{request.GET.urlencode()}")
    response = StreamingHttpResponse(
        csv_pieces(header, rows(filters.site, filters.selection)), content_type="text/csv; charset=utf-8"
    )
    day = filters.site.date_at(timezone.now()).isoformat()
    name = f"{address.removeprefix('audit-')}-{filters.site.code}-{day}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
