"""A filed request as its department follows it: read it, answer for it, withdraw it, begin another from it."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from utilization import workflow
from utilization.models import Request
from utilization.models.unsent import WITHDRAW
from utilization.reports import prescriber_lists as report
from utilization.rules.lifecycle import Verb
from utilization.web.messages import MessageForm, send, side_for
from utilization.web.policy import SignedInRequest
from utilization.web.prescribing.form_data import base_of
from utilization.web.prescribing.forms import WithdrawForm
from utilization.web.prescribing.request_form import version_in
from utilization.web.prescribing.responses import fetch, prescribers, show
from utilization.web.prescribing.story_page import story_page
from utilization.web.single_send import once
from utilization.workflow import (
    Conflict,
    Invalid,
)


@require_safe
@prescribers
def page(request: SignedInRequest, uid: UUID) -> HttpResponse:
    """Where a request stands and everything that happened to it; a draft is led to its form."""
    return story_page(request, fetch(request, uid, timezone.now()), timezone.now())


@require_POST
@prescribers
@once
def message(request: SignedInRequest, uid: UUID) -> HttpResponse:
    """Write to pharmacy or the physicians; an error comes back beside the form."""
    at = timezone.now()
    the_request = fetch(request, uid, at, same_page=True)
    side = side_for(request.user, the_request, reviewing=False)
    if not side:
        raise Conflict("Nothing can be written on this request now.", the_request)
    form = MessageForm(the_request, side, request.POST)
    if form.is_valid():
        try:
            send(request.user, the_request, form, side=side, at=at)
            messages.success(request, "Your message is sent.")
            return redirect(reverse("request-page", args=[uid]) + "#thread")
        except Invalid as invalid:
            form.refuse(invalid)
    return story_page(request, the_request, at, form)


@require_http_methods(["GET", "HEAD", "POST"])
@prescribers
@once
def withdraw(request: SignedInRequest, uid: UUID) -> HttpResponse:
    """Take a request back, with a reason."""
    at = timezone.now()
    the_request = fetch(request, uid, at)
    kept = workflow.unsent_of(the_request, request.user, WITHDRAW)
    form = WithdrawForm(request.POST if request.method == "POST" else None, initial=kept)
    if form.is_bound:
        try:
            reason = request.POST.get("reason", "")
            workflow.withdraw(uid, by=request.user, at=at, version=version_in(request), reason=reason)
            messages.success(request, "The request is withdrawn.")
            return redirect("request-page", uid=uid)
        except Invalid as invalid:
            form.is_valid()
            form.refuse(invalid.errors)
    action = next(
        (offered for offered in workflow.actions(request.user, the_request) if offered.move.verb == Verb.WITHDRAW), None
    )
    if action is None:
        raise Conflict("This request stands where it cannot be withdrawn.", the_request)
    context = {
        "the_request": the_request,
        "form": form,
        "indication_name": report.title_of(the_request.indication),
        "action": action,
        "base": base_of({"reason": kept.get("reason", "")}),
    }
    return show(request, "withdraw", context, site=the_request.site, status=422 if form.is_bound else 200)


@require_POST
@prescribers
@once
def copy(request: SignedInRequest, uid: UUID) -> HttpResponse:
    """Begin a new draft with the answers of a filed request."""
    return _begin_from(request, uid, renewal=False)


@require_POST
@prescribers
@once
def renew(request: SignedInRequest, uid: UUID) -> HttpResponse:
    """Begin the renewal of a filed request; what was true on its day is left for the prescriber to answer."""
    return _begin_from(request, uid, renewal=True)


@require_POST
@prescribers
@once
def add_missing(request: SignedInRequest, uid: UUID) -> HttpResponse:
    """Begin a new draft with all that was typed in a denied request, at the field that a criterion was not met for."""
    at = timezone.now()
    source = fetch(request, uid, at)
    if begun := report.draft_from(request.user, source):
        messages.info(request, f"You have a draft begun from {source.number} already: this is it.")
        return redirect(_at_field(begun, request))
    draft = workflow.start_from_denial(uid, by=request.user, at=at)
    messages.success(
        request,
        f"All that was typed in {source.number} stands here. An emergency, and what was true on its day alone, is for "
        "you to answer anew.",
    )
    return redirect(_at_field(draft, request))


def _at_field(draft: Request, request: SignedInRequest) -> str:
    """The address of the form, at the field that was asked for: only a name that a field can have."""
    name = request.POST.get("field", "")
    return reverse("request-edit", args=[draft.uid]) + (f"#div_id_{name}" if workflow.is_code(name) else "")


def _begin_from(request: SignedInRequest, uid: UUID, *, renewal: bool) -> HttpResponse:
    at = timezone.now()
    source = fetch(request, uid, at)
    if begun := report.draft_from(request.user, source):
        messages.info(request, f"You have a draft begun from {source.number} already: this is it.")
        return redirect("request-renewal" if renewal else "request-edit", uid=begun.uid)
    try:
        draft = workflow.start_draft(
            by=request.user, at=at, patient_uid=source.patient.uid, indication=source.indication, copy_of=uid,
            request_type="renewal" if renewal else "",
        )  # fmt: skip
    except Invalid as invalid:
        messages.error(request, " ".join(text for texts in invalid.errors.values() for text in texts))
        return redirect("request-page", uid=uid)
    began = "Renewal of" if renewal else "Copied from"
    messages.success(
        request,
        f"{began} {source.number}. Safety, urgency and what was true on its day alone are for you to answer anew.",
    )
    return redirect("request-renewal" if renewal else "request-edit", uid=draft.uid)
