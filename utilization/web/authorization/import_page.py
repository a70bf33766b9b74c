"""A file of infusions sent by the pharmacy: recorded whole, or told line by line why not."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from utilization import access, criteria, workflow
from utilization.rules.authorization.infusion_file import OPTIONAL, REQUIRED
from utilization.rules.roles import Permission
from utilization.web.authorization.forms import InfusionFileForm
from utilization.web.authorization.responses import in_words
from utilization.web.policy import SignedInRequest, policy
from utilization.web.single_send import once_by_token


@require_http_methods(["GET", "HEAD", "POST"])
@policy(Permission.RECORD_INFUSIONS)
@in_words
@once_by_token
def import_file(request: SignedInRequest) -> HttpResponse:
    """The form that takes a file, and what became of one."""
    bound = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form = InfusionFileForm(access.sites(request.user, Permission.RECORD_INFUSIONS), *bound)
    context: dict[str, Any] = {
        "form": form, "required": REQUIRED, "optional": OPTIONAL, "table": criteria.authorization_table(),
    }  # fmt: skip
    if form.is_valid():
        sent = form.cleaned_data["file"]
        if sent is None:
            form.add_error("file", "Choose the file with the infusions.")
        else:
            report = _import(request, form, sent.read())
            if report.recorded or report.before:
                _tell(request, report)
                return redirect("infusions-import")
            if report.to_confirm and not report.faults:
                form.ask_to_confirm()
            context["report"] = report
    return render(request, "authorization/import.html", context, status=422 if form.is_bound else 200)


def _import(request: SignedInRequest, form: InfusionFileForm, content: bytes) -> workflow.FileReport:
    given = form.cleaned_data
    return workflow.import_infusions(
        content, site=given["site"], by=request.user, at=timezone.now(), confirmed=given["confirmed"]
    )


def _tell(request: SignedInRequest, report: workflow.FileReport) -> None:
    if report.before:
        messages.info(request, "This very file was recorded before. Nothing was recorded again.")
    else:
        messages.success(request, f"Infusions recorded: {report.recorded}.")
