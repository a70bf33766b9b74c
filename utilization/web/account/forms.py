"""The forms of sign-in and of choosing a password, dressed as every other form."""

import json
from typing import Any

from allauth.account.forms import ChangePasswordForm, LoginForm, ResetPasswordKeyForm
from allauth.core import context
from allauth.mfa.base.forms import AuthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.forms import AuthenticateWebAuthnForm
from django import forms
from django.utils import timezone

from utilization import workflow
from utilization.passkey_proof import UNREADABLE
from utilization.web.account.signature import session_digest

NEW_PASSWORD_HELP = "At least 12 characters. Three or four unrelated words are easy to keep and hard to guess."


def _dress(field: forms.Field, *, label: str, help_text: str = "") -> None:
    field.label = label
    field.help_text = help_text
    field.widget.attrs.pop("placeholder", None)


class SignInForm(LoginForm):
    """Username or e-mail address, and password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        name = self.fields["login"]
        _dress(name, label="Username or e-mail address")
        _dress(self.fields["password"], label="Password")
        name.max_length = 254
        name.widget.attrs.update({"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"})


class NewPasswordForm(ChangePasswordForm):
    """The present password, and a new one typed twice. `session` is where it is typed: guesses count there."""

    def __init__(self, *args: Any, session: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.session = session
        _dress(self.fields["oldpassword"], label="Present password")
        _dress(self.fields["password1"], label="New password", help_text=NEW_PASSWORD_HELP)
        _dress(self.fields["password2"], label="New password again")

    def clean_oldpassword(self) -> str:
        # As under a signature: a session that somebody took over is no place to guess the password here either.
        typed = self.cleaned_data.get("oldpassword", "")
        try:
            workflow.prove(self.user, typed, at=timezone.now(), session=self.session)
        except workflow.Invalid as invalid:
            [why] = invalid.errors["password"]
            raise forms.ValidationError(why.replace("Nothing was signed", "Nothing was changed")) from None
        return str(typed)


class FirstPasswordForm(ResetPasswordKeyForm):
    """A password of one's own, typed twice, behind a one-time link; behind one that came by letter, with its code."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _dress(self.fields["password1"], label="New password", help_text=NEW_PASSWORD_HELP)
        _dress(self.fields["password2"], label="New password again")
        if workflow.password_letter.needs_code(self.user):
            self.fields["code"] = forms.CharField(
                label="Code", max_length=40, help_text="Whoever had the letter made tells it to you: ABCD-EFGH-JKMN.",
                widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters"}),
            )  # fmt: skip
            self.order_fields(["code", "password1", "password2"])

    def clean_code(self) -> str:
        """Hold the code against the letter; guesses are counted there."""
        typed = str(self.cleaned_data["code"])
        try:
            workflow.password_letter.check_code(self.user, typed, at=timezone.now())
        except workflow.Invalid as invalid:
            raise forms.ValidationError(invalid.errors["code"]) from None
        return typed


class PasskeyStepForm(AuthenticateWebAuthnForm):
    """What a passkey answered after the password. The library takes an answer that is none for a fault of its own."""

    credential = forms.CharField(max_length=16_384, widget=forms.HiddenInput)

    def clean_credential(self) -> Authenticator:
        try:
            self.cleaned_data["credential"] = json.loads(self.cleaned_data["credential"])
            return super().clean_credential()
        except UNREADABLE:
            raise forms.ValidationError("This passkey was not accepted.") from None


class CodeStepForm(AuthenticateForm):
    """A code after the password: of the authenticator app, or a recovery code. Each serves once."""

    code = forms.CharField(
        label="Code",
        max_length=40,
        help_text="The six digits that your authenticator app shows, or a recovery code.",
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code"}),
        error_messages={"required": "Type a code."},
    )

    def clean_code(self) -> str:
        typed, session = self.cleaned_data["code"], session_digest(context.request)
        try:
            self.authenticator = workflow.one_time_codes.sign_in_code(
                self.user, typed, at=timezone.now(), session=session
            )
        except workflow.Invalid as invalid:
            raise forms.ValidationError(invalid.errors["code"]) from None
        return str(typed)
