"""Holding, noting, asking and referring; the clock that stands still; the answer and what it changes."""

from datetime import timedelta

import pytest

from tests.cast import AT, CIDP, REASONS, Cast, a_request, approved, grouped, recommended, stated_again
from tests.workflow.acts import act
from utilization import event_log, workflow
from utilization.models import Authorship, Event, Note, Request
from utilization.rules.lifecycle import Status

HOUR = timedelta(hours=1)


def ask(cast, request, *, by="fern", at, facts=("course_days",)):
    return workflow.ask(request.uid, by=cast[by], at=at, version=request.version, facts=facts, text="Why five days?")


def answer(cast, request, *, by="petra", at, text="Ward custom.", answers=None, **more):
    return workflow.answer(
        request.uid, by=cast[by], at=at, version=request.version, text=text, answers=answers or {},
        **grouped("answer", more),
    )  # fmt: skip


def faults(cast, request, at=AT, **given):
    with pytest.raises(workflow.Invalid) as invalid:
        answer(cast, request, at=at, **given)
    assert Request.objects.get(pk=request.pk).version == request.version
    return invalid.value.errors


# --- Holding ---------------------------------------------------------------------------------------------------------


def test_a_hold_is_taken_over_and_let_go_by_anyone_of_the_stage(cast: Cast):
    held = act("claim", a_request(cast), cast["fern"], AT)
    assert (held.holder, held.held_at) == (cast["fern"], AT)
    with pytest.raises(workflow.Refused, match="already"):
        act("claim", held, cast["fern"], AT)
    with pytest.raises(workflow.Refused, match="Fern Pharmacist holds"):
        act("approve", held, cast["felix"], AT)
    taken = act("claim", held, cast["felix"], AT + HOUR)
    assert (taken.holder, taken.held_at) == (cast["felix"], AT + HOUR)
    freed = act("release", taken, cast["fern"], AT + HOUR)
    assert (freed.holder, freed.held_at) == (None, None)
    before_and_after = [(e.data["holder_before"], e.data["holder"]) for e in event_log.entries(freed)[-3:]]
    fern, felix = cast["fern"].pk, cast["felix"].pk
    assert before_and_after == [(None, fern), (fern, felix), (felix, None)]


def test_a_hold_ends_with_the_stage(cast: Cast):
    held = act("claim", a_request(cast), cast["fern"], AT)
    assert recommended(cast, held).holder is None


# --- Notes and questions ---------------------------------------------------------------------------------------------


def test_a_note_uses_up_no_version(cast: Cast):
    request = a_request(cast)
    note = act("note", request, cast["felix"], AT)
    assert Note.objects.get() == note
    assert act("claim", request, cast["fern"], AT).holder == cast["fern"]
    assert b"Called the ward" not in bytes(Event.objects.get(type="note.added").body)


@pytest.mark.parametrize("text", ["", "x" * 4001, "\0", None])
def test_a_note_and_a_question_are_text(cast: Cast, text):
    request = a_request(cast)
    for verb in ("note", "ask"):
        with pytest.raises(workflow.Invalid) as invalid:
            act(verb, request, cast["fern"], AT, text=text)
        assert set(invalid.value.errors) == {"text"}


@pytest.mark.parametrize("facts", [["no_such_fact"], [3], [None]])
def test_a_question_names_facts_of_the_catalogue(cast: Cast, facts):
    request = a_request(cast)
    with pytest.raises(workflow.Invalid) as invalid:
        act("ask", request, cast["fern"], AT, facts=facts)
    assert set(invalid.value.errors) == {"facts"}


def test_a_fact_is_asked_for_once(cast: Cast):
    request = ask(cast, a_request(cast), at=AT + HOUR, facts=["course_days", "route", "course_days"])
    assert request.questions.get().facts == ["course_days", "route"]


def test_the_clock_stands_still_while_the_prescriber_is_asked(cast: Cast):
    request = a_request(cast)
    filed = request.submitted_at
    asked = ask(cast, request, at=filed + 10 * HOUR)
    assert (asked.due_at, asked.clock_left) == (None, 62 * 3600)
    back = answer(cast, asked, at=filed + 200 * HOUR)
    assert (back.status, back.due_at, back.clock_left) == (Status.PHARMACIST_REVIEW, filed + 262 * HOUR, None)


def test_asking_late_does_not_make_it_early(cast: Cast):
    request = a_request(cast)
    filed = request.submitted_at
    asked = ask(cast, request, at=filed + 80 * HOUR)
    assert asked.clock_left == -8 * 3600
    assert answer(cast, asked, at=filed + 90 * HOUR).due_at == filed + 82 * HOUR


def test_an_answer_goes_back_to_whoever_asked(cast: Cast):
    for asker, status in (("fern", Status.PHARMACIST_REVIEW), ("mira", Status.PHYSICIAN_REVIEW)):
        request = a_request(cast, status)
        asked = ask(cast, request, by=asker, at=AT + 4 * HOUR)
        back = answer(cast, asked, by="paul", at=AT + 5 * HOUR)
        question = back.questions.get()
        assert (back.status, back.submissions.count()) == (status, 1)
        assert (question.answer, question.answered_by, question.answered_at) == (
            "Ward custom.", cast["paul"], AT + 5 * HOUR,
        )  # fmt: skip
        # Who answers in words alone has entered no fact, and speaks for the department all the same.
        assert Authorship.objects.filter(request=back, user=cast["paul"]).exists()


