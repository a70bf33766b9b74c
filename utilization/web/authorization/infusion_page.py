"""An authorization with what was given by it; an infusion recorded and corrected."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from utilization import access, workflow
from utilization.reports.authorization import AuthorizationPage, authorization_page
from utilization.rules.roles import Permission
from utilization.web.authorization.forms import InfusionCorrectionForm, InfusionForm
from utilization.web.authorization.responses import in_words
from utilization.web.policy import SignedInRequest, policy
from utilization.web.single_send import once

readers = policy(Permission.FILE, Permission.REVIEW, Permission.REVIEW_AS_PHYSICIAN, Permission.AUDIT)
recorders = policy(Permission.RECORD_INFUSIONS)


@require_safe
@readers
def authorization(request: SignedInRequest, uid: UUID) -> HttpResponse:
    """What an authorization allows, what was given by it, and, for those who record, a form for one more."""
    return _show(request, authorization_page(request.user, uid, at=timezone.now()))


@require_POST
@recorders
@once
@in_words
def record(request: SignedInRequest, uid: UUID) -> HttpResponse:
    """Record one infusion."""
    at = timezone.now()
    form = InfusionForm(request.POST)
    if form.is_valid():
        confirmed = form.cleaned_data["confirmed"]
        try:
            row = workflow.record_infusion(uid, form.typed(), by=request.user, at=at, confirmed=confirmed)
        except workflow.Invalid as invalid:
            form.refuse(invalid.errors)
        else:
            messages.success(request, f"{row.grams.normalize():f} g of {row.product} are recorded.")
            return redirect("authorization-page", uid=uid)
    return _show(request, authorization_page(request.user, uid, at=at), form)


def _show(request: SignedInRequest, page: AuthorizationPage, form: InfusionForm | None = None) -> HttpResponse:
    initial = {"product": page.terms.product}
    context: dict[str, Any] = {"page": page, "form": form or InfusionForm(initial=initial), "refused": form is not None}
    return render(request, "authorization/page.html", context, status=422 if form else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@recorders
@once
@in_words
def correct(request: SignedInRequest, uid: UUID) -> HttpResponse:
    """Put another row in the place of an infusion, or say that it was entered in error."""
    at = timezone.now()
    row = access.fetch_infusion(request.user, uid)
    page = authorization_page(request.user, row.request.uid, at=at)
    form = InfusionCorrectionForm(
        request.POST if request.method == "POST" else None, initial=InfusionCorrectionForm.starting(row)
    )
    if form.is_valid():
        try:
            _correct(form, uid, by=request.user, at=at)
        except workflow.Invalid as invalid:
            form.refuse(invalid.errors)
        else:
            messages.success(request, "The infusion is corrected. The row before stays to be read.")
            return redirect("authorization-page", uid=row.request.uid)
    context = {"page": page, "row": row, "form": form}
    return render(request, "authorization/correct.html", context, status=422 if form.is_bound else 200)


def _correct(form: InfusionCorrectionForm, uid: UUID, **who: Any) -> None:
    reason = form.cleaned_data["reason"]
    if form.cleaned_data["in_error"]:
        workflow.withdraw_infusion(uid, reason=reason, **who)
    else:
        workflow.correct_infusion(uid, form.typed(), reason=reason, confirmed=form.cleaned_data["confirmed"], **who)
