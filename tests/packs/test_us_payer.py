"""The pack in the manner of a US payer against Aetna's Clinical Policy Bulletin 0206 and the US labels.

The table gives facts and outcome, each with the place that says so, written from the bulletin and not from the pack.
Everything is judged as of one day, 21 November 2026.
"""

from datetime import date, timedelta
from functools import cache

import pytest

from utilization import criteria
from utilization.rules.facts.values import read_facts
from utilization.rules.judging.examples import check_examples
from utilization.rules.judging.judge import judge

DAY = date(2026, 11, 21)
MEETS, FAILS, PERSON, OPEN = "meets", "does_not_meet", "exception_review", "needs_information"


@cache
def pack():
    return criteria.pack_at(criteria.FIXTURES / "criteria" / "us-payer")


def judged(indication, facts):
    read = read_facts(facts, catalogue=pack().catalogue)
    return judge(pack(), indication, read, tables=criteria.reference_tables(), as_of=DAY).as_dict()


def trough(days_ago):
    return {"igg_measurements": [{"date": (DAY - timedelta(days=days_ago)).isoformat(), "g_per_l": "7.5"}]}


def therapies(**outcomes):
    return {"prior_therapies": [{"therapy": name, "outcome": outcome} for name, outcome in outcomes.items()]}


COURSE = {"dose_total_g_per_kg": 2}
FOUR_WEEKLY = {"dose_total_g_per_kg": "0.5", "interval_weeks": 4}
CVID = FOUR_WEEKLY | {
    "pid_type": "cvid", "age_years": 30, "other_causes_excluded": True, "igg_mg_per_dl": 450,
    "igg_2sd_below_mean": False, "recurrent_bacterial_infections": True, "impaired_vaccine_response": True,
}  # fmt: skip
CVID_RENEWAL = FOUR_WEEKLY | {
    "pid_type": "cvid", "request_type": "renewal", "infections_reduced": True, "trough_adequate_or_dose_adjusted": True,
}  # fmt: skip
CLL = FOUR_WEEKLY | {"secondary_cause": "cll", "igg_mg_per_dl": 450, "recurrent_bacterial_infections": True}
ITP = COURSE | {"bleeding": "skin_only", "high_bleeding_risk": False, "rapid_rise_needed": False}
NEW_ADULT = ITP | {"itp_phase": "newly_diagnosed", "age_years": 40, "concurrent_corticosteroids": True}
NEW_CHILD = ITP | {"itp_phase": "newly_diagnosed", "age_years": 7}
CHRONIC = ITP | {"itp_phase": "persistent_or_chronic", "age_years": 40, "platelets_10e9_per_l": 12}
CIDP = COURSE | {
    "course_progressive_or_relapsing": True, "days_since_onset": 61, "severity": "moderate",
    "electrodiagnostic_confirmed": True,
}  # fmt: skip
RENEWAL = {
    "request_type": "renewal", "response": "improved", "response_documented": True, "lowest_effective_dose": True,
    "dose_total_g_per_kg": 1, "interval_weeks": 3,
}  # fmt: skip
MMN = COURSE | {
    "weakness_without_sensory_loss": True, "conduction_block": True, "sensory_conduction_normal": True,
    "interval_weeks": 4,
}  # fmt: skip
GBS = COURSE | {"needs_aid_to_walk": True, "days_since_onset": 10}
REFRACTORY = COURSE | {
    "mg_type": "generalized", "severity": "moderate", "myasthenic_exacerbation": False, "thymectomy_planned": False,
    "prior_corticosteroids": "failed",
}  # fmt: skip
FOUR_FEATURES = {
    "proximal_weakness": True, "raised_muscle_enzymes": True, "muscle_pain": True, "biopsy_inflammation": True,
}  # fmt: skip
THREE_FEATURES = {
    "proximal_weakness": True, "raised_muscle_enzymes": True, "muscle_pain": True, "biopsy_inflammation": False,
    "myopathic_emg": False, "myositis_antibodies": False, "non_destructive_arthritis": False,
    "systemic_inflammation": False,
}  # fmt: skip
DM = COURSE | {"interval_weeks": 4, "prior_corticosteroids": "failed"}
KAWASAKI = COURSE | {"age_years": 3, "days_since_onset": 6}
TSS = COURSE | {
    "toxin_organism": "group_a_streptococcus", "refractory_to_hours_of_therapy": False, "undrainable_focus": False,
    "oliguria_with_pulmonary_oedema": False,
}  # fmt: skip
BLISTERS = COURSE | {"prior_corticosteroids": "not_tried", "prior_immunosuppressant": "not_tried"}
SPLENECTOMY = ITP | {"itp_phase": "after_splenectomy", "age_years": 40}
LEMS = COURSE | therapies(amifampridine="failed") | {
    "lems_confirmed": True, "severity": "moderate", "prior_cholinesterase_inhibitor": "failed",
}  # fmt: skip

