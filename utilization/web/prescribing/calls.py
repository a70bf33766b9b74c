"""Calls that reviewers offer to the prescribers of a request: booked, declined, cancelled."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from utilization import access, workflow
from utilization.reports.peer_calls import ShownCall, shown_calls
from utilization.web.opinions import AdviceForm, CallCancelForm, CallWordsForm
from utilization.web.policy import SignedInRequest
from utilization.web.prescribing.offered_calls import booking_form
from utilization.web.prescribing.responses import fetch, prescribers
from utilization.web.prescribing.story_page import story_page
from utilization.web.single_send import once


@require_POST
@prescribers
@once
def book(request: SignedInRequest, uid: UUID, call: UUID) -> HttpResponse:
    """Book one of the offered times."""

    def form(shown: ShownCall) -> AdviceForm:
        return booking_form(shown, timezone.now(), request.POST)

    return _do(request, uid, call, form, workflow.book_call, "The call is booked.")


@require_POST
@prescribers
@once
def decline(request: SignedInRequest, uid: UUID, call: UUID) -> HttpResponse:
    """Say that no time fits."""

    def form(shown: ShownCall) -> AdviceForm:
        return CallWordsForm(request.POST, about=shown.call.pk)

    return _do(request, uid, call, form, workflow.decline_call, "The reviewer is told which times would fit.")


@require_POST
@prescribers
@once
def cancel(request: SignedInRequest, uid: UUID, call: UUID) -> HttpResponse:
    """Cancel a booked call before it begins."""

    def form(shown: ShownCall) -> AdviceForm:
        return CallCancelForm(request.POST, about=shown.call.pk)

    return _do(request, uid, call, form, workflow.cancel_call, "The call is cancelled.")


def _do(
    request: SignedInRequest, uid: UUID, call: UUID, make: Callable[[ShownCall], AdviceForm], door: Callable[..., Any],
    said: str,
) -> HttpResponse:  # fmt: skip
    """Do what the form says; on an error the page comes back with it."""
    at = timezone.now()
    the_request = fetch(request, uid, at, same_page=True)
    found = next((shown for shown in shown_calls(the_request, at=at) if shown.call.uid == call), None)
    if found is None:
        raise access.NotFound
    form, why = make(found), ""
    if form.is_valid():
        try:
            door(uid, call, by=request.user, at=at, **form.arguments())
            messages.success(request, said)
            return redirect(reverse("request-page", args=[uid]) + "#calls")
        except workflow.Invalid as invalid:
            form.refuse(invalid.errors)
        except workflow.Refused as refused:
            why = refused.why
    return story_page(request, the_request, at, typed=form, why=why)
