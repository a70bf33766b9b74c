"""The step before filing: what will be filed, what must be confirmed, and the signature of whoever files."""

from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from utilization import access, workflow
from utilization.models import Request
from utilization.reports.stated import not_known_beside, safety
from utilization.rules.facts.catalogue import CATALOGUE
from utilization.rules.lifecycle import Status
from utilization.web.prescribing.drafting import version_in
from utilization.web.prescribing.forms import SubmitForm, again_in, faults, reasons_in
from utilization.web.prescribing.sheet import sheet
from utilization.web.prescribing.showing import Asked, prescribers, show
from utilization.workflow import Invalid
from utilization.workflow.checking import Checked, check
from utilization.workflow.judged import case


@require_http_methods(["GET", "HEAD", "POST"])
@prescribers
def submit(request: Asked, uid: UUID) -> HttpResponse:
    """Show what is about to be frozen; file it."""
    at = timezone.now()
    if request.method != "POST":
        draft = access.fetch_request(request.user, uid, what="draft", at=at)
        if draft.status != Status.DRAFT:
            return redirect("request-page", uid=uid)
        return _page(request, draft, at)
    try:
        filed = workflow.submit(
            uid, by=request.user, at=at, version=version_in(request), mrn=request.POST.get("mrn", ""),
            attested=request.POST.get("attested") == "on", acknowledged=request.POST.getlist("acknowledged"),
            confirmed=request.POST.getlist("confirmed"), again=again_in(request.POST), reasons=reasons_in(request.POST),
        )  # fmt: skip
    except Invalid as invalid:
        draft = access.fetch_request(request.user, uid, what="draft", at=at)
        return _page(request, draft, at, invalid)
    messages.success(request, f"Filed as {filed.number}. The pharmacist has it now.")
    return redirect("request-page", uid=uid)


def _page(request: Asked, draft: Request, at: datetime, invalid: Invalid | None = None) -> HttpResponse:
    made = sheet(draft, at)
    filing = case(draft.draft, draft, at)
    checked = _checked(draft, at, request.POST)
    warnings = made.record["warnings"]
    form = SubmitForm(warnings, made.intake.doubts, checked, request.POST if invalid else None)
    if invalid:
        form.is_valid()
        form.refuse(faults(invalid, [*form.fields])[0] or {"mrn": ["See above what is still missing."]})
    context = made.context() | {
        "submit_form": form,
        "cost": checked.cost,
        "missing": _missing(draft, at, checked),
        "facts": made.intake.facts.as_json(),
        "stated": filing.stated,
        "safety": safety(filing.facts, filing.stated or {"rest": {}}, draft.patient.sex),
        "not_known": not_known_beside(filing.stated, draft.patient.sex),
        "contradictions": filing.contradictions,
        "justification": draft.draft.get("justification", ""),
        "emergency_reason": draft.draft.get("emergency_reason", "") if draft.draft.get("emergency") == "yes" else "",
    }
    return show(request, "submit", context, site=draft.site, status=422 if invalid else 200)


def _checked(draft: Request, at: datetime, post: QueryDict) -> Checked:
    made = case(draft.draft, draft, at)
    try:
        return check(made, draft.patient, again_in(post), reasons_in(post))
    except Invalid:  # a reason that cannot be kept: the form says so beside it
        return check(made, draft.patient, again_in(post), {})


def _missing(draft: Request, at: datetime, checked: Checked) -> dict[str, str]:
    """What only the form itself can put right, by field: nothing may be filed before."""
    made = case(draft.draft, draft, at)
    found = made.faults(made.record["warnings"], [doubt.fact for doubt in made.intake.doubts])
    found |= {name: texts for name, texts in checked.errors().items() if name in CATALOGUE and name not in found}
    if draft.draft.get("emergency") == "yes" and not draft.draft.get("emergency_reason"):
        found["emergency_reason"] = ["Write why this is an emergency."]
    return {name: " ".join(texts) for name, texts in found.items()}