CASES = [
    # Primary immunodeficiency
    ("PI, common variable: all met", "primary_immunodeficiency", CVID, MEETS),
    ("PI, common variable: 500 mg/dL is not under", "primary_immunodeficiency", CVID | {"igg_mg_per_dl": 500}, FAILS),
    ("PI, common variable: 4.99 g/L is under", "primary_immunodeficiency",
     {k: v for k, v in CVID.items() if k != "igg_mg_per_dl"} | {"igg_g_per_l": "4.99"}, MEETS),
    ("PI, common variable: two standard deviations", "primary_immunodeficiency",
     CVID | {"igg_mg_per_dl": 560, "igg_2sd_below_mean": True}, MEETS),
    ("PI, common variable: age 2 or over", "primary_immunodeficiency", CVID | {"age_years": "1.9"}, FAILS),
    ("PI, common variable: vaccine response", "primary_immunodeficiency",
     CVID | {"impaired_vaccine_response": False}, FAILS),
    ("PI, common variable: infections", "primary_immunodeficiency",
     CVID | {"recurrent_bacterial_infections": False}, FAILS),
    ("PI, common variable: other causes", "primary_immunodeficiency", CVID | {"other_causes_excluded": False}, FAILS),
    ("PI, SCID: 199 mg/dL", "primary_immunodeficiency",
     FOUR_WEEKLY | {"pid_type": "scid", "igg_mg_per_dl": 199}, MEETS),
    ("PI, SCID: 200 mg/dL without the rest", "primary_immunodeficiency",
     FOUR_WEEKLY | {"pid_type": "scid", "igg_mg_per_dl": 200, "genetic_test_confirmed": False,
                    "very_low_t_cells": False}, FAILS),
    ("PI, T cells count in SCID alone", "primary_immunodeficiency",
     FOUR_WEEKLY | {"pid_type": "agammaglobulinaemia", "igg_mg_per_dl": 250, "genetic_test_confirmed": False,
                    "very_low_t_cells": True}, FAILS),
    ("PI, Wiskott-Aldrich: by a genetic test", "primary_immunodeficiency",
     CVID | {"pid_type": "wiskott_aldrich", "genetic_test_confirmed": False}, FAILS),
    ("PI, IgG subclass: low and functional", "primary_immunodeficiency",
     CVID | {"pid_type": "igg_subclass", "igg_mg_per_dl": 900, "igg_subclass_low": True}, MEETS),
    ("PI, specific antibody deficiency: normal IgG", "primary_immunodeficiency",
     CVID | {"pid_type": "specific_antibody", "igg_mg_per_dl": 900}, MEETS),
    ("Labels, 0.8 g/kg every three weeks", "primary_immunodeficiency",
     CVID | {"dose_total_g_per_kg": "0.8", "interval_weeks": 3}, MEETS),
    ("Labels, more than that", "primary_immunodeficiency",
     CVID | {"dose_total_g_per_kg": "0.81", "interval_weeks": 3}, PERSON),
    ("PI continuation, fewer infections and a trough of this year", "primary_immunodeficiency",
     CVID_RENEWAL | trough(200), MEETS),
    ("PI continuation, infections as before", "primary_immunodeficiency",
     CVID_RENEWAL | trough(200) | {"infections_reduced": False}, FAILS),
    ("PI continuation, the trough is measured yearly", "primary_immunodeficiency", CVID_RENEWAL | trough(366), PERSON),
    ("PI continuation, the trough is kept", "primary_immunodeficiency",
     CVID_RENEWAL | trough(20) | {"trough_adequate_or_dose_adjusted": False}, PERSON),
    # Secondary immunodeficiency, transplant
    ("CLL, under 500 mg/dL with infections", "secondary_immunodeficiency", CLL, MEETS),
    ("CLL, 500 mg/dL", "secondary_immunodeficiency", CLL | {"igg_mg_per_dl": 500}, FAILS),
    ("CLL, no infections", "secondary_immunodeficiency", CLL | {"recurrent_bacterial_infections": False}, FAILS),
    ("HSCT, day 100", "hsct", {"days_since_transplant": 100}, MEETS),
    ("HSCT, later with 399 mg/dL", "hsct", {"days_since_transplant": 200, "igg_mg_per_dl": 399}, MEETS),
    ("HSCT, later with 400 mg/dL", "hsct", {"days_since_transplant": 200, "igg_mg_per_dl": 400}, FAILS),
    # Immune thrombocytopenia
    ("ITP new adult, under 30,000", "itp", NEW_ADULT | {"platelets_10e9_per_l": "29.9"}, MEETS),
    ("ITP new adult, 30,000 without bleeding", "itp", NEW_ADULT | {"platelets_10e9_per_l": 30}, FAILS),
    ("ITP new adult, under 50,000 and a rapid rise", "itp",
     NEW_ADULT | {"platelets_10e9_per_l": 49, "rapid_rise_needed": True}, MEETS),
    ("ITP new adult, 50,000 and a rapid rise", "itp",
     NEW_ADULT | {"platelets_10e9_per_l": 50, "rapid_rise_needed": True}, FAILS),
    ("ITP new adult, without corticosteroids", "itp",
     NEW_ADULT | {"platelets_10e9_per_l": 9, "concurrent_corticosteroids": False, "prior_corticosteroids": "declined"},
     FAILS),
    ("ITP new adult, corticosteroids contraindicated", "itp",
     NEW_ADULT | {"platelets_10e9_per_l": 9, "concurrent_corticosteroids": False,
                  "prior_corticosteroids": "contraindicated"}, MEETS),
    ("ITP new child, by bleeding", "itp", NEW_CHILD | {"platelets_10e9_per_l": 60, "bleeding": "mucosal"}, MEETS),
    ("ITP new child, a low count alone", "itp", NEW_CHILD | {"platelets_10e9_per_l": 4}, FAILS),
    ("ITP chronic, relapse after a response", "itp", CHRONIC | {"previous_ivig_response": "responded"}, MEETS),
    ("ITP chronic, anti-D not tolerated", "itp", CHRONIC | therapies(anti_d="intolerant"), MEETS),
    ("ITP chronic, nothing before", "itp",
     CHRONIC | {"previous_ivig_response": "never_given", "prior_corticosteroids": "not_tried", "prior_therapies": []},
     FAILS),
    ("ITP pregnancy, no threshold", "itp",
     CHRONIC | {"pregnancy_status": "pregnant", "platelets_10e9_per_l": 70, "sex": "female"}, MEETS),
    ("ITP after splenectomy, bleeding at 45,000", "itp",
     ITP | {"itp_phase": "after_splenectomy", "age_years": 40, "platelets_10e9_per_l": 45,
            "bleeding": "severe"}, MEETS),
    ("ITP label, above 2 g/kg", "itp", NEW_ADULT | {"platelets_10e9_per_l": 9, "dose_total_g_per_kg": "2.1"}, PERSON),
    # Kawasaki disease
    ("Kawasaki, child on day 10", "kawasaki", KAWASAKI | {"days_since_onset": 10}, MEETS),
    ("Kawasaki, onset 11 days ago, fever of fewer days and nothing that persists", "kawasaki",
     KAWASAKI | {"days_since_onset": 11, "fever_days": 6, "ongoing_inflammation": False,
                 "fever_persistent_or_recurrent": False, "coronary_artery_abnormality": False}, PERSON),
    ("Kawasaki, later with coronary changes", "kawasaki",
     KAWASAKI | {"days_since_onset": 15, "coronary_artery_abnormality": True}, MEETS),
    ("Kawasaki, an adult", "kawasaki", KAWASAKI | {"age_years": 18}, PERSON),
    ("Kawasaki, second infusion at 36 hours", "kawasaki",
     KAWASAKI | {"request_type_detail": "repeat_dose", "fever_persistent_or_recurrent": True,
                 "hours_since_infusion_end": 36}, MEETS),
    ("Kawasaki, second infusion earlier", "kawasaki",
     KAWASAKI | {"request_type_detail": "repeat_dose", "fever_persistent_or_recurrent": True,
                 "hours_since_infusion_end": 35}, PERSON),
    # Nerve and muscle
    ("CIDP, all three", "cidp", CIDP, MEETS),
    ("CIDP (a), under two months", "cidp", CIDP | {"days_since_onset": 60}, FAILS),
    ("CIDP (b), mild disability", "cidp", CIDP | {"severity": "mild"}, FAILS),
    ("CIDP (c), axonal study", "cidp", CIDP | {"electrodiagnostic_confirmed": False}, FAILS),
    ("CIDP continuation", "cidp", RENEWAL, MEETS),
    ("CIDP continuation, worse", "cidp", RENEWAL | {"response": "worse"}, FAILS),
    ("CIDP continuation, not the lowest dose", "cidp", RENEWAL | {"lowest_effective_dose": False}, FAILS),
    ("CIDP label, 1 g/kg every two weeks", "cidp", RENEWAL | {"interval_weeks": 2}, PERSON),
    ("CIDP restart after a gap, worse off treatment", "cidp",
     RENEWAL | {"request_type_detail": "restart", "response": "worse", "lowest_effective_dose": False}, PERSON),
    ("CIDP restart, a loading course is within the limit and still for a person", "cidp",
     {"request_type": "renewal", "request_type_detail": "restart", "dose_total_g_per_kg": 2}, PERSON),
    ("CIDP, a change of dose is no restart", "cidp",
     RENEWAL | {"request_type_detail": "dose_change", "response": "worse"}, FAILS),
    ("CIDP, a first request told as a restart is judged as a first one", "cidp",
     CIDP | {"request_type_detail": "restart", "severity": "mild"}, FAILS),
    ("MMN restart after a gap", "mmn", RENEWAL | {"request_type_detail": "restart", "response": "worse"}, PERSON),
    ("PI restart after a gap, without a trough of the year", "primary_immunodeficiency",
     CVID_RENEWAL | {"request_type_detail": "restart", "infections_reduced": False, "igg_measurements": []}, PERSON),
    ("CLL restart after a gap, infections back", "secondary_immunodeficiency",
     CLL | {"request_type": "renewal", "request_type_detail": "restart", "infections_reduced": False}, PERSON),
    ("HSCT restart after a gap, infections back", "hsct",
     {"days_since_transplant": 90, "request_type": "renewal", "request_type_detail": "restart",
      "infections_reduced": False}, PERSON),
    ("Myositis restart after a gap", "dermatomyositis",
     DM | {"request_type": "renewal", "request_type_detail": "restart", "response": "worse"}, PERSON),
    ("MMN, all three", "mmn", MMN, MEETS),
    ("MMN, sensory conduction", "mmn", MMN | {"sensory_conduction_normal": False}, FAILS),
    ("MMN label, 2.4 g/kg a month", "mmn", MMN | {"dose_total_g_per_kg": "2.2"}, MEETS),
    ("MMN label, 2.4 g/kg every four weeks is more a month", "mmn", MMN | {"dose_total_g_per_kg": "2.4"}, PERSON),
    ("GBS, within two weeks", "gbs", GBS | {"days_since_onset": 14}, MEETS),
    ("GBS, later", "gbs", GBS | {"days_since_onset": 15}, FAILS),
    ("GBS, walks without aid", "gbs", GBS | {"needs_aid_to_walk": False}, FAILS),
    ("MG, exacerbation", "mg", REFRACTORY | {"myasthenic_exacerbation": True}, MEETS),
    ("MG, two standard treatments", "mg", REFRACTORY | therapies(mycophenolate="failed"), MEETS),
    ("MG, the second was declined", "mg", REFRACTORY | therapies(mycophenolate="declined"), FAILS),
    ("MG, ocular disease", "mg", REFRACTORY | therapies(rituximab="failed") | {"mg_type": "ocular"}, FAILS),
    ("LEMS, both medicines", "lems",
     COURSE | {"lems_confirmed": True, "severity": "severe", "prior_cholinesterase_inhibitor": "failed"}
     | therapies(amifampridine="intolerant"), MEETS),
    ("Stiff person, no antibody", "stiff_person",
     COURSE | {"anti_gad_antibody": "negative", "prior_baclofen": "failed"}, FAILS),
    ("Myositis, four of eight", "dermatomyositis", DM | FOUR_FEATURES, MEETS),
    ("Myositis, three of eight", "dermatomyositis", DM | THREE_FEATURES, FAILS),
    ("Myositis, nothing tried before", "polymyositis",
     COURSE | FOUR_FEATURES | {"prior_corticosteroids": "not_tried", "prior_immunosuppressant": "not_tried"}, FAILS),
    # Others
    ("Toxic shock, a focus that cannot be drained", "toxic_shock", TSS | {"undrainable_focus": True}, MEETS),
    ("Toxic shock, none of the three", "toxic_shock", TSS, FAILS),
    ("Transplant, before it at high risk", "solid_organ_transplant",
     COURSE | {"transplant_use": "before_transplant", "high_rejection_risk": True}, MEETS),
    ("Blistering, rapid and beside conventional therapy", "pemphigus",
     BLISTERS | {"rapidly_progressive": True, "with_conventional_therapy": True}, MEETS),
    ("Blistering, rapid and alone", "pemphigus",
     BLISTERS | {"rapidly_progressive": True, "with_conventional_therapy": False}, FAILS),
    ("Blistering, not for maintenance", "pemphigus",
     BLISTERS | {"prior_corticosteroids": "failed", "treatment_phase": "maintenance"}, FAILS),
    ("A use of which only the listing was at hand goes to a person", "adem", COURSE, PERSON),
    ("Experimental: multiple sclerosis", "ms", {}, FAILS),
    ("Experimental: autism", "autism", {}, FAILS),
    ("A use that the pack does not carry goes to a person", "myocarditis", {}, PERSON),
]  # fmt: skip


