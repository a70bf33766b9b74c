"""What becomes of an authorization: discontinued, another product, another department or hospital; a change that is
reviewed."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from utilization import access, workflow
from utilization.reports.authorization import authorization_page
from utilization.reports.prescriber_lists import draft_from
from utilization.rules.roles import Permission
from utilization.web.authorization.forms import DiscontinuationForm, SwitchForm, TransferForm
from utilization.web.authorization.responses import in_words
from utilization.web.policy import SignedInRequest, policy
from utilization.web.single_send import once

prescribers = policy(Permission.FILE)
_CHANGES = {"dose": "Change of dose", "extra": "Extra dose"}


@dataclass(frozen=True, slots=True)
class ActWords:
    """What the page of one act says: its title, what it does, in a second paragraph too, and its button."""

    title: str
    lead: str
    button: str
    done: str
    danger: bool = False
    more: str = ""


DISCONTINUE = ActWords(
    "Discontinue", "Nothing may be given by it from that day on; its reminders stop. It cannot be taken back: what "
    "continues takes a new request. A death is recorded on the patient’s page, which ends every authorization.",
    "Discontinue it", "The authorization is discontinued.", danger=True,
)  # fmt: skip
SWITCH = ActWords(
    "Switch the product", "For the same grams and days, at once, as long as the criteria say of the new product what "
    "they said of the old one. Otherwise it is reviewed: ask for a change of dose.",
    "Switch it", "The product is switched.",
)  # fmt: skip
TRANSFER = ActWords(
    "Transfer", "Somebody of the other department accepts it or declines. Until then nothing changes; after it, theirs "
    "is the request with its reminders and its renewal.", "Ask them", "The other department is asked.",
)  # fmt: skip
ELSEWHERE = (
    "Another hospital reviews it anew, by its own criteria and reviewers. Its prescribers of that department see who "
    "the patient is, what is authorized and what was given; whoever accepts begins a request there with the answers of "
    "this one. The authorization here stands, with its reminders and its renewal, until the other hospital approves "
    "that request, and ends at that moment. If it never does, the authorization here stands until its last day."
)


@require_POST
@prescribers
@once
@in_words
def begin_change(request: SignedInRequest, uid: UUID, what: str) -> HttpResponse:
    """Begin the short request that changes the dose, or asks for an extra one; it is reviewed as every request."""
    at = timezone.now()
    source = access.fetch_request(request.user, uid, what="authorization", at=at)
    draft = draft_from(request.user, source, changes=what)
    if draft is None:
        try:
            draft = workflow.start_draft(
                by=request.user, at=at, patient_uid=source.patient.uid, indication=source.indication, copy_of=uid,
                request_type="renewal", changes=what,
            )  # fmt: skip
        except workflow.Invalid as invalid:
            # Nothing was typed here that could be corrected: what stands in the way is the request itself.
            raise workflow.Refused(" ".join(told for field in invalid.errors.values() for told in field)) from None
        messages.success(request, f"{_CHANGES[what]} of {source.number}: state the order, and what is asked anew.")
    return redirect("request-renewal", uid=draft.uid)


@require_http_methods(["GET", "HEAD", "POST"])
@prescribers
@once
@in_words
def discontinue(request: SignedInRequest, uid: UUID) -> HttpResponse:
    """End an authorization from a day on, with the reason."""
    at = timezone.now()
    page = authorization_page(request.user, uid, at=at)
    initial = {"from_day": page.request.site.date_at(at).isoformat()}
    form = DiscontinuationForm(request.POST if request.method == "POST" else None, initial=initial)
    return _act(request, uid, form, DISCONTINUE, workflow.discontinue)


@require_http_methods(["GET", "HEAD", "POST"])
@prescribers
@once
@in_words
def switch(request: SignedInRequest, uid: UUID) -> HttpResponse:
    """Authorize another product for the same grams."""
    form = SwitchForm(request.POST if request.method == "POST" else None)
    return _act(request, uid, form, SWITCH, workflow.switch_product)


@require_http_methods(["GET", "HEAD", "POST"])
@prescribers
@once
@in_words
def transfer(request: SignedInRequest, uid: UUID) -> HttpResponse:
    """Ask another department to take it over."""
    page = authorization_page(request.user, uid, at=timezone.now())
    departments = list(access.departments_to_ask(page.request, request.user))
    form = TransferForm(page.request, departments, request.POST if request.method == "POST" else None)
    elsewhere = any(to.site_id != page.request.site_id for to in departments)
    return _act(request, uid, form, replace(TRANSFER, more=ELSEWHERE) if elsewhere else TRANSFER, workflow.ask_transfer)


def _act(request: SignedInRequest, uid: UUID, form: Any, words: ActWords, door: Callable[..., Any]) -> HttpResponse:
    """The page of one act on an authorization; sent, it is done or says what to correct."""
    at = timezone.now()
    page = authorization_page(request.user, uid, at=at)
    if not page.files:
        raise access.NotFound
    if form.is_valid():
        try:
            door(uid, by=request.user, at=at, **form.cleaned_data)
        except workflow.Invalid as invalid:
            form.refuse(invalid.errors)
        else:
            messages.success(request, words.done)
            return redirect("authorization-page", uid=uid)
    context = {"page": page, "form": form, "words": words, "standing": page.standing}
    return render(request, "authorization/act.html", context, status=422 if form.is_bound else 200)
