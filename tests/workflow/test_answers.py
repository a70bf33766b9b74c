"""Answers that mean what they say: the checklist, days that are kept, what was true on its day, code and summary."""

import json
from datetime import date, timedelta

import pytest

from tests.cast import AT, CIDP, REASONS, Cast, a_draft, a_request, stated_again, submitted
from tests.salted import hmac_of
from tests.workflow.acts import act
from utilization import access, criteria, workflow
from utilization.digests import of_submission
from utilization.models import Event, Request, Submission
from utilization.rules.facts.catalogue import SAFETY_CHECKLIST
from utilization.rules.lifecycle import Status
from utilization.workflow.diagnosis_code import chosen_code, diagnosis_codes
from utilization.workflow.frozen_submission import reads_as

DAY = timedelta(days=1)
OPEN = {name: value for name, value in CIDP.items() if name != "safety"}
RENEWAL = {
    **CIDP, "request_type": "renewal", "response": "improved", "response_documented": "yes",
    "objective_measure": "INCAT 4 to 2", "baseline_score": "4", "current_score": "2", "months_on_therapy": "6",
    "prior_corticosteroids": "failed", "days_since_last_dose": "20", "clinical_summary": "Walks again.",
}  # fmt: skip


@pytest.fixture
def woman(cast: Cast):
    return cast.a_patient(mrn="N-W", sex="female", date_of_birth=date(1990, 3, 4))


def save(cast, draft, answers, at=AT, **more):
    return workflow.save_draft(draft.uid, by=cast["petra"], at=at, answers=answers, **more)


def faults(cast, draft, at=AT, **given):
    case = workflow.read_request(draft, at).judgement
    with pytest.raises(workflow.Invalid) as invalid:
        workflow.submit(
            draft.uid,
            by=cast["petra"],
            at=at,
            version=draft.version,
            mrn=draft.patient.mrn,
            attested=True,
            **given,
            confirmations=workflow.Confirmations(
                acknowledged=case.warnings, again=stated_again(draft, at), reasons=REASONS
            ),
        )
    assert not Submission.objects.filter(request=draft).exists()
    return invalid.value.errors


# --- The checklist ------------------------------------------------------------------------------------------------


def test_pregnant_alone_files_no_other_answer(cast: Cast, woman):
    draft = a_draft(cast, patient=woman, answers={**OPEN, "pregnancy_status": "pregnant"})
    said = faults(cast, draft)
    assert set(said) == {"safety"}
    assert "Thrombosis in the past" in said["safety"][0]
    assert "Pregnancy" not in said["safety"][0]
    # So does a tick of the form as it was before there were rows.
    assert set(faults(cast, a_draft(cast, patient=woman, answers={**OPEN, "safety": ["pregnant"]}))) == {"safety"}


def test_pregnant_iga_untested_is_filed_as_that(cast: Cast, woman):
    rows = dict.fromkeys(SAFETY_CHECKLIST, "no") | {"iga_deficient": "not_known", "anti_iga_antibodies": "not_known"}
    filed = submitted(cast, a_draft(cast, patient=woman, answers={**OPEN, **rows, "pregnancy_status": "pregnant"}))
    frozen = filed.latest
    assert frozen.stated["not_known"] == ["anti_iga_antibodies", "iga_deficient"]
    assert "rest" not in frozen.stated
    assert frozen.facts["pregnancy_status"] == "pregnant"
    assert frozen.facts["heart_failure"] is False
    assert "iga_deficient" not in frozen.facts
    assert "pregnancy_breastfeeding_safety_unknown" in frozen.judgement["warnings"]


def test_a_no_by_one_answer_is_told_from_one_of_its_own(cast: Cast):
    filed = submitted(cast, a_draft(cast, answers={**CIDP, "heart_failure": "no", "iga_deficient": "not_known"}))
    rest = filed.latest.stated["rest"]
    assert rest["answer"] == "none_of_these"
    assert set(rest["rows"]) == set(SAFETY_CHECKLIST) - {"heart_failure", "iga_deficient"}
    assert filed.latest.facts["heart_failure"] is False
    assert filed.latest.stated["not_known"] == ["iga_deficient"]


