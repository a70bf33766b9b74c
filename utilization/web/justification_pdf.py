"""The justification of a request as a PDF, for everyone who may read the request."""

import time
from datetime import datetime
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from utilization import access
from utilization.documents import justification as document
from utilization.jobs.documents import AwaitsSeal, content_of, issued
from utilization.models import Request
from utilization.reports.frozen_justification import NothingFiled, decided, frozen_with_logo
from utilization.rules.roles import Permission
from utilization.seal.entry_proof import LogUnproven, unsealed_since
from utilization.web import errors
from utilization.web.policy import policy

# A sealer seals each second: who asks while it is about to is not sent away. One that is late is not waited for.
_PATIENCE_SECONDS, _PAUSE_SECONDS, _LATE_SECONDS = 2.0, 0.2, 10.0


@require_safe
@policy(Permission.FILE, Permission.REVIEW, Permission.REVIEW_AS_PHYSICIAN, Permission.AUDIT)
def justification(request: HttpRequest, uid: UUID) -> HttpResponse:
    """The kept document of a decided request; of an open one a fresh print, marked as not decided and not kept."""
    at = timezone.now()
    the_request = access.fetch_request(request.user, uid, what="justification", at=at)
    try:
        content = _issued(the_request, at) if decided(the_request) else _print(the_request)
    except NothingFiled:
        return errors.conflict(
            request,
            heading="There is nothing to print yet",
            happened="This draft has not been submitted. Its justification can be printed once it is.",
        )
    except (AwaitsSeal, LogUnproven) as reason:
        context = {"damaged": isinstance(reason, LogUnproven), "since": unsealed_since(), "late": _is_late(at)}
        response = render(request, "errors/awaits_seal.html", context, status=503)
        response["Retry-After"] = "5"
        return response
    except document.CannotRender as reason:
        return errors.conflict(
            request,
            heading="This document could not be made",
            happened=f"What is on record stands, and nothing was lost. Tell the people who run the server: {reason}",
            back=request.path,
        )
    response = HttpResponse(content, content_type="application/pdf")
    # The request's number and no more: a file name ends up in download lists and mail.
    name = the_request.number if decided(the_request) else f"{the_request.number}-not-decided"
    response["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    return response


def _print(the_request: Request) -> bytes:
    """A fresh print of what is not decided."""
    value, logo = frozen_with_logo(the_request)
    return document.render(value, logo=logo)


def _issued(the_request: Request, at: datetime) -> bytes:
    """The document with its proof; while the sealer is about to sign, a moment is waited for it."""
    until = None
    while True:
        try:
            return content_of(issued(the_request, at=at))
        except AwaitsSeal:
            until = until or time.monotonic() + _PATIENCE_SECONDS
            if _is_late(timezone.now()) or time.monotonic() >= until:
                raise
        time.sleep(_PAUSE_SECONDS)


def _is_late(at: datetime) -> bool:
    since = unsealed_since()
    return since is not None and (at - since).total_seconds() > _LATE_SECONDS
