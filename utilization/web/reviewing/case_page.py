"""The page of a case, with whatever form came back on it."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from utilization import workflow
from utilization.reports.case import ReviewCase
from utilization.reports.queue import lapses_at
from utilization.reports.whereabouts import whereabouts
from utilization.web.messages import MessageForm, thread_context
from utilization.web.policy import SignedInRequest
from utilization.web.reviewing.advice_panel import Typed, advice_context
from utilization.web.reviewing.courses import courses_of
from utilization.web.reviewing.decision_panel import panel
from utilization.web.reviewing.forms import ActForm
from utilization.web.reviewing.queue_page import asked_list, list_place


def case_page(
    request: SignedInRequest,
    seen: ReviewCase,
    *,
    form: ActForm | None = None,
    written: MessageForm | None = None,
    typed: Typed | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page of `seen`. One of `form` (an act), `written` (a message) and `typed` (of opinions and calls) may be what
    could not be done, shown with what is wrong."""
    at = timezone.now()
    context = {
        "case": seen,
        "now": at,
        "courses": courses_of(seen, at),
        "panel": panel(request.user, seen, form),
        **advice_context(request.user, seen, typed, at),
        **thread_context(
            request.user, seen.request, reviewing=True, answers=request.GET.get("answers", ""), form=written
        ),
        "place": list_place(request.user, asked_list(request), seen.request, at),
    }
    context["whereabouts"] = whereabouts(seen.request, at=at)
    context["lapses_at"] = lapses_at(seen.request)
    context["has_passkey"] = SimpleLazyObject(lambda: workflow.has_passkey(request.user))
    return render_case(request, seen, "reviewing/case.html", context, status)


def render_case(
    request: SignedInRequest, seen: ReviewCase, template: str, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    """`template` with every time as clocks show it where the request was filed, wherever the reviewer sits."""
    with timezone.override(seen.request.site.time_zone):
        return render(request, template, context, status=status)
