"""Facts: what is read, what is refused and how the refusal reads."""

import json
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from utilization.rules.facts.catalogue import CATALOGUE, Fact, Kind
from utilization.rules.facts.values import BadInput, Facts, implausible, nearest, plain, read_facts

# The vocabulary's names, written apart from the catalogue.
VOCABULARY = [
    "request_type",
    "request_type_detail",
    "route",
    "treatment_goal",
    "planned_duration",
    "requested_authorization_months",
    "specialist",
    "diagnosis_confirmed",
    "diagnosis_confirmed_by",
    "benefit_risk_documented",
    "age_years",
    "sex",
    "weight_kg",
    "height_cm",
    "pre_pregnancy_weight_kg",
    "pregnancy_status",
    "dose_total_g",
    "dose_total_g_per_kg",
    "dose_per_day_g",
    "dose_per_day_g_per_kg",
    "course_days",
    "interval_weeks",
    "product",
    "concentration_g_per_ml",
    "max_infusion_rate_ml_per_kg_min",
    "available_vials_g",
    "severity",
    "severity_measure",
    "mechanical_ventilation",
    "ms_course",
    "relapse_severity",
    "optic_neuritis",
    "established_deficit",
    "gbs_variant",
    "mg_type",
    "paraprotein_type",
    "anti_mag_antibody",
    "thymectomy_planned",
    "in_lieu_of_plasma_exchange",
    "plasma_exchange_available",
    "significant_disability",
    "electrodiagnostic_confirmed",
    "cidp_excluded",
    "treatment_related_fluctuation",
    "days_since_onset",
    "disability_assessments",
    "prior_corticosteroids",
    "prior_immunosuppressant",
    "prior_cholinesterase_inhibitor",
    "prior_symptomatic_therapy",
    "prior_plasma_exchange",
    "prior_benzodiazepine",
    "prior_baclofen",
    "prior_gabapentin",
    "approved_injectables",
    "willing_to_inject",
    "concurrent_corticosteroids",
    "adjunct_to_corticosteroids",
    "response_documented",
    "response",
    "objective_measure",
    "months_on_therapy",
    "maintenance_doses_given",
    "last_dose_reduction_attempt_months_ago",
    "days_since_last_dose",
    "hours_since_infusion_end",
    "igg_g_per_l",
    "igg_mg_per_dl",
    "igg_measurements",
    "platelets_10e9_per_l",
    "iga_deficient",
    "anti_iga_antibodies",
    "low_iga_or_igm",
    "impaired_vaccine_response",
    "functional_antibody_tests_done",
    "history_thrombosis",
    "history_myocardial_infarction",
    "history_aseptic_meningitis",
    "history_urticaria_with_ivig",
    "history_hypersensitivity",
    "heart_failure",
    "renal_impairment",
    "diabetes",
    "hyperprolinaemia",
    "history_splenectomy",
    "bleeding",
    "active_mucosal_bleeding",
    "rapid_rise_needed",
    "planned_surgery",
    "emergency_surgery",
    "haemostatically_adequate",
    "previous_infant_thrombocytopenia",
    "cause_reversible",
    "bronchiectasis_radiology",
    "chronic_suppurative_lung_disease",
    "recurrent_bacterial_infections",
    "trough_at_lower_limit_but_uncontrolled",
    "ongoing_inflammation",
    "fever_persistent_or_recurrent",
    "life_threatening_infections_12_months",
    "principal_features",
    "fever_days",
]


ADDED = [
    "age_months",
    "age_days",
    "treatment_phase",
    "weight_rule_opt_out",
    "weight_rule_opt_out_reason",
    "previous_ivig_response",
    "prior_therapies",
    "prior_courses",
    "baseline_score",
    "current_score",
    "disability_scores",
    "courses_given",
    "platelet_measurements",
    "infections",
    "coronary_artery_abnormality",
]


def test_the_catalogue_is_the_vocabulary_in_its_order():
    assert [name for name in CATALOGUE if name not in ADDED] == VOCABULARY