def test_the_others_not_known_is_filed_as_not_known(cast: Cast):
    filed = submitted(cast, a_draft(cast, answers={**OPEN, "safety": "not_known", "heart_failure": "yes"}))
    assert set(filed.latest.stated["not_known"]) == set(SAFETY_CHECKLIST) - {"heart_failure"}
    assert filed.latest.stated["rest"]["answer"] == "not_known"
    assert [name for name in SAFETY_CHECKLIST if name in filed.latest.facts] == ["heart_failure"]


def as_before(filed: Request, ticked) -> Request:
    """`filed` as the version before left it: ticks in the draft, nothing stated beside the facts."""
    draft = {name: value for name, value in filed.draft.items() if name not in (*SAFETY_CHECKLIST, "safety")}
    Request.objects.filter(pk=filed.pk).update(draft=draft | {"safety": ticked})
    return Request.objects.get(pk=filed.pk)


def test_a_request_filed_by_ticks_keeps_its_meaning_and_can_be_answered(cast: Cast, monkeypatch):
    monkeypatch.setattr("utilization.workflow.reading.stated_beside", lambda *given: {})
    filed = submitted(cast, a_draft(cast, answers={**CIDP, "heart_failure": "yes"}))
    monkeypatch.undo()
    assert filed.latest.stated == {}
    old = as_before(filed, ["heart_failure"])
    asked = workflow.ask(
        old.uid, by=cast["fern"], at=AT, version=old.version, facts=["course_days"], text="Why five days?"
    )
    facts = workflow.read_request(asked, AT).intake.facts
    assert facts["heart_failure"] is True
    assert all(facts[name] is False for name in SAFETY_CHECKLIST if name != "heart_failure")
    back = workflow.answer(
        asked.uid, by=cast["petra"], at=AT, version=asked.version, text="As the guideline has it.", answers={}
    )
    assert back.latest.ordinal == 1
    asked = workflow.ask(
        back.uid, by=cast["fern"], at=AT, version=back.version, facts=["iga_deficient"], text="Was IgA measured?"
    )
    back = workflow.answer(
        asked.uid, by=cast["petra"], at=AT, version=asked.version, text="No.", answers={"iga_deficient": "not_known"}
    )
    assert back.latest.changes == [{"fact": "iga_deficient", "old": False, "new": None}]
    assert back.latest.stated["not_known"] == ["iga_deficient"]


def test_what_is_stated_beside_is_vouched_for_and_old_versions_are_as_they_were(cast: Cast):
    filed = submitted(cast, a_draft(cast)).latest
    pack = filed.pack.sha256
    said = json.loads(bytes(Event.objects.latest("seq").body))["data"]["sha256"]
    with_it = of_submission(filed, pack)
    assert with_it["stated"] == filed.stated
    assert hmac_of(said, with_it) == said["hmac"]
    filed.stated = {}
    assert of_submission(filed, pack) == {name: value for name, value in with_it.items() if name != "stated"}


# --- Days that are kept -------------------------------------------------------------------------------------------


def test_days_since_are_kept_as_their_day_and_reckoned_anew(cast: Cast):
    draft = save(cast, a_draft(cast), {"days_since_onset": "12"})
    assert draft.draft["days_since_onset"] == "12 @2026-03-02T10:00+01:00"
    assert workflow.read_request(draft, AT).intake.facts["days_since_onset"] == 12
    later = workflow.read_request(draft, AT + 3 * DAY).intake
    assert (later.facts["days_since_onset"], later.meant["days_since_onset"]) == (15, date(2026, 2, 18))
    filed = submitted(cast, draft, at=AT + 3 * DAY)
    assert filed.latest.facts["days_since_onset"] == 15
    assert filed.latest.stated["meant"] == {"days_since_onset": "2026-02-18"}


def test_the_same_number_on_the_same_day_is_no_change_and_on_another_day_one(cast: Cast):
    draft = save(cast, a_draft(cast), {"days_since_onset": "12"})
    assert save(cast, draft, {"days_since_onset": "12"}, at=AT + timedelta(minutes=9)).version == draft.version
    moved = save(cast, draft, {"days_since_onset": "12"}, at=AT + DAY)
    assert moved.version == draft.version + 1
    assert workflow.read_request(moved, AT + DAY).intake.meant["days_since_onset"] == date(2026, 2, 19)


