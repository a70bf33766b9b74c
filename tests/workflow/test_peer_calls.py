"""A peer-to-peer call: offered, booked or declined, cancelled or held; it moves nothing and ends with the request."""

import json
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from tests.cast import AT, a_request
from tests.workflow.acts import act
from utilization import access, workflow
from utilization.models import Authorship, Event, Notice, PeerCall
from utilization.rules.lifecycle import Status
from utilization.workflow import Invalid, Refused

LATER = AT + timedelta(hours=5)
NOON, EVENING = "2026-03-03T12:00", "2026-03-03T18:30"
"""Tomorrow at the site: Vienna, an hour ahead of UTC."""
AT_NOON = AT + timedelta(hours=26)


def offer(cast, request, who="fern", times=(NOON, EVENING), place="+43 1 555 0100", at=LATER):
    return workflow.offer_call(request.uid, by=cast[who], at=at, times=times, place=place)


def book(cast, call, who="petra", time="2026-03-03T11:00:00+00:00", at=LATER):
    return workflow.book_call(call.request.uid, call.uid, by=cast[who], at=at, time=time)


def hold(cast, call, who="fern", at=AT_NOON, outcome="stands", words="They will add the EMG.", **more):
    given = {"by": cast[who], "at": at, "outcome": outcome, "words": words, **more}
    return workflow.hold_call(call.request.uid, call.uid, **given)


def told_of(event):
    return set(Notice.objects.filter(event_type=event).values_list("recipient__username", flat=True))


def test_it_is_offered_booked_and_held_and_the_request_stays_as_it_stood(cast):
    request = a_request(cast)
    before = (request.status, request.version, request.due_at)
    call = offer(cast, request)
    assert call.times == ["2026-03-03T11:00:00+00:00", "2026-03-03T17:30:00+00:00"]
    assert told_of("peer_call.offered") == {"petra"}
    book(cast, call, who="paul")
    assert told_of("peer_call.booked") == {"fern"}
    with pytest.raises(Refused, match="Paul Colleague has booked"):
        book(cast, call)
    with pytest.raises(Refused, match="has not begun"):
        hold(cast, call, at=AT_NOON - timedelta(seconds=1))
    held = hold(cast, call, outcome="facts_to_add", spoke=cast["dora"])
    assert (held.closed_as, held.outcome, held.spoke, held.closed_by) == (
        "held", "facts_to_add", cast["dora"], cast["fern"],
    )  # fmt: skip
    request.refresh_from_db()
    assert (request.status, request.version, request.due_at) == before
    # Who booked and who spoke stand in the requester's chain.
    for who in ("paul", "dora"):
        assert Authorship.objects.filter(request=request, user=cast[who]).exists()
        assert not access.independent(cast[who], request)
    said = json.dumps([json.loads(bytes(event.body)) for event in Event.objects.filter(type__startswith="peer_call")])
    assert not any(text in said for text in ("555 0100", "EMG"))
    with pytest.raises(IntegrityError, match="closed_call_stays"), transaction.atomic():
        PeerCall.objects.update(words="Something else")


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("petra", Status.PHARMACIST_REVIEW),
        ("mira", Status.PHARMACIST_REVIEW),
        ("fern", Status.PHYSICIAN_REVIEW),
        ("fern", Status.INFORMATION_ASKED),
        ("mira", Status.DENIED),
        ("mira", Status.APPEAL_REVIEW),  # she denied it
    ],
)
def test_only_who_may_act_offers(cast, who, status):
    with pytest.raises(Refused):
        offer(cast, a_request(cast, status), who=who)


def test_a_bad_offer_is_asked_again(cast):
    request = a_request(cast)
    for given, fields in (
        ({"times": []}, {"times"}),
        ({"times": [NOON, NOON]}, {"times"}),
        ({"times": ["2026-03-29T02:30"]}, {"times"}),
        ({"place": " "}, {"place"}),
        ({"place": "x" * 201, "times": ["soon"]}, {"place", "times"}),
        ({"place": "Room 3\nRoom 4"}, {"place"}),
    ):
        with pytest.raises(Invalid) as wrong:
            offer(cast, request, **given)
        assert set(wrong.value.errors) == fields
    offer(cast, request)
    with pytest.raises(Refused, match="already"):
        offer(cast, request)


