"""Signing in by a passkey alone, from the sign-in page: no name, no password."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from utilization import sign_in_log, workflow
from utilization.web.account.addresses import safe_next, too_many
from utilization.web.account.signature import can_have_passkeys, relying_party
from utilization.web.policy import open_to_all
from utilization.web.public.rate_limit import seconds_to_wait

MOST_A_MINUTE = 120
"""How often one address may ask and answer; a ward that comes on shift does not reach it."""
_ASKED = "passkey_sign_in"
_LONGEST_ANSWER = 16_384


@open_to_all
@require_POST
def passkey_sign_in(request: HttpRequest) -> HttpResponse:
    """Say what a passkey is asked, or take its answer and sign its owner in."""
    if request.user.is_authenticated:
        return redirect(settings.LOGIN_REDIRECT_URL)
    if wait := seconds_to_wait(request, "passkey", MOST_A_MINUTE):
        return too_many(request, wait)
    at = timezone.now()
    if request.POST.get("asking") == "passkey" and can_have_passkeys(request):
        options, request.session[_ASKED] = workflow.ask_sign_in(relying_party(request), at=at)
        return JsonResponse(options)
    # A question serves once, whatever comes of it.
    asked = request.session.pop(_ASKED, None)
    try:
        person = workflow.person_by_passkey(request.POST.get("passkey", "")[:_LONGEST_ANSWER], asked, at=at)
    except workflow.Invalid as invalid:
        sign_in_log.note_failure(None, at=at)
        messages.error(request, " ".join(invalid.errors["passkey"]))
        return redirect(settings.LOGIN_URL)
    if not person.is_active:
        return render(request, "account/closed.html", status=403)
    # The passkey was unlocked by its owner, which is a second step already.
    request.signed_in_by = "passkey"  # type: ignore[attr-defined]  # read by the sign-in log
    login(request, person, backend="allauth.account.auth_backends.AuthenticationBackend")
    return redirect(safe_next(request, request.POST.get("next", "")) or settings.LOGIN_REDIRECT_URL)
