"""Answers that contradict each other: each named pair is found at its fields, and what only looks like one is not."""

from datetime import date
from types import MappingProxyType

import pytest

from utilization.rules.facts.catalogue import Fact, Kind
from utilization.rules.facts.contradictions import PAIRS, contradictions
from utilization.rules.facts.values import read_facts

DAY = date(2026, 11, 28)
BORN = date(2020, 5, 1)


def found(facts, indication="mg", born=BORN):
    return {
        contradiction.code: contradiction for contradiction in contradictions(read_facts(facts), indication, DAY, born)
    }


EACH = [
    ("mild_and_ventilated", "mg", {"severity": "mild", "mechanical_ventilation": True}, {"severity": "severe"}),
    ("ocular_and_ventilated", "mg", {"mg_type": "ocular", "mechanical_ventilation": True}, {"mg_type": "generalized"}),
    ("ocular_and_crisis", "mg", {"mg_type": "ocular", "severity": "crisis"}, {"severity": "mild"}),
    ("response_at_initial_request", "cidp", {"response": "improved"}, {"request_type": "renewal"}),
    ("response_at_initial_request", "itp", {"response": "worse"}, {"request_type_detail": "second_course"}),
    ("documented_response_at_initial_request", "cidp", {"response_documented": True}, {"response_documented": False}),
    ("maintenance_at_initial_request", "cidp", {"maintenance_doses_given": 3}, {"maintenance_doses_given": 0}),
    ("renewal_of_what_was_never_given", "cidp",
     {"request_type": "renewal", "previous_ivig_response": "never_given"}, {"request_type": "initial"}),
    ("response_to_what_was_never_given", "cidp",
     {"response": "stable", "previous_ivig_response": "never_given"}, {"previous_ivig_response": "responded"}),
    ("courses_of_what_was_never_given", "cidp",
     {"courses_given": 2, "previous_ivig_response": "never_given"}, {"courses_given": 0}),
    ("dated_courses_of_what_was_never_given", "cidp",
     {"prior_courses": [{"date": "2026-01-01"}], "previous_ivig_response": "never_given"}, {"prior_courses": []}),
    ("maintenance_of_what_was_never_given", "cidp",
     {"maintenance_doses_given": 2, "previous_ivig_response": "never_given"}, {"maintenance_doses_given": 0}),
    ("last_dose_of_what_was_never_given", "cidp",
     {"days_since_last_dose": 2, "previous_ivig_response": "never_given"}, {"previous_ivig_response": "no_response"}),
    ("last_dose_of_no_course", "cidp", {"courses_given": 0, "days_since_last_dose": 9}, {"courses_given": 1}),
    ("dated_courses_of_none", "cidp", {"courses_given": 0, "prior_courses": [{"date": "2026-01-01"}]},
     {"courses_given": 1}),
    ("measure_of_no_documented_response", "cidp",
     {"response_documented": False, "objective_measure": "INCAT 4"}, {"response_documented": True}),
    ("pregnant_and_male", "cidp", {"sex": "male", "pregnancy_status": "pregnant"}, {"sex": "female"}),
    ("weight_before_pregnancy_and_male", "cidp", {"sex": "male", "pre_pregnancy_weight_kg": 60}, {"sex": "female"}),
    ("pregnant_child", "cidp", {"age_years": 6, "pregnancy_status": "planning"}, {"age_years": 16}),
    ("pregnant_and_old", "cidp", {"age_years": 70, "pregnancy_status": "breastfeeding"}, {"age_years": 45}),
    ("other_variant_than_miller_fisher", "miller_fisher", {"gbs_variant": "none"}, {"gbs_variant": "miller_fisher"}),
    ("cidp_excluded", "cidp", {"cidp_excluded": True}, {"cidp_excluded": False}),
    ("igm_neuropathy_without_igm", "igm_paraprotein_neuropathy", {"paraprotein_type": "igg"},
     {"paraprotein_type": "igm"}),
    ("mucosal_bleeding_and_none", "itp", {"bleeding": "none", "active_mucosal_bleeding": True},
     {"bleeding": "mucosal"}),
    ("given_beside_declined_corticosteroids", "dermatomyositis",
     {"concurrent_corticosteroids": True, "prior_corticosteroids": "declined"}, {"prior_corticosteroids": "failed"}),
    ("added_to_declined_corticosteroids", "dermatomyositis",
     {"adjunct_to_corticosteroids": True, "prior_corticosteroids": "contraindicated"},
     {"adjunct_to_corticosteroids": False}),
]  # fmt: skip


@pytest.mark.parametrize(("code", "indication", "facts", "changed"), EACH, ids=lambda value: str(value)[:40])
def test_each_is_found_and_gone_once_one_side_is_corrected(code, indication, facts, changed):
    one = found(facts, indication)[code]
    assert set(facts) <= set(one.facts)
    assert one.says.endswith(".")
    assert code not in found({**facts, **changed}, indication)
    for name in facts:
        assert code not in found({n: v for n, v in facts.items() if n != name}, indication)


def test_every_pair_is_tried_here():
    assert {pair.code for pair in PAIRS} == {code for code, *_ in EACH}


def test_one_for_another_indication_is_none():
    assert not found({"gbs_variant": "none"}, "gbs")
    assert not found({"cidp_excluded": True}, "mmn")


@pytest.mark.parametrize(
    ("facts", "before"),
    [
        ({"days_since_onset": 2403}, True), ({"days_since_onset": 2402}, False),
        ({"days_since_last_dose": "2403.9"}, True), ({"hours_since_infusion_end": 60000}, True),
        ({"months_on_therapy": 79}, True), ({"months_on_therapy": 78}, False),
        ({"last_dose_reduction_attempt_months_ago": 120}, True), ({"fever_days": 2403}, True),
        ({"fever_days": 9}, False),
        ({"igg_measurements": [{"date": "2020-04-30", "g_per_l": 4}]}, True),
        ({"igg_measurements": [{"date": "2020-05-01", "g_per_l": 4}]}, False),
        ({"prior_courses": [{"date": "2021-01-01"}, {"date": "2019-01-01"}]}, True), ({"prior_courses": []}, False),
        ({"prior_therapies": [{"therapy": "rituximab", "outcome": "failed"}]}, False), ({"course_days": 300}, False),
    ],
)  # fmt: skip
def test_what_was_before_birth_cannot_be(facts, before):
    (name,) = facts
    told = found(facts)
    assert (f"{name}_before_birth" in told) is before
    if before:
        assert told[f"{name}_before_birth"].stops
        assert told[f"{name}_before_birth"].facts == (name,)


def test_without_a_birth_date_the_age_bounds_it():
    """Six years old: born on 29 November 2019 at the earliest."""
    assert not found({"age_years": 6, "days_since_onset": 2556}, born=None)
    assert found({"age_years": 6, "days_since_onset": 2557}, born=None)
    assert not found({"days_since_onset": 40000}, born=None)


def test_a_date_of_a_pack_counts_too():
    catalogue = MappingProxyType({"transplant_on": Fact("transplant_on", Kind.DATE, "", "Transplant")})
    told = contradictions({"transplant_on": date(2019, 1, 1), "unheard_of": 1}, "x", DAY, BORN, catalogue)
    assert [contradiction.code for contradiction in told] == ["transplant_on_before_birth"]


def test_what_cannot_be_stops_and_what_can_does_not():
    stopping = {pair.code for pair in PAIRS if pair.stops}
    assert stopping == {code for code, *_ in EACH if "never" in code} | {
        "last_dose_of_no_course",
        "dated_courses_of_none",
    }
