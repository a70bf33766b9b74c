"""The request form and what happens while it is filled in."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from utilization import access, criteria, workflow
from utilization.models import Request
from utilization.reports import prescriber_lists as report
from utilization.rules.facts.date_words import zone_words
from utilization.rules.form.merge import Sent
from utilization.rules.lifecycle import Status
from utilization.rules.packs.pack import Pack
from utilization.web.policy import SignedInRequest
from utilization.web.prescribing import clashes
from utilization.web.prescribing.attachments import attachments_context
from utilization.web.prescribing.denial import denial_of
from utilization.web.prescribing.form_content import Clash
from utilization.web.prescribing.form_data import base_of, field_of, sent_in
from utilization.web.prescribing.live_panel import sheet
from utilization.web.prescribing.responses import prescribers, show
from utilization.workflow import Conflict, Saved

REVIEW = "review"
"""On the form: the person asks for the last page, so what is missing is listed."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A page of the form as it was taken, with the criteria that judge it: `unsaved` are answers that stay out of the
    draft, `problems` why, by name."""

    draft: Request
    pack: Pack
    sent: Sent
    unsaved: Mapping[str, Any] = field(default_factory=dict)
    problems: Mapping[str, str] = field(default_factory=dict)
    clashes: Mapping[str, Clash] = field(default_factory=dict)


@require_http_methods(["GET", "HEAD", "POST"])
@prescribers
def edit(request: SignedInRequest, uid: UUID) -> HttpResponse:
    """The form with its judgement beside it; sent without a script, it saves and leads to the next page."""
    at = timezone.now()
    if request.method == "POST":
        taken = take(request, uid, at)
        if not taken.unsaved:
            return _go_on(request, taken, at)
    else:
        draft = access.fetch_request(request.user, uid, what="draft", at=at)
        if draft.status != Status.DRAFT:
            return redirect("request-page", uid=uid)
        waiting = workflow.unsent_of(draft, request.user, "edit")
        pack = criteria.criteria_for(draft, draft.site.date_at(at))
        taken = Taken(draft, pack, Sent({}, {}), clashes=clashes.set_aside(waiting, draft.draft, pack.catalogue))
    return _page(request, taken, at)


def _go_on(request: SignedInRequest, taken: Taken, at: datetime) -> HttpResponse:
    """Where a form leads that was saved whole: to itself again, or to the last page once nothing is missing."""
    if "go_on" not in request.POST:
        return redirect("request-edit", uid=taken.draft.uid)
    _state_what_is_chosen(request, taken, at)
    return redirect("request-submit", uid=taken.draft.uid)


def _page(request: SignedInRequest, taken: Taken, at: datetime) -> HttpResponse:
    draft = taken.draft
    reading = workflow.read_request(draft, at, pack=taken.pack)
    made = sheet(reading, unsaved=taken.unsaved, problems=taken.problems, clashes=taken.clashes)
    # Made anew, the page shows the draft as it is; only where two values stand apart it has yet to show the kept one.
    before = taken.sent.seen or {}
    apart = {name: before.get(name, "") for name in taken.unsaved if name not in taken.problems}
    context = made.context() | {
        "base": base_of({**made.fresh, **apart}),
        "pointers": _others(request, draft, at),
        "other_immunoglobulin": access.other_immunoglobulin(request.user, draft, draft.site.date_at(at)),
        "denial": denial_of(draft.copied_from) if draft.copied_from else None,
        "origin": access.origin_of(draft),
        "reviewing": REVIEW in request.GET,
        "missing": workflow.missing(reading, request.user) if REVIEW in request.GET else {},
        "not_saved": not_saved(taken),
        **attachments_context(request, draft),
    }
    return show(request, "edit", context, site=draft.site, status=422 if taken.unsaved else 200)


def not_saved(taken: Taken) -> dict[str, str]:
    """Why answers of a page were not saved, by the field that holds them."""
    told = {field_of(name): text for name, text in taken.problems.items()}
    apart = {field_of(name): "Changed in another window: choose one of the two values." for name in taken.unsaved}
    return {**apart, **told}


@require_POST
@prescribers
def check(request: SignedInRequest, uid: UUID) -> HttpResponse:
    """Save what was typed and judge it, while it is typed. Answers with the panel and what else changed."""
    at = timezone.now()
    taken = take(request, uid, at)
    draft = taken.draft
    reading = workflow.read_request(draft, at, pack=taken.pack)
    made = sheet(reading, unsaved=taken.unsaved, problems=taken.problems, clashes=taken.clashes)
    context = made.context() | {
        "base": base_of(taken.sent.shown_now(made.fresh, taken.unsaved)),
        "moved": made.form.shown != request.POST.get("shown", ""),
        "reviewing": REVIEW in request.POST,
        "missing": workflow.missing(reading, request.user) if REVIEW in request.POST else {},
    }
    response = show(request, "live_check", context, site=draft.site)
    response["X-Saved-At"] = saved_at(draft, at) + (", except what is marked" if taken.unsaved else "")
    return response


def saved_at(request: Request, at: datetime) -> str:
    """The time of a save in the zone of the request's site."""
    local = at.astimezone(ZoneInfo(request.site.time_zone))
    return f"{local:%H:%M} {zone_words(local)}"