def test_hours_go_on_by_the_clock(cast: Cast):
    draft = save(cast, a_draft(cast), {"hours_since_infusion_end": "3"})
    assert workflow.read_request(draft, AT + timedelta(hours=5)).intake.facts["hours_since_infusion_end"] == 8


def test_an_answer_kept_before_its_moment_was_kept_counts_from_when_it_was_typed(cast: Cast):
    draft = save(cast, a_draft(cast), {"days_since_onset": "12"})
    Request.objects.filter(pk=draft.pk).update(draft=draft.draft | {"days_since_onset": "12"})
    old = Request.objects.get(pk=draft.pk)
    assert workflow.read_request(old, AT + 3 * DAY).intake.facts["days_since_onset"] == 15
    old.entered = {}
    assert workflow.read_request(old, AT + 3 * DAY).intake.facts["days_since_onset"] == 12


@pytest.mark.parametrize("moment", ["2099-01-01T00:00+00:00", "2026-03-02T09:30+00:00"])
def test_a_moment_that_has_not_come_is_the_present_one(cast: Cast, moment):
    draft = save(cast, a_draft(cast), {"days_since_onset": f"12 @{moment}"})
    assert draft.draft["days_since_onset"] == "12 @2026-03-02T10:00+01:00"


def test_an_answer_on_a_later_day_does_not_list_what_only_moved_on(cast: Cast):
    filed = submitted(cast, a_draft(cast, answers={**CIDP, "days_since_onset": "12"}))
    asked = workflow.ask(
        filed.uid, by=cast["fern"], at=AT, version=filed.version, facts=["course_days"], text="Why five days?"
    )
    back = workflow.answer(
        asked.uid, by=cast["petra"], at=AT + 2 * DAY, version=asked.version, text="Four.", answers={"course_days": "4"}
    )
    assert back.latest.facts["days_since_onset"] == 14
    assert [change["fact"] for change in back.latest.changes] == ["course_days"]


def test_a_child_growing_a_day_older_is_no_change(cast: Cast):
    child = cast.a_patient(
        mrn="N-C", date_of_birth=date(2025, 11, 1), weight_kg="7", height_cm="65", confirmed={"weight_kg", "height_cm"}
    )
    answers = {**CIDP, "dose_total_g_per_kg": "1", "justification": "No other treatment at this age."}
    filed = submitted(cast, a_draft(cast, patient=child, answers=answers))
    assert filed.latest.facts["age_days"] == "121"
    asked = workflow.ask(
        filed.uid, by=cast["fern"], at=AT, version=filed.version, facts=["course_days"], text="Why five days?"
    )
    again = workflow.Confirmations(filed.latest.acknowledged, again=stated_again(asked), reasons=REASONS)
    back = workflow.answer(
        asked.uid,
        by=cast["petra"],
        at=AT + DAY,
        version=asked.version,
        text="As before.",
        answers={},
        confirmations=again,
    )
    assert back.latest.ordinal == 1
    asked = workflow.ask(
        back.uid, by=cast["fern"], at=AT + DAY, version=back.version, facts=["course_days"], text="Four days?"
    )
    back = workflow.answer(
        asked.uid, by=cast["petra"], at=AT + 2 * DAY, version=asked.version, text="Four.",
        answers={"course_days": "4"}, confirmations=again,
    )  # fmt: skip
    assert [change["fact"] for change in back.latest.changes] == ["course_days"]


# --- What was true on its day -------------------------------------------------------------------------------------


def test_a_copied_renewal_asks_for_the_response_anew(cast: Cast):
    first = submitted(cast, a_draft(cast, answers=RENEWAL))
    copy = workflow.start_draft(
        by=cast["petra"], at=AT + 180 * DAY, patient_uid=cast.patient.uid, indication="cidp", copy_of=first.uid
    )
    assert copy.draft == {
        "dose_total_g_per_kg": "2", "course_days": "5", "interval_weeks": "4", "request_type": "renewal",
        "baseline_score": "4", "prior_corticosteroids": "failed",
    }  # fmt: skip
    said = faults(cast, save(cast, copy, {"safety": ["none_of_these"]}, at=AT + 180 * DAY), at=AT + 180 * DAY)
    assert "response" in said


