"""The reviewers' pages: thin, since `reports` gathers what is shown and the workflow decides what may be done."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from utilization import workflow
from utilization.models import Request
from utilization.models.decisions import APPROVE, DENY
from utilization.reports.case import ReviewCase, fetch_case
from utilization.reports.case import case as gather
from utilization.reports.timeline import since
from utilization.rules.lifecycle import Verb
from utilization.rules.roles import Permission
from utilization.web import errors
from utilization.web.account.signature import SignatureFields, ask_passkey, presence
from utilization.web.messages import MessageForm, send, side_for
from utilization.web.policy import SignedInRequest, policy
from utilization.web.reviewing.case_page import case_page, render_case
from utilization.web.reviewing.forms import (
    FORMS,
    ActForm,
    ApproveForm,
    OrderingForm,
    OverturnForm,
    PreviewForm,
    RecommendForm,
)
from utilization.web.reviewing.order_comparison import changed
from utilization.web.reviewing.queue_page import asked_list, case_url, next_address, queue_url, reviewers
from utilization.web.single_send import once

_STAYS = frozenset({Verb.CLAIM, Verb.RELEASE, Verb.NOTE})
"""Acts after which the case is still the reviewer's to work on."""

pharmacists = policy(Permission.REVIEW)
physicians = policy(Permission.REVIEW_AS_PHYSICIAN)


@require_safe
@reviewers
def case(request: SignedInRequest, uid: UUID) -> HttpResponse:
    """One request with all that a decision rests on, and the decision beside it."""
    at = timezone.now()
    return case_page(request, gather(request.user, fetch_case(request.user, uid, at=at), at=at))


@require_POST
@reviewers
@once
def claim(request: SignedInRequest, uid: UUID) -> HttpResponse:
    """Hold the case."""
    return _act(request, uid, Verb.CLAIM, workflow.claim, "{number} is yours until you decide or release it.")


@require_POST
@reviewers
@once
def release(request: SignedInRequest, uid: UUID) -> HttpResponse:
    """Let the case go."""
    return _act(request, uid, Verb.RELEASE, workflow.release, "{number} is back in the queue for anyone.")


@require_POST
@reviewers
@once
def note(request: SignedInRequest, uid: UUID) -> HttpResponse:
    """Add an internal note."""
    return _act(request, uid, Verb.NOTE, workflow.note, "The note is added.")


@require_POST
@reviewers
@once
def message(request: SignedInRequest, uid: UUID) -> HttpResponse:
    """Write to the prescribers or to the other reviewers; an error comes back beside the form."""
    at = timezone.now()
    seen = gather(request.user, fetch_case(request.user, uid, at=at, same_page=True), at=at)
    side = side_for(request.user, seen.request, reviewing=True)
    if not side:
        raise PermissionDenied
    form = MessageForm(seen.request, side, request.POST)
    if form.is_valid():
        try:
            send(request.user, seen.request, form, side=side, at=at)
            messages.success(request, "Your message is sent.")
            return redirect(case_url(uid, asked_list(request)) + "#thread")
        except workflow.Invalid as invalid:
            form.refuse(invalid)
    return case_page(request, seen, written=form, status=422)


@require_POST
@reviewers
@once
def ask(request: SignedInRequest, uid: UUID) -> HttpResponse:
    """Ask the prescriber; the clock is stopped."""
    return _act(request, uid, Verb.ASK, workflow.ask, "The prescriber of {number} is asked. The clock is stopped.")


@require_POST
@pharmacists
def recommend(request: SignedInRequest, uid: UUID) -> HttpResponse:
    """Sign a recommendation to the physician."""
    return _act(request, uid, Verb.RECOMMEND, workflow.recommend, "Your recommendation on {number} is signed.")


@require_POST
@pharmacists
@once
def refer(request: SignedInRequest, uid: UUID) -> HttpResponse:
    """Hand the case to the physician without a recommendation."""
    return _act(request, uid, Verb.REFER, workflow.refer, "{number} is with the physician now.")


@require_POST
@reviewers
def approve(request: SignedInRequest, uid: UUID) -> HttpResponse:
    """Sign an approval."""
    return _act(request, uid, Verb.APPROVE, workflow.approve, "{number} is approved and authorized.")


@require_POST
@physicians
def deny(request: SignedInRequest, uid: UUID) -> HttpResponse:
    """Sign a denial."""
    return _act(request, uid, Verb.DENY, workflow.deny, "{number} is denied.")


@require_POST
@physicians
def uphold(request: SignedInRequest, uid: UUID) -> HttpResponse:
    """Sign that a denial stands on appeal."""
    return _act(request, uid, Verb.UPHOLD, workflow.uphold, "The denial of {number} is upheld.")


@require_POST
@physicians
def overturn(request: SignedInRequest, uid: UUID) -> HttpResponse:
    """Sign that a denial does not stand on appeal."""
    said = "The denial of {number} is overturned: it is approved and authorized."
    return _act(request, uid, Verb.OVERTURN, workflow.overturn, said)


