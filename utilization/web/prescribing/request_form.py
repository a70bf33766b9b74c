"""The request form and what happens while it is filled in."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from utilization import access, workflow
from utilization.models import Request
from utilization.reports import prescriber_lists as report
from utilization.rules.facts.date_words import zone_words
from utilization.rules.lifecycle import Status
from utilization.web.prescribing import clashes
from utilization.web.prescribing.completeness import missing
from utilization.web.prescribing.form_data import Sent, answers_in, base_of, field_of, sent_in
from utilization.web.prescribing.form_fields import Clash
from utilization.web.prescribing.live_panel import sheet
from utilization.web.prescribing.responses import Asked, prescribers, show
from utilization.workflow import Conflict, Saved

REVIEW = "review"
"""On the form: the person asks for the last page, so what is missing is listed."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A page of the form as it was taken: `unsaved` are answers that stay out of the draft, `problems` why, by name."""

    draft: Request
    sent: Sent
    unsaved: Mapping[str, Any] = field(default_factory=dict)
    problems: Mapping[str, str] = field(default_factory=dict)
    clashes: Mapping[str, Clash] = field(default_factory=dict)


@require_http_methods(["GET", "HEAD", "POST"])
@prescribers
def edit(request: Asked, uid: UUID) -> HttpResponse:
    """The form with its judgement beside it; sent without a script, it saves and leads to the next page."""
    at = timezone.now()
    if request.method == "POST":
        taken = take(request, uid, at)
        if not taken.unsaved:
            return _go_on(request, taken.draft, at)
    else:
        draft = access.fetch_request(request.user, uid, what="draft", at=at)
        if draft.status != Status.DRAFT:
            return redirect("request-page", uid=uid)
        waiting = workflow.unsent_of(draft, request.user, "edit")
        taken = Taken(draft, Sent({}, {}), clashes=clashes.set_aside(waiting, draft.draft))
    return _page(request, taken, at)


def _go_on(request: Asked, draft: Request, at: datetime) -> HttpResponse:
    """Where a form leads that was saved whole: to itself again, or to the last page once nothing is missing."""
    if "go_on" not in request.POST:
        return redirect("request-edit", uid=draft.uid)
    _state_what_is_chosen(request, draft, at)
    return redirect("request-submit", uid=draft.uid)


def _page(request: Asked, taken: Taken, at: datetime) -> HttpResponse:
    draft = taken.draft
    made = sheet(draft, at, unsaved=taken.unsaved, problems=taken.problems, clashes=taken.clashes)
    # Made anew, the page shows the draft as it is; only where two values stand apart it has yet to show the kept one.
    before = taken.sent.seen or {}
    apart = {name: before.get(name, "") for name in taken.unsaved if name not in taken.problems}
    context = made.context() | {
        "base": base_of({**made.fresh, **apart}),
        "pointers": _others(request, draft, at),
        "other_immunoglobulin": access.other_immunoglobulin(request.user, draft, draft.site.date_at(at)),
        "reviewing": REVIEW in request.GET,
        "missing": missing(draft, request.user, at) if REVIEW in request.GET else {},
        "not_saved": not_saved(taken),
    }
    return show(request, "edit", context, site=draft.site, status=422 if taken.unsaved else 200)


def not_saved(taken: Taken) -> dict[str, str]:
    """Why answers of a page were not saved, by the field that holds them."""
    told = {field_of(name): text for name, text in taken.problems.items()}
    apart = {field_of(name): "Changed in another window: choose one of the two values." for name in taken.unsaved}
    return {**apart, **told}


@require_POST
@prescribers
def check(request: Asked, uid: UUID) -> HttpResponse:
    """Save what was typed and judge it, while it is typed. Answers with the panel and what else changed."""
    at = timezone.now()
    taken = take(request, uid, at)
    draft = taken.draft
    made = sheet(draft, at, unsaved=taken.unsaved, problems=taken.problems, clashes=taken.clashes)
    context = made.context() | {
        "base": base_of(taken.sent.shown_now(made.fresh, taken.unsaved)),
        "moved": made.form.shown != request.POST.get("shown", ""),
        "reviewing": REVIEW in request.POST,
        "missing": missing(draft, request.user, at) if REVIEW in request.POST else {},
    }
    response = show(request, "checked", context, site=draft.site)
    response["X-Saved-At"] = saved_at(draft, at) + (", except what is marked" if taken.unsaved else "")
    return response


def saved_at(request: Request, at: datetime) -> str:
    """The time of a save in the zone of the request's site."""
    local = at.astimezone(ZoneInfo(request.site.time_zone))
    return f"{local:%H:%M} {zone_words(local)}"


@require_POST
@prescribers
def discard(request: Asked, uid: UUID) -> HttpResponse:
    """Throw a draft away."""
    workflow.discard(uid, by=request.user, at=timezone.now(), version=version_in(request))
    messages.success(request, "The draft was discarded.")
    return redirect("home")


def take(request: Asked, uid: UUID, at: datetime) -> Taken:
    """Save what the form sent: every answer that can be kept and that no other page changed to something else."""
    # Before the form is read: a pack's own facts are among its fields.
    access.fetch_request(request.user, uid, what="draft", at=at, same_page=True)
    sent = sent_in(request.POST)
    saved = workflow.save_page(
        uid, by=request.user, at=at, answers=sent.answers, seen=sent.seen, earlier=sent.earlier, settled=sent.settled,
        still=sent.still,
    )  # fmt: skip
    return Taken(saved.request, sent, *out_of(sent, saved, saved.request.draft))


def out_of(
    sent: Sent, saved: Saved, kept: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, str], dict[str, Clash]]:
    """Of a page that was saved: the answers that were not taken, why not, and what other pages wrote."""
    problems = {name: " ".join(texts) for name, texts in saved.refused.items()}
    unsaved = {name: sent.answers.get(name, "") for name in (*problems, *saved.apart)}
    return unsaved, problems, clashes.clashes_of(sent, kept, saved.apart, saved.elsewhere)


def _state_what_is_chosen(request: Asked, draft: Request, at: datetime) -> None:
    # Whoever asks for the last page has seen what it showed as chosen: filed, it is their statement, not a default.
    chosen = answers_in(request.POST)
    stated = {name: chosen[name] for name in sheet(draft, at).assumed if chosen.get(name)}
    if stated:
        workflow.save_draft(draft.uid, by=request.user, at=at, answers=stated)


def what_is_missing(uid: UUID) -> str:
    """The address of the form that lists what is missing."""
    return f"{reverse('request-edit', args=[uid])}?{REVIEW}=1"


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
