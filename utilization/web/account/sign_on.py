"""Single sign-on: to sign in, to be linked by an invitation, and to confirm that it is you before you sign.

The browser goes to the identity provider by a link, never by a form: a page that may send forms to this host alone
would stop it in silence. What it brings back is read once, in the session that asked, within ten minutes.
"""

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from allauth.account.forms import default_token_generator
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from utilization import sign_in_log, workflow
from utilization.models import User
from utilization.oidc_client import (
    Client,
    Identity,
    ProviderDown,
    PublishedMetadata,
    SignInRefused,
    SignOnQuestion,
    metadata,
    read_answer,
    sign_in_address,
)
from utilization.web.account.addresses import safe_next, too_many
from utilization.web.policy import open_to_all, signed_in
from utilization.web.public.rate_limit import seconds_to_wait

SIGN_IN, INVITED, CONFIRM = "sign-in", "invited", "confirm"
_ASKED, _CONFIRMED, _INVITATION = "sign_on_asked", "sign_on_confirmed", "sign_on_invitation"
_LONGEST_AWAY = timedelta(minutes=10)
MOST_A_MINUTE = 120
"""How often one address may ask to be led to the provider: a ward that comes on shift does not reach it."""
PUBLISHED = PublishedMetadata()
"""What the provider publishes, in the memory of this server process."""


def provider() -> Client | None:
    """The hospital's identity provider, where there is one."""
    return Client(**settings.SINGLE_SIGN_ON) if settings.SINGLE_SIGN_ON else None


@open_to_all
@require_safe
def start(request: HttpRequest) -> HttpResponse:
    """Lead to the identity provider, to sign in."""
    return _go(request, SIGN_IN, {"next": safe_next(request, request.GET.get("next", ""))})


@open_to_all
@require_safe
def start_invited(request: HttpRequest) -> HttpResponse:
    """Lead to the identity provider, to be linked: for whoever came by a one-time link of their own."""
    if _invited(request) is None:
        return render(request, "account/first_password.html", {"token_fail": True})
    return _go(request, INVITED, {})


@signed_in
@require_safe
def confirm(request: HttpRequest) -> HttpResponse:
    """Lead to the identity provider, to type one's password there again before one signs here."""
    return _go(request, CONFIRM, {"person": request.user.pk})


@open_to_all
@require_safe
def back(request: HttpRequest) -> HttpResponse:
    """Read with what the browser came back from the identity provider."""
    client, at = provider(), timezone.now()
    if client is None:
        raise Http404
    # A question serves once, whatever comes of it.
    asked = request.session.pop(_ASKED, None)
    if asked is None or not timedelta(0) <= at - datetime.fromisoformat(asked["at"]) <= _LONGEST_AWAY:
        return _refused(request, "This window asked for no sign-in, or long ago.")
    try:
        identity = read_answer(
            client, SignOnQuestion(**asked["question"]), request.GET.dict(), _address(request), at=at,
            published=PUBLISHED,
        )  # fmt: skip
        return _ARRIVALS[asked["purpose"]](request, identity, asked, at)
    except ProviderDown:
        return _down(request)
    except (SignInRefused, workflow.Refused) as refused:
        return _refused(request, str(refused))


def remember_invitation(request: HttpRequest, person: User, key: str) -> None:
    """Keep in the session that `person` came by their one-time link, whose token is `key`."""
    request.session[_INVITATION] = {"person": person.pk, "key": key}


def presence_by_sign_on(request: HttpRequest, *, at: datetime) -> workflow.Presence | None:
    """Proof by a confirmation in this session; None where there was none. Raises workflow.Invalid."""
    kept, person = request.session.get(_CONFIRMED), request.user
    if kept is None or not isinstance(person, User) or kept["person"] != person.pk:
        return None
    auth_time, confirmed_at = (datetime.fromisoformat(kept[name]) for name in ("auth_time", "at"))
    return workflow.single_sign_on.prove_by_sign_on(
        person, kept["issuer"], kept["subject"], auth_time, confirmed_at, at=at
    )


# --- Leaving ------------------------------------------------------------------------------------------------------


