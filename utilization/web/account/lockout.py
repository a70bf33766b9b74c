"""Wrong passwords at the door: five in a row from one address close sign-in to an account there for a while.

Counted by account and address, so that a stranger who guesses elsewhere shuts nobody out, and in the database, so that
a second server process gives no more tries. Many addresses together close the account's door everywhere. Sessions that
are open stay open and sign on, whoever knocks (`workflow.presence`); an administrator sees and lifts each lock.
"""

from datetime import timedelta
from typing import Any

from axes.handlers.database import AxesDatabaseHandler
from axes.handlers.proxy import AxesProxyHandler
from django.conf import settings
from django.contrib.auth.signals import user_login_failed
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.crypto import salted_hmac

from utilization import sign_in_log, workflow
from utilization.models import User
from utilization.web.public.rate_limit import address


class SignInLockout(AxesDatabaseHandler):
    """Sign-in is closed to an account from an address, and, after many more tries, from every address."""

    def get_failures(self, request: HttpRequest, credentials: dict[str, Any] | None = None) -> int:
        """Wrong passwords that count for this try; `AXES_FAILURE_LIMIT` of them close the door."""
        here = int(super().get_failures(request, credentials))
        since = timezone.now() - timedelta(hours=settings.AXES_COOLOFF_TIME)
        everywhere = workflow.locks.wrong_from_anywhere(account_name(request, credentials), since)
        closed = everywhere >= settings.MOST_WRONG_FROM_ANYWHERE
        return max(here, settings.AXES_FAILURE_LIMIT) if closed else here

    def user_login_failed(
        self, sender: Any, credentials: dict[str, Any], request: HttpRequest | None = None, **kwargs: Any
    ) -> None:
        """Count the try, and write it down where a password was tried: behind a closed door none is."""
        if request is not None and not self.is_locked(request, credentials):
            sign_in_log.note_failure(account_of(request, credentials), at=timezone.now())
        super().user_login_failed(sender, credentials, request, **kwargs)


def told_that_closed(request: HttpRequest, credentials: dict[str, Any]) -> bool:
    """Whether the door is closed to this try; axes is told then, as of any that failed, and the answer is `locked_out`.

    No password is looked at for that, so it takes nobody's turn.
    """
    if AxesProxyHandler.is_allowed(request, credentials):
        return False
    named = {name: value for name, value in credentials.items() if name != "password"}
    user_login_failed.send(sender=__name__, credentials=named, request=request)
    return True


def client_address(request: HttpRequest) -> str | None:
    """Where a try comes from: an IPv4 address, the network of an IPv6 one, or None where that cannot be told."""
    told = address(request).partition("/")[0]
    return None if told == "unknown" else told


def account_name(request: HttpRequest | None, credentials: dict[str, Any] | None = None) -> str:
    """Return the one name under which tries are counted, whether a username or an e-mail address was typed.

    Of a name that nobody has, a digest that only this server can make: it may be a password, typed in the wrong field.
    """
    known = account_of(request, credentials)
    if known:
        return known.username
    return f"nobody {salted_hmac('utilization.lockout', _typed(request, credentials).lower()).hexdigest()}"


def account_of(request: HttpRequest | None, credentials: dict[str, Any] | None = None) -> User | None:
    """The account whose username or e-mail address was typed; None where there is none."""
    typed = _typed(request, credentials)
    named = User.objects.filter(Q(username__iexact=typed) | Q(email__iexact=typed, email__gt=""))
    return named.order_by("pk").first()


def _typed(request: HttpRequest | None, credentials: dict[str, Any] | None) -> str:
    credentials = credentials or {}
    typed = credentials.get("username") or credentials.get("email") or ""
    if not typed and request is not None:
        typed = request.POST.get("login", "")
    return str(typed).strip()[:254]


def locked_out(
    request: HttpRequest, response: HttpResponse | None = None, credentials: dict[str, Any] | None = None
) -> HttpResponse:
    """Answer a try while the door is closed: 429, with how long it stays closed and who can open it."""
    minutes = round(settings.AXES_COOLOFF_TIME * 60)
    return render(request, "account/locked_out.html", {"minutes": minutes}, status=429)


def open_again(user: User) -> None:
    """Forget the wrong passwords of `user`, so that the next right one signs in."""
    workflow.locks.lift(user)
