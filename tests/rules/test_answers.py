"""Answers as typed: read to facts, or named where they cannot be; and which facts a form asks for."""

import re
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from utilization import criteria
from utilization.rules.dosing.orders import DoseRule
from utilization.rules.facts.catalogue import CATALOGUE, SAFETY_CHECKLIST, Fact, Kind
from utilization.rules.facts.date_words import day_words
from utilization.rules.form.answers import PatientFacts, facts_from_answers, safety_rows
from utilization.rules.form.questions import OPTIONAL, questionnaire
from utilization.rules.judging.judge import judge

TODAY = date(2026, 11, 21)
WOMAN = PatientFacts(date(1970, 5, 1), "female", Decimal(70), Decimal(165))
MAN = PatientFacts(date(1970, 5, 1), "male")


def read(patient=WOMAN, /, **answers):
    return facts_from_answers(answers, patient, TODAY)


def test_the_patient_is_not_asked_for_what_is_known():
    assert read().facts == {"age_years": 56, "sex": "female", "weight_kg": 70, "height_cm": 165}
    assert read(MAN).facts == {"age_years": 56, "sex": "male"}
    assert read(weight_kg="90", sex="male").facts == read().facts


@pytest.mark.parametrize(
    ("name", "typed", "value"),
    [
        ("severity", "moderate", "moderate"),
        ("thymectomy_planned", "yes", True),
        ("thymectomy_planned", "False", False),
        ("course_days", " 5 ", 5),
        ("dose_total_g_per_kg", "2.0", Decimal("2.0")),
        ("product", "Privigen ", "Privigen"),
        ("available_vials_g", "5, 10;20", (Decimal(5), Decimal(10), Decimal(20))),
        ("thymectomy_planned", True, True),
    ],
)
def test_what_can_be_read_is_a_fact(name, typed, value):
    assert read(**{name: typed}).facts[name] == value


OWN = dict(CATALOGUE) | {
    "transfusions": Fact(
        "transfusions", Kind.LIST_RECORD, "", "Transfusions",
        fields={
            "date": Fact("date", Kind.DATE, "", "Date"),
            "what": Fact("what", Kind.CHOICE, "", "What", choices={"red_cells": "red cells", "other": "all, or none"}),
        },
    ),
    "given_on": Fact("given_on", Kind.DATE, "", "Given on"),
}  # fmt: skip


@pytest.mark.parametrize(
    "line",
    [
        "2026-11-20, red_cells", "2026-11-20; red cells", "20 Nov 2026, Red Cells", "20 november 2026,red-cells",
        "20. Nov. 2026 , RED_CELLS",
    ],
)  # fmt: skip
def test_an_entry_is_read_as_people_type_it(line):
    read = facts_from_answers({"transfusions": line}, WOMAN, TODAY, OWN)
    assert read.problems == {}
    assert read.facts["transfusions"] == ({"date": date(2026, 11, 20), "what": "red_cells"},)


TEXTS = {
    name: Fact(name, Kind.TEXT, "", name) for name in ("fever", "note")
}  # fmt: skip
TWINS = {"grade_1_1": "one", "grade_11": "eleven", "A": "big", "a": "small"}
LISTS = dict(CATALOGUE) | {
    "notes": Fact("notes", Kind.LIST_RECORD, "", "Notes", fields=TEXTS),
    "grades": Fact("grades", Kind.LIST_RECORD, "", "G", fields={"g": Fact("g", Kind.CHOICE, "", "G", choices=TWINS)}),
}


def test_a_text_of_an_entry_keeps_its_semicolons():
    assert facts_from_answers({"notes": "fever; chills"}, WOMAN, TODAY, LISTS).facts["notes"] == (
        {"fever": "fever; chills"},
    )


@pytest.mark.parametrize("code", TWINS)
def test_a_code_that_is_typed_is_that_code(code):
    assert facts_from_answers({"grades": code}, WOMAN, TODAY, LISTS).facts["grades"] == ({"g": code},)


def test_what_may_be_two_choices_is_asked_again():
    assert "grades" in facts_from_answers({"grades": "Grade 11"}, WOMAN, TODAY, LISTS).problems


@pytest.mark.parametrize("typed", ["03/04/2026", "31 Feb 2026", "5 Fob 2026", "Nov 2026", "20 Nov 26"])
def test_a_day_that_may_mean_another_is_not_guessed(typed):
    assert "given_on" in facts_from_answers({"given_on": typed}, WOMAN, TODAY, OWN).problems


def test_every_day_is_read_as_the_pages_write_it():
    for day in (date(2026, 1, 1) + timedelta(days=n) for n in range(0, 366, 11)):
        assert facts_from_answers({"given_on": day_words(day)}, WOMAN, TODAY, OWN).facts["given_on"] == day


