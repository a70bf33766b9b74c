"""The short form of a renewal: what the request before it says beside the few answers that are asked for anew."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from utilization import access, criteria, workflow
from utilization.models import Request
from utilization.models.requests import DOSE_CHANGE, EXTRA_DOSE
from utilization.reports.renewal import RenewalBasis, renewal_basis
from utilization.rules.facts.catalogue import SAFETY_CHECKLIST
from utilization.rules.form.answers import SAFETY
from utilization.rules.form.merge import Sent
from utilization.rules.form.questions import ORDER_FACTS, questionnaire
from utilization.rules.form.renewal import BASELINE, CURRENT, MEASURE, carried_over, left_to_answer
from utilization.rules.lifecycle import Status
from utilization.web.policy import SignedInRequest
from utilization.web.prescribing import clashes
from utilization.web.prescribing.form_data import DOSE, base_of
from utilization.web.prescribing.live_panel import Sheet, sheet
from utilization.web.prescribing.request_form import REVIEW, Taken, not_saved, take, what_is_missing
from utilization.web.prescribing.responses import prescribers, show
from utilization.workflow import Reading

_TRANSFER = "Transfer"
_TITLES = {"": "Renewal", DOSE_CHANGE: "Change of dose", EXTRA_DOSE: "Extra dose"}


def is_renewal(draft: Request) -> bool:
    """Whether `draft` is a renewal that was begun from the request before it."""
    return draft.copied_from is not None and draft.draft.get("request_type") == "renewal"


@require_http_methods(["GET", "HEAD", "POST"])
@prescribers
def renewal(request: SignedInRequest, uid: UUID) -> HttpResponse:
    """The questions that a renewal leaves, beside what it stands on; sent, they are saved and lead to the signature."""
    at = timezone.now()
    draft = access.fetch_request(request.user, uid, what="draft", at=at, same_page=request.method == "POST")
    if draft.status == Status.DRAFT and not is_renewal(draft):
        return redirect("request-edit", uid=uid)
    if request.method == "POST":
        taken = take(request, uid, at)
        if not taken.unsaved:
            return _go_on(request, taken, at)
    else:
        if draft.status != Status.DRAFT:
            return redirect("request-page", uid=uid)
        waiting = workflow.unsent_of(draft, request.user, "edit")
        pack = criteria.criteria_for(draft, draft.site.date_at(at))
        taken = Taken(draft, pack, Sent({}, {}), clashes=clashes.set_aside(waiting, draft.draft, pack.catalogue))
    return _page(request, taken, at)


def _go_on(request: SignedInRequest, taken: Taken, at: datetime) -> HttpResponse:
    """To the signature, or back to what is missing: here, or in the whole form where it has no field here."""
    uid = taken.draft.uid
    if "go_on" not in request.POST:
        return redirect("request-renewal", uid=uid)
    reading = workflow.read_request(taken.draft, at, pack=taken.pack)
    missing = set(workflow.missing(reading, request.user))
    if not missing:
        return redirect("request-submit", uid=uid)
    basis = renewal_basis(request.user, taken.draft, reading.facts, at=at)
    if missing <= _fields(short_form(reading, basis, taken)):
        return redirect(f"{reverse('request-renewal', args=[uid])}?{REVIEW}=1")
    return redirect(what_is_missing(uid))


def _page(request: SignedInRequest, taken: Taken, at: datetime) -> HttpResponse:
    draft = taken.draft
    reading = workflow.read_request(draft, at, pack=taken.pack)
    basis = renewal_basis(request.user, draft, reading.facts, at=at)
    made = short_form(reading, basis, taken)
    missing = workflow.missing(reading, request.user)
    before = taken.sent.seen or {}
    apart = {name: before.get(name, "") for name in taken.unsaved if name not in taken.problems}
    here, origin = _fields(made), access.origin_of(draft)
    context: dict[str, Any] = made.context() | {
        "basis": basis,
        "base": base_of({**made.fresh, **apart}),
        "carried": carried_facts(reading),
        "title": _TRANSFER if origin else _TITLES[draft.changes],
        "origin": origin,
        "to_answer": [name for name in missing if name in here],
        "elsewhere": {name: text for name, text in missing.items() if name not in here},
        "reviewing": REVIEW in request.GET,
        "missing": missing if REVIEW in request.GET else {},
        "not_saved": not_saved(taken),
    }
    return show(request, "renewal", context, site=draft.site, status=422 if taken.unsaved else 200)


def short_form(reading: Reading, basis: RenewalBasis, taken: Taken) -> Sheet:
    """The form of what is left to answer."""
    source, draft = basis.source.draft, reading.request.draft
    carried = carried_over(draft, source, reading.pack.catalogue)
    scores = [CURRENT] if BASELINE in carried else [BASELINE, CURRENT]
    if not basis.response.measure:
        scores.insert(0, MEASURE)
    left = left_to_answer(questionnaire(reading.pack, reading.judgement, reading.intake), carried, scores)
    return sheet(reading, unsaved=taken.unsaved, problems=taken.problems, clashes=taken.clashes, sections=left)


def carried_facts(reading: Reading) -> dict[str, Any]:
    """The facts that are carried over, by name, as they were read."""
    assert reading.request.copied_from is not None, "a renewal is begun from a request"
    names = carried_over(reading.request.draft, reading.request.copied_from.draft, reading.pack.catalogue)
    return {name: reading.facts[name] for name in names if name in reading.facts and name != "request_type"}


def _fields(made: Sheet) -> set[str]:
    order = (DOSE, *ORDER_FACTS) if made.reading.request.changes else ()
    return {*made.form.shown.split(), SAFETY, *SAFETY_CHECKLIST, *order}
