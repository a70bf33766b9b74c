"""The form, the review page and everybody's pages on answers that mean what they say."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from tests.cast import CIDP, a_draft, a_request, submitted
from tests.documents.reading import squeezed, squeezed_text
from tests.prescribing.pages import asked, fields, last_page, problems, tree, url, words
from utilization import workflow
from utilization.documents.justification import render
from utilization.models import Request
from utilization.reports.frozen_justification import frozen_value
from utilization.rules.facts.catalogue import SAFETY_CHECKLIST

OPEN = {name: value for name, value in CIDP.items() if name != "safety"}
ROWS = f"{len(SAFETY_CHECKLIST)} of {len(SAFETY_CHECKLIST)} answered"


@pytest.fixture
def now():
    return timezone.now()


def check(client, draft, form, **typed):
    return client.post(url("request-check", draft), form | typed, headers={"hx-request": "true"})


def draft_now(draft):
    return Request.objects.get(pk=draft.pk).draft


def test_each_row_has_three_answers_and_the_rest_one(cast, petra):
    page = petra.get(url("request-edit", a_draft(cast, answers=OPEN)))
    rows = tree(page).xpath("//fieldset[contains(@class, 'safety-row') and @data-row]")
    assert [row.get("id") for row in rows] == [f"div_id_{name}" for name in SAFETY_CHECKLIST]
    for row in rows:
        inputs = row.xpath(".//*[@class='segmented']/label[@class='segment']/input[@type='radio']")
        assert [field.get("value") for field in inputs] == ["yes", "no", "not_known"]
    rest = tree(page).xpath("//*[@data-rest]//input[@type='radio']/@value")
    assert rest == ["one_by_one", "none_of_these", "not_known"]
    assert f"0 of {len(SAFETY_CHECKLIST)} answered" in words(page)
    assert f"The {len(SAFETY_CHECKLIST)} rows without an answer" in words(page)


@pytest.mark.long
def test_rows_are_saved_while_they_are_answered_and_counted(cast, petra):
    draft = a_draft(cast, answers=OPEN)
    form = fields(petra.get(url("request-edit", draft)))
    answer = check(petra, draft, form, heart_failure="yes", iga_deficient="not_known")
    kept = {name: draft_now(draft)[name] for name in ("heart_failure", "iga_deficient")}
    assert kept == {"heart_failure": "yes", "iga_deficient": "not_known"}
    assert "safety" not in draft_now(draft)
    assert words(answer, "//*[@id='safety-count']") == f"2 of {len(SAFETY_CHECKLIST)} answered"
    assert words(answer, "//*[@id='safety-left']") == f"The {len(SAFETY_CHECKLIST) - 2} rows without an answer"
    again = check(petra, draft, fields(petra.get(url("request-edit", draft))), safety="none_of_these")
    assert words(again, "//*[@id='safety-count']") == ROWS
    assert draft_now(draft)["safety"] == ["none_of_these"]
    page = fields(petra.get(url("request-edit", draft)))
    assert (page["heart_failure"], page["iga_deficient"], page["safety"]) == ("yes", "not_known", "none_of_these")
    assert "renal_impairment" not in page


def test_one_row_left_is_said_in_the_singular(cast, petra):
    rows = dict.fromkeys(SAFETY_CHECKLIST[1:], "no")
    assert "The row without an answer" in words(petra.get(url("request-edit", a_draft(cast, answers={**OPEN, **rows}))))


@pytest.mark.long
def test_a_woman_has_a_row_about_pregnancy(cast, petra, now):
    woman = cast.a_patient(mrn="N-W", sex="female")
    draft = a_draft(cast, at=now, patient=woman, answers={**OPEN, "pregnancy_status": "pregnant"})
    page = petra.get(url("request-edit", draft))
    values = tree(page).xpath("//*[@id='div_id_pregnancy_status']//input[@type='radio']/@value")
    assert values == ["not_pregnant", "planning", "pregnant", "breastfeeding", "not_known"]
    assert fields(page)["pregnancy_status"] == "pregnant"
    # The rows that nobody answered for lead back to the form.
    back = last_page(petra, draft)
    assert "Thrombosis in the past" in words(back, "//*[@id='error-summary']")
    assert "attested" not in asked(back)
    whole = workflow.save_draft(draft.uid, by=cast["petra"], at=now, answers={"safety": "none_of_these"})
    assert "Yes: Pregnancy: pregnant." in words(last_page(petra, whole))


def test_ticks_of_an_older_draft_stand_as_yes_and_the_others_are_open(cast, petra):
    page = petra.get(url("request-edit", a_draft(cast, answers={**OPEN, "safety": ["heart_failure"]})))
    assert fields(page)["heart_failure"] == "yes"
    assert "renal_impairment" not in fields(page)
    assert fields(page)["safety"] == "one_by_one"
    assert f"1 of {len(SAFETY_CHECKLIST)} answered" in words(page)


@pytest.mark.long
def test_not_known_is_on_review_case_request_and_pdf(cast, petra, seen_by, now):
    rows = {"heart_failure": "no", "iga_deficient": "not_known", "severity": "not_known"}
    draft = a_draft(cast, at=now, answers={**CIDP, **rows, "clinical_summary": "Weak for five months."})
    review = words(last_page(petra, draft))
    filed = submitted(cast, draft, at=now)
    page = words(petra.get(url("request-page", filed)))
    case = words(seen_by("fern").get(reverse("review-case", args=[filed.uid])))
    for shown in (review, page, case):
        assert "Not known: Deficient in immunoglobulin A (IgA)." in shown
        assert "No: Heart failure." in shown
        assert "No, by the single answer “none of the others”: Thrombosis in the past" in shown
        assert "Answered “not known” Severity" in shown
        assert "Weak for five months." in shown
        assert "G61.81" in shown
    paper = squeezed_text(render(frozen_value(filed)))
    for said in (
        "Not known Deficient in immunoglobulin A (IgA)", "No Heart failure", "none of the others”",
        "Also answered “not known”: Severity", "Clinical summary by the prescriber", "Weak for five months.",
        "Diagnosis code, ICD-10-CM: G61.81",
    ):  # fmt: skip
        assert squeezed(said) in paper, said


@pytest.mark.long
def test_the_pdf_never_says_that_no_warning_was_raised_as_if_all_were_answered(cast):
    filed = submitted(cast, a_draft(cast, answers={**OPEN, "dose_total_g_per_kg": "0.4", "safety": "not_known"}))
    value = frozen_value(filed) | {"warnings": [], "acknowledged_by": None}
    paper = squeezed_text(render(value))
    assert squeezed("No warning is raised by what is known.") in paper
    assert squeezed("Not known, by the single answer “the others not known” Thrombosis in the past") in paper


def test_what_was_filed_by_ticks_is_said_to_have_been(cast, petra, monkeypatch):
    monkeypatch.setattr("utilization.workflow.reading.stated_beside", lambda *given: {})
    filed = submitted(cast, a_draft(cast, answers={**CIDP, "heart_failure": "yes"}))
    value = frozen_value(filed)
    assert [row["answer"] for row in value["safety"]] == ["Yes", "No, since it was not ticked"]
    assert value["indication"]["icd10cm"] == ["G61.81"]
    assert "No, since it was not ticked:" in words(petra.get(url("request-page", filed)))


def test_the_export_names_the_code(cast, seen_by):
    a_request(cast)
    a_draft(cast)
    rows = b"".join(seen_by("audrey").get(reverse("audit-csv"))).decode()
    assert ",diagnosis_code," in rows.splitlines()[0]
    assert ",G61.81," in rows


# --- Days and ages ------------------------------------------------------------------------------------------------


@pytest.mark.long
def test_days_since_show_their_day_and_go_on_counting(cast, petra, now):
    draft = a_draft(cast, at=now - timedelta(days=3), answers={**CIDP, "days_since_onset": "12"})
    page = petra.get(url("request-edit", draft))
    assert fields(page)["days_since_onset"] == "15"
    day = cast.north.date_at(now) - timedelta(days=15)
    assert f"That is since {day.day} {day:%b %Y}." in words(page)
    kept = draft_now(draft)["days_since_onset"]
    check(petra, draft, fields(page), interval_weeks="3")
    assert draft_now(draft)["days_since_onset"] == kept
    # What stood there on the day on which it was typed is another day now.
    check(petra, draft, fields(page), days_since_onset="12")
    assert draft_now(draft)["days_since_onset"].startswith("12 @")
    assert draft_now(draft)["days_since_onset"] != kept
    check(petra, draft, fields(petra.get(url("request-edit", draft))), days_since_onset="")
    assert draft_now(draft)["days_since_onset"] == ""


@pytest.mark.parametrize("beside", ["", "x", "2026-03-02T10:00+0100", "2026-03-02T10:00 12 @2026-03-02T10:00+01:00"])
def test_a_page_that_does_not_say_when_it_was_made_is_taken_at_its_word(cast, petra, beside):
    draft = a_draft(cast, answers={**CIDP, "days_since_onset": "12"})
    form = fields(petra.get(url("request-edit", draft))) | {"kept_days_since_onset": beside}
    check(petra, draft, form, days_since_onset="7")
    assert draft_now(draft)["days_since_onset"].startswith("7 @")


def test_hours_say_since_when(cast, petra, now):
    page = petra.get(url("request-edit", a_draft(cast, at=now, answers={**CIDP, "hours_since_infusion_end": "3"})))
    assert re.search(r"That is since \d+ \w{3} \d{4}, \d\d:\d\d", words(page))


@pytest.mark.long
def test_the_day_stands_beside_what_was_filed(cast, petra, seen_by):
    filed = submitted(cast, a_draft(cast, answers={**CIDP, "days_since_onset": "12"}))
    for page in (
        petra.get(url("request-page", filed)),
        seen_by("fern").get(reverse("review-case", args=[filed.uid])),
    ):
        assert "12 days (since 18 Feb 2026)" in words(page)


@pytest.mark.long
def test_a_baby_is_as_old_as_the_days_say(cast, petra, seen_by, now):
    today = cast.north.date_at(now)
    baby = cast.a_patient(
        mrn="N-B", at=now, date_of_birth=today - timedelta(days=29), weight_kg="4", height_cm="53",
        confirmed={"weight_kg", "height_cm"},
    )  # fmt: skip
    answers = {**CIDP, "dose_total_g_per_kg": "1", "justification": "No other treatment at this age."}
    draft = a_draft(cast, at=now, patient=baby, answers=answers)
    assert "(29 days)" in words(petra.get(url("request-edit", draft)))
    assert "(29 days)" in words(petra.get(reverse("request-indication", args=[baby.uid])))
    filed = submitted(cast, draft, at=now)
    case = words(seen_by("fern").get(reverse("review-case", args=[filed.uid])))
    assert "(29 days)" in case
    assert "Age 29 days" in case
    assert squeezed("(29 days at filing)") in squeezed_text(render(frozen_value(filed)))


# --- What was true on its day, contradictions, the code -----------------------------------------------------------

RENEWAL = {**CIDP, "request_type": "renewal", "response": "improved", "response_documented": "yes"}


@pytest.mark.long
def test_an_answer_of_another_day_is_asked_again_and_confirmed_with_one_box(cast, petra, now):
    draft = a_draft(cast, at=now - timedelta(days=9), answers=RENEWAL)
    page = petra.get(url("request-edit", draft))
    assert "Needs information" in words(page, "//*[@id='live-bar']")
    assert fields(page)["response"] == "improved"
    assert tree(page).xpath("//*[@id='say_response']//input[@name='still' and @value='response']")
    assert "Is it still so?" in words(last_page(petra, draft))
    answer = check(petra, draft, fields(page), still=["response", "response_documented"])
    assert b'value="response"' not in answer.content
    assert "Meets criteria" in words(petra.get(url("request-edit", draft)), "//*[@id='live-bar']")


def test_a_page_that_is_saved_untouched_confirms_nothing(cast, petra, now):
    """The draft says "yes" and the form sends "true": one answer, given on another day."""
    draft = a_draft(cast, at=now - timedelta(days=9), answers=RENEWAL)
    page = petra.get(url("request-edit", draft))
    answer = check(petra, draft, fields(page))
    assert b'name="still" value="response_documented"' in answer.content
    assert draft_now(draft)["response_documented"] == "yes"
    check(petra, draft, fields(page), response_documented="false")
    assert draft_now(draft)["response_documented"] == "false"


def test_a_contradiction_is_said_at_both_fields(cast, petra, now):
    answers = {**CIDP, "severity": "mild", "mechanical_ventilation": "yes", "diagnosis_code": "G70.01"}
    draft = a_draft(cast, at=now, indication="mg", answers=answers)
    said = problems(petra.get(url("request-edit", draft)))
    for field in ("severity", "mechanical_ventilation"):
        assert "Mild, and on mechanical ventilation. Correct one of them" in said[field]
    explained = workflow.save_draft(
        draft.uid, by=cast["petra"], at=draft.created_at, answers={"justification": "Weaned yesterday."}
    )
    review = last_page(petra, explained)
    assert "Answers that contradict each other Mild, and on mechanical ventilation." in words(review)


@pytest.mark.long
def test_contradictions_stand_on_the_page_of_reviewer_and_prescriber(cast, petra, seen_by):
    answers = {**CIDP, "response": "improved", "justification": "Given abroad before."}
    filed = submitted(cast, a_draft(cast, answers=answers))
    case = words(seen_by("fern").get(reverse("review-case", args=[filed.uid])))
    assert "A response to treatment, at an initial request." in case
    page = words(petra.get(url("request-page", filed)))
    assert "Answers that contradict each other A response to treatment, at an initial request." in page


@pytest.mark.long
def test_the_code_is_chosen_among_those_of_the_indication(cast, petra):
    draft = a_draft(cast, indication="mg", answers={"severity": "crisis", "diagnosis_code": ""})
    page = petra.get(url("request-edit", draft))
    assert tree(page).xpath("//select[@name='diagnosis_code']/option/@value") == ["", "G70.00", "G70.01"]
    assert "Diagnosis code: Choose the ICD-10-CM code" in words(last_page(petra, draft))
    check(petra, draft, fields(page), diagnosis_code="G70.01")
    page = petra.get(url("request-edit", draft))
    assert fields(page)["diagnosis_code"] == "G70.01"
    check(petra, draft, fields(page), diagnosis_code="X00.0")
    assert fields(petra.get(url("request-edit", draft)))["diagnosis_code"] == "X00.0"
    assert "Diagnosis code: Choose the ICD-10-CM code" in words(last_page(petra, draft))


def test_a_code_below_a_listed_one_is_typed(cast, petra):
    draft = a_draft(cast, indication="primary_immunodeficiency", answers={**CIDP, "diagnosis_code": "D83.1"})
    page = petra.get(url("request-edit", draft))
    assert tree(page).xpath("//input[@name='diagnosis_code']/@value") == ["D83.1"]
    assert "D83" in tree(page).xpath("//datalist[@id='codes']/option/@value")


def test_what_nothing_covers_has_no_code(cast, petra):
    draft = a_draft(cast, indication="zebra_fever", answers={**CIDP, "justification": "Nothing else is left."})
    assert not tree(petra.get(url("request-edit", draft))).xpath("//*[@name='diagnosis_code']")
    assert submitted(cast, draft).latest.stated.get("diagnosis_code") is None
