"""My passkeys: a list, adding one, removing one."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from utilization import workflow
from utilization.web.account.signature import (
    SignatureFields,
    can_have_passkeys,
    keep_session,
    presence,
    relying_party,
)
from utilization.web.policy import SignedInRequest, signed_in

_ASKED = "passkey_begun"
"""Where the session keeps that it asked a browser to make a passkey."""


class AddForm(forms.Form):
    """A passkey that the browser has made, by the name that its owner gives it."""

    name = forms.CharField(
        label="Its name",
        initial="My passkey",
        max_length=60,
        help_text="For you alone, as “Blue key” or “My telephone”.",
        error_messages={"required": "Give the passkey a name."},
    )
    passkey = forms.CharField(required=False, max_length=16_384, widget=forms.HiddenInput)


class ProofForm(SignatureFields):
    """Proof that the owner of the account is there, before a passkey is added or removed."""

    field_order = ("password",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"].help_text = "So that nobody else changes this at a screen that you left."


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def passkeys(request: SignedInRequest) -> HttpResponse:
    """The passkeys of whoever asks; by POST one more, which the browser has just made."""
    form = AddForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            added = workflow.add_passkey(
                request.user,
                form.cleaned_data["name"],
                form.cleaned_data["passkey"],
                request.session.pop(_ASKED, None),
                at=timezone.now(),
            )
            messages.success(request, f"The passkey “{added.name}” is added. You sign in and sign with it from now on.")
            return redirect("passkeys")
        except workflow.Invalid as invalid:
            _refuse(form, invalid)
    return _page(request, form, ProofForm(), status=422 if form.is_bound else 200)


@require_POST
@signed_in
def begin(request: SignedInRequest) -> JsonResponse:
    """What the browser needs to make a passkey, for whoever proves to be the owner of the account."""
    at, form = timezone.now(), ProofForm(request.POST)
    try:
        if not form.is_valid():
            raise workflow.Invalid({name: [str(text) for text in texts] for name, texts in form.errors.items()})
        proved = presence(request, dict(form.cleaned_data), at=at)
        options, asked = workflow.begin_passkey(request.user, relying_party(request), at=at, presence=proved)
    except workflow.Invalid as invalid:
        return JsonResponse({"fault": about_the_account(invalid)}, status=422)
    request.session[_ASKED] = asked
    return JsonResponse(options)


@require_POST
@signed_in
def remove(request: SignedInRequest) -> HttpResponse:
    """Remove one passkey of whoever asks."""
    at, form = timezone.now(), ProofForm(request.POST)
    number = request.POST.get("number", "")
    if form.is_valid() and number.isascii() and number.isdigit() and len(number) < 18:
        try:
            proved = presence(request, dict(form.cleaned_data), at=at)
            workflow.remove_passkey(request.user, int(number), at=at, presence=proved)
            keep_session(request)
            messages.success(request, "The passkey is removed. What you signed with it stays signed.")
            return redirect("passkeys")
        except workflow.Invalid as invalid:
            form.add_error("password", about_the_account(invalid))
    return _page(request, AddForm(), form, status=422)


def about_the_account(invalid: workflow.Invalid) -> str:
    """What was refused, in words about the account, where nothing is signed."""
    told = " ".join(text for texts in invalid.errors.values() for text in texts)
    return told.replace("Nothing was signed", "Nothing was changed").replace(" to sign.", ".")


def _refuse(form: forms.Form, invalid: workflow.Invalid) -> None:
    for name, texts in invalid.errors.items():
        form.add_error(name if name == "name" else None, " ".join(texts))


def _page(request: SignedInRequest, form: forms.Form, proof: ProofForm, status: int = 200) -> HttpResponse:
    context = {
        "form": form,
        "proof": proof,
        "passkeys": workflow.passkeys_of(request.user),
        "most": workflow.MOST_PASSKEYS,
        "possible": can_have_passkeys(request),
        "host": request.get_host(),
    }
    return render(request, "account/passkeys.html", context, status=status)