@require_POST
@prescribers
def discard(request: SignedInRequest, uid: UUID) -> HttpResponse:
    """Throw a draft away."""
    workflow.discard(uid, by=request.user, at=timezone.now(), version=version_in(request))
    messages.success(request, "The draft was discarded.")
    return redirect("home")


def take(request: SignedInRequest, uid: UUID, at: datetime) -> Taken:
    """Save what the form sent: every answer that can be kept and that no other page changed to something else."""
    saved = workflow.save_page(uid, by=request.user, at=at, page=partial(sent_in, request.POST))
    return Taken(saved.request, saved.pack, saved.sent, *out_of(saved, saved.request.draft))


def out_of(saved: Saved, kept: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str], dict[str, Clash]]:
    """Of a page that was saved: the answers that were not taken, why not, and what other pages wrote."""
    problems = {name: " ".join(texts) for name, texts in saved.refused.items()}
    unsaved = {name: saved.sent.answers.get(name, "") for name in (*problems, *saved.apart)}
    return unsaved, problems, clashes.clashes_of(saved, kept, saved.pack.catalogue)


def _state_what_is_chosen(request: SignedInRequest, taken: Taken, at: datetime) -> None:
    # Whoever asks for the last page has seen what it showed as chosen: filed, it is their statement, not a default.
    chosen, made = taken.sent.answers, workflow.read_request(taken.draft, at, pack=taken.pack)
    stated = {name: chosen[name] for name in sheet(made).assumed if chosen.get(name)}
    if stated:
        workflow.save_draft(taken.draft.uid, by=request.user, at=at, answers=stated, pack=taken.pack)


def what_is_missing(uid: UUID) -> str:
    """The address of the form that lists what is missing."""
    return f"{reverse('request-edit', args=[uid])}?{REVIEW}=1"


def version_in(request: SignedInRequest) -> int:
    """The version that the page was made of; a page that names none counts as older than every version."""
    try:
        return int(request.POST.get("version", ""))
    except ValueError:
        return -1


def refuse_other_status(the_request: Request, wanted: Status) -> None:
    """Raise Conflict when `found` no longer stands at `wanted`: someone was first."""
    if the_request.status != wanted:
        raise Conflict("This request has moved on since this page was opened.", the_request)


def _others(request: SignedInRequest, draft: Request, at: datetime) -> list[report.Pointer]:
    today = draft.site.date_at(at)
    pointers = report.in_the_way(request.user, draft.patient, [draft.indication], today).get(draft.indication, [])
    return [pointer for pointer in pointers if pointer.request is None or pointer.request.pk != draft.pk]
