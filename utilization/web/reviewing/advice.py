"""What reviewers ask of each other and offer to prescribers on a case: second opinions and calls."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from utilization import access, workflow
from utilization.reports.case import ReviewCase, fetch_case
from utilization.reports.case import case as gather
from utilization.web.opinions import (
    AdviceForm,
    CallCancelForm,
    CallOfferForm,
    CallOutcomeForm,
    OpinionForm,
)
from utilization.web.policy import SignedInRequest
from utilization.web.reviewing.advice_panel import Typed, question_form
from utilization.web.reviewing.case_page import case_page
from utilization.web.reviewing.queue_page import asked_list, case_url, reviewers
from utilization.web.single_send import once

OPINIONS, CALLS = "opinions", "calls"
"""The parts of the page to which these acts belong, by their ids."""


@require_POST
@reviewers
@once
def ask_opinion(request: SignedInRequest, uid: UUID) -> HttpResponse:
    """Ask for a second opinion."""

    def form(seen: ReviewCase) -> AdviceForm:
        return question_form(request.user, seen.request, timezone.now(), request.POST)

    return _do(request, uid, form, workflow.ask_opinion, "Your question is sent.", OPINIONS)


@require_POST
@reviewers
@once
def give_opinion(request: SignedInRequest, uid: UUID, question: UUID) -> HttpResponse:
    """Give the opinion that is asked for."""

    def form(seen: ReviewCase) -> AdviceForm:
        found = [shown.question.pk for shown in seen.opinions if shown.question.uid == question]
        return OpinionForm(request.POST, about=_one(found))

    return _do(request, uid, form, workflow.give_opinion, "Your opinion is given.", OPINIONS, question=question)


@require_POST
@reviewers
@once
def take_back_opinion(request: SignedInRequest, uid: UUID, question: UUID) -> HttpResponse:
    """Ask no more for an opinion that is not given yet."""

    def form(seen: ReviewCase) -> AdviceForm:
        return AdviceForm(request.POST)

    said = "The question is taken back."
    return _do(request, uid, form, workflow.take_back_opinion, said, OPINIONS, question=question)


@require_POST
@reviewers
@once
def offer_call(request: SignedInRequest, uid: UUID) -> HttpResponse:
    """Offer times for a call."""

    def form(seen: ReviewCase) -> AdviceForm:
        return CallOfferForm(request.POST, zone=seen.request.site.time_zone)

    return _do(request, uid, form, workflow.offer_call, "The prescribers are offered these times.", CALLS)


@require_POST
@reviewers
@once
def cancel_call(request: SignedInRequest, uid: UUID, call: UUID) -> HttpResponse:
    """Cancel a call that has not begun."""

    def form(seen: ReviewCase) -> AdviceForm:
        return CallCancelForm(request.POST, about=_call_key(seen, call))

    return _do(request, uid, form, workflow.cancel_call, "The call is cancelled.", CALLS, call=call)


@require_POST
@reviewers
@once
def hold_call(request: SignedInRequest, uid: UUID, call: UUID) -> HttpResponse:
    """Record what a call came to."""

    def form(seen: ReviewCase) -> AdviceForm:
        speakers = workflow.speakers(seen.request)
        return CallOutcomeForm(request.POST, about=_call_key(seen, call), speakers=speakers)

    return _do(request, uid, form, workflow.hold_call, "What the call came to is recorded.", CALLS, call=call)


def _call_key(seen: ReviewCase, call: UUID) -> int:
    return _one([shown.call.pk for shown in seen.calls if shown.call.uid == call])


def _one(found: list[int]) -> int:
    if not found:
        raise access.NotFound
    return found[0]


def _do(
    request: SignedInRequest, uid: UUID, make: Callable[[ReviewCase], AdviceForm], door: Callable[..., Any], said: str,
    part: str, **which: UUID,
) -> HttpResponse:  # fmt: skip
    """Do what the form says; on an error the page comes back with it, and with all that was typed."""
    at = timezone.now()
    seen = gather(request.user, fetch_case(request.user, uid, at=at, same_page=True), at=at)
    form, why, status = make(seen), "", 422
    if form.is_valid():
        try:
            door(uid, by=request.user, at=at, **which, **form.arguments())
        except workflow.Invalid as invalid:
            form.refuse(invalid.errors)
        except workflow.Refused as refused:
            # The page is theirs to read, so what is refused is this form alone.
            why, status = refused.why, 409 if isinstance(refused, workflow.TooLate) else 422
        else:
            messages.success(request, said)
            return redirect(f"{case_url(uid, asked_list(request))}#{part}")
    typed = Typed(form, next(iter(which.values()), None), why)
    return case_page(request, seen, typed=typed, status=status)
