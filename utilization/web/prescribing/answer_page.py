"""Words with corrected facts of a filed request: the answer to a question, and the appeal of a denial."""

from collections.abc import Callable, Mapping
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

from utilization import criteria, workflow
from utilization.models import Request, Submission
from utilization.models.unsent import ANSWER, APPEAL
from utilization.reports import prescriber_lists as report
from utilization.rules.form.merge import Sent
from utilization.rules.lifecycle import Status, Verb
from utilization.rules.packs.pack import Pack
from utilization.web.policy import SignedInRequest
from utilization.web.prescribing.attachments import attachments_context
from utilization.web.prescribing.denial import denial_of
from utilization.web.prescribing.form_content import Clash
from utilization.web.prescribing.form_data import SETTLE, USE_GRAMS, base_of, sent_in
from utilization.web.prescribing.forms import REASON, AnswerForm, AppealForm, StatedForm, again_in, confirmations_in
from utilization.web.prescribing.live_panel import sheet
from utilization.web.prescribing.request_form import out_of, refuse_other_status, saved_at, version_in
from utilization.web.prescribing.responses import fetch, prescribers, show
from utilization.web.prescribing.submit import STATED, checked_with, not_as_stated, stated_context
from utilization.web.single_send import once
from utilization.workflow import (
    DOSE_AGAIN,
    NOTHING_TO_CHECK,
    WEIGHT_AGAIN,
    Checked,
    Invalid,
    Reading,
    Saved,
    Unready,
    clean_answers,
    overtaken,
)

IN_PART = "in_part"
"""The button that sends what is answered now, and leaves the question open for the rest."""
WORDS = ("text", "grounds", "reason")
"""What these pages hold beside answers of the request."""
BESIDE = (*WORDS, "acknowledged", "confirmed")


@dataclass(frozen=True, slots=True)
class WordedPage:
    """A page of words with corrected facts: what it is kept as, the status that it starts from, the field of its words,
    its form and template, what is wanted beside, the door that it is sent through, and what is said once it is sent."""

    page: str
    verb: Verb
    stands: Status
    words: str
    form: type[AnswerForm]
    beside: Callable[[Request], Mapping[str, Any]]
    door: Callable[..., Request]
    said: str


def _question(the_request: Request) -> dict[str, Any]:
    open_questions = the_request.questions.filter(answered_at=None)
    question = open_questions.select_related("asked_by").prefetch_related("parts__by").first()
    if question is None:
        raise overtaken(the_request)
    return {"question": question, "unfolded": bool(question.facts)}


def _denial(the_request: Request) -> dict[str, Any]:
    denial = denial_of(the_request)
    if denial is None:
        raise overtaken(the_request)
    return {"denial": denial, "unfolded": bool(denial.criteria)}


ANSWERING = WordedPage(
    ANSWER, Verb.ANSWER, Status.INFORMATION_ASKED, "text", AnswerForm, _question, workflow.answer,
    "Your answer is sent. {} is under review again.",
)  # fmt: skip
APPEALING = WordedPage(
    APPEAL, Verb.APPEAL, Status.DENIED, "grounds", AppealForm, _denial, workflow.appeal,
    "Your appeal is filed. {} goes to a physician who did not decide on it before.",
)  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@prescribers
@once
def answer(request: SignedInRequest, uid: UUID) -> HttpResponse:
    """Answer what the reviewer asks, in words and by correcting facts; with what the corrections would come to."""
    return _view(request, uid, ANSWERING)


@require_http_methods(["GET", "HEAD", "POST"])
@prescribers
@once
def appeal(request: SignedInRequest, uid: UUID) -> HttpResponse:
    """Appeal a denial: grounds, and facts added or changed, with what these would come to."""
    return _view(request, uid, APPEALING)


def _view(request: SignedInRequest, uid: UUID, kind: WordedPage) -> HttpResponse:
    at = timezone.now()
    the_request = fetch(request, uid, at)
    if request.method != "POST":
        refuse_other_status(the_request, kind.stands)
        return _show(request, the_request, at, TypedAnswers(_typed(request, the_request, kind)), kind)
    if the_request.status != kind.stands:
        raise overtaken(the_request)
    if STATED in request.POST:
        return _send_stated(request, the_request, at, kind)
    saved = keep_typed(request, the_request, at, kind.page)
    kept = _typed(request, the_request, kind)
    unsaved, problems, differ = out_of(saved, {**the_request.draft, **kept})
    typed = TypedAnswers({**kept, **unsaved}, saved.sent, problems, differ, tuple(unsaved))
    if IN_PART in request.POST and kind is ANSWERING and not differ:
        return _send_part(request, the_request, at, typed)
    if differ or any(name in request.POST for name in ("preview", SETTLE, USE_GRAMS)):
        status = 200 if not differ or SETTLE in request.POST else 422
        return _show(request, fetch(request, uid, at), at, typed, kind, status=status)
    return _send(request, the_request, at, typed, kind)


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


def _typed(request: SignedInRequest, the_request: Request, kind: WordedPage) -> dict[str, Any]:
    return workflow.unsent_of(the_request, request.user, kind.page)


def keep_typed(request: SignedInRequest, the_request: Request, at: datetime, page: str) -> Saved:
    """Keep what the form of `page` sent, with the boxes and reasons on it."""
    ticks = {name: request.POST.getlist(name) for name in ("acknowledged", "confirmed") if name in request.POST}
    reasons = {name: request.POST[name] for name in request.POST if name.startswith(REASON)}
    return workflow.keep_unsent(
        the_request.uid, page, by=request.user, at=at, sent=partial(sent_in, request.POST, words=WORDS),
        also={**ticks, **reasons},
    )  # fmt: skip