def test_a_renewal_starts_from_an_initial_request(cast: Cast):
    first = submitted(cast, a_draft(cast, answers={**CIDP, "baseline_score": "4", "severity": "moderate"}))
    renewal = workflow.start_draft(
        by=cast["petra"], at=AT + 180 * DAY, patient_uid=cast.patient.uid, indication="cidp", copy_of=first.uid,
        request_type="renewal",
    )  # fmt: skip
    assert renewal.draft == {
        "dose_total_g_per_kg": "2", "course_days": "5", "interval_weeks": "4", "request_type": "renewal",
        "baseline_score": "4",
    }  # fmt: skip
    assert workflow.read_request(renewal, AT + 180 * DAY).judgement.outcome == "needs_information"


def test_a_kind_of_request_that_there_is_not_is_refused(cast: Cast):
    with pytest.raises(workflow.Invalid) as invalid:
        workflow.start_draft(
            by=cast["petra"], at=AT, patient_uid=cast.patient.uid, indication="cidp", request_type="extension"
        )
    assert set(invalid.value.errors) == {"request_type"}


def test_a_draft_of_another_day_asks_for_what_was_true_on_it(cast: Cast):
    draft = a_draft(cast, answers=RENEWAL)
    assert workflow.read_request(draft, AT + timedelta(hours=11)).to_confirm == {}
    night = AT.replace(hour=21)
    assert workflow.read_request(draft, night).to_confirm == {}
    later = AT + 3 * DAY
    asked = {"response", "response_documented", "objective_measure", "current_score"}
    assert set(workflow.read_request(draft, later).to_confirm) == asked
    known = set(workflow.read_request(draft, later).intake.facts)
    assert not asked & known
    assert {"baseline_score", "prior_corticosteroids", "months_on_therapy"} <= known
    said = faults(cast, draft, at=later)
    assert set(said) == asked
    assert "Answered on 2 Mar 2026. Is it still so?" in said["response"][0]


def test_a_single_answer_of_another_day_does_not_say_that_she_is_not_pregnant_today(cast: Cast, woman):
    draft = a_draft(cast, answers=CIDP, patient=woman)
    assert workflow.read_request(draft, AT + timedelta(hours=11)).intake.unanswered == ()
    later = AT + 56 * DAY
    intake = workflow.read_request(draft, later).intake
    assert intake.unanswered == ("pregnancy_status",)
    assert "pregnancy_status" not in intake.facts
    assert intake.facts["heart_failure"] is False
    (said,) = faults(cast, draft, at=later)["safety"]
    assert said.startswith("Not answered: Pregnancy. The single answer for the others is of an earlier day")
    draft = save(cast, draft, {"pregnancy_status": "not_pregnant"}, at=later)
    filed = submitted(cast, draft, at=later)
    assert filed.latest.facts["pregnancy_status"] == "not_pregnant"
    assert "pregnancy_status" not in filed.latest.stated["rest"]["rows"]
    assert workflow.read_request(filed, later + 9 * DAY).intake.unanswered == ()


def test_pregnancy_of_an_earlier_day_is_asked_about_once(cast: Cast, woman):
    draft = a_draft(cast, answers={**CIDP, "pregnancy_status": "pregnant"}, patient=woman)
    assert set(faults(cast, draft, at=AT + 9 * DAY)) == {"pregnancy_status"}


def test_a_weight_before_pregnancy_is_not_copied_into_another(cast: Cast, woman):
    answers = {**CIDP, "pregnancy_status": "pregnant", "pre_pregnancy_weight_kg": "70"}
    filed = submitted(cast, a_draft(cast, answers=answers, patient=woman))
    copy = workflow.start_draft(
        by=cast["petra"], at=AT + 700 * DAY, patient_uid=woman.uid, indication="cidp", copy_of=filed.uid
    )
    assert "pre_pregnancy_weight_kg" not in copy.draft