def _go(request: HttpRequest, purpose: str, kept: dict[str, Any]) -> HttpResponse:
    client = provider()
    if client is None:
        raise Http404
    if wait := seconds_to_wait(request, "sign-on", MOST_A_MINUTE):
        return too_many(request, wait)
    at, question = timezone.now(), SignOnQuestion.new()
    # Asked to confirm, the provider must not go by a session of its own; its `auth_time` tells whether it did.
    asked_again = {"prompt": "login", "max_age": 0} if purpose == CONFIRM else {"prompt": settings.SIGN_ON_PROMPT}
    try:
        known = metadata(client, PUBLISHED, at)
    except ProviderDown:
        return _down(request)
    request.session[_ASKED] = {**kept, "purpose": purpose, "question": asdict(question), "at": at.isoformat()}
    return redirect(sign_in_address(client, question, _address(request), known, **asked_again))


def _address(request: HttpRequest) -> str:
    return request.build_absolute_uri(reverse("sign-on-back"))


# --- Coming back --------------------------------------------------------------------------------------------------


def _signed_in(request: HttpRequest, identity: Identity, asked: dict[str, Any], at: datetime) -> HttpResponse:
    person = workflow.single_sign_on.person_of(identity.issuer, identity.subject)
    if person is None:
        sign_in_log.note_failure(None, at=at)
        # Their own name there, for the administrator who links them; nobody is made here.
        return render(request, "account/sign_on_stranger.html", {"subject": identity.subject}, status=403)
    if not person.is_active:
        return render(request, "account/closed.html", status=403)
    request.signed_in_by = "single sign-on"  # type: ignore[attr-defined]  # read by the sign-in log
    login(request, person, backend="allauth.account.auth_backends.AuthenticationBackend")
    return redirect(asked["next"] or settings.LOGIN_REDIRECT_URL)


def _linked(request: HttpRequest, identity: Identity, asked: dict[str, Any], at: datetime) -> HttpResponse:
    person = _invited(request)
    if person is None:
        return render(request, "account/first_password.html", {"token_fail": True})
    workflow.single_sign_on.link_by_invitation(person, identity.issuer, identity.subject, at=at)
    request.session.pop(_INVITATION, None)
    # Signing in also ends the one-time link.
    request.signed_in_by = "single sign-on"  # type: ignore[attr-defined]  # read by the sign-in log
    login(request, person, backend="allauth.account.auth_backends.AuthenticationBackend")
    messages.success(request, "You are linked. From now on you sign in this way.")
    return redirect(settings.LOGIN_REDIRECT_URL)


def _confirmed(request: HttpRequest, identity: Identity, asked: dict[str, Any], at: datetime) -> HttpResponse:
    if not isinstance(request.user, User) or request.user.pk != asked["person"]:
        return _refused(request, "You are signed in here no more, or as somebody else.")
    workflow.single_sign_on.check_fresh(request.user, identity.issuer, identity.subject, identity.auth_time, at=at)
    assert identity.auth_time is not None
    request.session[_CONFIRMED] = {
        "person": request.user.pk, "issuer": identity.issuer, "subject": identity.subject,
        "auth_time": identity.auth_time.isoformat(), "at": at.isoformat(),
    }  # fmt: skip
    minutes = workflow.single_sign_on.WINDOW // timedelta(minutes=1)
    return render(request, "account/sign_on_confirmed.html", {"minutes": minutes})


_ARRIVALS = {SIGN_IN: _signed_in, INVITED: _linked, CONFIRM: _confirmed}


def _invited(request: HttpRequest) -> User | None:
    """Who came by a one-time link in this session, while that link is good."""
    kept = request.session.get(_INVITATION)
    if kept is None:
        return None
    person = User.objects.filter(pk=kept["person"], is_active=True).first()
    return person if person and default_token_generator.check_token(person, kept["key"]) else None


def _refused(request: HttpRequest, why: str) -> HttpResponse:
    return render(request, "account/sign_on_refused.html", {"why": why}, status=403)


def _down(request: HttpRequest) -> HttpResponse:
    return render(request, "account/sign_on_down.html", status=503)
