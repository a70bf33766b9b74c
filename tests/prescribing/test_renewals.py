"""The short form of a renewal: what stands beside its questions, how few they are, and what a hostile form does."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.cast import CIDP, a_request
from tests.prescribing.pages import fields, tree, url, words
from utilization import workflow
from utilization.models import Request
from utilization.rules.authorization.infusion_text import TypedInfusion
from utilization.rules.lifecycle import Status

pytestmark = pytest.mark.long

START = timedelta(days=150)


@pytest.fixture
def approved_before(cast):
    """An authorization of 155 g every 4 weeks that began 150 days ago."""
    answers = {**CIDP, "baseline_score": "4", "objective_measure": "INCAT disability score"}
    return a_request(cast, Status.APPROVED, at=timezone.now() - START, answers=answers)


def begun(petra, source):
    answer = petra.post(url("request-renew", source), {})
    draft = Request.objects.get(copied_from=source)
    assert answer["Location"] == url("request-renewal", draft)
    return draft


def test_a_renewal_stands_on_the_score_before_what_was_given_and_needs_three_answers(cast, petra, approved_before):
    day = approved_before.authorization.valid_from
    workflow.record_infusion(
        approved_before.uid, TypedInfusion(day.isoformat(), "Privigen", "155"), by=cast["fern"], at=timezone.now(),
        confirmed=False,
    )  # fmt: skip
    page = petra.get(url("authorization-page", approved_before))
    assert url("request-renew", approved_before) in tree(page).xpath("//form/@action")
    draft = begun(petra, approved_before)
    address = url("request-renewal", draft)
    seen = petra.get(address)
    told = words(seen)
    for piece in (
        "3 answers are needed", "INCAT disability score", "Before treatment 4", "155 g in all for this use",
        "155 g given, 775 g left", "none by the orders that were decided", "Carried over from",
    ):  # fmt: skip
        assert piece in told, piece
    sent = fields(seen, "/renewal/")
    assert {"response", "response_documented", "current_score"} <= {
        *sent, *tree(seen).xpath("//main//input/@name")
    }  # fmt: skip
    assert not {"dose", "interval_weeks", "request_type", "baseline_score"} & set(
        tree(seen).xpath("//main//input/@name")
    )

    wrong = petra.post(address, sent | {"current_score": "two", "go_on": "yes"}, follow=True)
    assert "Not sent yet" in words(wrong)
    assert 'value="two"' in wrong.content.decode()
    sent = fields(wrong, "/renewal/") | {"current_score": "2", "response": "improved", "response_documented": "true"}
    done = petra.post(address, sent | {"safety": "none_of_these", "go_on": "yes"})
    assert done["Location"] == url("request-submit", draft)
    assert "From 4 before treatment to 2: 2 lower, 50%." in words(petra.get(address))
    draft.refresh_from_db()
    assert (draft.draft["interval_weeks"], draft.draft["baseline_score"]) == ("4", "4")


def test_a_renewal_without_a_score_before_treatment_says_so_and_asks(cast, petra):
    source = a_request(cast, Status.APPROVED, at=timezone.now() - START)
    address = url("request-renewal", begun(petra, source))
    page = petra.get(address)
    assert "No score before treatment is on record" in words(page)
    assert "none was named at the start" in words(page)
    sent = fields(page, "/renewal/") | {"baseline_score": "5", "current_score": "5"}
    assert petra.post(address, sent).status_code == 302
    assert "The score is as before treatment: 5." in words(petra.get(address))


def test_what_the_short_form_cannot_ask_is_told_and_a_hostile_form_keeps_nothing(cast, petra, seen_by, approved_before):
    draft = begun(petra, approved_before)
    address = url("request-renewal", draft)
    assert seen_by("paul").get(address).status_code == 404
    assert seen_by("fern").get(address).status_code == 403
    for typed in ("x" * 5000, "\u202e4", "\x00"):
        answer = petra.post(address, {"objective_measure": typed})
        assert answer.status_code in (400, 422), typed
    draft.refresh_from_db()
    assert "objective_measure" not in draft.draft
    # A copy is no renewal, and what is filed has no form.
    copy = petra.post(url("request-copy", approved_before), {}, follow=True)
    assert copy.status_code == 200
    assert petra.get(url("request-renewal", approved_before))["Location"] == url("request-page", approved_before)
