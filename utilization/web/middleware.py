"""What happens around every page: the log line, readable input, the session's end, and a database that is away."""

import time
import uuid
from collections.abc import Callable, Iterator
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.core.exceptions import DisallowedHost
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.middleware.security import SecurityMiddleware
from django.utils import timezone
from django.utils.cache import patch_cache_control

from utilization import sign_in_log
from utilization.models import Site
from utilization.seal.continuity import LogCut
from utilization.web import errors
from utilization.web.public.rate_limit import address

GetResponse = Callable[[HttpRequest], HttpResponseBase]

log = structlog.stdlib.get_logger("utilization.requests")


class RequestLog:
    """Write one line a request: id, method, route, status, milliseconds and the id of who asked.

    The route is the pattern (`requests/<int:pk>/`) and not the address, so that no typed value, reset key or search
    word reaches the log. The id goes back as `X-Request-ID`, and an error page shows it for people to quote.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        began = time.perf_counter()
        request.id = uuid.uuid4().hex[:16]  # type: ignore[attr-defined]  # ours
        with structlog.contextvars.bound_contextvars(request=request.id):  # type: ignore[attr-defined]  # set above
            response = self.get_response(request)
            level = log.error if response.status_code >= 500 else log.info
            level(
                "request",
                method=request.method,
                route=request.resolver_match.route if request.resolver_match else None,
                status=response.status_code,
                ms=round((time.perf_counter() - began) * 1000, 1),
                user=self._user_id(request),
            )
        response["X-Request-ID"] = request.id  # type: ignore[attr-defined]  # set above
        return response

    @staticmethod
    def _user_id(request: HttpRequest) -> str | None:
        # Only a session that the page itself opened: a log line must not cost a query, or fail with the database.
        session = getattr(request, "session", None)
        return session.get("_auth_user_id") if session is not None and session.accessed else None


class FromAddress:
    """Say to the sign-in log from which address a request comes, as far as it can be trusted, and who asks."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        token = sign_in_log.ADDRESS.set(address(request))
        asks = sign_in_log.ASKED_BY.set(lambda: self._person(request))
        try:
            return self.get_response(request)
        finally:
            sign_in_log.ADDRESS.reset(token)
            sign_in_log.ASKED_BY.reset(asks)

    @staticmethod
    def _person(request: HttpRequest) -> Any:
        person = getattr(request, "user", None)
        return person if person is not None and person.is_authenticated else None


PROBES = ("/healthz", "/readyz", "/metrics")


class KnownHost:
    """Refuse a foreign host name with a 400 that carries every header; probes of a load balancer ask by address.

    The redirect to https asks for the host too; refused there, the answer would be made further out than headers are
    added.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        self.add_headers = SecurityMiddleware(get_response).process_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path in PROBES and settings.ALLOWED_HOSTS:
            request.META["HTTP_HOST"] = settings.ALLOWED_HOSTS[0].lstrip(".")
        try:
            request.get_host()
        except DisallowedHost as refusal:
            return self.add_headers(request, errors.bad_request(request, refusal))
        return self.get_response(request)


class NoStore:
    """Keep every page out of browser and proxy caches; files that WhiteNoise serves set their own rule."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if "Cache-Control" not in response:
            patch_cache_control(response, no_store=True, private=True)
        return response


class ReadableInput:
    """Refuse, with a 400 that says why, text that no database can keep: NUL and unpaired surrogates."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if all(map(errors.is_storable, self._texts(request))):
            return self.get_response(request)
        return errors.unreadable_input(request)

    @staticmethod
    def _texts(request: HttpRequest) -> Iterator[str]:
        yield request.path_info
        yield from request.COOKIES.values()
        for fields in (request.GET, request.POST):
            for name, values in fields.lists():
                yield name
                yield from values


class IdleTimeout:
    """End a session after `IDLE_MINUTES` without use, and after `SIGNED_IN_HOURS` at most; the server keeps time."""

    LAST_USE = "last_use"
    BEGAN = "began"
    # Every renewal is a synced write; within a minute of the last one it changes nothing that matters.
    RENEW_AFTER_SECONDS = 60
    # A page that asks by itself how far some work is says so with this header: nobody used anything.
    NOT_USE = "X-Not-Use"

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.user.is_authenticated:
            self._keep_time(request)
        return self.get_response(request)

    def _keep_time(self, request: HttpRequest) -> None:
        now = int(time.time())
        began = self._moment(request, self.BEGAN, now)
        last_use = self._moment(request, self.LAST_USE, now)
        if now - began > settings.SIGNED_IN_HOURS * 3600:
            self._end(request, f"You were signed out {settings.SIGNED_IN_HOURS} hours after you signed in.")
        elif now - last_use > settings.IDLE_MINUTES * 60:
            self._end(request, f"You were signed out after {settings.IDLE_MINUTES} minutes without use.")
        elif now - last_use >= self.RENEW_AFTER_SECONDS and self.NOT_USE not in request.headers:
            request.session[self.LAST_USE] = now

    def _moment(self, request: HttpRequest, name: str, now: int) -> int:
        """The moment that the session keeps under `name`; now where it keeps none, or one that is still to come."""
        kept: int = request.session.get(name, now)
        # A clock that was set back would hold the session open until it is there again. Hosts differ by some seconds.
        if name not in request.session or kept - now > self.RENEW_AFTER_SECONDS:
            kept = request.session[name] = now
        return kept

    @staticmethod
    def _end(request: HttpRequest, why: str) -> None:
        logout(request)
        messages.info(request, why)


class SignedIn(LoginRequiredMiddleware):
    """Close every page to people who are not signed in, and lose nothing that they had typed.

    A page that asks for a fragment gets a 401 instead of a sign-in page in its middle; a form that was sent is handed
    back to be sent again; anything else goes to the sign-in page and on to where it wanted to go.
    """

    def handle_no_permission(  # type: ignore[override]  # Django names no type
        self, request: HttpRequest, view_func: Callable[..., Any]
    ) -> HttpResponseBase:
        if request.headers.get("HX-Request") == "true":
            return HttpResponse(
                "You are signed out. Sign in in another tab; what you typed here stays.",
                status=401,
                headers={"HX-Reswap": "none", "HX-Trigger": "signed-out"},
            )
        if request.method == "POST":
            return errors.send_again(request, signed_out=True)
        return super().handle_no_permission(request, view_func)


class Unavailable:
    """Answer 503, which says that nothing was saved, or that nobody knows, when the database is locked or away or the
    disk is full, or does not hold what was signed; and 409 when it refused a row because another one, written at the
    same moment, stands in its way.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if errors.means_unavailable(exception):
            return errors.unavailable(request, exception)
        if isinstance(exception, LogCut):
            return errors.log_cut(request, exception)
        return errors.collided(request, exception) if isinstance(exception, IntegrityError) else None


class SiteClock:
    """Show every time of a page in the zone of the site where this person works; UTC to people without one."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        zone = self._zone(request)
        with timezone.override(ZoneInfo(zone) if zone else None):
            return self.get_response(request)

    @staticmethod
    def _zone(request: HttpRequest) -> str | None:
        if not request.user.is_authenticated:
            return None
        sites = Site.objects.filter(memberships__user=request.user.pk, memberships__ended_at=None)
        return sites.order_by("memberships__pk").values_list("time_zone", flat=True).first()
