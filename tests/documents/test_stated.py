"""What was stated is on paper: each answer of the form as it was given, from the door to the page."""

from datetime import timedelta

import pytest

from tests.cast import AT, CIDP, a_draft, a_request, approved, submitted
from tests.documents.reading import squeezed, squeezed_text
from utilization import workflow
from utilization.documents.justification import page, render
from utilization.models import Request
from utilization.reports.frozen_justification import frozen_value
from utilization.reports.print_words import measure_words
from utilization.rules.facts.catalogue import CATALOGUE


def printed(request) -> str:
    return squeezed_text(render(frozen_value(request)))


# 1 lb = 0.45359237 kg, 1 in = 2.54 cm: 198 x 0.45359237 = 89.811..., 64 x 2.54 = 162.56.
@pytest.mark.parametrize(
    ("typed", "value", "unit", "words"),
    [
        ("198 lb", "89.811", "kg", "198 lb = 89.8 kg"),
        ("5 ft 4 in", "162.56", "cm", "5 ft 4 in = 162.6 cm"),
        ("1.78 m", "178", "cm", "1.78 m = 178 cm"),
        ("82.5 kg", "82.5", "kg", "82.5 kg"),
        ("", "82.50", "kg", "82.5 kg"),
        ("5 lb 8 oz", "2.495", "kg", "5 lb 8 oz = 2.495 kg"),
        ("", "", "kg", ""),
        ("", None, "cm", ""),
        ("", "as written", "kg", "as written kg"),
    ],
)
def test_a_measure_is_told_as_typed_and_as_used(typed, value, unit, words):
    assert measure_words(typed, value, unit) == words


@pytest.mark.long
def test_weight_and_height_are_printed_as_typed_and_as_used(cast):
    patient = cast.a_patient(mrn="N-2", name="Pounds, Penny", weight_kg="198 lb", height_cm="5 ft 4 in")
    assert squeezed(
        "Weight 198 lb = 89.8 kg, 28 Feb 2026 Height 5 ft 4 in = 162.6 cm"
    ) in printed(a_request(cast, patient=patient))  # fmt: skip


@pytest.mark.long
def test_a_weight_that_nobody_measured_is_said_to_be_missing(cast):
    value = frozen_value(a_request(cast))
    value["patient"] |= {"weight": "", "height": ""}
    assert squeezed("Weight not recorded") in squeezed_text(render(value))


@pytest.mark.long
def test_a_patient_merged_since_keeps_what_was_filed_and_says_who_it_is_now(cast):
    twice = cast.a_patient(mrn="N-4", name="Canary, Ambros")
    request = a_request(cast, patient=twice)
    assert "Sincecorrected" not in printed(request)
    workflow.merge_patients(
        cast.patient.uid, twice.uid, by=cast["petra"], at=AT + timedelta(hours=5), reason="One man, two spellings."
    )
    text = printed(Request.objects.get(pk=request.pk))
    assert squeezed("Canary, Ambros Medical record number (MRN) N-4") in text
    assert squeezed("Since corrected or merged: Ambrose Canary, MRN N-1001") in text


@pytest.mark.long
def test_the_chosen_diagnosis_code_stands_alone(cast):
    answers = {**CIDP, "severity": "crisis", "diagnosis_code": "G70.01"}
    text = printed(a_request(cast, indication="mg", answers=answers))
    assert "ICD-10-CM:G70.01" in text
    assert "G70.00" not in text


@pytest.mark.long
def test_codes_that_nobody_filed_are_said_to_come_from_the_criteria(cast):
    from_criteria = squeezed("From the criteria; no code was filed")
    value = frozen_value(a_request(cast))
    assert value["indication"]["code_filed"]
    assert from_criteria not in squeezed_text(render(value))
    value["indication"]["code_filed"] = False
    assert from_criteria in squeezed_text(render(value))


@pytest.mark.long
def test_what_was_filed_beside_the_criteria_is_printed_whole(cast):
    """Treatments, response and measures in one place, also where a criterion reads them; the rest where none does."""
    answers = {
        **CIDP, "request_type": "renewal", "response_documented": "yes", "response": "improved",
        "prior_immunosuppressant": "failed", "prior_plasma_exchange": "intolerant", "months_on_therapy": "7",
        "objective_measure": "INCAT disability score", "baseline_score": "6", "current_score": "3.5",
        "igg_g_per_l": "9.1", "severity": "moderate", "available_vials_g": "5, 10",
    }  # fmt: skip
    value = frozen_value(a_request(cast, answers=answers))
    told = {part["title"]: {fact["label"]: fact["value"] for fact in part["facts"]} for part in value["other_facts"]}
    assert list(told)[:3] == ["Treatment so far", "Response", "Laboratory"]
    text = squeezed_text(render(value))
    for words in (
        "Treatment so far Immunosuppressant: failed; Plasma exchange: not tolerated Petra Prescriber",
        "Objective measure of response: INCAT disability score; Score before treatment: 6; Score now: 3.5;",
        "Months on therapy: 7 months",
        "Laboratory Immunoglobulin G (IgG): 9.1 g/L",
        "Severity: moderate",
        "Vial sizes at hand: 5, 10 g",
    ):
        assert squeezed(words) in text, words
    filed = {fact for part in told.values() for fact in part}
    assert not filed & {"Age", "Weight", "Total dose of a course", "Days of a course", "Thrombosis in the past"}