def test_growing_older_while_asked_is_no_correction(cast: Cast):
    asked = a_request(cast, Status.INFORMATION_ASKED)
    assert answer(cast, asked, at=AT + timedelta(days=100)).submissions.count() == 1


def test_an_answer_says_something(cast: Cast):
    asked = a_request(cast, Status.INFORMATION_ASKED)
    assert set(faults(cast, asked, text=" ")) == {"text"}
    assert set(faults(cast, asked, text=" ", answers={"course_days": "5"})) == {"text"}


# --- Corrections -----------------------------------------------------------------------------------------------------


def test_a_corrected_fact_is_judged_anew_and_both_versions_stay(cast: Cast):
    asked = ask(cast, a_request(cast, Status.PHYSICIAN_REVIEW), by="mira", at=AT + 4 * HOUR)
    back = answer(
        cast, asked, by="paul", at=AT + timedelta(days=90), text="", answers={"course_days": "4"}, reasons=REASONS
    )  # after his birthday
    first, second = back.submissions.order_by("ordinal")
    assert (back.status, second.ordinal, second.created_by) == (Status.PHARMACIST_REVIEW, 2, cast["paul"])
    assert first.facts["course_days"] == 5
    assert second.changes == [
        {"fact": "age_years", "old": "57", "new": "58"},
        {"fact": "course_days", "old": 5, "new": 4},
    ]
    assert second.entered["course_days"]["by"] == cast["paul"].pk
    assert second.entered["dose_total_g_per_kg"]["by"] == cast["petra"].pk
    assert second.entered["history_thrombosis"] == first.entered["history_thrombosis"]
    assert second.entered["history_thrombosis"]["by"] == cast["petra"].pk, "her single answer for the checklist"
    assert set(back.authorships.values_list("user__username", flat=True)) == {"petra", "paul"}
    # The recommendation was signed under the version before, so it does not count for this one.
    assert not second.decisions.exists()
    assert act("recommend", back, cast["felix"], AT + timedelta(days=91)).status == Status.PHYSICIAN_REVIEW


def test_a_new_weight_is_a_correction_too(cast: Cast):
    asked = a_request(cast, Status.INFORMATION_ASKED)
    workflow.update_patient(
        cast.patient.uid, by=cast["paul"], at=AT, height_cm="178", weight_kg="79", measured_on=AT.date()
    )
    back = answer(cast, asked, at=AT + 4 * HOUR, again={"dose": "150"})
    assert back.latest.changes == [{"fact": "weight_kg", "old": "82.5", "new": "79"}]
    assert back.submissions.get(ordinal=1).checks["again"]["weight_kg"] == "82.5"
    assert back.latest.checks["again"] == {"dose_total_g": "150"}, "the weight stated again was that of before"
    assert cast["paul"].pk in back.authorships.values_list("user", flat=True)


def test_a_correction_must_be_readable_and_known(cast: Cast):
    asked = a_request(cast, Status.INFORMATION_ASKED)
    assert set(faults(cast, asked, answers={"course_days": "five"})) == {"course_days"}
    # Known to nobody before and not readable now: no fact has changed, and yet it is not passed over.
    assert set(faults(cast, asked, answers={"days_since_onset": "many"})) == {"days_since_onset"}
    assert set(faults(cast, asked, answers={"status": "approved"})) == {"answers"}
    assert set(faults(cast, asked, answers={"emergency": "yes"})) == {"emergency"}
    assert set(faults(cast, asked, answers={"emergency_reason": "x"})) == {"emergency_reason"}


def test_new_warnings_are_acknowledged_and_old_ones_not_again(cast: Cast):
    asked = a_request(cast, Status.INFORMATION_ASKED, answers={**CIDP, "history_thrombosis": "yes"})
    heart = {"heart_failure": "yes"}
    assert set(faults(cast, asked, answers=heart)) == {"acknowledged"}
    back = answer(cast, asked, at=AT + 4 * HOUR, answers=heart, acknowledged=["heart_failure_risk"])
    assert back.latest.acknowledged == ["thrombosis_risk", "heart_failure_risk"]


def test_unusual_values_are_confirmed_until_they_change(cast: Cast):
    asked = a_request(cast, Status.INFORMATION_ASKED, answers={**CIDP, "interval_weeks": "100"})
    back = answer(cast, asked, at=AT + 4 * HOUR, answers={"course_days": "4"})
    assert back.latest.confirmed == ["interval_weeks"]
    asked = ask(cast, back, at=AT + 5 * HOUR)
    assert set(faults(cast, asked, answers={"interval_weeks": "101"})) == {"interval_weeks"}


