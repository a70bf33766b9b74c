"""Wrong passwords: five in a row close an account's door for a quarter of an hour.

The count is kept by account and in the database, so that neither a second address nor a second server process gives
an attacker more tries. An administrator's reset opens the door at once.
"""

from typing import Any

from axes.utils import reset
from django.conf import settings
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from utilization.models import User


def account_name(request: HttpRequest | None, credentials: dict[str, Any] | None = None) -> str:
    """Return the one name under which tries are counted, whether a username or an e-mail address was typed."""
    credentials = credentials or {}
    typed = credentials.get("username") or credentials.get("email") or ""
    if not typed and request is not None:
        typed = request.POST.get("login", "")
    typed = str(typed).strip()[:254]
    known = User.objects.filter(Q(username__iexact=typed) | Q(email__iexact=typed, email__gt="")).order_by("pk").first()
    return known.username if known else typed.lower()


def locked_out(
    request: HttpRequest, response: HttpResponse | None = None, credentials: dict[str, Any] | None = None
) -> HttpResponse:
    """Answer a try while the door is closed: 429, with how long it stays closed and who can open it."""
    minutes = round(settings.AXES_COOLOFF_TIME * 60)
    return render(request, "account/locked_out.html", {"minutes": minutes}, status=429)


def open_again(user: User) -> None:
    """Forget the wrong passwords of `user`, so that the next right one signs in."""
    reset(username=user.username)