def test_no_fact_that_was_filed_is_missing_on_paper(cast):
    """By what the page is made of: each name stands with a criterion, beside them, or in a part of its own."""
    answers = {**CIDP, "severity": "moderate", "willing_to_inject": "yes", "bleeding": "none", "fever_days": "3"}
    request = a_request(cast, answers=answers)
    value = frozen_value(request)
    shown = {fact["name"] for part in value["criteria"] + value["other_facts"] for fact in part["facts"]}
    in_parts = {"age_years", "sex", "weight_kg", "height_cm", "request_type", "dose_total_g_per_kg", "course_days",
                "interval_weeks"}  # fmt: skip
    safety = {name for name in request.submissions.get().facts if CATALOGUE[name].group in ("Safety", "Laboratory")}
    assert request.submissions.get().facts.keys() - shown - in_parts - safety == set()
    assert {"severity", "fever_days"} <= shown


@pytest.mark.long
def test_a_value_of_a_version_before_prints_as_it_was(cast):
    value = frozen_value(a_request(cast))
    for name in ("other_facts", "safety", "not_known", "summary"):
        del value[name]
    del value["indication"]["code_filed"]
    text = squeezed_text(render(value))
    assert "Treatmentsofar" not in text
    assert squeezed("Ambrose Canary") in text


@pytest.mark.long
def test_the_clinical_summary_is_printed_under_its_name(cast):
    text = printed(a_request(cast, answers={**CIDP, "clinical_summary": "Five months of weakness, now in a chair."}))
    assert squeezed("Clinical summary by the prescriber Five months of weakness, now in a chair.") in text
    assert "Clinicalsummary" not in printed(a_request(cast, at=AT + timedelta(days=1), indication="mmn"))


@pytest.mark.long
def test_the_safety_checklist_is_printed_by_answer(cast):
    answers = {
        **CIDP, "history_thrombosis": "yes", "iga_deficient": "not_known", "renal_impairment": "no",
        "safety": ["none_of_these"],
    }  # fmt: skip
    value = frozen_value(a_request(cast, indication="mmn", answers=answers))
    told = {answer["answer"]: answer["rows"] for answer in value["safety"]}
    assert told["Yes"] == ["Thrombosis in the past"]
    assert told["Not known"] == ["Deficient in immunoglobulin A (IgA)"]
    assert told["No"] == ["Impaired kidney function"]
    assert len(told["No, by the single answer “none of the others”"]) > 3
    text = squeezed_text(render(value))
    for words in (
        "Yes Thrombosis in the past",
        "Not known Deficient in immunoglobulin A (IgA)",
        "No Impaired kidney function",
    ):
        assert squeezed(words) in text


@pytest.mark.long
def test_what_was_answered_not_known_is_printed_with_nothing_called_safe(cast):
    answers = {**CIDP, "safety": ["not_known"], "prior_corticosteroids": "not_known"}
    text = printed(a_request(cast, answers=answers))
    assert squeezed("Not known, by the single answer “the others not known”") in text
    assert squeezed("Also answered “not known”: Corticosteroids") in text
    assert squeezed("No warning is raised by what is known.") in text


def test_a_table_heads_its_rows_in_one_column_alone(cast):
    """A heading in a column that heads itself is read twice: by its row and by its column."""
    made = page(frozen_value(a_request(cast)))
    table = made[made.index('<table class="safety">') :].partition("</table>")[0]
    assert table.count('scope="row"') == 0
    assert "<td>No, by the single answer" in table


@pytest.mark.long
def test_other_immunoglobulin_is_printed_with_grams_and_dates(cast):
    approved(cast, submitted(cast, a_draft(cast), at=AT), at=AT + timedelta(hours=1))
    other = submitted(cast, a_draft(cast, indication="mmn", at=AT + timedelta(days=3)), at=AT + timedelta(days=3))
    text = printed(other)
    heading = squeezed("Other immunoglobulin of this patient, when filed")
    told = text[text.index(heading) :].partition("Safetywarnings")[0]
    for words in ("Authorized", "155 g a course", "2 Mar 2026 to", "Neurology"):
        assert squeezed(words) in told, words
    assert heading not in printed(a_request(cast, patient=cast.a_patient(mrn="N-3", name="Other, Olga")))


@pytest.mark.long
def test_the_grams_of_each_day_are_printed(cast):
    """135 g over two days of 5, 10 and 20 g vials are 70 and 65, not 70 and 70."""
    answers = {**CIDP, "dose_total_g_per_kg": "", "dose_total_g": "135", "course_days": "2", "product": "Privigen"}
    assert squeezed("Grams on each day 135 g over 2 days 70 + 65 g") in printed(a_request(cast, answers=answers))


def test_a_warning_cites_what_speaks_of_the_patients_disease(cast):
    """One rule warns of five diseases with a statement for each: the other four are nobody's business here."""
    answers = {**CIDP, "justification": "Weaker by the week on corticosteroids."}
    value = frozen_value(a_request(cast, indication="polymyositis", answers=answers))
    assert [(warning["code"], warning["evidence"]) for warning in value["warnings"]] == [
        ("insufficient_evidence", ["AN-30"])
    ]
    cited = {statement["id"] for source in value["statements"] for statement in source["statements"]}
    assert not cited & {"AN-26", "AN-27", "AN-29", "AN-31"}
    at_risk = a_request(
        cast, indication="mmn", answers={**CIDP, "history_thrombosis": "yes"}, at=AT + timedelta(days=1)
    )
    assert [
        warning["evidence"] for warning in frozen_value(at_risk)["warnings"] if warning["code"] == "thrombosis_risk"
    ] == [["AN-34", "AN-39"]]