def test_what_the_packs_needed_beside_the_vocabulary_is_counted():
    assert set(CATALOGUE) - set(VOCABULARY) == set(ADDED)


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        ({"wieght_kg": 80}, "facts.wieght_kg: unknown fact 'wieght_kg'.*did you mean weight_kg"),
        ({"age": 80}, "did you mean age_years"),
        ({"zzz": 80}, "unknown fact 'zzz': expected a name of the vocabulary$"),
        ({"weight_kg": "eighty"}, r"facts.weight_kg: expected a number \[kg\], got 'eighty'"),
        ({"weight_kg": True}, "expected a number .*got true"),
        ({"weight_kg": "１２"}, "expected a number"),
        ({"weight_kg": "8,5"}, "expected a number"),
        ({"weight_kg": 0}, "0 kg is impossible: expected more than 0 and at most 700 kg"),
        ({"weight_kg": -5}, "is impossible"),
        ({"weight_kg": 701}, "is impossible"),
        ({"weight_kg": Decimal("1e999")}, "is impossible"),
        ({"weight_kg": Decimal("NaN")}, "expected a number"),
        ({"weight_kg": float("inf")}, "expected a number"),
        ({"weight_kg": [80]}, "expected a number .*got a list"),
        ({"age_years": 121}, "121 years is impossible: expected at least 0 and at most 120 years"),
        ({"dose_total_g_per_kg": 21}, "is impossible"),
        ({"course_days": "2.5"}, "expected a whole number"),
        ({"course_days": Decimal("2.5")}, "expected a whole number"),
        ({"route": "IV"}, "expected one of iv, sc, got 'IV'; did you mean iv"),
        ({"route": "xx"}, "expected one of iv, sc, got 'xx'$"),
        ({"route": 1}, "expected one of iv, sc, got 1"),
        ({"diabetes": "yes"}, "expected true or false"),
        ({"diabetes": 1}, "expected true or false"),
        ({"product": 5}, "expected text"),
        ({"product": "a\x00b"}, r"hidden character \(U\+0000\)"),
        ({"product": "a\u202eb"}, r"hidden character \(U\+202E\)"),
        ({"product": "x" * 4001}, "at most 4000 characters, got 4001"),
        ({"available_vials_g": "5"}, "expected a list of numbers"),
        ({"available_vials_g": [5, "x"]}, r"facts.available_vials_g\[1\]: expected a number, got 'x'"),
        ({"available_vials_g": [5, -1]}, "is impossible"),
        ({"available_vials_g": [5] * 101}, "at most 100 values"),
        ({"igg_measurements": [{"date": "2026-02-30", "g_per_l": 5}]}, "expected a date YYYY-MM-DD"),
        ({"igg_measurements": [{"date": "2026-02-20"}]}, "g_per_l is missing"),
        ({"igg_measurements": [{"date": None, "g_per_l": 5}]}, "date is missing"),
    ],
)
def test_a_refusal_names_the_path_and_what_was_expected(raw, says):
    with pytest.raises(BadInput, match=says):
        read_facts(raw)


def test_facts_must_be_an_object():
    with pytest.raises(BadInput, match="expected an object of facts, got a list"):
        read_facts([])


def test_a_long_wrong_value_is_shown_short():
    with pytest.raises(BadInput) as refused:
        read_facts({"route": "x" * 500})
    assert len(str(refused.value)) < 150


def test_null_is_unknown_and_numbers_come_as_numbers_or_strings():
    facts = read_facts({"weight_kg": "82.50", "age_years": 58, "height_cm": Decimal("175"), "sex": None})
    assert facts.as_json() == {"age_years": "58", "weight_kg": "82.5", "height_cm": "175"}
    assert "sex" not in facts
    assert len(facts) == 3
    assert "sex" not in facts
    assert "82.50" in repr(facts)


def test_floats_are_read_as_they_print():
    assert read_facts({"weight_kg": 82.1})["weight_kg"] == Decimal("82.1")