def _send(
    request: SignedInRequest, the_request: Request, at: datetime, typed: TypedAnswers, kind: WordedPage
) -> HttpResponse:
    """Send the answer; where only the second statement of dose or weight is wanting, ask for that."""
    try:
        now = _carried(request, the_request, at, typed, request.POST, kind)
    except Invalid as invalid:
        if set(invalid.errors) <= {DOSE_AGAIN, WEIGHT_AGAIN}:
            return _state_again(request, fetch(request, the_request.uid, at), at, typed, invalid, kind)
        return _show(request, fetch(request, the_request.uid, at), at, typed, kind, invalid, status=422)
    return _sent(request, now, kind)


def _send_part(request: SignedInRequest, the_request: Request, at: datetime, typed: TypedAnswers) -> HttpResponse:
    """Send what is answered; the question stays open for the rest."""
    try:
        workflow.answer_in_part(
            the_request.uid, by=request.user, at=at, version=version_in(request),
            text=typed.answers.get("text", ""), answers=typed.facts,
        )  # fmt: skip
    except Invalid as invalid:
        return _show(request, fetch(request, the_request.uid, at), at, typed, ANSWERING, invalid, status=422)
    messages.success(request, "What you answered is sent. The question stays open for the rest, and stays with you.")
    return redirect("request-answer", uid=the_request.uid)


def _send_stated(request: SignedInRequest, the_request: Request, at: datetime, kind: WordedPage) -> HttpResponse:
    """Send what was typed on the page before, with what was stated a second time now."""
    typed = TypedAnswers(_typed(request, the_request, kind))
    ticks = QueryDict(mutable=True)
    for name, value in typed.answers.items():
        ticks.setlist(name, value if isinstance(value, list) else [value])
    try:
        now = _carried(request, the_request, at, typed, ticks, kind)
    except Invalid as invalid:
        if set(invalid.errors) <= {DOSE_AGAIN, WEIGHT_AGAIN}:
            return _state_again(request, fetch(request, the_request.uid, at), at, typed, invalid, kind)
        messages.error(request, "Not sent: look at what you typed again.")
        return redirect(f"request-{kind.page}", uid=the_request.uid)
    return _sent(request, now, kind)


def _carried(
    request: SignedInRequest,
    the_request: Request,
    at: datetime,
    typed: TypedAnswers,
    ticks: QueryDict,
    kind: WordedPage,
) -> Request:
    """Send it through its door; what was stated a second time counts where the page of that sent it."""
    again = again_in(request.POST) if STATED in request.POST else MappingProxyType({})
    return kind.door(
        the_request.uid, by=request.user, at=at, version=version_in(request), answers=typed.facts,
        confirmations=confirmations_in(ticks, again), **{kind.words: typed.answers.get(kind.words, "")},
    )  # fmt: skip


def _sent(request: SignedInRequest, now: Request, kind: WordedPage) -> HttpResponse:
    messages.success(request, kind.said.format(report.title_of(now.indication)))
    return redirect("request-page", uid=now.uid)


def _state_again(
    request: SignedInRequest,
    the_request: Request,
    at: datetime,
    typed: TypedAnswers,
    invalid: Invalid,
    kind: WordedPage,
) -> HttpResponse:
    """The second statement of dose and weight, on a page that shows neither."""
    posted = STATED in request.POST
    filed = the_request.latest
    reading = _read(the_request, filed, typed, at, invalid)
    checked = _checked(reading, filed, request.POST if posted else QueryDict())
    form = StatedForm(checked, request.POST if posted else None, mrn=False)
    if posted:
        form.is_valid()
        form.refuse({name: [text] for name, text in not_as_stated(checked).items()})
    context = stated_context(the_request, form)
    return show(request, "second_statement", context, site=the_request.site, status=422 if posted else 200)


def _show(
    request: SignedInRequest,
    the_request: Request,
    at: datetime,
    typed: TypedAnswers,
    kind: WordedPage,
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
    form = kind.form({**reading.record, "warnings": raised}, doubts, checked, data, initial={**typed.answers})
    if invalid:
        form.is_valid()
        form.refuse({name: texts for name, texts in invalid.errors.items() if name in form.fields})
    beside = kind.beside(the_request)
    action = next(act for act in workflow.actions(request.user, the_request, filed) if act.move.verb == kind.verb)
    seen = (typed.sent and typed.sent.seen) or {}
    held = {name: seen.get(name, asked_with.get(name, "")) for name in typed.held if name not in problems}
    context = made.context() | {
        "answer_form": form,
        "action": action,
        **beside,
        "clashes": typed.clashes,
        "problems": {
            name: text
            for name, text in problems.items()
            if name not in form.fields and name not in (DOSE_AGAIN, WEIGHT_AGAIN)
        },
        "corrected": bool(typed.facts or problems or beside["unfolded"]),
        **attachments_context(request, the_request),
        "base": base_of({**made.assumed, **asked_with, **_typed(request, the_request, kind), **held}),
    }
    return show(request, kind.page, context, site=the_request.site, status=status)


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
    the_request = fetch(request, uid, at, same_page=True)
    saved = keep_typed(request, the_request, at, page)
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
