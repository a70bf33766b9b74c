"""Signals are frozen with what was filed, shown to reviewers alone, and change nothing."""

from datetime import timedelta

from django.urls import reverse

from tests.cast import AT, CIDP, IBM, a_draft, a_request, submitted
from tests.reviewing.pages import words
from utilization import workflow
from utilization.rules.lifecycle import Status

WHY = "She fell twice in spring and cannot climb the stairs to her flat without help from her sister any more."


def codes(request):
    return [signal["code"] for signal in request.latest.checks.get("signals", ())]


def test_a_request_without_a_past_has_none(cast):
    assert codes(a_request(cast)) == []


def test_edits_and_a_change_of_indication_and_copied_words_are_told_to_reviewers(cast, client):
    # Refused under another indication, and the same words for another patient.
    a_request(cast, Status.DENIED, indication="ibm", answers={**IBM, "justification": WHY}, at=AT)
    at = AT + timedelta(days=9)
    draft = a_draft(cast, at=at, answers={**CIDP, "dose_total_g_per_kg": "9"})
    plain = workflow.read_request(draft, at).record["outcome"]
    assert plain != "meets"
    # Corrected at once, it is a slip of the hand; after a minute, it is an edit.
    quick = workflow.save_draft(
        draft.uid, by=cast["petra"], at=at + timedelta(seconds=5), answers={"dose_total_g_per_kg": "8"}
    )
    assert quick.first_answers == {}
    draft = workflow.save_draft(
        draft.uid, by=cast["petra"], at=at + timedelta(seconds=65), answers={"dose_total_g_per_kg": "2"}
    )
    request = submitted(cast, draft, at=at + timedelta(minutes=2))
    assert request.outcome == "meets"
    assert codes(request) == ["indication_changed", "edited_until_met"]
    told = request.latest.checks["signals"]
    assert told[0]["others"][0]["indication"] == "ibm"
    assert [change["fact"] for change in told[1]["changes"]] == ["dose_total_g_per_kg"]

    other = cast.a_patient(mrn="N-7", name="Berta Other")
    copied = {**IBM, "justification": WHY}
    again = submitted(cast, a_draft(cast, at=at, patient=other, indication="ibm", answers=copied))
    assert codes(again) == ["copied_text"]

    client.force_login(cast["felix"], backend="allauth.account.auth_backends.AuthenticationBackend")
    said = words(client.get(reverse("review-case", args=[request.uid])))
    for expected in ("Worth a look", "Another indication lately", "denied", "Edited until the criteria were met"):
        assert expected in said, expected
    assert "100 % of the runs of four words" in words(client.get(reverse("review-case", args=[again.uid])))
    # Nothing of it reaches the prescriber, and the route is what the criteria say.
    client.force_login(cast["petra"], backend="allauth.account.auth_backends.AuthenticationBackend")
    assert "Worth a look" not in words(client.get(reverse("request-page", args=[request.uid])))
    assert request.latest.judgement["route"]["approvals"] == ["pharmacist"]


def test_a_denied_request_filed_again_tells_what_it_says_otherwise(cast):
    denied = a_request(cast, Status.DENIED, indication="ibm", answers=IBM)
    at = AT + timedelta(hours=5)
    draft = workflow.start_from_denial(denied.uid, by=cast["petra"], at=at)
    draft = workflow.save_draft(draft.uid, by=cast["petra"], at=at, answers={"course_days": "2"})
    request = submitted(cast, draft, at=at)
    assert codes(request) == ["refiled_changed"]
    told = request.latest.checks["signals"][0]
    assert (told["number"], told["changes"]) == (denied.number, [{"fact": "course_days", "old": 5, "new": 2}])
