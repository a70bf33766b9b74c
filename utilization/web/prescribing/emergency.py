"""Treat now, and verbal orders: the first dose released, an order entered, confirmed or disowned."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from utilization import workflow
from utilization.models import Request, VerbalOrder
from utilization.reports.first_dose import treated_first
from utilization.reports.prescriber_lists import title_of
from utilization.rules.facts.values import plain
from utilization.rules.lifecycle import Verb
from utilization.web.policy import SignedInRequest
from utilization.web.prescribing.forms import RefusableForm
from utilization.web.prescribing.request_form import version_in
from utilization.web.prescribing.responses import fetch, prescribers, show
from utilization.web.single_send import once
from utilization.workflow import Conflict, FirstDoseOffer, Invalid


class TreatForm(RefusableForm):
    """Why it is an emergency."""

    reason = forms.CharField(
        label="Why it is an emergency", required=False, widget=forms.Textarea(attrs={"rows": 3}),
        help_text="The reviewers and the auditor read this. At most 4,000 characters.",
    )  # fmt: skip


class OrderForm(RefusableForm):
    """Who gave a verbal order, and when; whether it was read back."""

    ordered_by = forms.CharField(label="Prescriber who gave the order", required=False, widget=forms.Select())
    taken_at = forms.CharField(
        label="When it was given, local time", required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local", "autocomplete": "off"}),
    )  # fmt: skip
    read_back = forms.BooleanField(
        label="I read the order back, and the prescriber said that it is right", required=False
    )

    def __init__(self, givers: list[tuple[str, str]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["ordered_by"].widget.choices = [("", "Choose"), *givers]


class DisownForm(RefusableForm):
    """What is wrong with a verbal order."""

    reason = forms.CharField(
        label="What is wrong with this order", required=False, widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Needed to disown it. The reviewers, whoever entered it and the auditor read this.",
    )  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@prescribers
@once
def treat(request: SignedInRequest, uid: UUID) -> HttpResponse:
    """Show what would be released, until when and whom to call; by POST release it."""
    at = timezone.now()
    the_request = _filed(request, uid, at, Verb.TREAT)
    form = TreatForm(request.POST if request.method == "POST" else None)
    if form.is_bound:
        try:
            reason = request.POST.get("reason", "")
            moved = workflow.treat(uid, by=request.user, at=at, version=version_in(request), reason=reason)
        except Invalid as invalid:
            form.is_valid()
            form.refuse(invalid.errors)
        else:
            messages.success(request, f"Released: {plain(moved.first_dose.grams)} g. The reviewers are told.")
            return redirect("request-page", uid=uid)
    offer: FirstDoseOffer = workflow.first_dose_offer(the_request, at)
    return _page(request, the_request, Verb.TREAT, form, {"offer": offer})


@require_http_methods(["GET", "HEAD", "POST"])
@prescribers
@once
def take_order(request: SignedInRequest, uid: UUID) -> HttpResponse:
    """Say on whose word a request was written."""
    at = timezone.now()
    the_request = _filed(request, uid, at, Verb.TAKE_ORDER)
    givers = [(str(giver.pk), giver.signature_name) for giver in workflow.order_givers(the_request, request.user)]
    form = OrderForm(givers, request.POST if request.method == "POST" else None)
    if form.is_bound:
        typed = workflow.TypedOrder(
            request.POST.get("ordered_by", ""), request.POST.get("taken_at", ""), request.POST.get("read_back") == "on"
        )
        try:
            moved = workflow.take_order(uid, by=request.user, at=at, version=version_in(request), typed=typed)
        except Invalid as invalid:
            form.is_valid()
            form.refuse(invalid.errors)
        else:
            messages.success(request, f"Entered. {moved.verbal_order.ordered_name} is asked to confirm it.")
            return redirect("request-page", uid=uid)
    return _page(request, the_request, Verb.TAKE_ORDER, form, {"givers": givers})


@require_http_methods(["GET", "HEAD", "POST"])
@prescribers
@once
def answer_order(request: SignedInRequest, uid: UUID) -> HttpResponse:
    """Confirm one's verbal order, or that of a colleague who left, or disown it with what is wrong."""
    at = timezone.now()
    the_request = _filed(request, uid, at, Verb.CONFIRM_ORDER)
    form = DisownForm(request.POST if request.method == "POST" else None)
    if form.is_bound:
        try:
            told = _answer(request, uid, at)
        except Invalid as invalid:
            form.is_valid()
            form.refuse(invalid.errors)
        else:
            messages.success(request, told)
            return redirect("request-page", uid=uid)
    order = VerbalOrder.objects.filter(request=the_request).first()
    stands_in = order is not None and order.ordered_by_id != request.user.pk
    return _page(request, the_request, Verb.CONFIRM_ORDER, form, {"stands_in": stands_in})


def _answer(request: SignedInRequest, uid: UUID, at: datetime) -> str:
    version, answer = version_in(request), request.POST.get("answer", "")
    if answer == "confirm":
        order = workflow.confirm_order(uid, by=request.user, at=at, version=version).verbal_order
        return f"You confirmed the verbal order{_in_place(order)}."
    if answer != "disown":
        raise Invalid({"reason": ["Say whether you confirm or disown the order."]})
    reason = request.POST.get("reason", "")
    order = workflow.disown_order(uid, by=request.user, at=at, version=version, reason=reason).verbal_order
    return f"You disowned the verbal order{_in_place(order)}. The reviewers and whoever entered it are told."


def _in_place(order: VerbalOrder) -> str:
    return f" in place of {order.ordered_name}" if order.stand_in_name else ""


_TEMPLATES = {Verb.TREAT: "treat", Verb.TAKE_ORDER: "take_order", Verb.CONFIRM_ORDER: "answer_order"}


def _filed(request: SignedInRequest, uid: UUID, at: datetime, verb: Verb) -> Request:
    """The request, which stands where `verb` is possible. Raises NotFound, Conflict."""
    the_request = fetch(request, uid, at)
    if not any(action.move.verb == verb for action in workflow.actions(request.user, the_request)):
        raise Conflict("This request stands where that is not possible.", the_request)
    return the_request


def _page(
    request: SignedInRequest, the_request: Request, verb: Verb, form: forms.Form, more: Mapping[str, Any]
) -> HttpResponse:
    action = next(offered for offered in workflow.actions(request.user, the_request) if offered.move.verb == verb)
    context = {
        "the_request": the_request, "form": form, "action": action, "indication_name": title_of(the_request.indication),
        "treated": treated_first(the_request, timezone.now()), **more,
    }  # fmt: skip
    return show(request, _TEMPLATES[verb], context, site=the_request.site, status=422 if form.is_bound else 200)
