"""Peer-to-peer calls: a reviewer offers times, a prescriber books one, and what was said is recorded.

None of them moves the request. Whoever acts on a call for the department speaks for the request, and judges it no more.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from utilization import access, event_log, notify
from utilization.digests import salted
from utilization.models import Membership, PeerCall, Request, User
from utilization.rules.call_times import CALL_OUTCOMES, CANCELLED, DECLINED, HELD, NOT_REACHED, NoSuchTime, read_times
from utilization.rules.roles import Permission, Role
from utilization.workflow.authorship import note_authors
from utilization.workflow.errors import Invalid, Refused, TooLate
from utilization.workflow.text_input import clean_text
from utilization.workflow.transition import refuse_unless_acting

MOST_PLACE = 200
_REVIEWS = (Permission.REVIEW, Permission.REVIEW_AS_PHYSICIAN)


@transaction.atomic
def offer_call(uid: UUID | str, *, by: User, at: datetime, times: Sequence[str], place: str) -> PeerCall:
    """Offer a call about a request in review, at `times` of its site as typed, by telephone or at a place.

    Raises NotFound, Refused, Invalid on times or place.
    """
    errors: dict[str, list[str]] = {}
    try:
        where = clean_text(
            "place", place, required="Give a telephone number or a place.", most=MOST_PLACE, one_line=True
        )
    except Invalid as invalid:
        errors, where = invalid.errors, ""
    request = access.fetch_request(by, uid, what="call", at=at, lock=True)
    refuse_unless_acting(by, request, at=at)
    try:
        instants = read_times(times, request.site.time_zone, at)
    except NoSuchTime as wrong:
        raise Invalid({"times": [str(wrong)], **errors}) from None
    if errors:
        raise Invalid(errors)
    if request.peer_calls.filter(closed_at=None).exists():
        raise TooLate("A call is offered or booked already. Cancel it, or record what it came to, to offer another.")
    call = PeerCall.objects.create(
        request=request, offered_at=at, offered_by=by, times=[instant.isoformat() for instant in instants], place=where
    )
    _tell("peer_call.offered", call, by, at, {"times": call.times, "place": salted({"text": where})})
    return call


@transaction.atomic
def book_call(uid: UUID | str, call: UUID | str, *, by: User, at: datetime, time: str) -> PeerCall:
    """Book the offered `time`, as ISO text, for the department. Raises NotFound, Refused, Invalid on time."""
    offered = _offered_to(uid, call, by, at)
    if time not in offered.times:
        raise Invalid({"time": ["Choose one of the times that are offered."]})
    instant = datetime.fromisoformat(time).astimezone(UTC)
    if instant <= at:
        raise Invalid({"time": ["This time is over. Choose another, or say that none fits."]})
    offered.booked_for, offered.booked_at, offered.booked_by = instant, at, by
    offered.save(update_fields=["booked_for", "booked_at", "booked_by"])
    note_authors(offered.request, {by.pk}, at)
    _tell("peer_call.booked", offered, by, at, {"booked_for": time})
    return offered


@transaction.atomic
def decline_call(uid: UUID | str, call: UUID | str, *, by: User, at: datetime, words: str) -> PeerCall:
    """Say for the department that no time fits, and which would. Raises NotFound, Refused, Invalid on words."""
    why = clean_text("words", words, required="Write which times would fit.")
    offered = _offered_to(uid, call, by, at)
    note_authors(offered.request, {by.pk}, at)
    _close(offered, by, at, DECLINED, why)
    _tell("peer_call.declined", offered, by, at, {"words": salted({"text": why})})
    return offered


@transaction.atomic
def cancel_call(uid: UUID | str, call: UUID | str, *, by: User, at: datetime, words: str = "") -> PeerCall:
    """Cancel a call before it begins: a booked one by either side, one that is only offered by a reviewer.

    Raises NotFound, Refused, Invalid on words.
    """
    why = clean_text("words", words)
    held = _locked(uid, call, by, at)
    if held.booked_for is not None and held.booked_for <= at:
        raise Refused("The time of this call has begun. Record what it came to.")
    for_reviewers = is_reviewer(by, held.request, at=at)
    if not for_reviewers:
        if held.booked_for is None or not (answer := _speaks(by, held.request)):
            raise Refused("Only a reviewer takes back what is not booked." if held.booked_for is None else answer.why)
        note_authors(held.request, {by.pk}, at)
    _close(held, by, at, CANCELLED, why)
    side = "reviewer" if for_reviewers else "prescriber"
    _tell("peer_call.cancelled", held, by, at, {"side": side, "words": salted({"text": why})})
    return held


@transaction.atomic
def hold_call(
    uid: UUID | str, call: UUID | str, *, by: User, at: datetime, outcome: str, words: str, spoke: User | None = None
) -> PeerCall:
    """Record what a call came to once its time has begun: by the reviewer who held it, also after the request ended.

    `spoke` is the prescriber who spoke for the request, where that was another than booked it. Raises NotFound,
    Refused, Invalid on outcome, words or spoke.
    """
    said = clean_text("words", words, required="Write what was said.")
    if outcome not in CALL_OUTCOMES:
        raise Invalid({"outcome": ["Choose what the call came to."]})
    held = _locked(uid, call, by, at)
    if not is_reviewer(by, held.request, at=at):
        raise Refused("A reviewer who held the call records what it came to.")
    if held.booked_for is None or held.booked_for > at:
        raise Refused("This call has not begun. Record what it came to once its time has come.")
    if spoke is not None:
        if outcome == NOT_REACHED:
            raise Invalid({"spoke": ["Leave this out where nobody was reached."]})
        if spoke not in speakers(held.request):
            raise Invalid({"spoke": ["Choose a prescriber of the department from the list."]})
        note_authors(held.request, {spoke.pk}, at)
    _close(held, by, at, HELD, said, outcome=outcome, spoke=spoke)
    data = {"outcome": outcome, "words": salted({"text": said}), "spoke": spoke.pk if spoke else None}
    _tell("peer_call.held", held, by, at, data)
    return held


def speakers(request: Request) -> list[User]:
    """The prescribers of the department, who may speak for `request`, by name."""
    held = Membership.objects.filter(
        site=request.site, department=request.department, role=Role.PRESCRIBER, ended_at=None, user__is_active=True
    )
    people = User.objects.filter(pk__in=held.values("user")).order_by("full_name", "pk")
    return [person for person in people if access.free_to_answer(person, request)]


def is_reviewer(actor: User, request: Request, *, at: datetime) -> bool:
    """Whether `actor` reviews at the site of `request` and may review it `at` this moment."""
    reviews = any(access.can(actor, permission, request) for permission in _REVIEWS)
    return reviews and bool(access.independent(actor, request, at=at))


def _speaks(actor: User, request: Request) -> access.Answer:
    """Whether `actor` may speak for the department on `request`."""
    return access.can(actor, Permission.FILE, request) and access.free_to_answer(actor, request)


def _offered_to(uid: UUID | str, call: UUID | str, by: User, at: datetime) -> PeerCall:
    """A call that is offered and not booked, for somebody who speaks for the request."""
    offered = _locked(uid, call, by, at)
    if not (answer := _speaks(by, offered.request)):
        raise Refused(answer.why)
    if offered.offered_by_id == by.pk:
        raise Refused("You offered this call as a reviewer, so somebody else of the department must answer.")
    if offered.booked_by is not None:
        raise TooLate(f"{offered.booked_by.full_name} has booked this call already.")
    return offered


def _locked(uid: UUID | str, call: UUID | str, by: User, at: datetime) -> PeerCall:
    """An open call of a request. Raises NotFound, Refused."""
    request = access.fetch_request(by, uid, what="call", at=at, lock=True)
    found = request.peer_calls.select_related("booked_by").filter(uid=call).first()
    if found is None:
        raise access.NotFound
    if found.closed_at is not None:
        raise TooLate("This call is not open any more: the page shows what came of it.")
    found.request = request
    return found


def _close(call: PeerCall, by: User, at: datetime, ending: str, words: str, **more: Any) -> None:
    changes = {"closed_at": at, "closed_by": by, "closed_as": ending, "words": words, **more}
    for name, value in changes.items():
        setattr(call, name, value)
    call.save(update_fields=list(changes))


def _tell(event: str, call: PeerCall, by: User, at: datetime, said: Mapping[str, Any]) -> None:
    data = {"call": call.pk, "offered_by": call.offered_by_id, **said}
    event_log.append(type=event, at=at, actor=by, request=call.request, data=data)
    notify.moved(event, call.request_id)
