"""What the committee's views share: who may open them, and how a page is made."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from utilization.access import READS_VERSIONS
from utilization.rules.roles import Permission
from utilization.web.policy import policy

committee = policy(Permission.KEEP_CRITERIA)
readers = policy(*READS_VERSIONS)


def show(request: HttpRequest, page: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    """The page of this name among the committee's templates."""
    return render(request, f"formulary/{page}.html", context, status=status)


def version_in(request: HttpRequest) -> int:
    """The version of the draft that the page was made of; -1, which none is, where the form does not say."""
    raw = request.POST.get("version", "")
    return int(raw) if raw.isascii() and raw.isdecimal() and len(raw) < 10 else -1
