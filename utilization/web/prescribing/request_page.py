"""What a department does with a filed request: answer for it, withdraw it, begin another from it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from types import MappingProxyType
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from utilization import access, criteria, workflow
from utilization.models import Request, Submission
from utilization.models.unsent import ANSWER, WITHDRAW
from utilization.reports import prescriber_lists as report
from utilization.rules.form.merge import Sent
from utilization.rules.lifecycle import Status, Verb
from utilization.rules.packs.pack import Pack
from utilization.web.policy import SignedInRequest
from utilization.web.prescribing.attachments import attachments_context
from utilization.web.prescribing.form_content import Clash
from utilization.web.prescribing.form_data import SETTLE, USE_GRAMS, base_of, sent_in
from utilization.web.prescribing.forms import REASON, AnswerForm, StatedForm, WithdrawForm, again_in, confirmations_in
from utilization.web.prescribing.live_panel import sheet
from utilization.web.prescribing.request_form import out_of, refuse_other_status, saved_at, version_in
from utilization.web.prescribing.responses import prescribers, show
from utilization.web.prescribing.submit import STATED, checked_with, not_as_stated, stated_context
from utilization.web.single_send import once
from utilization.workflow import (
    DOSE_AGAIN,
    NOTHING_TO_CHECK,
    WEIGHT_AGAIN,
    Checked,
    Conflict,
    Invalid,
    Reading,
    Saved,
    Unready,
    clean_answers,
    overtaken,
)

IN_PART = "in_part"
"""The button that sends what is answered now, and leaves the question open for the rest."""
WORDS = ("text", "reason")
"""What these pages hold beside answers of the request."""
BESIDE = (*WORDS, "acknowledged", "confirmed")


@require_http_methods(["GET", "HEAD", "POST"])
@prescribers
@once
def answer(request: SignedInRequest, uid: UUID) -> HttpResponse:
    """Answer what the reviewer asks, in words and by correcting facts; with what the corrections would come to."""
    at = timezone.now()
    the_request = _fetch(request, uid, at)
    if request.method != "POST":
        refuse_other_status(the_request, Status.INFORMATION_ASKED)
        return _answer_page(
            request, the_request, at, TypedAnswers(workflow.unsent_of(the_request, request.user, ANSWER))
        )
    if the_request.status != Status.INFORMATION_ASKED:
        raise overtaken(the_request)
    if STATED in request.POST:
        return _send_stated(request, the_request, at)
    saved = _keep(request, the_request, at, ANSWER)
    kept = _typed(request, the_request)
    unsaved, problems, differ = out_of(saved, {**the_request.draft, **kept})
    typed = TypedAnswers({**kept, **unsaved}, saved.sent, problems, differ, tuple(unsaved))
    if IN_PART in request.POST and not differ:
        return _send_part(request, the_request, at, typed)
    if differ or any(name in request.POST for name in ("preview", SETTLE, USE_GRAMS)):
        status = 200 if not differ or SETTLE in request.POST else 422
        return _answer_page(request, _fetch(request, uid, at), at, typed, status=status)
    return _send(request, the_request, at, typed)


@dataclass(frozen=True, slots=True)
class TypedAnswers:
    """What stands on the page of an answer: every answer typed and not sent, by name, and what its form sent."""

    answers: Mapping[str, Any]
    sent: Sent | None = None
    problems: Mapping[str, str] = field(default_factory=dict)
    clashes: Mapping[str, Clash] = field(default_factory=dict)
    held: tuple[str, ...] = ()

    @property
    def facts(self) -> dict[str, Any]:
        """The corrections of facts among the answers."""
        return {
            name: value for name, value in self.answers.items() if name not in BESIDE and not name.startswith(REASON)
        }


def _typed(request: SignedInRequest, the_request: Request) -> dict[str, Any]:
    return workflow.unsent_of(the_request, request.user, ANSWER)


def _keep(request: SignedInRequest, the_request: Request, at: datetime, page: str) -> Saved:
    """Keep what the form of `page` sent, with the boxes and reasons on it."""
    ticks = {name: request.POST.getlist(name) for name in ("acknowledged", "confirmed") if name in request.POST}
    reasons = {name: request.POST[name] for name in request.POST if name.startswith(REASON)}
    return workflow.keep_unsent(
        the_request.uid, page, by=request.user, at=at, sent=partial(sent_in, request.POST, words=WORDS),
        also={**ticks, **reasons},
    )  # fmt: skip


def _send(request: SignedInRequest, the_request: Request, at: datetime, typed: TypedAnswers) -> HttpResponse:
    """Send the answer; where only the second statement of dose or weight is wanting, ask for that."""
    try:
        now = _answered(request, the_request, at, typed, request.POST, version_in(request))
    except Invalid as invalid:
        if set(invalid.errors) <= {DOSE_AGAIN, WEIGHT_AGAIN}:
            return _state_again(request, _fetch(request, the_request.uid, at), at, typed, invalid)
        return _answer_page(request, _fetch(request, the_request.uid, at), at, typed, invalid, status=422)
    return _sent(request, now)


def _send_part(request: SignedInRequest, the_request: Request, at: datetime, typed: TypedAnswers) -> HttpResponse:
    """Send what is answered; the question stays open for the rest."""
    try:
        workflow.answer_in_part(
            the_request.uid, by=request.user, at=at, version=version_in(request),
            text=typed.answers.get("text", ""), answers=typed.facts,
        )  # fmt: skip
    except Invalid as invalid:
        return _answer_page(request, _fetch(request, the_request.uid, at), at, typed, invalid, status=422)
    messages.success(request, "What you answered is sent. The question stays open for the rest, and stays with you.")
    return redirect("request-answer", uid=the_request.uid)


def _send_stated(request: SignedInRequest, the_request: Request, at: datetime) -> HttpResponse:
    """Send what was typed on the page before, with what was stated a second time now."""
    typed = TypedAnswers(_typed(request, the_request))
    ticks = QueryDict(mutable=True)
    for name, value in typed.answers.items():
        ticks.setlist(name, value if isinstance(value, list) else [value])
    try:
        now = _answered(request, the_request, at, typed, ticks, version_in(request), again_in(request.POST))
    except Invalid as invalid:
        if set(invalid.errors) <= {DOSE_AGAIN, WEIGHT_AGAIN}:
            return _state_again(request, _fetch(request, the_request.uid, at), at, typed, invalid, posted=True)
        messages.error(request, "Not sent: look at the answer again.")
        return redirect("request-answer", uid=the_request.uid)
    return _sent(request, now)


def _answered(
    request: SignedInRequest, the_request: Request, at: datetime, typed: TypedAnswers, ticks: QueryDict, version: int,
    again: Mapping[str, str] = MappingProxyType({}),
) -> Request:  # fmt: skip
    return workflow.answer(
        the_request.uid, by=request.user, at=at, version=version, text=typed.answers.get("text", ""),
        answers=typed.facts, confirmations=confirmations_in(ticks, again),
    )  # fmt: skip


def _sent(request: SignedInRequest, now: Request) -> HttpResponse:
    messages.success(request, f"Your answer is sent. {report.title_of(now.indication)} is under review again.")
    return redirect("request-page", uid=now.uid)


def _state_again(
    request: SignedInRequest,
    the_request: Request,
    at: datetime,
    typed: TypedAnswers,
    invalid: Invalid,
    posted: bool = False,
) -> HttpResponse:
    """The second statement of dose and weight, on a page that shows neither."""
    filed = the_request.latest
    reading = _read(the_request, filed, typed, at, invalid)
    checked = _checked(reading, filed, request.POST if posted else QueryDict())
    form = StatedForm(checked, request.POST if posted else None, mrn=False)
    if posted:
        form.is_valid()
        form.refuse({name: [text] for name, text in not_as_stated(checked).items()})
    context = stated_context(the_request, form)
    return show(request, "second_statement", context, site=the_request.site, status=422 if posted else 200)


def _answer_page(
    request: SignedInRequest,
    the_request: Request,
    at: datetime,
    typed: TypedAnswers,
    invalid: Invalid | None = None,
    status: int = 200,
) -> HttpResponse:
    asked_with, problems = dict(the_request.draft), dict(typed.problems)
    if invalid:
        problems |= {name: " ".join(texts) for name, texts in invalid.errors.items()}
    filed = the_request.latest
    reading = _read(the_request, filed, typed, at, invalid)
    made = sheet(reading, unsaved=typed.facts, problems=problems, clashes=typed.clashes, emergency=False)
    before = set(filed.acknowledged)
    raised = [code for code in reading.record["warnings"] if code not in before]
    doubts = [doubt for doubt in reading.intake.doubts if doubt.fact not in filed.confirmed]
    checked = _checked(reading, filed, request.POST)
    data = request.POST if request.method == "POST" else None
    form = AnswerForm({**reading.record, "warnings": raised}, doubts, checked, data, initial={**typed.answers})
    if invalid:
        form.is_valid()
        form.refuse({name: texts for name, texts in invalid.errors.items() if name in form.fields})
    question = (
        the_request.questions.select_related("asked_by").prefetch_related("parts__by").filter(answered_at=None).first()
    )
    if question is None:
        raise overtaken(the_request)
    seen = (typed.sent and typed.sent.seen) or {}
    held = {name: seen.get(name, asked_with.get(name, "")) for name in typed.held if name not in problems}
    context = made.context() | {
        "answer_form": form,
        "question": question,
        "clashes": typed.clashes,
        "problems": {
            name: text
            for name, text in problems.items()
            if name not in form.fields and name not in (DOSE_AGAIN, WEIGHT_AGAIN)
        },
        "corrected": bool(typed.facts or problems or question.facts),
        **attachments_context(request, the_request),
        "base": base_of({**made.assumed, **asked_with, **_typed(request, the_request), **held}),
    }
    return show(request, "answer", context, site=the_request.site, status=status)


def _read(
    the_request: Request, filed: Submission, typed: TypedAnswers, at: datetime, invalid: Invalid | None
) -> Reading:
    """`found` as corrected so far, in memory alone: an answer changes nothing of the request before it is sent."""
    if isinstance(invalid, Unready):
        return invalid.reading
    pack = criteria.pack_of(filed.pack)
    the_request.draft = the_request.draft | _keepable(typed.facts, pack)
    return workflow.read_request(the_request, at, pack=pack)


def _checked(made: Reading, filed: Submission, post: QueryDict) -> Checked:
    """The order as corrected so far; nothing is asked again where the facts stay as they were filed."""
    return NOTHING_TO_CHECK if made.facts == filed.facts else checked_with(made, post, filed)


def _keepable(answers: dict[str, Any], pack: Pack) -> dict[str, Any]:
    try:
        return clean_answers(answers, pack.catalogue)
    except Invalid as invalid:
        kept = {name: value for name, value in answers.items() if name not in invalid.errors}
        return clean_answers(kept, pack.catalogue)


@require_POST
@prescribers
def keep(request: SignedInRequest, uid: UUID, page: str) -> HttpResponse:
    """Keep what is typed on a page of a filed request while it is typed, so that a reload does not lose it."""
    at = timezone.now()
    the_request = _fetch(request, uid, at, same_page=True)
    saved = _keep(request, the_request, at, page)
    fresh = {**the_request.draft, **workflow.unsent_of(the_request, request.user, page)}
    unsaved, problems, differ = out_of(saved, fresh)
    context = {
        "base": base_of(saved.sent.shown_now(fresh, unsaved)),
        "clashes": differ,
        "problems": problems,
        "pack": saved.pack,
    }
    response = show(request, "autosave", context, site=the_request.site)
    response["X-Saved-At"] = saved_at(the_request, at) + (", except what is marked" if unsaved else "")
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@prescribers
@once
def withdraw(request: SignedInRequest, uid: UUID) -> HttpResponse:
    """Take a request back, with a reason."""
    at = timezone.now()
    the_request = _fetch(request, uid, at)
    kept = workflow.unsent_of(the_request, request.user, WITHDRAW)
    form = WithdrawForm(request.POST if request.method == "POST" else None, initial=kept)
    if form.is_bound:
        try:
            reason = request.POST.get("reason", "")
            workflow.withdraw(uid, by=request.user, at=at, version=version_in(request), reason=reason)
            messages.success(request, "The request is withdrawn.")
            return redirect("request-page", uid=uid)
        except Invalid as invalid:
            form.is_valid()
            form.refuse(invalid.errors)
    action = next(
        (offered for offered in workflow.actions(request.user, the_request) if offered.move.verb == Verb.WITHDRAW), None
    )
    if action is None:
        raise Conflict("This request stands where it cannot be withdrawn.", the_request)
    context = {
        "the_request": the_request,
        "form": form,
        "indication_name": report.title_of(the_request.indication),
        "action": action,
        "base": base_of({"reason": kept.get("reason", "")}),
    }
    return show(request, "withdraw", context, site=the_request.site, status=422 if form.is_bound else 200)


@require_POST
@prescribers
@once
def copy(request: SignedInRequest, uid: UUID) -> HttpResponse:
    """Begin a new draft with the answers of a filed request."""
    return _begin_from(request, uid, renewal=False)


@require_POST
@prescribers
@once
def renew(request: SignedInRequest, uid: UUID) -> HttpResponse:
    """Begin the renewal of a filed request; what was true on its day is left for the prescriber to answer."""
    return _begin_from(request, uid, renewal=True)


def _begin_from(request: SignedInRequest, uid: UUID, *, renewal: bool) -> HttpResponse:
    at = timezone.now()
    source = _fetch(request, uid, at)
    if begun := report.draft_from(request.user, source):
        messages.info(request, f"You have a draft begun from {source.number} already: this is it.")
        return redirect("request-edit", uid=begun.uid)
    try:
        draft = workflow.start_draft(
            by=request.user, at=at, patient_uid=source.patient.uid, indication=source.indication, copy_of=uid,
            request_type="renewal" if renewal else "",
        )  # fmt: skip
    except Invalid as invalid:
        messages.error(request, " ".join(text for texts in invalid.errors.values() for text in texts))
        return redirect("request-page", uid=uid)
    began = "Renewal of" if renewal else "Copied from"
    messages.success(
        request,
        f"{began} {source.number}. Safety, urgency and what was true on its day alone are for you to answer anew.",
    )
    return redirect("request-edit", uid=draft.uid)


def _fetch(request: SignedInRequest, uid: UUID, at: datetime, same_page: bool = False) -> Request:
    return access.fetch_request(request.user, uid, what="request", at=at, same_page=same_page)