@pytest.mark.parametrize(
    ("name", "typed", "says"),
    [
        ("dose_total_g_per_kg", "2,0", "has a comma: write decimals with a point"),
        ("dose_total_g_per_kg", "two", r"Expected a number \[g/kg\]"),
        ("dose_total_g_per_kg", "1e999", "Expected a number"),
        ("dose_total_g_per_kg", "NaN", "Expected a number"),
        ("course_days", "0", "0 days is impossible: expected at least 1"),
        ("severity", "terrible", "Expected one of mild, moderate, severe, crisis"),
        ("thymectomy_planned", "perhaps", "Expected true or false"),
        ("product", "a\u202eb", r"hidden character \(U\+202E\)"),
        ("igg_measurements", "2026-01-04, 4, 5", "too many values"),
        ("igg_measurements", "2026-01-04", "g_per_l is missing"),
        ("author_id", "5", "not a fact that a request can hold"),
        ("dose_within_ceiling", "true", "not a fact that a request can hold"),
        ("safety", ["none_of_these", "diabetes"], "only what is on the list"),
        ("safety", ["none_of_these", "heart_failure"], "stand alone"),
        ("safety", ["pregnant", "breastfeeding"], "one of planning a pregnancy"),
    ],
)
def test_what_cannot_be_read_is_named_at_its_field_and_left_out(name, typed, says):
    intake = read(**{name: typed, "severity_measure": "kept"})
    assert re.search(says, intake.problems[name])
    assert name not in intake.facts
    assert intake.facts["severity_measure"] == "kept"


@pytest.mark.parametrize(
    ("height", "weight", "cm", "kg"),
    [
        # 70 x 2.54 cm; 172 x 0.45359237 kg; 7.5 x 0.45359237 kg
        ("5'10\"", "12 st 4 lb", "177.80", "78.018"), ("5 ft 10 in", "7 lb 8 oz", "177.80", "3.402"),
        ("1 m 63", "82.5", "163.00", "82.5"),
    ],
)  # fmt: skip
def test_without_a_patient_measures_are_read_as_they_are_with_one(height, weight, cm, kg):
    intake = facts_from_answers({"height_cm": height, "weight_kg": weight}, None, TODAY)
    assert (intake.facts["height_cm"], intake.facts["weight_kg"]) == (Decimal(cm), Decimal(kg))
    assert (
        facts_from_answers({"height_cm": "5'14\""}, None, TODAY).problems["height_cm"].startswith("Expected a number")
    )


def test_not_known_is_an_answer_and_blank_is_none():
    intake = read(severity="not_known", prior_corticosteroids="", product=None)
    assert intake.not_known == {"severity"}
    assert not intake.problems
    assert set(intake.facts) == {"age_years", "sex", "weight_kg", "height_cm"}


ROWS = {*SAFETY_CHECKLIST, "pregnancy_status"}


def test_pregnant_and_iga_untested_can_be_said_and_says_nothing_else():
    intake = read(pregnancy_status="pregnant", iga_deficient="not_known", anti_iga_antibodies="not_known")
    assert intake.facts["pregnancy_status"] == "pregnant"
    assert intake.not_known == {"iga_deficient", "anti_iga_antibodies"}
    assert not ROWS & set(intake.facts) - {"pregnancy_status"}
    assert set(intake.unanswered) == ROWS - {"pregnancy_status", "iga_deficient", "anti_iga_antibodies"}
    assert (intake.rest, intake.by_rest) == ("", ())


def test_one_answer_is_that_of_the_rows_that_have_none_and_is_told_apart():
    intake = read(heart_failure="yes", renal_impairment="no", iga_deficient="not_known", safety=["none_of_these"])
    rest = ROWS - {"heart_failure", "renal_impairment", "iga_deficient"}
    assert (intake.rest, set(intake.by_rest), intake.unanswered) == ("none_of_these", rest, ())
    assert {intake.facts[name] for name in rest} == {False, "not_pregnant"}
    assert intake.facts["heart_failure"] is True
    assert intake.not_known == {"iga_deficient"}


def test_the_others_not_known_is_no_no():
    intake = read(heart_failure="no", safety=["not_known"])
    assert (intake.rest, set(intake.by_rest)) == ("not_known", ROWS - {"heart_failure"})
    assert intake.not_known == ROWS - {"heart_failure"}
    assert [name for name in ROWS if name in intake.facts] == ["heart_failure"]


def test_every_row_answered_by_itself_leaves_nothing_to_one_answer():
    answers = dict.fromkeys(SAFETY_CHECKLIST, "no") | {"pregnancy_status": "not_pregnant"}
    for rest in ([], ["none_of_these"], ["not_known"]):
        intake = read(**answers, safety=rest)
        assert (intake.by_rest, intake.unanswered, intake.not_known) == ((), (), frozenset())


