"""My codes: an authenticator app, and recovery codes for when passkey and app are lost."""

import base64
from typing import Any

from allauth.mfa.adapter import get_adapter
from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from utilization import workflow
from utilization.web.account.passkeys import ProofForm, about_the_account
from utilization.web.account.signature import keep_session, presence
from utilization.web.policy import SignedInRequest, signed_in

_ASKED = "app_begun"
"""Where the session keeps the secret of an app that is being added, encrypted."""


class CodeForm(forms.Form):
    """The code that an app shows, which is being added."""

    code = forms.CharField(
        label="The six digits that the app shows now",
        max_length=20,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code"}),
        error_messages={"required": "Type the six digits that the app shows now."},
    )


@require_safe
@signed_in
def codes(request: SignedInRequest) -> HttpResponse:
    """What whoever asks has of codes."""
    return _page(request)


@require_POST
@signed_in
def begin_app(request: SignedInRequest) -> HttpResponse:
    """Show the secret of a new app to whoever proves to be the owner of the account."""

    def act(proved: workflow.Presence, at: Any) -> HttpResponse:
        request.session[_ASKED] = workflow.one_time_codes.begin_app(request.user, at=at, presence=proved)
        return _page(request)

    return _proved(request, "app", act)


@require_POST
@signed_in
def add_app(request: SignedInRequest) -> HttpResponse:
    """Add the app, once it shows the code that it should."""
    form = CodeForm(request.POST)
    if form.is_valid():
        try:
            asked = request.session.get(_ASKED)
            workflow.one_time_codes.add_app(request.user, form.cleaned_data["code"], asked, at=timezone.now())
            keep_session(request)
            request.session.pop(_ASKED, None)
            messages.success(request, "The app is added. You sign in and sign with its codes from now on.")
            return redirect("codes")
        except workflow.Invalid as invalid:
            form.add_error("code", " ".join(invalid.errors["code"]))
    return _page(request, form=form, status=422)


@require_POST
@signed_in
def remove_app(request: SignedInRequest) -> HttpResponse:
    """Remove the app of whoever asks."""

    def act(proved: workflow.Presence, at: Any) -> HttpResponse:
        workflow.one_time_codes.remove_app(request.user, at=at, presence=proved)
        keep_session(request)
        messages.success(request, "The app is removed. What you signed with its codes stays signed.")
        return redirect("codes")

    return _proved(request, "remove", act)


@require_POST
@signed_in
def recovery(request: SignedInRequest) -> HttpResponse:
    """Make new recovery codes and show them, this once."""

    def act(proved: workflow.Presence, at: Any) -> HttpResponse:
        made = workflow.one_time_codes.new_recovery_codes(request.user, at=at, presence=proved)
        keep_session(request)
        return _page(request, made=made)

    return _proved(request, "recovery", act)


def _proved(request: SignedInRequest, what: str, act: Any) -> HttpResponse:
    """The answer of `act`, or the page with what is wrong with the proof, in the form of `what`."""
    at, proof = timezone.now(), ProofForm(request.POST)
    try:
        if proof.is_valid():
            answer: HttpResponse = act(presence(request, dict(proof.cleaned_data), at=at), at)
            return answer
    except workflow.Invalid as invalid:
        proof.add_error("password", about_the_account(invalid))
    return _page(request, proof=proof, refused=what, status=422)


def _page(
    request: SignedInRequest, *, form: CodeForm | None = None, proof: ProofForm | None = None, refused: str = "",
    made: list[str] | None = None, status: int = 200,
) -> HttpResponse:  # fmt: skip
    secret = workflow.one_time_codes.secret_to_show(request.user, request.session.get(_ASKED), timezone.now())
    context = {
        "codes": workflow.one_time_codes.codes_of(request.user),
        "secret": secret,
        "picture": _picture(request, secret) if secret else "",
        "form": form or CodeForm(),
        "proof": proof or ProofForm(),
        "refused": refused,
        "made": [f"{code[:4]} {code[4:]}" for code in made or ()],
    }
    return render(request, "account/codes.html", context, status=status)


def _picture(request: SignedInRequest, secret: str) -> str:
    """The secret as a QR code, in an address that an image takes."""
    adapter = get_adapter()
    svg = adapter.build_totp_svg(adapter.build_totp_url(request.user, secret))
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()
