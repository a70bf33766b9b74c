"""What prescribers, pharmacists and physicians write to each other on a filed request."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from utilization import access, event_log, notify
from utilization.digests import salted
from utilization.models import Message, Request, User
from utilization.models.messages import DEPARTMENT, PHARMACIST, PHYSICIAN
from utilization.rules.lifecycle import Status
from utilization.rules.roles import Permission, Role
from utilization.workflow.errors import Invalid, Refused
from utilization.workflow.text_input import clean_text

MOST_MESSAGES = 300
"""On one request; a case with more is talked over."""
_NEEDS = {DEPARTMENT: Permission.FILE, PHARMACIST: Permission.REVIEW, PHYSICIAN: Permission.REVIEW_AS_PHYSICIAN}
_NOT_FILED = (Status.DRAFT, Status.DISCARDED)


@dataclass(frozen=True, slots=True)
class Addressee:
    """Whom a message is for: everybody of a side, or one person there."""

    side: str
    person: User | None = None


def sides_of(actor: User, request: Request) -> tuple[str, ...]:
    """For which sides `actor` may write on `request`. Who wrote a part of the request never writes as its reviewer, nor
    who signed on it for the department: a message for that makes its writer one of those who ask."""
    if request.status in _NOT_FILED:
        return ()
    sides = [side for side, permission in _NEEDS.items() if access.can(actor, permission, request)]
    if not access.independent(actor, request):
        sides = [side for side in sides if side == DEPARTMENT]
    if not access.free_to_answer(actor, request):
        sides = [side for side in sides if side != DEPARTMENT]
    return tuple(sides)


def addressees(request: Request, side: str) -> tuple[Addressee, ...]:
    """Whom somebody of `side` may write to: the other sides, each with the people of it who acted on `request`."""
    people = _people(request)
    told: list[Addressee] = []
    for other in _NEEDS:
        if other != side:
            told += [Addressee(other), *(Addressee(other, person) for person in people[other])]
    return tuple(told)


def _people(request: Request) -> dict[str, list[User]]:
    """Who acted on `request`, by side, in the order in which they came."""
    acted: list[tuple[str, User]] = [(DEPARTMENT, request.author)]
    acted += [(DEPARTMENT, written.user) for written in request.authorships.select_related("user")]
    for question in request.questions.select_related("asked_by"):
        asked_at_physician = question.asked_from == Status.PHYSICIAN_REVIEW
        acted.append((PHYSICIAN if asked_at_physician else PHARMACIST, question.asked_by))
    for act in request.decisions.select_related("signed_by").defer("judgement", "unmet"):
        acted.append((PHYSICIAN if act.signed_role == Role.PHYSICIAN else PHARMACIST, act.signed_by))
    if request.referred_by:
        acted.append((PHARMACIST, request.referred_by))
    if request.holder:
        at_pharmacist = request.status == Status.PHARMACIST_REVIEW
        acted.append((PHARMACIST if at_pharmacist else PHYSICIAN, request.holder))
    acted += [(message.side, message.by) for message in request.messages.select_related("by")]
    return {side: list(dict.fromkeys(person for of, person in acted if of == side)) for side in _NEEDS}


@transaction.atomic
def write_message(
    uid: UUID | str, *, by: User, at: datetime, side: str, to: Addressee, text: str, answers: UUID | None = None
) -> Message:
    """Write `text` to somebody on a filed request, as one of `side`; `answers` is the uid of the message it answers.

    Raises NotFound, Refused, Invalid on text, to or answers.
    """
    words = clean_text("text", text, required="Write the message.")
    request = access.fetch_request(by, uid, what="message", at=at, lock=True)
    if side not in sides_of(by, request):
        raise Refused("You cannot write on this request for that side.")
    if to not in addressees(request, side):
        raise Invalid({"to": ["Choose whom the message is for from the list."]})
    before = request.messages.filter(uid=answers).first() if answers else None
    if answers and before is None:
        raise Invalid({"answers": ["The message that you answer is not on this request. Open the page anew."]})
    if request.messages.count() >= MOST_MESSAGES:
        raise Invalid({"text": [f"A request takes at most {MOST_MESSAGES} messages. Call each other."]})
    told = [to.person] if to.person else _people(request)[to.side]
    message = Message.objects.create(
        request=request, at=at, by=by, side=side, to_side=to.side, to_person=to.person, answers=before, text=words
    )
    event_log.append(
        type="message.written", at=at, actor=by, request=request,
        data={
            "message": message.pk, "side": side, "to": to.side, "person": to.person.pk if to.person else None,
            "told": [person.pk for person in told],
            "answers": before.pk if before else None, "text": salted({"text": words}),
        },
    )  # fmt: skip
    notify.moved("message.written", request.pk)
    return message