# The edge of each number that the table above leaves out, and what is not asked again at renewal.
EDGES = [
    ("PI, common variable: 2 years to the day", "primary_immunodeficiency", CVID | {"age_years": 2}, MEETS),
    ("PI, IgG subclass: none is low", "primary_immunodeficiency",
     CVID | {"pid_type": "igg_subclass", "igg_subclass_low": False, "low_iga_or_igm": True}, FAILS),
    ("PI, selective IgA: IgA is low", "primary_immunodeficiency",
     CVID | {"pid_type": "selective_iga", "igg_mg_per_dl": 900, "low_iga_or_igm": True}, MEETS),
    ("PI continuation, a trough of a year ago to the day", "primary_immunodeficiency",
     CVID_RENEWAL | trough(365), MEETS),
    ("CLL continuation, fewer infections", "secondary_immunodeficiency",
     CLL | {"request_type": "renewal", "infections_reduced": True}, MEETS),
    ("HSCT continuation, infections as before", "hsct",
     {"days_since_transplant": 90, "request_type": "renewal", "infections_reduced": False}, FAILS),
    ("HSCT continuation, fewer infections", "hsct",
     {"days_since_transplant": 90, "request_type": "renewal", "infections_reduced": True}, MEETS),
    ("ITP, 18 years is an adult", "itp", NEW_ADULT | {"age_years": 18, "platelets_10e9_per_l": 20}, MEETS),
    ("ITP, 18 years: corticosteroids", "itp",
     NEW_ADULT | {"age_years": 18, "platelets_10e9_per_l": 20, "concurrent_corticosteroids": False,
                  "prior_corticosteroids": "not_tried"}, FAILS),
    ("ITP, 18 years: platelets", "itp",
     NEW_ADULT | {"age_years": 18, "platelets_10e9_per_l": 60, "bleeding": "severe"}, FAILS),
    ("ITP, under 18 years is a child", "itp", NEW_CHILD | {"age_years": "17.9", "platelets_10e9_per_l": 20}, FAILS),
    ("ITP, under 18 years: no threshold, no corticosteroids", "itp",
     NEW_CHILD | {"age_years": "17.9", "platelets_10e9_per_l": 60, "bleeding": "severe",
                  "concurrent_corticosteroids": False, "prior_corticosteroids": "not_tried"}, MEETS),
    ("ITP after splenectomy, 29", "itp", SPLENECTOMY | {"platelets_10e9_per_l": 29}, MEETS),
    ("ITP after splenectomy, 30", "itp", SPLENECTOMY | {"platelets_10e9_per_l": 30}, FAILS),
    ("FNAIT, day 28", "fnait", {"age_years": "0.0766", "pregnancy_status": "not_pregnant"}, MEETS),
    ("FNAIT, day 29", "fnait", {"age_years": "0.0794", "pregnancy_status": "not_pregnant"}, FAILS),
    ("Kawasaki, 17 years", "kawasaki", KAWASAKI | {"age_years": "17.9"}, MEETS),
    ("CIDP (c) is not asked again", "cidp", RENEWAL | {"electrodiagnostic_confirmed": False}, MEETS),
    ("CIDP label, loading above 2 g/kg", "cidp", CIDP | {"dose_total_g_per_kg": "2.1"}, PERSON),
    ("LEMS, plasma exchange cannot be done", "lems", LEMS | {"plasma_exchange_available": False}, MEETS),
    ("LEMS, plasma exchange can be done", "lems", LEMS | {"plasma_exchange_available": True}, FAILS),
    ("A product under the skin ordered by vein", "mg",
     COURSE | {"severity": "crisis", "product": "Hizentra"}, PERSON),
    ("Dermatomyositis label, above 2 g/kg in four weeks", "dermatomyositis",
     DM | FOUR_FEATURES | {"dose_total_g_per_kg": "2.1"}, PERSON),
]  # fmt: skip