def test_what_was_ticked_before_there_were_rows_says_yes_and_only_once_filed_no_to_the_others():
    ticked = ["heart_failure", "pregnant"]
    draft, filed = read(safety=ticked), facts_from_answers({"safety": ticked}, WOMAN, TODAY, ticks_settle=True)
    assert draft.facts["heart_failure"] is filed.facts["heart_failure"] is True
    assert draft.facts["pregnancy_status"] == filed.facts["pregnancy_status"] == "pregnant"
    assert set(draft.unanswered) == ROWS - {"heart_failure", "pregnancy_status"}
    assert {filed.facts[name] for name in draft.unanswered} == {False}
    assert (filed.unanswered, filed.by_rest) == ((), ())


def test_a_row_of_its_own_counts_before_what_was_ticked():
    corrected = facts_from_answers(
        {"safety": ["heart_failure"], "heart_failure": "no"}, WOMAN, TODAY, ticks_settle=True
    )
    assert corrected.facts["heart_failure"] is False


def test_pregnancy_is_asked_of_everybody_but_a_man():
    assert "pregnancy_status" not in read(MAN, safety="none_of_these").facts
    assert [("pregnancy_status" in safety_rows(sex)) for sex in ("male", "female", "unknown")] == [False, True, True]
    assert read(safety=[]).facts == read(safety=7).facts == read().facts


def test_doses_that_contradict_each_other_are_named_and_the_rest_is_judged():
    intake = read(dose_total_g_per_kg="2", dose_total_g="300", severity="severe")
    assert "disagree by more than 5 %" in intake.problems["dose_total_g"]
    assert intake.facts["dose_total_g_per_kg"] == 2
    assert intake.facts["severity"] == "severe"


def test_grams_are_held_against_the_weight_that_the_pack_names():
    heavy = PatientFacts(date(1970, 5, 1), "female", Decimal(140), Decimal(165))
    stated = {"dose_total_g_per_kg": "2", "dose_total_g": "280"}
    by_actual = facts_from_answers(stated, heavy, TODAY, rule=DoseRule(weight_rule="none"))
    assert by_actual.problems == {}
    assert "disagree by more than 5 %" in facts_from_answers(stated, heavy, TODAY).problems["dose_total_g"]


def test_implausible_values_are_doubts_not_problems():
    intake = read(dose_per_day_g_per_kg="2")
    assert [doubt.fact for doubt in intake.doubts] == ["dose_per_day_g_per_kg"]
    assert not intake.problems


@given(st.dictionaries(st.sampled_from([*CATALOGUE, "safety", "x"]), st.text(max_size=12) | st.none(), max_size=6))
def test_whatever_is_typed_is_read_or_named(answers):
    intake = facts_from_answers(answers, WOMAN, TODAY)
    for name, typed in answers.items():
        if typed and name not in ("safety", "age_years", "age_months", "age_days", "sex", "weight_kg", "height_cm"):
            assert name in intake.facts or name in intake.problems or name in intake.not_known


def sections(indication, patient=WOMAN, /, **answers):
    intake = facts_from_answers(answers, patient, TODAY)
    pack = criteria.builtin_pack()
    judgement = judge(pack, indication, intake.facts, tables=criteria.reference_tables(), as_of=TODAY)
    return questionnaire(pack, judgement, intake), judgement


def asked(indication, /, **answers):
    return {ask.fact: ask.matters for section in sections(indication, **answers)[0] for ask in section.questions}


@pytest.mark.parametrize("indication", [*criteria.builtin_pack().indications, "itp"])
def test_every_open_question_has_its_field_or_is_the_orders(indication):
    shown, judgement = sections(indication)
    fields = {ask.fact for section in shown for ask in section.questions if ask.matters}
    assert fields == set(judgement.questions) - {"dose_total_g_per_kg"}


def test_a_field_goes_when_it_stops_to_matter_and_stays_once_answered():
    assert "prior_immunosuppressant" in asked("lems")
    assert asked("lems", prior_corticosteroids="failed")["prior_corticosteroids"] is False
    assert "prior_immunosuppressant" not in asked("lems", prior_corticosteroids="failed")
    assert "prior_corticosteroids" in asked("lems", prior_corticosteroids="not_known")
    assert "severity" in asked("mg", severity="awful")


def test_what_decides_most_comes_first():
    names = list(asked("ms"))
    assert names.index("treatment_goal") < names.index("ms_course") < names.index("relapse_severity")


def test_what_is_never_asked_for_can_be_given():
    optional = {section.title: [ask.fact for ask in section.questions] for section in sections("mg")[0]}[OPTIONAL]
    assert optional == ["mechanical_ventilation"]
    assert "gbs_variant" in asked("gbs")
    assert "anti_mag_antibody" in asked("cidp")
    assert "pre_pregnancy_weight_kg" in asked("cidp", safety=["pregnant"])
    assert "pre_pregnancy_weight_kg" not in asked("cidp")
