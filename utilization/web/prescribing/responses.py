"""How these pages answer: in the site's time zone, and with words for what the workflow refuses."""

import functools
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from utilization import access
from utilization.models import Request, Site
from utilization.rules.facts.catalogue import CATALOGUE, Fact
from utilization.rules.roles import Permission
from utilization.web import errors
from utilization.web.policy import SignedInRequest, policy
from utilization.web.prescribing.form_data import sent_in
from utilization.workflow import Conflict, Refused

View = Callable[..., HttpResponseBase]


def show(
    request: HttpRequest, template: str, context: dict[str, Any], *, site: Site | None, status: int = 200
) -> HttpResponse:
    """Render `template` with every time in the time zone of `site`."""
    with timezone.override(ZoneInfo(site.time_zone) if site else None):
        return render(request, f"prescribing/{template}.html", {"now": timezone.now(), **context}, status=status)


def prescribers(view: View) -> View:
    """For people who file requests; a refusal of the workflow and a lost race are answered in words."""

    @functools.wraps(view)
    def answering(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except Conflict as conflict:
            return _overtaken(request, conflict)
        except Refused as refused:
            context = {"why": refused.why, "typed": errors.words_in(request)}
            return show(request, "refused", context, site=None, status=errors.status_of(refused))

    return policy(Permission.FILE)(answering)


def _overtaken(request: HttpRequest, conflict: Conflict) -> HttpResponse:
    if request.headers.get("HX-Request") == "true":
        # The page that asked keeps what was typed; it only says that nothing was saved.
        return HttpResponse(conflict.why, status=409, content_type="text/plain; charset=utf-8")
    return errors.conflict(
        request,
        heading="This request changed meanwhile",
        happened=conflict.why,
        back=reverse("request-page", args=[conflict.request.uid]),
        typed=_facts_in(request, conflict.request.draft),
    )


def _facts_in(request: HttpRequest, kept: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The answers to facts that were typed on the page of `request`: not what it showed by itself, nor what is `kept`
    of the draft now."""
    sent = sent_in(request.POST, CATALOGUE)
    shown = {**kept, **(sent.seen or {})}
    return [
        (CATALOGUE[name].label, errors.storable(text))
        for name, value in sent.answers.items()
        if name in CATALOGUE and name not in errors.WORDS and value not in (shown.get(name), kept.get(name))
        if (text := _in_words(CATALOGUE[name], value))
    ]


def _in_words(fact: Fact, value: Any) -> str:
    parts = value if isinstance(value, list) else [value]
    return ", ".join(fact.choices.get(str(part), str(part)) for part in parts if part)


def fetch(request: SignedInRequest, uid: UUID, at: datetime, same_page: bool = False) -> Request:
    """The request with this `uid`, read by its department. Raises NotFound."""
    return access.fetch_request(request.user, uid, what="request", at=at, same_page=same_page)
