"""Who signed in, failed to, was let in anew: the auditor's page of the sign-in log."""

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from utilization.reports import sign_in_list
from utilization.web.auditing.log_filters import LogFilters, log_filters
from utilization.web.auditing.log_pages import filter_context, log_csv
from utilization.web.auditing.log_words import SIGN_IN_GROUPS, SIGN_INS
from utilization.web.auditing.views import auditors
from utilization.web.paging import asked_place, neighbours

_KINDS = [(code, title) for code, (title, _) in SIGN_IN_GROUPS.items()]


def sign_in_filters(request: HttpRequest) -> LogFilters:
    """The filters of the sign-in log."""
    return log_filters(
        request, kinds=_KINDS, of=lambda choice: tuple(SIGN_IN_GROUPS.get(choice, ("", ()))[1]), by="Account of"
    )


@require_safe
@auditors
def sign_ins(request: HttpRequest) -> HttpResponse:
    """The sign-in log of a site, newest first, narrowed by person, kind and day."""
    filters = sign_in_filters(request)
    page = sign_in_list.sign_ins(filters.site, filters.selection, **asked_place(request))
    context = {"page": page, "words": SIGN_INS, **filter_context(request, filters, "audit-sign-ins")}
    return render(request, "auditing/sign_ins.html", context | neighbours(page, filters.query))


@require_safe
@auditors
def sign_ins_csv(request: HttpRequest) -> HttpResponseBase:
    """The same as CSV, by the filters of the page."""
    rows = sign_in_list.sign_in_rows
    return log_csv(request, sign_in_filters(request), "audit-sign-ins", sign_in_list.CSV_HEADER, rows)