@pytest.mark.parametrize(
    ("place", "indication", "facts", "outcome"), CASES + EDGES, ids=[case[0] for case in CASES + EDGES]
)
def test_the_bulletin_decides(place, indication, facts, outcome):
    judgement = judged(indication, facts)
    assert judgement["outcome"] == outcome, [f["id"] for f in judgement["findings"] if f["result"] != "met"]


def test_its_worked_examples_hold():
    assert check_examples(pack(), criteria.reference_tables(), DAY) == []


def test_the_bulletin_names_no_weight_rule_so_the_actual_weight_counts():
    judgement = judged("gbs", GBS | {"sex": "male", "height_cm": 170, "weight_kg": 110, "age_years": 50})
    assert judgement["dose"]["dosing_weight_kg"] == "110.000"
    assert judgement["warnings"] == []


@pytest.mark.parametrize(
    ("indication", "facts", "months"),
    [
        ("primary_immunodeficiency", CVID, "6"),
        ("primary_immunodeficiency", CVID_RENEWAL | trough(20), "12"),
        ("itp", NEW_ADULT | {"platelets_10e9_per_l": 9}, "1"),
        ("itp", CHRONIC | {"previous_ivig_response": "responded"}, "6"),
        ("mg", REFRACTORY | {"severity": "crisis"}, "1"),
        ("mg", REFRACTORY | {"myasthenic_exacerbation": True}, "1"),
        ("mg", REFRACTORY | {"thymectomy_planned": True}, "1"),
        ("mg", REFRACTORY | therapies(azathioprine="failed"), "6"),
        ("cidp", RENEWAL, "6"),
        ("mmn", MMN, "3"),
        ("mmn", RENEWAL, "6"),
        ("cidp", CIDP, "3"),
    ],
)
def test_an_approval_is_shortened_and_not_refused(indication, facts, months):
    judgement = judged(indication, facts | {"requested_authorization_months": 24})
    assert judgement["outcome"] == MEETS
    assert judgement["authorization"]["months"] == months
    assert "authorization_duration_capped" in judgement["warnings"]


@pytest.mark.parametrize(("rate", "warned"), [("0.08", False), ("0.081", True), (None, False)])
def test_a_rate_above_the_label_warns_and_denies_nothing(rate, warned):
    judgement = judged("gbs", GBS | {"max_infusion_rate_ml_per_kg_min": rate})
    assert judgement["outcome"] == MEETS
    assert ("infusion_rate_exceeds_limit" in judgement["warnings"]) == warned


@pytest.mark.parametrize(("lacks", "antibodies"), [(True, True), (True, False), (False, True), (None, None)])
def test_only_antibodies_in_one_who_lacks_iga_go_to_a_person(lacks, antibodies):
    judgement = judged("gbs", GBS | {"iga_deficient": lacks, "anti_iga_antibodies": antibodies})
    both = lacks is True and antibodies is True
    assert judgement["outcome"] == (PERSON if both else MEETS)
    assert ("iga_deficiency_anti_iga" in judgement["warnings"]) == both


def test_the_fourth_feature_of_myositis_is_asked_for_and_nothing_else():
    judgement = judged("dermatomyositis", DM | THREE_FEATURES | {"biopsy_inflammation": None})
    assert judgement["outcome"] == OPEN
    assert judgement["questions"] == ["biopsy_inflammation"]
