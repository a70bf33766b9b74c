"""The request form and what happens while it is filled in."""

from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from utilization import access, workflow
from utilization.models import Request
from utilization.reports import prescribing as report
from utilization.rules.lifecycle import Status
from utilization.web.prescribing.sheet import sheet
from utilization.web.prescribing.showing import Asked, prescribers, show
from utilization.web.prescribing.typed import STILL, answers_in, changed_in
from utilization.workflow import Conflict, Invalid


@require_http_methods(["GET", "HEAD", "POST"])
@prescribers
def edit(request: Asked, uid: UUID) -> HttpResponse:
    """The form with its judgement beside it; sent without a script, it saves and goes on."""
    at = timezone.now()
    if request.method == "POST":
        draft, unsaved, problems = save(request, uid, at)
        if not problems and "go_on" in request.POST:
            _state_what_is_chosen(request, draft, at)
            return redirect("request-submit", uid=uid)
        if not problems:
            return redirect("request-edit", uid=uid)
    else:
        draft, unsaved, problems = access.fetch_request(request.user, uid, what="draft", at=at), {}, {}
        if draft.status != Status.DRAFT:
            return redirect("request-page", uid=uid)
    made = sheet(draft, at, unsaved=unsaved, problems=problems)
    context = made.context() | {
        "pointers": _others(request, draft, at),
        "other_immunoglobulin": access.other_immunoglobulin(request.user, draft, draft.site.date_at(at)),
    }
    return show(request, "edit", context, site=draft.site, status=422 if problems else 200)


@require_POST
@prescribers
def check(request: Asked, uid: UUID) -> HttpResponse:
    """Save what was typed and judge it, while it is typed. Answers with the panel and what else changed."""
    at = timezone.now()
    draft, unsaved, problems = save(request, uid, at)
    made = sheet(draft, at, unsaved=unsaved, problems=problems)
    context = made.context() | {"moved": made.form.shown != request.POST.get("shown", "")}
    response = show(request, "checked", context, site=draft.site)
    local = at.astimezone(ZoneInfo(draft.site.time_zone))
    response["X-Saved-At"] = f"{local:%H:%M} {local.tzname()}" + (", except what is marked" if problems else "")
    return response


@require_POST
@prescribers
def discard(request: Asked, uid: UUID) -> HttpResponse:
    """Throw a draft away."""
    workflow.discard(uid, by=request.user, at=timezone.now(), version=version_in(request))
    messages.success(request, "The draft was discarded.")
    return redirect("home")


def save(request: Asked, uid: UUID, at: datetime) -> tuple[Request, dict[str, Any], dict[str, str]]:
    """The draft with every answer kept that can be; the answers that cannot, and why not, by name."""
    # Before the form is read: a pack's own facts are among its fields.
    access.fetch_request(request.user, uid, what="draft", at=at, same_page=True)
    answers, still = changed_in(request.POST), request.POST.getlist(STILL)
    try:
        return workflow.save_draft(uid, by=request.user, at=at, answers=answers, still=still), {}, {}
    except Invalid as invalid:
        problems = {name: " ".join(texts) for name, texts in invalid.errors.items()}
    kept = {name: value for name, value in answers.items() if name not in problems}
    draft = workflow.save_draft(uid, by=request.user, at=at, answers=kept, still=still)
    return draft, {name: answers.get(name, "") for name in problems}, problems


def _state_what_is_chosen(request: Asked, draft: Request, at: datetime) -> None:
    # Whoever goes on from the form has seen what it showed as chosen: filed, it is their statement, not a default.
    chosen = answers_in(request.POST)
    stated = {name: chosen[name] for name in sheet(draft, at).assumed if chosen.get(name)}
    if stated:
        workflow.save_draft(draft.uid, by=request.user, at=at, answers=stated)


def version_in(request: Asked) -> int:
    """The version that the page was made of; a page that names none counts as older than every version."""
    try:
        return int(request.POST.get("version", ""))
    except ValueError:
        return -1


def refuse_other_status(found: Request, wanted: Status) -> None:
    """Raise Conflict when `found` no longer stands at `wanted`: someone was first."""
    if found.status != wanted:
        raise Conflict("This request has moved on since this page was opened.", found)


def _others(request: Asked, draft: Request, at: datetime) -> list[report.Pointer]:
    today = draft.site.date_at(at)
    found = report.in_the_way(request.user, draft.patient, [draft.indication], today).get(draft.indication, [])
    return [one for one in found if one.request is None or one.request.pk != draft.pk]
