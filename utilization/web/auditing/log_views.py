"""The auditors' page of the event log: how far it is sealed, and its check, which runs in the background."""

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from utilization.jobs.log_check import check_the_log
from utilization.jobs.task_queue import put
from utilization.reports.log_check import busy_check, log_overview
from utilization.web.auditing.views import auditors
from utilization.web.policy import SignedInRequest
from utilization.workflow import ask_log_check


@require_http_methods(["GET", "HEAD", "POST"])
@auditors
def event_log(request: SignedInRequest) -> HttpResponse:
    """The log, its seal and what the last check found; by POST, have it checked again."""
    if request.method == "POST":
        with transaction.atomic():
            check, new = ask_log_check(by=request.user, at=timezone.now())
            if new:
                put(check_the_log.enqueue, check.pk)
        return redirect("audit-log")
    return render(request, "auditing/log.html", {"log": log_overview(timezone.now())})


@require_safe
@auditors
def log_checking(request: HttpRequest) -> HttpResponse:
    """The check that is under way, as a piece of the page; once it has ended, the page is loaded anew."""
    busy = busy_check()
    response = render(request, "auditing/_log_checking.html", {"busy": busy})
    if busy is None:
        response["HX-Refresh"] = "true"
    return response
