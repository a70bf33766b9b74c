"""Who comes too late is told by 409 what happened, with what they had written; who may not gets the form again."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from tests.cast import REASONS, Cast, a_request
from tests.reviewing.pages import words
from tests.workflow.acts import act
from utilization import workflow
from utilization.models import Absence, HeldSpecialty
from utilization.rules.lifecycle import Status

NOW = timezone.now().replace(microsecond=0)
BEGUN = NOW - timedelta(hours=6)
WRITTEN = "Seen on the ward & called at noon."


@pytest.fixture
def send(cast: Cast, seen_by):
    """The answer to a form of somebody: its status and its words."""

    def sending(who, name, *args, **typed):
        answer = seen_by(who).post(reverse(name, args=args), typed)
        return answer.status_code, words(answer) if answer.content else ""

    return sending


def test_a_late_answer_is_shown_with_the_facts_that_it_would_have_corrected(cast, send):
    asked = a_request(cast, Status.INFORMATION_ASKED, at=BEGUN)
    act("answer", asked, cast["petra"], NOW)
    reasons = {f"reason_{code}": text for code, text in REASONS.items()}
    sent = {"version": asked.version, "text": WRITTEN, "course_days": "4", "interval_weeks": "4", **reasons}
    status, page = send("paul", "request-answer", asked.uid, **sent)
    assert status == 409
    for told in ("changed while you worked on it", "Nothing of what you sent was saved", WRITTEN, "Days of a course 4"):
        assert told in page, told
    assert REASONS["weight_stale"] in page
    assert "Interval" not in page, "what stands there anyway is not shown"


@pytest.mark.parametrize("page", ["request-withdraw", "request-treat", "request-appeal"])
def test_what_a_prescriber_wrote_too_late_stands_on_the_page(cast, send, page):
    made = a_request(cast, at=BEGUN)
    act("withdraw", made, cast["paul"], NOW)
    status, told = send("petra", page, made.uid, version=made.version, reason=WRITTEN, grounds=WRITTEN)
    assert (status, WRITTEN in told) == (409, True)


def test_a_note_on_what_was_decided_meanwhile(cast, send):
    made = act("approve", a_request(cast, at=BEGUN), cast["fern"], NOW)
    status, page = send("felix", "review-note", made.uid, text=WRITTEN)
    assert (status, "where nobody can note it" in page, WRITTEN in page) == (409, True, True)


@pytest.mark.long
def test_an_opinion_on_what_is_not_asked_any_more(cast, send):
    HeldSpecialty.objects.create(user=cast["max"], site=cast.north, specialty="neurology", started_at=BEGUN)
    made = a_request(cast, at=BEGUN)
    asked = workflow.ask_opinion(made.uid, by=cast["fern"], at=NOW, specialty="neurology", text="Why?")
    given = {"leaning": "approval", "text": WRITTEN}
    assert send("felix", "review-opinion-give", made.uid, asked.uid, **given)[0] == 422
    assert send("felix", "review-opinion-take-back", made.uid, asked.uid)[0] == 422
    assert send("fern", "review-opinion-take-back", made.uid, asked.uid)[0] == 302
    status, page = send("max", "review-opinion-give", made.uid, asked.uid, **given)
    assert (status, "not asked for any more" in page, WRITTEN in page) == (409, True, True)
    assert send("fern", "review-opinion-take-back", made.uid, asked.uid, again="1")[0] == 409
    act("approve", made, cast["fern"], NOW)
    status, page = send("fern", "review-opinion-ask", made.uid, specialty="neurology", text=WRITTEN)
    assert (status, "not in review" in page, WRITTEN in page) == (409, True, True)


@pytest.mark.long
def test_a_call_on_what_has_one(cast, send):
    made = a_request(cast, at=BEGUN)
    noon = f"{(NOW + timedelta(days=2)).date().isoformat()}T12:00"
    assert send("fern", "review-call-offer", made.uid, time_1=noon, place="Room 4")[0] == 302
    status, page = send("felix", "review-call-offer", made.uid, time_1=noon, place=WRITTEN)
    assert (status, "offered or booked already" in page, WRITTEN in page) == (409, True, True)
    call = made.peer_calls.get()
    assert send("felix", "review-call-cancel", made.uid, call.uid, words="")[0] == 302
    status, page = send("fern", "review-call-cancel", made.uid, call.uid, words=WRITTEN)
    assert (status, "not open any more" in page, WRITTEN in page) == (409, True, True)


def test_an_absence_that_is_over(cast, send):
    today = cast.north.date_at(NOW)
    typed = workflow.TypedAbsence(today, today, cast["felix"], confirmed=True)
    workflow.enter_absence(cast.north, cast["fern"], by=cast["fern"], at=NOW, typed=typed)
    key = Absence.objects.get().pk
    assert send("fern", "away", end=key)[0] == 302
    status, page = send("adam", "people-away", end=key)
    assert (status, "This absence is over already" in page) == (409, True)
    assert send("mira", "away", end="none")[0] == 422
