"""Where a sign-in may lead, and how often an address may try one."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme


def safe_next(request: HttpRequest, wanted: str) -> str:
    """`wanted`, where it is a place of this site; else nothing."""
    inside = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if inside else ""


def too_many(request: HttpRequest, wait: int) -> HttpResponse:
    """The page that tells an address to wait so many seconds."""
    answer = render(request, "account/too_many.html", {"wait": wait}, status=429)
    answer["Retry-After"] = str(wait)
    return answer
