"""A filed request as its department follows it: read it, answer for it, withdraw it, begin another from it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from utilization import access, library, workflow
from utilization.models import Request
from utilization.reports import prescribing as report
from utilization.reports.stated import not_known_beside, safety, sex_of
from utilization.rules.lifecycle import Status, Verb
from utilization.web.prescribing.drafting import refuse_other_status, version_in
from utilization.web.prescribing.forms import AnswerForm, WithdrawForm, again_in, reasons_in
from utilization.web.prescribing.sheet import sheet
from utilization.web.prescribing.showing import Asked, prescribers, show
from utilization.web.prescribing.typed import base_of, changed_in
from utilization.workflow import Conflict, Invalid
from utilization.workflow.checking import NOTHING_TO_CHECK, Checked, check
from utilization.workflow.drafts import clean_answers
from utilization.workflow.judged import case


@require_safe
@prescribers
def page(request: Asked, uid: UUID) -> HttpResponse:
    """Where a request stands and everything that happened to it; a draft is led to its form."""
    at = timezone.now()
    found = _fetch(request, uid, at)
    if found.status == Status.DRAFT:
        return redirect("request-edit", uid=uid)
    if found.submitted_at is None:
        return show(request, "discarded", {"the_request": found, "patient": found.patient}, site=found.site)
    story = report.story(found, at)
    record, judged_as = story.latest.judgement, story.latest.judgement["judged_as"]
    context = {
        "the_request": found,
        "story": story,
        "judgement": record,
        "safety": safety(story.latest.facts, story.latest.stated, sex_of(story.latest)),
        "not_known": not_known_beside(story.latest.stated, sex_of(story.latest)),
        "pack": report.pack_behind(story.latest),
        "indication_name": report.title_of(found.indication),
        "judged_as_name": report.title_of(judged_as) if judged_as != found.indication else "",
        "denial_reasons": library.shelf().routing.denial_reasons,
        "actions": {one.move.verb.value: one for one in workflow.actions(request.user, found) if one.yours},
    }
    return show(request, "page", context, site=found.site)


@require_http_methods(["GET", "HEAD", "POST"])
@prescribers
def answer(request: Asked, uid: UUID) -> HttpResponse:
    """Answer what the reviewer asks, in words and by correcting facts; with what the corrections would come to."""
    at = timezone.now()
    found = _fetch(request, uid, at)
    if request.method != "POST":
        refuse_other_status(found, Status.INFORMATION_ASKED)
        return _answer_page(request, found, at, {})
    answers = changed_in(request.POST)
    if "preview" in request.POST:
        return _answer_page(request, found, at, answers)
    try:
        found = workflow.answer(
            uid, by=request.user, at=at, version=version_in(request), text=request.POST.get("text", ""),
            answers=answers, acknowledged=request.POST.getlist("acknowledged"),
            confirmed=request.POST.getlist("confirmed"), again=again_in(request.POST), reasons=reasons_in(request.POST),
        )  # fmt: skip
    except Invalid as invalid:
        return _answer_page(request, _fetch(request, uid, at), at, answers, invalid)
    messages.success(request, f"Your answer is filed. {report.title_of(found.indication)} is under review again.")
    return redirect("request-page", uid=uid)


def _answer_page(
    request: Asked, found: Request, at: datetime, answers: dict[str, Any], invalid: Invalid | None = None
) -> HttpResponse:
    refuse_other_status(found, Status.INFORMATION_ASKED)
    asked_with, problems = dict(found.draft), {}
    if invalid:
        problems = {name: " ".join(texts) for name, texts in invalid.errors.items()}
    # In memory alone: nothing of an answer is kept before it is given.
    found.draft = found.draft | _keepable(answers)
    made = sheet(found, at, unsaved=answers, problems=problems, emergency=False)
    filed = found.latest
    before = set(filed.acknowledged)
    warnings = [code for code in made.record["warnings"] if code not in before]
    doubts = [one for one in made.intake.doubts if one.fact not in filed.confirmed]
    checked = _checked(found, at, request.POST)
    form = AnswerForm(warnings, doubts, checked, request.POST if request.method == "POST" else None)
    if invalid:
        form.is_valid()
        form.refuse({name: texts for name, texts in invalid.errors.items() if name in form.fields})
    question = found.questions.select_related("asked_by").get(answered_at=None)
    context = made.context() | {
        "answer_form": form,
        "question": question,
        "problems": {name: text for name, text in problems.items() if name not in form.fields},
        "base": base_of({**made.assumed, **asked_with}),
    }
    return show(request, "answer", context, site=found.site, status=422 if invalid else 200)


def _checked(found: Request, at: datetime, post: QueryDict) -> Checked:
    """The order as corrected so far; nothing is asked again where the facts stay as they were filed."""
    filed = found.latest
    made = case(found.draft, found, at)
    if made.facts == filed.facts:
        return NOTHING_TO_CHECK
    try:
        return check(made, found.patient, again_in(post), reasons_in(post), filed)
    except Invalid:  # a reason that cannot be kept: the form says so beside it
        return check(made, found.patient, again_in(post), {}, filed)


def _keepable(answers: dict[str, Any]) -> dict[str, Any]:
    try:
        return clean_answers(answers)
    except Invalid as invalid:
        return clean_answers({name: value for name, value in answers.items() if name not in invalid.errors})


@require_http_methods(["GET", "HEAD", "POST"])
@prescribers
def withdraw(request: Asked, uid: UUID) -> HttpResponse:
    """Take a request back, with a reason."""
    at = timezone.now()
    form = WithdrawForm(request.POST if request.method == "POST" else None)
    if form.is_bound:
        try:
            reason = request.POST.get("reason", "")
            workflow.withdraw(uid, by=request.user, at=at, version=version_in(request), reason=reason)
            messages.success(request, "The request is withdrawn.")
            return redirect("request-page", uid=uid)
        except Invalid as invalid:
            form.is_valid()
            form.refuse(invalid.errors)
    found = _fetch(request, uid, at)
    action = next((one for one in workflow.actions(request.user, found) if one.move.verb == Verb.WITHDRAW), None)
    if action is None:
        raise Conflict("This request stands where it cannot be withdrawn.", found)
    context = {
        "the_request": found,
        "form": form,
        "indication_name": report.title_of(found.indication),
        "action": action,
    }
    return show(request, "withdraw", context, site=found.site, status=422 if form.is_bound else 200)


@require_POST
@prescribers
def copy(request: Asked, uid: UUID) -> HttpResponse:
    """Begin a new draft with the answers of a filed request."""
    at = timezone.now()
    source = _fetch(request, uid, at)
    try:
        draft = workflow.start_draft(
            by=request.user, at=at, patient_uid=source.patient.uid, indication=source.indication, copy_of=uid
        )
    except Invalid as invalid:
        messages.error(request, " ".join(text for texts in invalid.errors.values() for text in texts))
        return redirect("request-page", uid=uid)
    messages.success(
        request,
        f"Copied from {source.number}. Safety, urgency and what was true on its day alone are left for you to answer.",
    )
    return redirect("request-edit", uid=draft.uid)


def _fetch(request: Asked, uid: UUID, at: datetime) -> Request:
    return access.fetch_request(request.user, uid, what="request", at=at)