def test_lists_and_measurements_are_canonical():
    facts = read_facts(
        {"available_vials_g": ["5", 10], "igg_measurements": [{"date": "2026-02-20", "g_per_l": "5.10"}]}
    )
    assert facts.as_json() == {
        "available_vials_g": ["5", "10"],
        "igg_measurements": [{"date": "2026-02-20", "g_per_l": "5.1"}],
    }


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**9), max_value=10**9, places=6))
def test_plain_keeps_the_value_and_has_no_exponent(value):
    text = plain(value)
    assert Decimal(text) == value
    assert "E" not in text
    assert not (("." in text) and text.endswith("0"))


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.dictionaries(st.sampled_from(VOCABULARY), st.none() | st.booleans() | st.text(max_size=9) | st.floats()))
def test_whatever_comes_is_read_or_refused_by_path_and_reads_back_the_same(raw):
    try:
        facts = read_facts(raw)
    except BadInput as error:
        refused = error
    else:
        assert read_facts(json.loads(json.dumps(facts.as_json()))).as_json() == facts.as_json()
        return
    assert refused.path.startswith("facts.")


def test_every_fact_says_what_it_expects_and_has_a_label():
    for fact in CATALOGUE.values():
        assert fact.label
        assert fact.expected
        assert (fact.kind is Kind.CHOICE) == bool(fact.choices)


@pytest.mark.parametrize(
    ("facts", "doubted", "hint"),
    [
        ({"weight_kg": 260}, ["weight_kg"], "kilograms"),
        ({"weight_kg": 180, "height_cm": 155, "age_years": 40}, ["weight_kg"], "body mass index of 75"),
        ({"weight_kg": 154, "height_cm": 174, "age_years": 40}, ["weight_kg"], "weight is in kilograms"),
        ({"dose_per_day_g": 160}, ["dose_per_day_g"], "not of the whole course"),
        ({"dose_per_day_g": 140, "weight_kg": 70}, ["dose_per_day_g"], "not of the whole course"),
        ({"dose_per_day_g": 75, "weight_kg": 70}, [], ""),
        ({"dose_total_g": 390, "weight_kg": 20}, ["dose_total_g"], "usually up to 3 g/kg): confirm or correct it"),
        ({"dose_total_g": 140, "weight_kg": 70}, [], ""),
        ({"dose_total_g": 1400, "weight_kg": 70}, ["dose_total_g"], "decimal point"),
        ({"dose_per_day_g_per_kg": 2}, ["dose_per_day_g_per_kg"], "not of the whole course"),
        ({"dose_total_g_per_kg": 10}, ["dose_total_g_per_kg"], "decimal point"),
        ({"weight_kg": 80, "height_cm": 180, "age_years": 40}, [], ""),
        ({"weight_kg": 20, "height_cm": 220, "age_years": 5}, [], ""),
        ({"requested_authorization_months": 40}, ["requested_authorization_months"], "usually from 1 to 12 months"),
    ],
)
def test_implausible_values_are_questioned_once_each(facts, doubted, hint):
    doubts = implausible(read_facts(facts))
    assert [doubt.fact for doubt in doubts] == doubted
    assert hint in " ".join(doubt.text for doubt in doubts)


def test_facts_outside_the_catalogue_are_never_questioned():
    assert implausible(Facts({"dose_within_ceiling": True})) == []


def test_nearest_finds_slips_and_parts():
    assert nearest("WEIGHT_KG", CATALOGUE) == "weight_kg"
    assert nearest("xq", CATALOGUE) is None


@pytest.mark.parametrize(
    ("label", "noun"),
    [
        ("Days of a course", "days of a course"),
        ("IgG measurements", "IgG measurements"),
        ("CIDP excluded", "CIDP excluded"),
        ("Guillain-Barré disability grade", "Guillain-Barré disability grade"),
        ("A second look at CIDP", "a second look at CIDP"),
    ],
)
def test_a_label_within_a_sentence_keeps_the_capitals_of_names(label, noun):
    assert Fact("any", Kind.BOOL, "", label).noun == noun