def test_the_words_of_an_answer_justify_what_no_longer_meets(cast: Cast):
    asked = ask(cast, a_request(cast, indication="cidp"), at=AT + 3 * HOUR, facts=["response"])
    renewal = {"request_type": "renewal", "response": "worse", "response_documented": "yes"}
    warnings = [
        "possible_overuse_long_term_cidp",
        "maintenance_dose_not_established",
        "duration_interval_not_established",
    ]
    said = faults(cast, asked, text="", answers=renewal, acknowledged=warnings)
    assert set(said) == {"justification"}
    back = answer(cast, asked, at=AT + 4 * HOUR, text="Nothing else works.", answers=renewal, acknowledged=warnings)
    assert (back.outcome, back.latest.justification) == ("does_not_meet", "Nothing else works.")


def test_a_justification_written_before_stays(cast: Cast):
    asked = a_request(
        cast, Status.INFORMATION_ASKED, indication="ibm", answers={**CIDP, "justification": "Swallowing fails."}
    )
    back = answer(cast, asked, at=AT + 4 * HOUR, text="Corrected.", answers={"course_days": "4"})
    assert back.latest.justification == "Swallowing fails."


def test_a_case_that_turns_urgent_gets_the_shorter_clock(cast: Cast):
    answers = {**CIDP, "severity": "severe", "prior_corticosteroids": "failed"}
    request = a_request(cast, indication="mg", answers=answers)
    filed = request.submitted_at
    asked = ask(cast, request, at=filed + 2 * HOUR)
    back = answer(cast, asked, at=filed + 30 * HOUR, answers={"severity": "crisis"})
    assert back.expedited
    assert back.due_at == filed + 54 * HOUR


def test_a_case_that_turns_routine_gets_no_longer_clock(cast: Cast):
    request = a_request(cast, indication="mg", answers={**CIDP, "severity": "crisis"})
    filed = request.submitted_at
    asked = ask(cast, request, at=filed + 2 * HOUR)
    answers = {"severity": "severe", "prior_corticosteroids": "failed"}
    back = answer(cast, asked, at=filed + 30 * HOUR, answers=answers)
    assert not back.expedited
    assert back.due_at == filed + 52 * HOUR


def test_who_signed_a_recommendation_enters_no_fact_afterwards(cast: Cast):
    """Dora recommended; neither her answer nor a weight that she took can become a fact of this request."""
    request = recommended(cast, a_request(cast), by="dora", at=AT + 2 * HOUR)
    asked = ask(cast, request, by="mira", at=AT + 4 * HOUR)
    with pytest.raises(workflow.Refused, match="You signed on this request as a reviewer"):
        answer(cast, asked, by="dora", at=AT + 5 * HOUR, answers={"course_days": "4"})
    measures = {"height_cm": "178", "weight_kg": "82.5", "measured_on": (AT - timedelta(days=2)).date()}
    workflow.update_patient(
        cast.patient.uid, by=cast["dora"], at=AT + 5 * HOUR, **{**measures, "weight_kg": "82"}
    )  # fmt: skip
    again = stated_again(Request.objects.get(pk=asked.pk), AT + 5 * HOUR)
    with pytest.raises(workflow.Refused, match="Dora Doppel, MD PharmD signed"):
        answer(cast, asked, by="petra", at=AT + 5 * HOUR, answers={"course_days": "4"}, again=again)
    workflow.update_patient(cast.patient.uid, by=cast["paul"], at=AT + 5 * HOUR, **measures)
    assert answer(cast, asked, by="petra", at=AT + 5 * HOUR, answers={"course_days": "4"}).submissions.count() == 2


def test_only_one_question_is_open(cast: Cast):
    asked = a_request(cast, Status.INFORMATION_ASKED)
    with pytest.raises(workflow.Refused, match="waiting for information"):
        ask(cast, asked, at=AT + 4 * HOUR)


# --- Referral --------------------------------------------------------------------------------------------------------


def test_a_referred_request_is_the_physicians_whatever_comes_back(cast: Cast):
    referred = workflow.refer(
        (request := a_request(cast)).uid,
        by=cast["fern"],
        at=AT + 2 * HOUR,
        version=request.version,
        reason="Odd course.",
    )
    assert (referred.status, referred.referral_reason, referred.referred_by) == (
        Status.PHYSICIAN_REVIEW, "Odd course.", cast["fern"],
    )  # fmt: skip
    asked = ask(cast, referred, by="mira", at=AT + 3 * HOUR)
    back = answer(cast, asked, at=AT + 4 * HOUR, answers={"course_days": "4"})
    assert back.status == Status.PHARMACIST_REVIEW
    with pytest.raises(workflow.Refused, match="referred to the physician"):
        approved(cast, back, at=AT + 5 * HOUR)
    # Who referred has signed nothing and judged nothing, and may still recommend.
    assert recommended(cast, back, at=AT + 5 * HOUR).status == Status.PHYSICIAN_REVIEW


def test_a_referral_gives_its_reason(cast: Cast):
    request = a_request(cast)
    with pytest.raises(workflow.Invalid):
        act("refer", request, cast["fern"], AT, reason="")
