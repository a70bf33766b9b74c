"""The page on which a department answers that it is asked to take over an authorization."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from utilization import workflow
from utilization.models import AuthorizationChange
from utilization.reports.offered_transfer import OfferedTransfer, offered_transfer
from utilization.rules.roles import Permission
from utilization.web.authorization.forms import HospitalTransferAnswerForm, TransferAnswerForm
from utilization.web.authorization.responses import in_words
from utilization.web.policy import SignedInRequest, policy
from utilization.web.single_send import once

prescribers = policy(Permission.FILE)


@require_http_methods(["GET", "HEAD", "POST"])
@prescribers
@once
@in_words
def answer_transfer(request: SignedInRequest, uid: UUID) -> HttpResponse:
    """Accept a transfer that one's department is asked for, or decline it."""
    at = timezone.now()
    asked = workflow.transfer_to_answer(uid, by=request.user, at=at)
    page = offered_transfer(asked, at=at)
    sent = request.POST if request.method == "POST" else None
    form = HospitalTransferAnswerForm(page.hospital, sent) if page.hospital else TransferAnswerForm(sent)
    if form.is_valid():
        try:
            return _answered(request, page, form, at)
        except workflow.Invalid as invalid:
            form.refuse(invalid.errors)
    context = {"page": page, "form": form, "alike": _alike(request, page, form, at)}
    return render(request, "authorization/answer_transfer.html", context, status=422 if form.is_bound else 200)


def _answered(request: SignedInRequest, page: OfferedTransfer, form: TransferAnswerForm, at: datetime) -> HttpResponse:
    """Answer as the button says; to the page that follows. Raises Invalid."""
    accepts = request.POST.get("answer") == "accept"
    if request.POST.get("answer") not in ("accept", "decline"):
        raise workflow.Invalid({"words": ["Accept it or decline it, by one of the two buttons."]})
    uid = page.asked.request.uid
    row: AuthorizationChange = workflow.answer_transfer(
        uid, by=request.user, at=at, accepts=accepts, words=form.cleaned_data["words"], arrival=form.arrival
    )
    if not accepts:
        messages.success(request, "The transfer is declined.")
        return redirect("home")
    if row.replaced_by is None:
        messages.success(request, "It is yours now.")
        return redirect("authorization-page", uid=uid)
    messages.success(
        request,
        f"The request is begun. {page.held.number} stands at {page.asked.request.site.name} until yours is approved.",
    )
    return redirect("request-renewal", uid=row.replaced_by.uid)


def _alike(request: SignedInRequest, page: OfferedTransfer, form: TransferAnswerForm, at: datetime) -> list[Any]:
    """Patients of the hospital that is asked who may be the same person."""
    if page.hospital is None:
        return []
    patient = page.asked.request.patient
    patient = patient.merged_into or patient
    mrn = str(form.data.get("mrn", ""))[: workflow.MOST_MRN] if form.is_bound else ""
    return workflow.similar_patients(
        by=request.user, at=at, site=page.hospital, mrn=mrn, name=patient.name,
        date_of_birth=patient.date_of_birth.isoformat(),
    )  # fmt: skip