def test_it_counts_again_once_it_is_confirmed_or_corrected(cast: Cast):
    later = AT + 3 * DAY
    draft = a_draft(cast, answers=RENEWAL)
    draft = save(cast, draft, {"response": "stable"}, at=later, still=["current_score", "response_documented", "zzz"])
    assert set(workflow.read_request(draft, later).to_confirm) == {"objective_measure"}
    assert draft.entered["current_score"]["at"] == later.isoformat()
    draft = save(cast, draft, {}, at=later, still=["objective_measure"])
    filed = submitted(cast, draft, at=later)
    assert (filed.latest.facts["response"], filed.outcome) == ("stable", "meets")
    assert workflow.read_request(filed, later + 9 * DAY).to_confirm == {}


def test_an_answer_of_the_late_evening_is_not_asked_again_at_dawn(cast: Cast):
    evening = AT.replace(hour=22)
    draft = a_draft(cast, at=evening, answers=RENEWAL)
    assert workflow.read_request(draft, evening + timedelta(hours=9)).to_confirm == {}
    assert workflow.read_request(draft, evening + timedelta(hours=13)).to_confirm


# --- Contradictions, exceptions, the summary and the code ---------------------------------------------------------


def test_mild_and_ventilated_takes_a_correction_or_an_explanation(cast: Cast):
    answers = {**CIDP, "severity": "mild", "mechanical_ventilation": "yes"}
    said = faults(cast, a_draft(cast, indication="mg", answers=answers))
    assert set(said) == {"justification"}
    filed = submitted(cast, a_draft(cast, indication="mg", answers={**answers, "justification": "Weaned yesterday."}))
    assert filed.outcome == "exception_review"


def test_a_response_at_an_initial_request_is_explained_even_where_the_criteria_are_met(cast: Cast):
    draft = a_draft(cast, answers={**CIDP, "response": "improved"})
    assert workflow.read_request(draft, AT).judgement.outcome == "meets"
    said = faults(cast, draft)
    assert "A response to treatment, at an initial request." in said["justification"][0]
    assert submitted(cast, save(cast, draft, {"justification": "Given abroad before."})).outcome == "meets"


def test_what_cannot_be_stops_whatever_is_written(cast: Cast):
    said = faults(cast, a_draft(cast, answers={**CIDP, "days_since_onset": "30000", "justification": "It is so."}))
    assert "before birth" in said["days_since_onset"][0]


def test_an_exception_is_filed_with_its_justification(cast: Cast):
    answers = {**CIDP, "dose_total_g_per_kg": "2.4"}
    assert set(faults(cast, a_draft(cast, answers=answers))) == {"justification"}
    filed = submitted(cast, a_draft(cast, answers={**answers, "justification": "Held for two weeks only."}))
    assert (filed.outcome, filed.latest.justification) == ("exception_review", "Held for two weeks only.")


def test_a_summary_is_kept_with_every_request(cast: Cast):
    filed = submitted(cast, a_draft(cast, answers={**CIDP, "clinical_summary": "Five months of weakness."}))
    assert filed.latest.stated["clinical_summary"] == "Five months of weakness."


def test_a_code_is_chosen_where_there_are_several_and_stands_where_there_is_one(cast: Cast):
    answers = {**CIDP, "severity": "crisis"}
    assert set(faults(cast, a_draft(cast, indication="mg", answers={**answers, "diagnosis_code": ""}))) == {
        "diagnosis_code"
    }
    assert set(faults(cast, a_draft(cast, indication="mg", answers={**answers, "diagnosis_code": "G61.81"}))) == {
        "diagnosis_code"
    }
    filed = submitted(cast, a_draft(cast, indication="mg", answers={**answers, "diagnosis_code": "G70.01"}))
    assert filed.latest.stated["diagnosis_code"] == "G70.01"
    assert submitted(cast, a_draft(cast)).latest.stated["diagnosis_code"] == "G61.81"


def test_a_code_that_says_something_else_than_the_answers_stops(cast: Cast):
    answers = {
        **CIDP,
        "ms_course": "secondary_progressive",
        "treatment_goal": "relapse_prevention",
        "justification": "x",
    }
    said = faults(cast, a_draft(cast, indication="ms", answers={**answers, "diagnosis_code": "G35.A"}))
    assert "says “relapsing-remitting”" in said["ms_course"][0]
    assert "diagnosis_code" in said