def test_none_fits_and_the_reviewer_offers_anew(cast):
    request = a_request(cast)
    call = offer(cast, request)
    for who in ("rosa", "sam"):
        with pytest.raises(access.NotFound):
            workflow.decline_call(request.uid, call.uid, by=cast[who], at=LATER, words="Friday.")
    with pytest.raises(Refused):
        workflow.decline_call(request.uid, call.uid, by=cast["felix"], at=LATER, words="Friday.")
    with pytest.raises(Invalid, match="which times"):
        workflow.decline_call(request.uid, call.uid, by=cast["dora"], at=LATER, words=" ")
    workflow.decline_call(request.uid, call.uid, by=cast["dora"], at=LATER, words="Friday morning.")
    assert told_of("peer_call.declined") == {"fern"}
    assert not access.independent(cast["dora"], request)
    assert offer(cast, request).closed_at is None


def test_a_time_is_booked_that_was_offered_and_is_to_come(cast):
    call = offer(cast, a_request(cast))
    for time, at, told in (
        ("2026-03-03T12:00:00+00:00", LATER, "that are offered"), ("'; --", LATER, "that are offered"),
        ("2026-03-03T11:00:00+00:00", AT_NOON, "is over"),
    ):  # fmt: skip
        with pytest.raises(Invalid, match=told):
            book(cast, call, time=time, at=at)
    with pytest.raises(access.NotFound):
        workflow.book_call(a_request(cast).uid, call.uid, by=cast["petra"], at=LATER, time=call.times[0])


def test_nobody_answers_their_own_offer(cast):
    call = offer(cast, a_request(cast), who="dora")
    with pytest.raises(Refused, match="offered this call"):
        book(cast, call, who="dora")


@pytest.mark.parametrize(("who", "told"), [("petra", {"fern"}), ("fern", {"petra"}), ("felix", {"petra", "fern"})])
def test_either_side_cancels_before_it_begins(cast, who, told):
    call = offer(cast, a_request(cast))
    if who == "petra":
        with pytest.raises(Refused, match="what is not booked"):
            workflow.cancel_call(call.request.uid, call.uid, by=cast[who], at=LATER)
    book(cast, call)
    with pytest.raises(Refused, match="has begun"):
        workflow.cancel_call(call.request.uid, call.uid, by=cast[who], at=AT_NOON)
    ended = workflow.cancel_call(call.request.uid, call.uid, by=cast[who], at=LATER, words="An emergency.")
    assert (ended.closed_as, ended.booked_by) == ("cancelled", cast["petra"])
    assert told_of("peer_call.cancelled") == told


def test_what_it_came_to_is_a_reviewers_to_record(cast):
    call = book(cast, offer(cast, a_request(cast)), who="petra")
    for given, error in (
        ({"who": "petra"}, Refused), ({"who": "audrey"}, Refused), ({"outcome": "won"}, Invalid),
        ({"words": ""}, Invalid), ({"spoke": cast["rosa"]}, Invalid),
        ({"outcome": "not_reached", "spoke": cast["paul"]}, Invalid),
    ):  # fmt: skip
        with pytest.raises(error):
            hold(cast, call, **given)
    assert hold(cast, call, outcome="not_reached").outcome == "not_reached"
    assert told_of("peer_call.held") == {"petra"}


@pytest.mark.parametrize(("hours", "ends"), [(1, True), (30, False)])
def test_what_has_not_begun_ends_with_the_request(cast, hours, ends):
    call = book(cast, offer(cast, a_request(cast)))
    request = call.request
    request.refresh_from_db()
    act("approve", request, cast["felix"], LATER + timedelta(hours=hours))
    call.refresh_from_db()
    assert (call.closed_as == "ended") == ends
    if not ends:
        assert hold(cast, call, at=LATER + timedelta(hours=hours)).closed_as == "held"
