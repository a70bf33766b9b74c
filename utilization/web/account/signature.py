"""How a page takes a signature: the password or a code typed, or a passkey touched; and where a passkey is asked."""

import hashlib
import ipaddress
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django import forms
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, JsonResponse

from utilization import workflow
from utilization.models import User
from utilization.web.account.sign_on import presence_by_sign_on

_ASKED = "passkey_asked"
"""Where the session keeps the one question that it asked a passkey."""
_LONGEST_ANSWER = 16_384


class SignatureFields(forms.Form):
    """The fields of an act that is signed. Neither is ever given back to the page."""

    password = forms.CharField(
        label="Your password",
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        help_text="Typed again, it signs. So does a code of your authenticator app, where you added one.",
    )
    passkey = forms.CharField(required=False, max_length=_LONGEST_ANSWER, widget=forms.HiddenInput)

    @property
    def asking(self) -> bool:
        """Whether nothing is signed yet: the page asks what a passkey would sign."""
        return self.data.get("asking") == "passkey"

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        # Whoever confirmed by single sign-on types nothing; that they did is in the session, where `presence` looks.
        confirmed = self.data.get("confirmed") == "yes"
        if not (self.asking or confirmed or cleaned.get("password") or cleaned.get("passkey")):
            self.add_error("password", "Type your password to sign.")
        return cleaned


def presence(request: HttpRequest, given: dict[str, Any], *, at: datetime) -> workflow.Presence:
    """Proof that whoever asks is there, by the fields of a signature, which it takes out of `given`.

    To be had before the act that it signs, outside a transaction. Wrong passwords count within this session and for
    this person, and not at the door: see `workflow.presence`. The page is answered by its own view, which shows the
    words and keeps what was typed. Raises workflow.Invalid on password.
    """
    assert isinstance(request.user, User)
    password, answer = given.pop("password"), given.pop("passkey", "")
    if answer:
        # A question serves once, whatever comes of it.
        asked = request.session.pop(_ASKED, None)
        return workflow.prove_by_passkey(request.user, answer, asked, at=at)
    if not password and (proved := presence_by_sign_on(request, at=at)):
        return proved
    if workflow.one_time_codes.is_app_code(password) and workflow.one_time_codes.has_app(request.user):
        return workflow.one_time_codes.prove_by_code(request.user, password, at=at, session=session_digest(request))
    return workflow.prove(request.user, password, at=at, session=session_digest(request))


def ask_passkey(
    request: HttpRequest, act: Callable[..., Any], *args: Any, at: datetime, given: dict[str, Any]
) -> JsonResponse:
    """What the browser asks a passkey so that it signs this act: 200, or the status and words of why it cannot be done.

    The page sends its form all the same then, so that the faults stand where they belong.
    """
    assert isinstance(request.user, User)
    unsigned = {name: value for name, value in given.items() if name not in ("password", "passkey")}
    try:
        challenge = workflow.ask_passkey(
            act, *args, by=request.user, at=at, relying_party=relying_party(request), **unsigned
        )
    except workflow.Invalid:
        return JsonResponse({"fault": "Something on this page is missing or wrong."}, status=422)
    except workflow.Refused as refused:
        return JsonResponse({"fault": refused.why}, status=403)
    except (workflow.Conflict, workflow.Overtaken) as conflict:
        return JsonResponse({"fault": conflict.why}, status=409)
    request.session[_ASKED] = challenge.as_json()
    return JsonResponse(challenge.options(request.user))


def session_digest(request: HttpRequest) -> str:
    """The session of `request` by a digest of its key: the key itself opens the session and is kept nowhere else."""
    return hashlib.sha256((request.session.session_key or "").encode()).hexdigest()


def keep_session(request: HttpRequest) -> None:
    """Go on with the session of `request`, where its person has just ended all of theirs."""
    assert isinstance(request.user, User)
    update_session_auth_hash(request, request.user)


def relying_party(request: HttpRequest) -> str:
    """The host that passkeys are made for: that of `request`, without its port."""
    host = request.get_host()
    return host.rpartition(":")[0] if ":" in host and not host.endswith("]") else host


def can_have_passkeys(request: HttpRequest) -> bool:
    """Whether passkeys work at this address: browsers make none for one that is a number."""
    try:
        ipaddress.ip_address(relying_party(request).strip("[]"))
    except ValueError:
        return True
    return False
