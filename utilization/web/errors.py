"""The answers to what went wrong: each says what happened, whether anything was saved, and what to do now.

None of these pages asks the database for anything, since the database may be what failed.
"""

import errno
import re
import sys
import traceback
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

import structlog
from django.conf import settings
from django.contrib.sessions.exceptions import SessionInterrupted
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent
from django.db import InterfaceError, InternalError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.template.loader import render_to_string

from utilization.logs import places
from utilization.web.uploads import most_of_file
from utilization.workflow import Refused, TooLate

log = structlog.stdlib.get_logger("utilization.errors")

UNSTORABLE = re.compile("[\x00\ud800-\udfff]")

WORDS = {
    "text": "What you wrote", "grounds": "Your grounds", "reason": "Your reason", "words": "What you wrote",
    "missing": "What is missing", "place": "Telephone number or place", "justification": "Your justification",
    "emergency_reason": "Why it is an emergency",
}  # fmt: skip
"""Fields of words, with how a page that came too late calls them."""

# What SQLite says when it cannot write now; its other operational errors are faults of ours and stay a 500.
SQLITE_UNAVAILABLE = (
    "locked",
    "is busy",
    "disk is full",
    "disk i/o error",
    "readonly database",
    "unable to open",
)

# What PostgreSQL says, by SQLSTATE, where it takes no writes, as a standby after a failover, or gave a transaction up:
# to Django these are internal errors, as a fault of ours is.
POSTGRESQL_UNAVAILABLE = frozenset({"25006", "25P03", "25P04"})


