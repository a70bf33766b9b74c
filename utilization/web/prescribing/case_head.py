"""The head of a case: where a request stands, who has it, what comes next, and how many grams it is about."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from utilization.models import Request, User
from utilization.models.decisions import APPEAL
from utilization.reports.prescriber_lists import Story
from utilization.rules.facts.date_words import day_words
from utilization.rules.lifecycle import Status
from utilization.web.prescribing.denial import Denial
from utilization.workflow import asked_order

_EDGES = {
    Status.INFORMATION_ASKED: "ask",
    Status.APPROVED: "good",
    Status.DENIED: "bad",
    Status.WITHDRAWN: "idle",
}
_ENTERED = {
    Status.PHARMACIST_REVIEW: ("request.submitted", "information.answered"),
    Status.PHYSICIAN_REVIEW: ("request.referred", "decision.recommended", "information.answered"),
    Status.INFORMATION_ASKED: ("information.asked",),
    Status.APPEAL_REVIEW: ("appeal.filed",),
}


@dataclass(frozen=True, slots=True)
class CaseHead:
    """Four cells. `since`: the instant from which it stands so; `step_by`: the day or instant until which the next
    step is due; `left`: seconds that a stopped clock has left; `grams` over `courses`, `allowed` once approved."""

    edge: str
    since: datetime | None
    who: str
    who_note: str
    step: str
    step_by: date | datetime | None
    left: int | None
    grams: Decimal | None
    per_course: Decimal | None
    courses: int
    allowed: bool

    @property
    def by_day(self) -> bool:
        """Whether the next step is due on a day, not at an instant."""
        return not isinstance(self.step_by, datetime)


def standing(request: Request, story: Story, actor: User, denial: Denial | None) -> CaseHead:
    """How `request` stands, as its page tells it to `actor`."""
    status = Status(request.status)
    who, note, step, by = _next(request, story, status, actor, denial)
    grams, per_course, courses = _grams(story)
    return CaseHead(
        edge=_EDGES.get(status, "work"),
        since=request.ended_at or _since(story, status),
        who=who,
        who_note=note,
        step=step,
        step_by=by,
        left=request.clock_left if status == Status.INFORMATION_ASKED else None,
        grams=grams,
        per_course=per_course,
        courses=courses,
        allowed=story.authorization is not None,
    )


def _since(story: Story, status: Status) -> datetime | None:
    entered = _ENTERED.get(status, ())
    return next((happening.at for happening in reversed(story.timeline) if happening.type in entered), None)


_ENDED = {
    "stopped": ("authorization discontinued", "Start a copy, if it is needed again"),
    "replaced": ("authorization replaced by another", "None: the other one holds"),
    "ended": ("authorization ended with the patient’s death", "None"),
    "void": ("authorization void", "Start a copy, if it is needed again"),
}
"""By the state of an authorization that was ended: what became of it, and the next step."""


def _next(
    request: Request, story: Story, status: Status, actor: User, denial: Denial | None
) -> tuple[str, str, str, Any]:
    """Who has it with a note, what comes next, and by when."""
    if status == Status.INFORMATION_ASKED and story.question:
        who = "You" if request.author_id == actor.pk else f"You or {request.author.full_name}"
        step = "Answer by" if story.question.wanted_by else "Answer the question"
        return who, f"asked by {story.question.asked_by.signature_name}", step, story.question.wanted_by
    if status == Status.APPROVED and story.authorization:
        held = story.authorization
        if story.authorization_state == "expired":
            return "Nobody", "authorization expired", "Renew, if the treatment continues", None
        if told := _ENDED.get(story.authorization_state):
            return "Nobody", *told, None
        until = f"authorized until {day_words(held.valid_to)}"
        return "Nobody: it is decided", until, "Renew by", held.review_by
    if status == Status.DENIED and denial is not None:
        return _after_denial(denial)
    if status == Status.WITHDRAWN:
        return "Nobody", "withdrawn by the prescriber’s side", "Start a copy, if it is needed again", None
    return _in_review(request, story, status)


def _after_denial(denial: Denial) -> tuple[str, str, str, Any]:
    if denial.decision.kind == APPEAL:
        return "You", "upheld on appeal, which ends it", "Add what is missing, in a new request", None
    criteria = len(denial.criteria)
    missing = f"Meet {criteria} {'criterion' if criteria == 1 else 'criteria'}, or appeal"
    return "You", "appeals go to somebody who did not decide", missing if criteria else "Appeal, or ask again", None


def _in_review(request: Request, story: Story, status: Status) -> tuple[str, str, str, Any]:
    if status == Status.APPEAL_REVIEW:
        who = request.holder.signature_name if request.holder else "Nobody has taken it yet"
        return who, "a physician who did not decide before", "Physician decides the appeal", request.due_at
    role = "pharmacist" if status == Status.PHARMACIST_REVIEW else "physician reviewer"
    alone = story.latest.judgement["route"]["approvals"] == ["pharmacist"] and request.referred_at is None
    step = "Physician decides" if role != "pharmacist" else "Pharmacist decides" if alone else "Pharmacist recommends"
    who = request.holder.signature_name if request.holder else "Nobody has taken it yet"
    return who, role, step, request.due_at


def _grams(story: Story) -> tuple[Decimal | None, Decimal | None, int]:
    """Grams in all, grams a course and courses: as authorized, else as asked for."""
    if held := story.authorization:
        return held.grams_total, held.grams_per_course, held.courses
    asked = asked_order(story.latest)
    total = None if asked.dose_total_g is None else asked.dose_total_g * asked.courses
    return total, asked.dose_total_g, asked.courses
