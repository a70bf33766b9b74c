"""Second opinions on a request, asked for and given, each with what changed after it."""

from collections.abc import Iterable
from dataclasses import dataclass

from utilization.models import Decision, Opinion, OpinionQuestion, Request, Submission
from utilization.models.opinions import ENDED, TAKEN_BACK
from utilization.order_terms import standing_order
from utilization.reports.given_before import NOTHING_CHANGED, GivenBefore, given_before
from utilization.rules.specialties import LEANINGS, SPECIALTIES

_STATES = {TAKEN_BACK: "Taken back before it was given", ENDED: "Not given before the request ended"}


@dataclass(frozen=True, slots=True)
class ShownOpinion:
    """A question for an opinion, with the opinion where one was given, and what changed since then."""

    question: OpinionQuestion
    opinion: Opinion | None
    since: GivenBefore

    @property
    def specialty(self) -> str:
        """The specialty that is asked, in words."""
        return SPECIALTIES[self.question.specialty]

    @property
    def is_open(self) -> bool:
        """Whether it is asked and not given yet."""
        return self.question.closed_at is None

    @property
    def state(self) -> str:
        """Where it stands, in words."""
        if self.opinion is not None:
            return LEANINGS[self.opinion.leaning]
        return "Asked, not given yet" if self.is_open else _STATES[self.question.closed_as]


def shown_opinions(request: Request, now: Submission, acts: Iterable[Decision]) -> tuple[ShownOpinion, ...]:
    """Every opinion asked for on `request`, oldest first; `now` is its newest submission, `acts` what was signed."""
    asked = list(request.opinion_questions.select_related("asked_by", "person", "opinion__submission", "closed_by"))
    if not asked:
        return ()
    standing = standing_order(now, acts)
    return tuple(_shown(question, now, standing) for question in asked)


def _shown(question: OpinionQuestion, now: Submission, standing: dict[str, object]) -> ShownOpinion:
    opinion: Opinion | None = getattr(question, "opinion", None)
    since = given_before(opinion.submission, opinion.order, now, standing) if opinion else NOTHING_CHANGED
    return ShownOpinion(question, opinion, since)
