"""Second opinions and calls on the pages: asked, given, booked; what was typed wrong comes back with a reason."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from tests.cast import Cast, a_request, recommended
from tests.workflow.acts import act
from utilization import workflow
from utilization.models import HeldSpecialty, Opinion, OpinionQuestion, PeerCall
from utilization.reports.frozen_justification import frozen_value
from utilization.rules.lifecycle import Status

pytestmark = pytest.mark.long

NOW = timezone.now().replace(microsecond=0)
BEGUN = NOW - timedelta(hours=6)


@pytest.fixture
def ask(cast: Cast, client):
    """A page, or the answer to a form, as somebody gets it."""

    def asking(who, name, *args, **typed):
        client.force_login(cast[who], backend="allauth.account.auth_backends.AuthenticationBackend")
        url = reverse(name, args=args)
        answer = client.post(url, typed) if typed else client.get(url)
        return answer.status_code, answer.content.decode()

    return asking


def test_an_opinion_goes_its_way_on_the_pages(cast, ask):
    assert ask("adam", "people-specialties", cast["max"].pk, site=cast.north.pk, specialties=["neurology"])[0] == 302
    assert ask("adam", "people-specialties", cast["max"].pk, site=cast.north.pk, specialties=["<b>"])[0] == 302
    assert HeldSpecialty.objects.filter(user=cast["max"], ended_at=None).count() == 1
    assert 'id="specialty-' in ask("adam", "people-person", cast["max"].pk)[1]
    request = a_request(cast, at=BEGUN)
    assert "Ask for a second opinion" in ask("fern", "review-case", request.uid)[1]
    assert "Ask for a second opinion" not in ask("mira", "review-case", request.uid)[1]
    wrong = ask("fern", "review-opinion-ask", request.uid, specialty="hematology", text="Is <this> a relapse?")
    assert wrong[0] == 422
    assert "There are: Neurology." in wrong[1]
    assert "Is &lt;this&gt; a relapse?" in wrong[1]
    assert ask("fern", "review-opinion-ask", request.uid, specialty="neurology", text="A relapse?")[0] == 302
    page = ask("fern", "review-case", request.uid)[1]
    assert "Asked, not given yet" in page
    assert "Opinion of neurology: asked, not given yet" in ask("petra", "request-page", request.uid)[1]
    assert "Your opinion is asked" in ask("max", "review-queue")[1]
    assert "Your opinion is asked" not in ask("mira", "review-queue")[1]
    question = OpinionQuestion.objects.get()
    wrong = ask("max", "review-opinion-give", request.uid, question.uid, leaning="neither", text="Hard to say.")
    assert (wrong[0], "Write what is missing." in wrong[1], "Hard to say." in wrong[1]) == (422, True, True)
    given = {"leaning": "neither", "text": "Hard to say.", "missing": "An EMG."}
    refused = ask("felix", "review-opinion-give", request.uid, question.uid, **given)
    assert (refused[0], "Only a reviewer of" in refused[1], "An EMG." in refused[1]) == (422, True, True)
    assert ask("max", "review-opinion-give", request.uid, question.uid, **given)[0] == 302
    assert Opinion.objects.get().by == cast["max"]
    for who, name in (("fern", "review-case"), ("petra", "request-page"), ("audrey", "audit-request")):
        page = ask(who, name, request.uid)[1]
        assert "Hard to say." in page
        assert "Given before" not in page


def test_what_changed_after_is_told_wherever_it_stands(cast, ask):
    """An opinion and a recommendation on 5 days; then the prescriber corrects to 4, and the physician gives 100 g."""
    HeldSpecialty.objects.create(user=cast["felix"], site=cast.north, specialty="neurology", started_at=BEGUN)
    request = a_request(cast, at=BEGUN)
    question = workflow.ask_opinion(request.uid, by=cast["fern"], at=NOW, specialty="neurology", text="Why?")
    workflow.give_opinion(request.uid, question.uid, by=cast["felix"], at=NOW, leaning="approval", text="So.")
    request = recommended(cast, request, at=NOW)
    assert "since" not in frozen_value(request)["recommendations"][0]
    assert "since" not in frozen_value(request)["opinions"][0]
    request = act("ask", request, cast["mira"], NOW)
    request = act("answer", request, cast["petra"], NOW, answers={"course_days": "4"})
    said = frozen_value(request)
    days = {"label": "Days of a course", "old": "5 days", "new": "4 days"}
    for told in (said["recommendations"][0], said["opinions"][0]):
        assert told["since"] == {"heading": "Given before dose changed", "changes": [days]}
    request = recommended(cast, request, at=NOW)
    request = act("approve", request, cast["mira"], NOW, order={"dose_total_g": "100"})
    said = frozen_value(request)
    asked = request.latest.judgement["dose"]["rounded_g"]
    grams = {"label": "Total dose of a course", "old": f"{asked} g", "new": "100 g"}
    first, second = said["recommendations"]
    assert first["since"]["changes"] == said["opinions"][0]["since"]["changes"] == [grams, days]
    assert second["since"]["changes"] == [grams]
    for who, name in (("fern", "review-case"), ("petra", "request-page"), ("audrey", "audit-request")):
        assert ask(who, name, request.uid)[1].count("Given before dose changed") == 3, name


def test_a_call_goes_its_way_on_the_pages(cast, ask):
    request = a_request(cast, at=BEGUN)
    local = (NOW + timedelta(days=2)).astimezone(timezone.get_fixed_timezone(0))
    noon = f"{local.date().isoformat()}T12:00"
    wrong = ask("fern", "review-call-offer", request.uid, time_1=noon, time_2=noon, place="<i>1</i>")
    assert (wrong[0], "Two of the times are the same" in wrong[1], "&lt;i&gt;1&lt;/i&gt;" in wrong[1]) == (
        422, True, True,
    )  # fmt: skip
    assert ask("fern", "review-call-offer", request.uid, time_1=noon, place="Room 4")[0] == 302
    call = PeerCall.objects.get()
    page = ask("petra", "request-page", request.uid)[1]
    assert "Room 4" in page
    assert "12:00" in page
    assert ask("petra", "request-call-book", request.uid, call.uid, time="x' OR 1=1")[0] == 422
    assert ask("petra", "request-call-decline", request.uid, call.uid, words=" ")[0] == 422
    assert ask("petra", "request-call-book", request.uid, call.uid, time=call.times[0])[0] == 302
    assert "Peer-to-peer call: booked" in ask("mira", "review-case", request.uid)[1]
    assert ask("petra", "request-call-book", request.uid, call.uid, time=call.times[0])[0] in (302, 409)
    assert ask("petra", "request-call-cancel", request.uid, call.uid, words="\u202e")[0] == 422
    # Its time has come.
    PeerCall.objects.update(booked_for=NOW - timedelta(minutes=1))
    assert "Outcome to be recorded" in ask("fern", "review-case", request.uid)[1]
    assert ask("fern", "review-call-held", request.uid, call.uid, outcome="won", words="x")[0] == 422
    said = {"outcome": "facts_to_add", "words": "They add the EMG.", "spoke": str(cast["paul"].pk)}
    assert ask("fern", "review-call-held", request.uid, call.uid, **said)[0] == 302
    for who, name in (("felix", "review-case"), ("petra", "request-page"), ("audrey", "audit-request")):
        page = ask(who, name, request.uid)[1]
        assert "Facts are to be added" in page
        assert "Paul Colleague, MD spoke for the request" in page.replace("<bdi>", "").replace("</bdi>", "")


def test_the_queue_hides_an_appeal_from_who_gave_an_opinion(cast, ask):
    HeldSpecialty.objects.create(user=cast["max"], site=cast.north, specialty="neurology", started_at=BEGUN)
    request = a_request(cast, Status.PHYSICIAN_REVIEW, at=BEGUN)
    question = workflow.ask_opinion(request.uid, by=cast["mira"], at=NOW, specialty="neurology", text="Why?")
    workflow.give_opinion(request.uid, question.uid, by=cast["max"], at=NOW, leaning="denial", text="So.")
    request = act("appeal", act("deny", request, cast["mira"], NOW), cast["petra"], NOW)
    assert request.number not in ask("max", "review-queue")[1]
    assert request.number in ask("dora", "review-queue")[1]