@require_POST
@reviewers
def preview(request: SignedInRequest, uid: UUID) -> HttpResponse:
    """Plan and judge a changed order: as a fragment for the panel, or, without a script, on the whole page."""
    at = timezone.now()
    seen = gather(request.user, fetch_case(request.user, uid, at=at, same_page=True), at=at)
    form = PreviewForm(seen, request.POST)
    context: dict[str, Any] = {"case": seen, "form": form}
    if form.is_valid():
        try:
            context["changed"] = changed(seen, form.order())
        except workflow.Invalid as invalid:
            form.refuse(invalid.errors)
    if request.htmx:  # type: ignore[attr-defined]  # django-htmx sets it
        return render_case(request, seen, "reviewing/_order_comparison.html", context)
    again = _signing_form(request, seen)
    again.about_the_order_alone()
    again.refuse({name: errors for name, errors in form.errors.items() if name not in again.errors})
    return case_page(request, seen, form=again, status=422 if again.errors else 200)


def _signing_form(request: SignedInRequest, seen: ReviewCase) -> OrderingForm:
    kinds: dict[str | None, type[OrderingForm]] = {Verb.RECOMMEND: RecommendForm, Verb.OVERTURN: OverturnForm}
    return kinds.get(request.POST.get("panel"), ApproveForm)(seen, request.POST)


def _act(request: SignedInRequest, uid: UUID, verb: Verb, do: Callable[..., Any], said: str) -> HttpResponse:
    """Do `verb` with what was typed; on an error the page comes back with it, and with all that was typed."""
    at = timezone.now()
    seen = gather(request.user, fetch_case(request.user, uid, at=at, same_page=True), at=at)
    form = FORMS[verb](seen, request.POST)
    if not form.is_valid():
        return case_page(request, seen, form=form, status=422)
    given = form.arguments()
    if isinstance(form, SignatureFields) and form.asking:
        return ask_passkey(request, do, uid, at=at, given=given)
    try:
        if "password" in given:
            # Proved here, before the transaction of the act opens, and once.
            given["presence"] = presence(request, given, at=at)
        do(uid, by=request.user, at=at, **given)
    except workflow.Invalid as invalid:
        form.refuse(invalid.errors)
        return case_page(request, seen, form=form, status=422)
    except workflow.Refused as refused:
        form.add_error(None, refused.why)
        return case_page(request, seen, form=form, status=errors.status_of(refused))
    except workflow.Conflict as conflict:
        if not _signed_before(request.user, form, conflict.request):
            return _overtaken(request, seen, form, conflict)
    messages.success(request, said.format(number=seen.request.number))
    return redirect(_way_on(request, seen.request, verb, at))


def _way_on(request: SignedInRequest, acted: Request, verb: Verb, at: datetime) -> str:
    """Where to go after an act on the request, as it stood before: the next case of the list that it was opened from
    where it left the reviewer's hands, else the same case."""
    query = asked_list(request)
    if request.POST.get("back") == "queue":
        return queue_url(query or "")
    # The form's own address ends in #decision, where an error stands; what was done is told at the top.
    if query is None or verb in _STAYS:
        return case_url(acted.uid, query) + "#messages"
    return next_address(request.user, query, acted, at)


def _signed_before(signer: Any, form: ActForm, now: Request) -> bool:
    """Whether `signer` was first themselves: the same form sent twice signs once, and the second is no surprise."""
    typed = form.cleaned_data
    if "password" not in typed:
        return False
    signed = now.decisions.filter(signed_by=signer).last()
    # Where the site gives requests in turn, that follows the signature at once, and is a change of its own.
    given = signed is not None and now.holder_id is not None and now.held_at == signed.signed_at
    if now.version != typed["version"] + (2 if given else 1):
        return False
    # An earlier signature in the same words is not what changed the request since.
    if signed is None or (not given and signed.signed_at != now.updated_at):
        return False
    words = {"reason", "conditions", "reason_code"} & set(typed)
    choice = typed.get("choice", DENY if form.verb in (Verb.DENY, Verb.UPHOLD) else APPROVE)
    return signed.choice == choice and all(getattr(signed, name) == typed[name] for name in words)


def _overtaken(request: SignedInRequest, seen: ReviewCase, form: ActForm, conflict: workflow.Conflict) -> HttpResponse:
    """Tell who was first and what they did, with what was typed here to copy from; passwords are left out."""
    now = conflict.request
    typed = [
        (form.fields[name].label, value)
        for name, value in form.cleaned_data.items()
        if isinstance(value, str) and value and name not in ("password", "passkey", "version", "choice", "reason_code")
    ]
    context = {
        "case": seen,
        "now_stands": now,
        "why": conflict.why,
        "happened": since(now, form.cleaned_data.get("version", now.version)),
        "typed": typed,
    }
    return render_case(request, seen, "reviewing/overtaken.html", context, 409)
