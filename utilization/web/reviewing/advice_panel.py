"""Opinions and calls as a case shows them to a reviewer, with the forms that this reviewer can use."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from utilization import access, workflow
from utilization.models import Request, User
from utilization.reports.case import ReviewCase
from utilization.reports.opinions import ShownOpinion
from utilization.reports.peer_calls import ShownCall
from utilization.rules.specialties import SPECIALTIES
from utilization.web.opinions import (
    AdviceForm,
    CallCancelForm,
    CallOfferForm,
    CallOutcomeForm,
    OpinionForm,
    OpinionQuestionForm,
)


@dataclass(frozen=True, slots=True)
class OpinionOnPage:
    """An opinion that was asked for, with what this reviewer can do about it."""

    shown: ShownOpinion
    give: OpinionForm | None
    may_take_back: bool


@dataclass(frozen=True, slots=True)
class CallOnPage:
    """A call, with what this reviewer can do about it."""

    shown: ShownCall
    cancel: CallCancelForm | None
    outcome: CallOutcomeForm | None


@dataclass(frozen=True, slots=True)
class Typed:
    """A form that was sent and could not be done: `about` is the question or the call that it belongs to, `why` says
    what stands in the way where that is nothing that was typed."""

    form: AdviceForm
    about: UUID | None = None
    why: str = ""

    def instead(self, form: Any, about: UUID | None = None) -> Any:
        """The form that was sent where it is one like `form` about the same, else `form`."""
        return self.form if type(self.form) is type(form) and self.about == about else form


def advice_context(actor: User, seen: ReviewCase, typed: Typed | None, at: datetime) -> dict[str, Any]:
    """Opinions and calls of the case with the forms that `actor` can use `at` this moment; `typed` is one that came
    back."""
    may_act = bool(workflow.may_act(actor, seen.request, at=at))
    calls = [_call(actor, seen.request, shown, typed, at) for shown in seen.calls]
    free = not any(shown.is_open for shown in seen.calls)
    return {
        "opinions": [_opinion(actor, shown, typed, at) for shown in seen.opinions],
        "ask_opinion": _sent(typed, question_form(actor, seen.request, at)) if may_act else None,
        "calls": calls,
        "offer_call": _sent(typed, CallOfferForm(zone=seen.request.site.time_zone)) if may_act and free else None,
        "refused": {"why": typed.why, "typed": typed.form.typed_words()} if typed and typed.why else None,
    }


def _sent(typed: Typed | None, form: AdviceForm, about: UUID | None = None) -> Any:
    return typed.instead(form, about) if typed else form


def _opinion(actor: User, shown: ShownOpinion, typed: Typed | None, at: datetime) -> OpinionOnPage:
    question = shown.question
    gives = shown.is_open and bool(access.may_give_opinion(actor, question, at=at))
    give = _sent(typed, OpinionForm(about=question.pk), question.uid) if gives else None
    return OpinionOnPage(shown, give, shown.is_open and question.asked_by_id == actor.pk)


def _call(actor: User, request: Request, shown: ShownCall, typed: Typed | None, at: datetime) -> CallOnPage:
    call, reviews = shown.call, shown.is_open and workflow.is_reviewer(actor, request, at=at)
    cancel = outcome = None
    if reviews and shown.begun:
        form = CallOutcomeForm(about=call.pk, speakers=workflow.speakers(request))
        outcome = _sent(typed, form, call.uid)
    elif reviews:
        cancel = _sent(typed, CallCancelForm(about=call.pk), call.uid)
    return CallOnPage(shown, cancel, outcome)


def question_form(actor: User, request: Request, at: datetime, data: Any = None) -> OpinionQuestionForm:
    """The form that asks for an opinion on `request`, with the people who may give one."""
    people: dict[User, list[str]] = {}
    there = access.specialties_at(request.site)
    for code in (code for code in SPECIALTIES if code in there):
        for person in access.opinion_givers(request, code, asker=actor, at=at):
            people.setdefault(person, []).append(code)
    return OpinionQuestionForm(data, there=there, people=people.items())
