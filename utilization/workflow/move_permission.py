"""Whether a person may make a move now, and why not: asked by the door, and by pages for their buttons."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from utilization import access
from utilization.access import Answer
from utilization.models import Request, Submission, User
from utilization.rules.lifecycle import MOVES, Move, Status, Verb, find_move, moves_from
from utilization.rules.roles import Permission

YES = access.YES
PHARMACIST_ALONE = ["pharmacist"]
"""The approvals of a route that a pharmacist's signature completes."""
_SIGNED = frozenset(move.verb for move in MOVES if move.signs)


@dataclass(frozen=True, slots=True)
class Action:
    """A move that starts where the request stands. `yours` says that the actor's role makes such moves at all."""

    move: Move
    allowed: bool
    why: str
    yours: bool


class Standing:
    """One person before one request `at` a moment, now unless it is named; each question about the two is put to the
    database once."""

    def __init__(self, actor: User, request: Request, filed: Submission | None = None, at: datetime | None = None):
        self.actor = actor
        self.at = at
        self._filed = filed
        self.request = request
        self._permitted: dict[Permission, Answer] = {}

    def permitted(self, permission: Permission) -> Answer:
        """Whether the actor's roles permit this on the request."""
        if permission not in self._permitted:
            self._permitted[permission] = access.can(self.actor, permission, self.request)
        return self._permitted[permission]

    @cached_property
    def independent(self) -> Answer:
        """Whether the actor has written nothing of what they would judge."""
        return access.independent(self.actor, self.request, at=self.at)

    @cached_property
    def unsigned(self) -> str:
        """Why the actor can sign nothing, in words; empty when they can."""
        return access.why_not_sign(self.actor)

    def may(self, move: Move) -> Answer:
        """Whether the actor may make `move`, which starts where the request stands."""
        permitted = self.permitted(move.permission)
        if not permitted:
            return permitted
        if move.independent and not self.independent:
            return self.independent
        if move.verb in _SIGNED and self.unsigned:
            return Answer(False, self.unsigned)
        held = self._hold(move)
        if not held:
            return held
        return self._stage(move)

    def _hold(self, move: Move) -> Answer:
        holder = self.request.holder
        if move.verb == Verb.RELEASE:
            return YES if holder else Answer(False, "Nobody holds this request.")
        if holder is None:
            return YES
        if move.verb == Verb.CLAIM:
            return Answer(False, "You hold this request already.") if holder == self.actor else YES
        if move.yields and holder != self.actor:
            return Answer(False, f"{holder.full_name} holds this request. Claim it to take it over.")
        return YES

    def _stage(self, move: Move) -> Answer:
        if move.verb in (Verb.ANSWER, Verb.ANSWER_IN_PART):
            return access.free_to_answer(self.actor, self.request)
        if move.verb in (Verb.TREAT, Verb.TAKE_ORDER):
            return self._once(move.verb) and access.free_to_answer(self.actor, self.request)
        if move.verb in (Verb.CONFIRM_ORDER, Verb.DISOWN_ORDER):
            return access.may_answer_order(self.actor, self.request)
        if move.verb == Verb.APPEAL:
            return access.not_appealed(self.request) and access.free_to_answer(self.actor, self.request)
        if move.verb == Verb.APPROVE and move.source == Status.PHARMACIST_REVIEW:
            return access.independent(self.actor, self.request, deciding=True, at=self.at) and self._alone()
        return YES

    def _once(self, verb: Verb) -> Answer:
        """Whether the request has no first dose, or no verbal order, yet: it has one of each at most."""
        if verb == Verb.TREAT and hasattr(self.request, "first_dose"):
            return Answer(False, "The first dose of this request is released already.")
        if verb == Verb.TAKE_ORDER and hasattr(self.request, "verbal_order"):
            return Answer(False, "A verbal order is entered for this request already.")
        return YES

    def _alone(self) -> Answer:
        """Whether a pharmacist's signature is enough to approve what was asked."""
        if self.request.referred_at is not None:
            return Answer(False, "This request was referred to the physician, who decides. Recommend instead.")
        filed = self._filed or self.request.latest
        if filed.judgement["route"]["approvals"] != PHARMACIST_ALONE:
            return Answer(False, "The route of this request asks for a physician's decision. Recommend instead.")
        return YES


def may_act(actor: User, request: Request, *, at: datetime) -> Answer:
    """Whether `actor` may act on `request` as its reviewer where it stands `at` this moment: ask for an opinion, offer
    a call."""
    move, standing = find_move(Verb.CLAIM, Status(request.status)), Standing(actor, request, at=at)
    if move is None:
        return Answer(False, "This request is not in review.")
    if not (answer := standing.permitted(move.permission) and standing.independent):
        return answer
    if request.holder is not None and request.holder != actor:
        return Answer(False, f"{request.holder.full_name} holds this request. Claim it to take it over.")
    return YES


def actions(actor: User, request: Request, filed: Submission | None = None) -> list[Action]:
    """Every move that starts where `request` stands, one a verb, each with yes or the reason why not.

    `filed` is its newest submission, where it is known already.
    """
    standing = Standing(actor, request, filed)
    actions: dict[Verb, Action] = {}
    for move in moves_from(Status(request.status)):
        if move.verb not in actions:
            answer = standing.may(move)
            yours = bool(standing.permitted(move.permission))
            actions[move.verb] = Action(move, answer.allowed, answer.why, yours)
    return list(actions.values())