def _page(request: HttpRequest, status: int, **context: Any) -> HttpResponse:
    # Only where there is a fault to look up: a page for a foreign record must equal that for a missing one.
    request_id = getattr(request, "id", "") if status >= 500 else ""
    content = render_to_string(f"errors/{status}.html", {"status": status, "request_id": request_id, **context})
    return HttpResponse(content, status=status)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer what could not be read at all; 413 when it was too much to read, 503 where the database is what failed."""
    if isinstance(exception, SessionInterrupted) and (away := _unavailable_behind(exception)):
        # A session is kept after the page did its work, so what was asked for may be saved.
        return unavailable(request, away, unknown=True)
    log.warning("refused", error=type(exception).__qualname__)
    if isinstance(exception, RequestDataTooBig | TooManyFieldsSent):
        of_form, of_file = _size(settings.DATA_UPLOAD_MAX_MEMORY_SIZE), most_of_file(request)
        of_address = request.method in ("GET", "HEAD")
        return _page(request, 413, of_form=of_form, of_file=_size(of_file) if of_file else "", of_address=of_address)
    return _page(request, 400)


def _unavailable_behind(exception: BaseException) -> BaseException | None:
    """What was raised first and means that the database is away: Django takes each for a session that was ended."""
    behind = exception.__context__
    while behind is not None and not means_unavailable(behind):
        behind = behind.__context__
    return behind


def _size(count: int) -> str:
    return f"{count // 1_000_000} MB" if count >= 1_000_000 else f"{count // 1000} kB"


def unreadable_input(request: HttpRequest) -> HttpResponse:
    """Answer text with characters that cannot be stored; a form of ours comes back without them."""
    return _page(request, 400, unreadable=True, **(_again(request) if from_our_own_page(request) else {}))


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer a page that this person's roles do not open."""
    return _page(request, 403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer an address that leads nowhere and a foreign record alike, byte for byte."""
    return _page(request, 404)


def conflict(
    request: HttpRequest, *, heading: str, happened: str, back: str = "/", typed: Sequence[tuple[str, str]] = ()
) -> HttpResponse:
    """Answer a change that came too late: `happened` says what was there first; `back` is where to look at it. What was
    written stands on the page to copy from: words, and what else was `typed`, by label."""
    return _page(request, 409, heading=heading, happened=happened, back=back, typed=[*words_in(request), *typed])


def status_of(refused: Refused) -> int:
    """With which status what the workflow refuses is answered: 409 where somebody else was first, else 403."""
    return 409 if isinstance(refused, TooLate) else 403


def words_in(request: HttpRequest) -> list[tuple[str, str]]:
    """The words that a form of `request` holds, by label: what nobody types a second time from memory."""
    return [
        (WORDS.get(name, "Reason"), storable(text))
        for name, texts in request.POST.lists()
        if name in WORDS or (name.startswith("reason_") and name != "reason_code")
        for text in texts
        if text.strip()
    ]


def collided(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer a row that the database refused: someone else's, written at the same moment, stands in its way.

    The workflow asks before it writes, so this is rare; it is logged as a fault all the same, with its places.
    """
    log.error("collision", error=type(exception).__qualname__, at=places(exception.__traceback__))
    return conflict(
        request,
        heading="This was changed at the same moment",
        happened="Someone else changed the same thing while you sent this.",
        back=request.path if request.method == "POST" else "/",
    )


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer a fault of ours with a 500, or with a 503 when the database or the disk is what failed."""
    exception = sys.exc_info()[1]
    if exception is not None and means_unavailable(exception):
        return unavailable(request, exception)
    if exception is not None:
        log.error("fault", error=type(exception).__qualname__, at=places(exception.__traceback__))
    return _page(request, 500)


def unavailable(request: HttpRequest, exception: BaseException, *, unknown: bool = False) -> HttpResponse:
    """Answer 503: nothing was saved, or nobody knows, and the same form comes back to be sent again."""
    response = _page(request, 503, unknown=unknown or broke_in_commit(exception), **_again(request))
    response["Retry-After"] = "10"
    return response


def broke_in_commit(exception: BaseException) -> bool:
    """Whether the database went away while it was asked to commit: it may have done so, and its answer was lost."""
    frames = traceback.walk_tb(exception.__traceback__)
    return any(frame.f_code.co_qualname == "BaseDatabaseWrapper._commit" for frame, _ in frames)


def log_cut(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 503 to a move that was refused because the database does not hold what was signed."""
    log.error("log cut", what=str(exception))
    context = {"status": 503, "request_id": getattr(request, "id", ""), **_again(request)}
    return HttpResponse(render_to_string("errors/log_cut.html", context), status=503)


def means_unavailable(exception: BaseException) -> bool:
    """Tell whether waiting or freeing disk space, and not a change of the program, would have let this succeed."""
    if isinstance(exception, OSError):
        return exception.errno in (errno.ENOSPC, errno.EDQUOT, errno.EROFS)
    if isinstance(exception, InternalError):
        return getattr(exception.__cause__, "sqlstate", None) in POSTGRESQL_UNAVAILABLE
    if not isinstance(exception, OperationalError | InterfaceError):
        return False
    if settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"):
        return any(words in str(exception).lower() for words in SQLITE_UNAVAILABLE)
    return True


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form without a valid token: handed back to be sent again if it came from our own page, else refused."""
    if not from_our_own_page(request):
        return _page(request, 403, csrf=True)
    if request.headers.get("HX-Request") == "true":
        # A page that saves by itself, older than a sign-in in another tab: with the new token it continues.
        return HttpResponse(
            "This page is older than your sign-in.",
            status=403,
            headers={"HX-Reswap": "none", "X-New-Token": get_token(request)},
        )
    return send_again(request, signed_out=False)


def from_our_own_page(request: HttpRequest) -> bool:
    """Tell whether the browser says that a page of ours sent this."""
    # A form of another site must never be dressed up as ours, so only the browser's own word counts.
    origin = request.headers.get("Origin") or request.headers.get("Referer", "")
    return urlsplit(origin).netloc == request.get_host()


def send_again(request: HttpRequest, *, signed_out: bool) -> HttpResponse:
    """Hand a form back whose session or token had ended, to be sent again at the press of one button."""
    content = render_to_string("errors/send_again.html", {**_again(request), "signed_out": signed_out}, request=request)
    return HttpResponse(content, status=401 if signed_out else 403)


def _again(request: HttpRequest) -> dict[str, Any]:
    """Return what a page needs to send the form of `request` again: all that was typed but passwords, and the token.

    Going back is no help: pages that are not to be stored come back from the server, and empty.
    """
    if request.method != "POST":
        return {}
    fields = [
        (storable(name), storable(value))
        for name, values in request.POST.lists()
        if name != "csrfmiddlewaretoken" and "password" not in name
        for value in values
    ]
    return {"fields": fields, "action": storable(request.get_full_path()), "csrf_token": get_token(request)}


def is_storable(text: str) -> bool:
    """Tell whether every database can keep `text`: no NUL, and no half of a surrogate pair."""
    return UNSTORABLE.search(text) is None


def storable(text: str) -> str:
    """Return `text` without the characters that some database cannot keep."""
    return UNSTORABLE.sub("", text)
