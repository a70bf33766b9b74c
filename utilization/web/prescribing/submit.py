"""The steps before a request is submitted: the second statement of dose and weight, made without sight of the first;
then what will be frozen, what must be confirmed, and the signature."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from utilization import access, workflow
from utilization.models import Request
from utilization.reports.prescriber_lists import title_of
from utilization.reports.statements import not_known_beside, safety
from utilization.rules.facts.values import plain
from utilization.rules.lifecycle import Status
from utilization.web.policy import SignedInRequest
from utilization.web.prescribing.forms import StatedForm, SubmitForm, again_in, confirmations_in, faults, reasons_in
from utilization.web.prescribing.live_panel import sheet
from utilization.web.prescribing.request_form import version_in, what_is_missing
from utilization.web.prescribing.responses import prescribers, show
from utilization.workflow import DOSE_AGAIN, WEIGHT_AGAIN, Checked, Invalid, Reading, Unready

STATED = "stated"
"""Sent by the first step: what it asked for was typed."""
CARRIED = ("mrn", DOSE_AGAIN, WEIGHT_AGAIN)
"""What the first step asks for, carried along to the last."""


@require_http_methods(["GET", "HEAD", "POST"])
@prescribers
def submit(request: SignedInRequest, uid: UUID) -> HttpResponse:
    """Ask for dose and weight again where they need it; show what is about to be frozen; submit it."""
    at = timezone.now()
    if request.method != "POST" or STATED in request.POST:
        draft = access.fetch_request(request.user, uid, what="draft", at=at)
        if draft.status != Status.DRAFT:
            return redirect("request-page", uid=uid)
        return _step(request, draft, at)
    try:
        filed = workflow.submit(
            uid, by=request.user, at=at, version=version_in(request), mrn=request.POST.get("mrn", ""),
            attested=request.POST.get("attested") == "on",
            confirmations=confirmations_in(request.POST, again_in(request.POST)),
        )  # fmt: skip
    except Invalid as invalid:
        draft = access.fetch_request(request.user, uid, what="draft", at=at)
        return _step(request, draft, at, invalid)
    messages.success(request, f"Submitted as {filed.number}. The pharmacist has it now.")
    return redirect("request-treat" if request.POST.get("then") == "treat" else "request-page", uid=uid)


def _step(request: SignedInRequest, draft: Request, at: datetime, invalid: Invalid | None = None) -> HttpResponse:
    """The page that comes next: the form where something is missing, the second statement, or the last page."""
    made = invalid.reading if isinstance(invalid, Unready) else workflow.read_request(draft, at)
    checked = checked_with(made, request.POST)
    if workflow.missing(made, request.user):
        return redirect(what_is_missing(draft.uid))
    if checked.wants_dose or checked.wants_weight:
        wrong = not_as_stated(checked) | _mrn_trouble(draft, request.POST)
        if wrong:
            return _state_again(request, draft, checked, wrong)
    return _page(request, made, checked, invalid)


def _mrn_trouble(draft: Request, post: QueryDict) -> dict[str, str]:
    fault = workflow.mrn_fault(draft, post.get("mrn", ""))
    return {"mrn": fault} if fault else {}


def not_as_stated(checked: Checked) -> dict[str, str]:
    """What is wrong with the second statement of dose and weight, by field, without a figure of the first."""
    wrong = dict(checked.problems)
    for trap in checked.stops:
        name = checked.field_of(trap)
        if name not in CARRIED or name in wrong:
            continue
        if trap.code in ("dose_stated_once", "weight_stated_once"):
            wrong[name] = "Type the dose again." if name == DOSE_AGAIN else "Type the weight again, with its unit."
        else:
            what = "dose" if name == DOSE_AGAIN else "weight"
            wrong[name] = (
                f"This {what} and the {what} of the request differ. Look at the order and the chart again; if the "
                "request is wrong, go back to the form and correct it there."
            )
    return wrong


def _state_again(request: SignedInRequest, draft: Request, checked: Checked, wrong: Mapping[str, str]) -> HttpResponse:
    """The first step. Its page holds neither dose nor grams nor weight nor MRN of the request."""
    sent = STATED in request.POST or DOSE_AGAIN in request.POST or WEIGHT_AGAIN in request.POST
    form = StatedForm(checked, request.POST if sent else None)
    if sent:
        form.is_valid()
        form.refuse({name: [text] for name, text in wrong.items()})
    context = stated_context(draft, form) | {"back_to_form": True}
    return show(request, "second_statement", context, site=draft.site, status=422 if sent else 200)


def stated_context(the_request: Request, form: StatedForm) -> dict[str, Any]:
    """What the page of the second statement shows: who the patient is, and nothing that is asked for."""
    patient = the_request.patient
    return {
        "uid": the_request.uid,
        "version": the_request.version,
        "number": the_request.number or "",
        "who": {"name": patient.name, "date_of_birth": patient.date_of_birth, "sex": patient.sex},
        "stated_form": form,
        "indication_name": title_of(the_request.indication),
    }


def _page(request: SignedInRequest, made: Reading, checked: Checked, invalid: Invalid | None) -> HttpResponse:
    draft, shown = made.request, sheet(made)
    posted = request.POST if request.method == "POST" and STATED not in request.POST else None
    carried = {name: request.POST[name] for name in CARRIED if request.POST.get(name)} if request.POST else {}
    others = access.other_immunoglobulin(request.user, draft, made.as_of)
    raised = [*made.record["warnings"], *([access.OTHER_IMMUNOGLOBULIN] if others else [])]
    form = SubmitForm({**made.record, "warnings": raised}, made.intake.doubts, checked, posted, initial=carried)
    if invalid:
        form.is_valid()
        form.refuse(faults(invalid, [*form.fields])[0] or {"mrn": ["Look at what is missing on the form."]})
    context = shown.context() | {
        "submit_form": form,
        "again": _stated_words(checked, carried),
        "carried": carried if checked.wants_dose or checked.wants_weight else {},
        "cost": checked.cost,
        "other_immunoglobulin": others,
        "origin": access.origin_of(draft),
        "facts": made.facts,
        "stated": made.stated,
        "safety": safety(made.facts, made.stated or {"rest": {}}, draft.patient.sex),
        "not_known": not_known_beside(made.stated, draft.patient.sex, made.pack.catalogue),
        "contradictions": made.contradictions,
        "justification": made.justification,
        "emergency_reason": made.answers.get("emergency_reason", "") if made.emergency else "",
    }
    return show(request, "submit", context, site=draft.site, status=422 if invalid else 200)


def _stated_words(checked: Checked, carried: Mapping[str, str]) -> dict[str, Any]:
    """What was stated a second time: "dose" with its unit, "weight" as typed and in kg."""
    again = checked.again
    said: dict[str, Any] = {}
    for value, unit in ((again.dose_total_g, "g"), (again.dose_total_g_per_kg, "g/kg")):
        if value is not None:
            said["dose"] = f"{plain(value)} {unit}"
    if again.weight_kg is not None:
        typed = carried.get(WEIGHT_AGAIN, "").strip()
        said["weight"] = {"weight_kg": again.weight_kg, "weight_typed": "" if "kg" in typed.lower() else typed}
    return said


def checked_with(made: Reading, post: QueryDict, previous: Any = None) -> Checked:
    """The order as checked with what was typed again; a reason that cannot be kept is told by the form beside it."""
    try:
        return workflow.check(made, again_in(post), reasons_in(post), previous)
    except Invalid:
        return workflow.check(made, again_in(post), {}, previous)
