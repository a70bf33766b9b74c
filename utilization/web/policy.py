"""Every view says who may use it: `@policy(...)`, `@signed_in` or `@open_to_all`. A view that does not is refused.

It is refused twice: the system check below stops the start-up, and `DeclaredPolicy` answers 403 should such a view be
reached all the same. Which *objects* a person may reach is not decided here but in `access`, where they are fetched.
"""

import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.core.checks import CheckMessage, Error, register
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.urls import URLPattern, URLResolver, get_resolver

from utilization import access
from utilization.models import User
from utilization.rules.roles import Permission

View = Callable[..., HttpResponseBase]


class SignedInRequest(HttpRequest):
    """A request by a person who is signed in: a view with a policy is reached by nobody else."""

    user: User


@dataclass(frozen=True, slots=True)
class Policy:
    """Who may use a view: everybody (`open`), else people signed in who hold one of `permissions`, if any is named."""

    open: bool = False
    permissions: frozenset[Permission] = frozenset()


OPEN = Policy(open=True)
SIGNED_IN = Policy()


def policy(*needed: Permission) -> Callable[[View], View]:
    """Let in people who hold at least one of `needed` at some site; anyone else signed in gets 403."""
    if not needed:
        raise ValueError("Name at least one permission, or say @signed_in or @open_to_all.")
    return lambda view: _guarded(view, Policy(permissions=frozenset(needed)))


def signed_in(view: View) -> View:
    """Let in everybody who is signed in to an active account."""
    return _guarded(view, SIGNED_IN)


def open_to_all(view: View) -> View:
    """Let in everybody, signed in or not: for pages that hold nothing about patients or people.

    A view that a library brings is wrapped where the URLconf names it.
    """

    @functools.wraps(view)
    def opened(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return view(request, *args, **kwargs)

    opened.policy = OPEN  # type: ignore[attr-defined]  # read by the check below
    opened.login_required = False  # type: ignore[attr-defined]  # read by Django
    return opened


def _guarded(view: View, declared: Policy) -> View:
    @functools.wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        # People who are not signed in are sent to sign in before any view runs; this holds where that is missing.
        if not request.user.is_authenticated:
            raise PermissionDenied
        if declared.permissions and not declared.permissions & access.permissions(request.user):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    guarded.policy = declared  # type: ignore[attr-defined]  # read by the check below
    return guarded


def declared_policy(view: Any) -> Policy | None:
    """The policy that `view` declares; None when it declares none."""
    own = getattr(view, "policy", None)
    return own if isinstance(own, Policy) else None


def view_path(view: Any) -> str:
    """Dotted path of a view function, or of the class behind it."""
    behind = getattr(view, "view_class", view)
    return f"{behind.__module__}.{getattr(behind, '__qualname__', type(behind).__name__)}"


class DeclaredPolicy:
    """Refuse to start while a view has no policy; answer 403 should one be reached all the same, before it runs."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]):
        # A web server loads the middleware but runs no system checks, so they are asked here too.
        if faults := every_view_declares_a_policy():
            raise ImproperlyConfigured("\n".join(f"{fault.msg} {fault.hint}" for fault in faults))
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: View, args: Any, kwargs: Any) -> None:
        """Raise PermissionDenied when `view` has no policy."""
        if declared_policy(view) is None:
            raise PermissionDenied


def url_patterns(resolver: URLResolver | None = None, before: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Every pattern of the URLconf with its whole route."""
    resolver = resolver or get_resolver()
    for entry in resolver.url_patterns:
        route = before + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from url_patterns(entry, route)
        else:
            yield route, entry


@register("policy")
def every_view_declares_a_policy(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """One error for each URL whose view does not say who may use it."""
    return [
        Error(
            f"/{route} is served by {view_path(pattern.callback)}, which does not say who may use it.",
            hint="Decorate the view with @policy(Permission...), @signed_in or @open_to_all of utilization.web.policy.",
            id="utilization.E001",
        )
        for route, pattern in url_patterns()
        if declared_policy(pattern.callback) is None
    ]
