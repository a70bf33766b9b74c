"""Forms that add something, sent any number of times, add it once: `@once` on the view, one include in the form.

The include `_parts/form_token.html` gives each page that is shown a token of its own. The first time that it arrives
the view runs; the same form again is led where the first one was; the same token with other content is refused, since
nobody can say which of the two was meant. A form without a token counts as the same for a minute, by its content,
unless its view says `@once_by_token`: where the name itself is taken by then, saying so is the better answer.
Only what succeeds is remembered: a form that comes back with errors is sent again as a matter of course.
"""

import functools
import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import DatabaseError, transaction
from django.http import HttpRequest
from django.http.response import HttpResponseBase, HttpResponseRedirectBase
from django.shortcuts import redirect
from django.utils import timezone

from utilization import workflow
from utilization.models import SentForm, User
from utilization.rules.canonical_json import canonical
from utilization.web import errors
from utilization.web.policy import View

FIELD = "form_token"
_TOKEN = re.compile(r"[A-Za-z0-9_-]{16,64}", re.ASCII)
_NOT_CONTENT = (FIELD, "csrfmiddlewaretoken", "password")


def once(view: View) -> View:
    """Do what a POST to `view` says once, by the token of its page or else by its content; see `_once`."""
    return _once(view, by_content=True)


def once_by_token(view: View) -> View:
    """Do what a POST to `view` says once, by the token of its page alone; see `_once`."""
    return _once(view, by_content=False)


def _once(view: View, *, by_content: bool) -> View:
    """Do what a POST to `view` says once, however often it is sent. Stands below the policy of the view.

    The view runs in one transaction with the note that it was done, so nothing slow belongs in it: a password is proved
    elsewhere. Success is a redirect, or an answer whose view called `leads_to`.
    """

    @functools.wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method != "POST":
            return view(request, *args, **kwargs)
        assert isinstance(request.user, User), "the policy of the view stands above"
        at, content = timezone.now(), _content(request)
        tokens = _tokens(request, content, at, by_content)
        if not tokens:
            return view(request, *args, **kwargs)
        if before := workflow.sent_form.sent_before(request.user, tokens):
            return _again(request, before, content)
        done = _Done()
        try:
            with transaction.atomic():
                # Whoever waited here for the same form, sent at the same moment, has nothing left to do, and is not to
                # hold up those who wait behind: SQLite gives one at a time the right to write.
                if first := workflow.sent_form.sent_before(request.user, tokens):
                    return _again(request, first, content)
                done = _run(view, request, *args, **kwargs)
                if done.location:
                    workflow.sent_form.record(request.user, tokens[0], sha256=content, location=done.location, at=at)
        except workflow.sent_form.AlreadySent:
            done = _Done()
        # What was refused may have been refused because the same form, sent at the same moment, was first.
        if not done.location and (first := workflow.sent_form.sent_before(request.user, tokens)):
            return _again(request, first, content)
        if done.failed is not None:
            raise done.failed
        assert done.response is not None, "whoever was first has committed: its key was in the way"
        return done.response

    return guarded


def answer_before(request: HttpRequest) -> HttpResponseBase | None:
    """What `@once` answers to a form that was done already; None for any other. For a view that has something slow to
    do before its part that stands below `@once`."""
    assert isinstance(request.user, User), "the policy of the view stands above"
    content = _content(request)
    before = workflow.sent_form.sent_before(request.user, _tokens(request, content, timezone.now(), by_content=True))
    return _again(request, before, content) if before else None


@dataclass(frozen=True, slots=True)
class _Done:
    """What a view did: its answer or what it raised; `location` where it succeeded."""

    response: HttpResponseBase | None = None
    failed: Exception | None = None
    location: str = ""


def _run(view: View, request: HttpRequest, *args: Any, **kwargs: Any) -> _Done:
    try:
        response = view(request, *args, **kwargs)
    except DatabaseError:
        raise  # the transaction is broken: all of it is undone
    except Exception as error:
        # Told by whoever tells it without this; what the view wrote before, such as a read, stays written.
        return _Done(failed=error)
    return _Done(response, location=_location(request, response))


def leads_to(request: HttpRequest, url: str) -> None:
    """Say where the form leads when it is sent again, for an answer that is no redirect."""
    request.form_leads_to = url  # type: ignore[attr-defined]  # read below


def _location(request: HttpRequest, response: HttpResponseBase) -> str:
    if isinstance(response, HttpResponseRedirectBase):
        return str(response.url)
    return str(getattr(request, "form_leads_to", ""))


def _tokens(request: HttpRequest, content: str, at: datetime, by_content: bool) -> list[str]:
    """What this form is known by: the token of its page, else, `by_content`, its content in this minute or the last."""
    token = request.POST.get(FIELD, "")
    if _TOKEN.fullmatch(token):
        return [token]
    if not by_content:
        return []
    minute = int(at.timestamp()) // 60
    return [f"{content}.{number}" for number in (minute, minute - 1)]


def _content(request: HttpRequest) -> str:
    """SHA-256 of what was sent and where to, without tokens and passwords."""
    fields = {name: values for name, values in request.POST.lists() if name not in _NOT_CONTENT}
    files = {name: _file(file) for name, file in request.FILES.items()}
    return hashlib.sha256(canonical({"path": request.path, "fields": fields, "files": files})).hexdigest()


def _file(file: Any) -> list[str]:
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    file.seek(0)
    return [str(file.name), digest.hexdigest()]


def _again(request: HttpRequest, before: SentForm, content: str) -> HttpResponseBase:
    if before.sha256 == content:
        return redirect(before.location)
    return errors.conflict(
        request,
        heading="This form was sent already",
        happened="What it said when it was first sent is saved; what it says now is not. "
        "Look at what is there, and open the form anew to add something else.",
        back=before.location,
    )
