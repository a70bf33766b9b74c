"""Files that a prescriber adds to a request and takes away from a draft."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from utilization import access, workflow
from utilization.models import Request
from utilization.reports.attachments import attached_to
from utilization.rules.lifecycle import Status
from utilization.web.policy import SignedInRequest
from utilization.web.prescribing.forms import RefusableForm
from utilization.web.prescribing.responses import prescribers, show
from utilization.web.single_send import answer_before, once

_ACCEPTED = ".pdf,.png,.jpg,.jpeg,application/pdf,image/png,image/jpeg"


class AttachmentForm(RefusableForm):
    """One file to attach."""

    file = forms.FileField(
        label="Add a file",
        widget=forms.FileInput(attrs={"accept": _ACCEPTED}),
        help_text=f"A PDF, PNG or JPEG of at most {workflow.MOST_ATTACHMENT_BYTES // 1_000_000} MB.",
        error_messages={
            "required": "Choose a file first.",
            "invalid": "Choose a file first.",
            "empty": "The file is empty. Choose another.",
        },
    )


def attachments_context(request: SignedInRequest, the_request: Request, form: Any = None) -> dict[str, Any]:
    """What the list of attachments shows, with the form for one more where `request`'s person may add one."""
    may = workflow.may_attach(request.user, the_request)
    return {
        "attachments": attached_to(the_request),
        "attachment_form": (form or AttachmentForm()) if may else None,
        "most_attachments": workflow.MOST_ATTACHMENTS,
        "removable": bool(may) and the_request.status == Status.DRAFT,
    }


@require_POST
@prescribers
def attach(request: SignedInRequest, uid: UUID) -> HttpResponseBase:
    """Add the file that was sent; what is wrong with it is told on a page of its own, beside the form."""
    at = timezone.now()
    the_request = access.fetch_request(request.user, uid, what="attach", at=at)
    if not (may := workflow.may_attach(request.user, the_request)):
        raise workflow.Conflict(may.why, the_request)
    form = AttachmentForm(request.POST, request.FILES)
    if not form.is_valid():
        return _again(request, the_request, form)
    if before := answer_before(request):
        return before
    sent: UploadedFile = form.cleaned_data["file"]
    try:
        # Looked into before the transaction of the act opens: it takes a moment, and nobody should wait for it.
        file = workflow.check_file(sent.name or "", sent.read(), sent.content_type or "", who=request.user)
    except workflow.Invalid as invalid:
        form.refuse(invalid.errors)
        # One file of a person is looked into at a time: another window may have sent this very form.
        return answer_before(request) or _again(request, the_request, form)
    return _added(request, uid, file=file, form=form)


@once
def _added(request: SignedInRequest, uid: UUID, *, file: workflow.CheckedFile, form: AttachmentForm) -> HttpResponse:
    try:
        attachment = workflow.attach(uid, by=request.user, at=timezone.now(), file=file)
    except workflow.Invalid as invalid:
        form.refuse(invalid.errors)
        the_request = access.fetch_request(request.user, uid, what="attach", at=timezone.now(), same_page=True)
        return _again(request, the_request, form)
    messages.success(request, f"“{attachment.name}” is attached.")
    return redirect(_place(attachment.request))


@require_POST
@prescribers
@once
def remove(request: SignedInRequest, uid: UUID) -> HttpResponse:
    """Take a file away from a draft."""
    the_request = workflow.remove_attachment(uid, by=request.user, at=timezone.now())
    messages.success(request, "The file is removed.")
    return redirect(_place(the_request))


def _place(the_request: Request) -> str:
    """The list of attachments on the page where the request is worked on."""
    page = "request-edit" if the_request.status == Status.DRAFT else "request-answer"
    return reverse(page, args=[the_request.uid]) + "#attachments"


def _again(request: SignedInRequest, the_request: Request, form: AttachmentForm) -> HttpResponse:
    context = {
        "the_request": the_request, "back": _place(the_request), **attachments_context(request, the_request, form)
    }  # fmt: skip
    return show(request, "attachment_refused", context, site=the_request.site, status=422)
