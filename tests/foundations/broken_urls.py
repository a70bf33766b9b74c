"""The product's addresses, and views that fail in every way that a view can."""

import errno
from collections.abc import Callable

from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import OperationalError, transaction
from django.http import HttpRequest, HttpResponse
from django.urls import path

from utilization import urls
from utilization.models import User
from utilization.web import errors
from utilization.web.policy import open_to_all, signed_in

SECRET = "Canary Patient 4711"

handler400, handler403, handler404, handler500 = (
    urls.handler400,
    urls.handler403,
    urls.handler404,
    urls.handler500,
)


def failing(exception: BaseException) -> Callable[[HttpRequest], HttpResponse]:
    def view(request: HttpRequest) -> HttpResponse:
        raise exception

    return view


@open_to_all
def echo(request: HttpRequest) -> HttpResponse:
    return HttpResponse(request.POST.get("note", ""))


@signed_in
def private(request: HttpRequest) -> HttpResponse:
    return HttpResponse(f"{request.user.get_username()}:{request.POST.get('note', '')}")


@open_to_all
def too_late(request: HttpRequest) -> HttpResponse:
    return errors.conflict(request, heading="Decided already", happened="Another reviewer was first.", back="/there/")


@open_to_all
def saves(request: HttpRequest) -> HttpResponse:
    with transaction.atomic():
        list(User.objects.all()[:1])
    return HttpResponse("Saved.")


FAILURES: dict[str, BaseException] = {
    "400": SuspiciousOperation(SECRET),
    "403": PermissionDenied(SECRET),
    "500": RuntimeError(SECRET),
    "locked": OperationalError("database is locked"),
    "database-full": OperationalError("database or disk is full"),
    "disk-full": OSError(errno.ENOSPC, "No space left on device", SECRET),
    "missing-file": FileNotFoundError(errno.ENOENT, "No such file", SECRET),
}

urlpatterns = [
    *urls.urlpatterns,
    path("echo/", echo),
    path("private/", private),
    path("too-late/", too_late),
    path("saves/", saves),
    *(path(f"fail/{name}/", open_to_all(failing(error))) for name, error in FAILURES.items()),
]