@pytest.mark.parametrize(
    ("found_by", "code"), [("G70.01", "G70.01"), ("g7001", "G70.01"), (" g70.00 ", "G70.00"), ("myasthenia", None)]
)
def test_the_code_by_which_an_indication_was_found_is_chosen_already(cast: Cast, found_by, code):
    draft = workflow.start_draft(
        by=cast["petra"], at=AT, patient_uid=cast.patient.uid, indication="mg", found_by=found_by
    )
    assert draft.draft.get("diagnosis_code") == code


def test_a_code_below_a_listed_one_is_one_of_the_indications(cast: Cast):
    pack = criteria.in_force(cast.north, AT.date())
    codes = diagnosis_codes(pack, "primary_immunodeficiency", AT.date())
    assert chosen_code(codes, "D83.1") == "D83.1"
    assert chosen_code(codes, "Z99.9") == ""
    assert diagnosis_codes(pack, "zebra_fever", AT.date()) == ()
    # The code that lost its meaning when it was divided is not offered any more.
    assert "G35" not in [code.code for code in diagnosis_codes(pack, "ms", date(2026, 3, 2))]


def test_a_corrected_code_or_summary_makes_a_new_version(cast: Cast):
    asked = a_request(cast, Status.INFORMATION_ASKED, indication="mg", answers={**CIDP, "severity": "crisis"})
    back = workflow.answer(
        asked.uid, by=cast["petra"], at=AT, version=asked.version, text="With exacerbation.",
        answers={"diagnosis_code": "G70.01"},
    )  # fmt: skip
    assert (back.latest.ordinal, back.latest.stated["diagnosis_code"]) == (2, "G70.01")


def test_a_corrected_birth_date_is_a_change(cast: Cast):
    filed = submitted(cast, a_draft(cast))
    assert reads_as(filed, filed.latest, criteria.pack_of(filed.latest.pack))
    filed.patient.date_of_birth = date(2010, 5, 1)
    assert not reads_as(filed, filed.latest, criteria.pack_of(filed.latest.pack))


# --- Answers in part ----------------------------------------------------------------------------------------------


def test_an_answer_to_some_of_the_facts_leaves_the_question_open_for_the_rest(cast: Cast):
    asked = a_request(cast, Status.INFORMATION_ASKED)
    left = asked.clock_left
    given = {"by": cast["paul"], "at": AT + 4 * DAY, "text": "The days later.", "answers": {"interval_weeks": "3"}}
    part = workflow.answer_in_part(asked.uid, version=asked.version, **given)

    question = part.questions.get()
    assert (part.status, part.due_at, part.clock_left) == (Status.INFORMATION_ASKED, None, left)
    assert (question.answered_at, question.still_open) == (None, ["course_days"])
    assert part.submissions.count() == 1
    assert question.parts.get().facts == {"interval_weeks": "3"}
    assert not access.independent(cast["paul"], part)

    for answers in ({}, {"interval_weeks": "4"}, {"course_days": "4"}):
        with pytest.raises(workflow.Invalid):
            workflow.answer_in_part(part.uid, version=part.version, **(given | {"answers": answers}))
    with pytest.raises(workflow.Conflict):
        workflow.answer_in_part(asked.uid, version=asked.version, **given)

    with pytest.raises(workflow.Invalid, match="cannot be given"):
        act("answer", part, cast["petra"], AT + 5 * DAY, text="")
    back = act("answer", part, cast["petra"], AT + 5 * DAY, text="The ward did not write it down.")
    assert back.status == Status.PHARMACIST_REVIEW
    assert back.questions.get().not_given == ["course_days"]
    assert [change["fact"] for change in back.latest.changes] == ["interval_weeks"]


def test_a_question_names_the_day_by_which(cast: Cast):
    request = a_request(cast)
    today = request.site.date_at(AT)
    for wrong in (today - timedelta(days=1), today + timedelta(days=91)):
        with pytest.raises(workflow.Invalid, match="within 90 days"):
            act("ask", request, cast["fern"], AT, wanted_by=wrong)
    asked = act("ask", request, cast["fern"], AT, wanted_by=today)
    assert asked.questions.get().wanted_by == today
