"""What a judgement says beside its outcome: redirects, defaults, warnings, findings, silence, dose and route."""

from datetime import date

import pytest

from utilization import criteria
from utilization.rules.facts.values import BadInput, read_facts
from utilization.rules.judging.examples import check_examples
from utilization.rules.judging.judge import judge, possible_outcomes
from utilization.rules.packs.pack import WARNING_CODES, Outcome
from utilization.rules.packs.reader import read_pack
from utilization.rules.routing import Clock

TODAY = date(2026, 11, 21)
CIDP = {"age_years": 58, "dose_total_g_per_kg": 2}


def judged(indication, /, emergency=False, as_of=TODAY, **facts):
    return judge(
        criteria.builtin_pack(),
        indication,
        read_facts(facts),
        tables=criteria.reference_tables(),
        as_of=as_of,
        emergency=emergency,
    )


def finding(judgement, name):
    return next((finding for finding in judgement.findings if finding.id == name), None)


@pytest.mark.parametrize(
    ("indication", "facts", "judged_as"),
    [
        ("gbs", {"gbs_variant": "miller_fisher"}, "miller_fisher"),
        ("gbs", {"gbs_variant": "pharyngeal_cervical_brachial"}, "gbs"),
        ("gbs", {}, "gbs"),
        ("cidp", {"anti_mag_antibody": "positive"}, "anti_mag_neuropathy"),
        ("cidp", {"anti_mag_antibody": "positive", "paraprotein_type": "igm"}, "anti_mag_neuropathy"),
        ("cidp", {"paraprotein_type": "igm"}, "igm_paraprotein_neuropathy"),
        ("cidp", {"paraprotein_type": "igm", "anti_mag_antibody": "negative"}, "igm_paraprotein_neuropathy"),
        ("cidp", {"paraprotein_type": "igg"}, "cidp"),
        ("cidp", {"anti_mag_antibody": "negative"}, "cidp"),
        ("igm_paraprotein_neuropathy", {"anti_mag_antibody": "positive"}, "anti_mag_neuropathy"),
        ("anti_mag_neuropathy", {"anti_mag_antibody": "negative"}, "igm_paraprotein_neuropathy"),
        ("mmn", {"anti_mag_antibody": "positive", "gbs_variant": "miller_fisher"}, "mmn"),
    ],
)
def test_redirects_happen_on_known_facts_of_a_closed_list(indication, facts, judged_as):
    result = judged(indication, **facts)
    assert (result.indication, result.judged_as) == (indication, judged_as)
    assert (finding(result, f"redirect.{judged_as}") is not None) == (indication != judged_as)


def test_facts_that_no_statement_names_never_change_an_outcome():
    others = {
        "diagnosis_confirmed": False,
        "mg_type": "ocular",
        "gbs_variant": "other",
        "electrodiagnostic_confirmed": False,
    }
    for indication in criteria.builtin_pack().indications:
        assert judged(indication, **CIDP, **others).outcome == judged(indication, **CIDP).outcome


def test_defaults_are_stated_only_when_used():
    result = judged("cidp", **CIDP)
    assert finding(result, "default.route").facts == {"route": "iv"}
    assert finding(result, "default.request_type").facts == {"request_type": "initial"}
    assert finding(judged("cidp", **CIDP, route="iv", request_type="initial"), "default.route") is None


def test_a_ventilated_patient_of_unknown_severity_is_in_crisis_and_one_said_to_be_mild_is_reviewed():
    ventilated = judged("mg", **CIDP, mechanical_ventilation=True)
    assert ventilated.outcome == "meets"
    assert finding(ventilated, "default.severity").evidence == ("AN-50",)
    assert judged("mg", **CIDP, mechanical_ventilation=True, severity="mild").outcome == "exception_review"
    assert judged("mg", **CIDP, mechanical_ventilation=True, severity="moderate").outcome == "meets"
    assert "mechanical_ventilation" not in judged("mg", **CIDP).questions


WARNED = [
    ("gbs", {"age_years": 9}, "extrapolated_evidence_children"),
    ("miller_fisher", {}, "insufficient_evidence"),
    ("mg", {"severity": "mild"}, "insufficient_evidence"),
    ("lems", {}, "weak_evidence"),
    ("dermatomyositis", {"age_years": 40}, "weak_evidence"),
    ("stiff_person", {}, "single_source_evidence"),
    ("ms", {"ms_course": "clinically_isolated_syndrome"}, "single_source_evidence"),
    ("mg", {"severity": "severe", "prior_corticosteroids": "not_tried", "prior_immunosuppressant": "declined",
            "thymectomy_planned": False}, "evidence_conflict"),
    ("mg", {"severity": "mild", "thymectomy_planned": True}, "evidence_conflict"),
    ("ms", {"optic_neuritis": "acute"}, "evidence_conflict"),
    ("ms", {"ms_course": "secondary_progressive", "treatment_goal": "treat_acute_relapse"}, "evidence_conflict"),
    ("ms", {}, "dose_not_established"),
    ("cidp", {"dose_total_g_per_kg": 3}, "dose_exceeds_limit"),
    ("mmn", {"request_type": "renewal"}, "maintenance_dose_not_established"),
    ("cidp", {"request_type": "renewal"}, "duration_interval_not_established"),
    ("cidp", {"planned_duration": "long_term"}, "possible_overuse_long_term_cidp"),
    ("ms", {"planned_duration": "long_term"}, "long_term_not_practical_ms"),
    ("ibm", {"pregnancy_status": "planning"}, "pregnancy_breastfeeding_safety_unknown"),
    ("ibm", {"history_thrombosis": True}, "thrombosis_risk"),
    ("ibm", {"history_myocardial_infarction": True}, "myocardial_infarction_risk"),
    ("ibm", {"heart_failure": True}, "heart_failure_risk"),
    ("ibm", {"renal_impairment": True}, "renal_failure_risk"),
    ("ibm", {"history_aseptic_meningitis": True}, "aseptic_meningitis_risk"),
    ("ibm", {"history_urticaria_with_ivig": True}, "urticaria_hypersensitivity_risk"),
    ("ibm", {"history_hypersensitivity": True}, "urticaria_hypersensitivity_risk"),
    ("cidp", {"age_years": 58, "sex": "male", "weight_kg": 82, "height_cm": 175}, "adjusted_weight_applied"),
    ("cidp", {"weight_kg": 81, "dose_total_g_per_kg": 1}, "dose_rounded"),
    ("cidp", {"product": "Hizentra"}, "product_contraindicated"),
    ("cidp", {"product": "Privigen", "hyperprolinaemia": True}, "product_contraindicated"),
    ("cidp", {"iga_deficient": True, "anti_iga_antibodies": True}, "iga_deficiency_anti_iga"),
]  # fmt: skip

SILENT = [
    ("gbs", {}, "extrapolated_evidence_children"),
    ("cidp", {"age_years": 9}, "extrapolated_evidence_children"),
    ("dermatomyositis", {}, "weak_evidence"),
    ("dermatomyositis", {"age_years": 9}, "weak_evidence"),
    ("mg", {"severity": "severe"}, "evidence_conflict"),
    ("mg", {"severity": "severe", "mechanical_ventilation": True, "prior_corticosteroids": "not_tried",
            "prior_immunosuppressant": "not_tried", "thymectomy_planned": False}, "evidence_conflict"),
    ("mg", {"severity": "crisis", "prior_corticosteroids": "not_tried", "prior_immunosuppressant": "not_tried",
            "thymectomy_planned": False}, "evidence_conflict"),
    ("ms", {"dose_total_g_per_kg": 3}, "dose_exceeds_limit"),
    ("cidp", {}, "possible_overuse_long_term_cidp"),
    ("cidp", {"iga_deficient": True}, "iga_deficiency_anti_iga"),
    ("cidp", {"pregnancy_status": "not_pregnant"}, "pregnancy_breastfeeding_safety_unknown"),
    ("cidp", {"product": "Privigen"}, "product_contraindicated"),
    ("cidp", {"weight_kg": 75, "dose_total_g_per_kg": 2}, "dose_rounded"),
    ("gbs", {"gbs_variant": "miller_fisher", "age_years": 9}, "extrapolated_evidence_children"),
]  # fmt: skip


@pytest.mark.parametrize(("indication", "facts", "code"), WARNED)
def test_a_warning_is_raised_by_known_facts(indication, facts, code):
    assert code in judged(indication, **facts).warnings


@pytest.mark.parametrize(("indication", "facts", "code"), SILENT)
def test_and_by_nothing_else(indication, facts, code):
    assert code not in judged(indication, **facts).warnings


def test_warnings_stand_in_the_vocabularys_order_and_never_change_the_outcome():
    safety = dict.fromkeys(("history_thrombosis", "heart_failure", "renal_impairment", "iga_deficient"), True)
    plain, warned = judged("cidp", **CIDP), judged("cidp", **CIDP, **safety, anti_iga_antibodies=True)
    assert warned.outcome == plain.outcome == "meets"
    assert list(warned.warnings) == sorted(warned.warnings, key=WARNING_CODES.index)


def test_findings_read_their_facts_and_say_unknown():
    result = judged("lems", prior_corticosteroids="not_tried")
    clause = finding(result, "lems.second_line")
    assert clause.result == "unknown"
    assert clause.otherwise == "does_not_meet"
    assert clause.facts == {
        "request_type": "initial", "prior_corticosteroids": "not_tried", "prior_immunosuppressant": None,
        "prior_symptomatic_therapy": None,
    }  # fmt: skip
    assert finding(result, "lems.ceiling").facts == {"dose_total_g_per_kg": None}
    assert finding(result, "lems.response") is None
    assert finding(result, "lems.product").facts == {"route": "iv", "product": None}


@pytest.mark.parametrize(
    ("facts", "asked"),
    [
        ({}, ["dose_total_g_per_kg"]),
        ({"dose_total_g": 100}, ["weight_kg"]),
        ({"dose_per_day_g_per_kg": 1}, ["course_days"]),
        ({"dose_per_day_g": 30}, ["course_days", "weight_kg"]),
        ({"dose_per_day_g": 30, "course_days": 5}, ["weight_kg"]),
    ],
)
def test_the_dose_is_asked_for_by_what_completes_the_order_as_it_is_written(facts, asked):
    assert judged("mmn", age_years=40, **facts).questions == tuple(asked)


def test_a_known_failing_fact_decides_at_once():
    assert judged("cidp", request_type="renewal", response="worse").questions == ()
    assert judged("gbs", dose_total_g_per_kg=3).outcome == "exception_review"
    assert judged("gbs", age_years=5).questions == ()


@pytest.mark.parametrize(
    ("facts", "terms"),
    [
        ({"dose_per_day_g_per_kg": "2.1"}, ("course_days<=1", "dose_per_day_g_per_kg<=2")),
        ({"dose_per_day_g": 200, "weight_kg": 75}, ("course_days<=1", "dose_per_day_g<=150")),
        ({"dose_per_day_g_per_kg": "0.4"}, ("course_days<=5",)),
    ],
)
def test_a_day_above_the_ceiling_decides_without_the_days(facts, terms):
    result = judged("mmn", age_years=40, **facts)
    over = "dose_exceeds_limit" in result.warnings
    assert (result.outcome, over) == (("exception_review", True) if len(terms) == 2 else ("needs_information", False))
    assert result.would_meet_if == (terms,)


def test_failed_injectables_are_reviewed_while_willing_and_unwillingness_alone_opens():
    prevention = {
        "age_years": 34, "ms_course": "relapsing_remitting", "treatment_goal": "relapse_prevention",
        "planned_duration": "time_limited",
    }  # fmt: skip
    failed = judged("ms", **prevention, approved_injectables="failed")
    assert (failed.outcome, failed.questions) == ("needs_information", ("willing_to_inject",))
    for willing, outcome in ((True, "exception_review"), (False, "meets")):
        stated = judged("ms", **prevention, approved_injectables="failed", willing_to_inject=willing)
        assert stated.outcome == outcome
    assert judged("ms", **prevention, willing_to_inject=False).outcome == "meets"


def test_a_renewed_relapse_is_reviewed_whatever_came_before():
    relapse = {"request_type": "renewal", "ms_course": "relapsing_remitting", "treatment_goal": "treat_acute_relapse"}
    for more in ({}, {"prior_corticosteroids": "not_tried"}, {"response": "worse"}):
        assert judged("ms", **relapse, **more).outcome == "needs_information"
        assert judged("ms", **relapse, **more).questions == ("optic_neuritis",)
        for seen in ("none", "acute"):
            assert judged("ms", **relapse, **more, optic_neuritis=seen).outcome == "exception_review"
        assert judged("ms", **relapse, **more, optic_neuritis="chronic").outcome == "does_not_meet"


def test_the_route_never_softens_a_denial():
    assert judged("ibm", route="sc").outcome == "does_not_meet"
    assert judged("mmn", **CIDP, route="sc").outcome == "exception_review"


def test_a_product_for_another_route_is_reviewed_and_an_unknown_one_is_asked_about():
    result = judged("mmn", **CIDP, product="Hizentra")
    assert result.outcome == "exception_review"
    assert result.would_meet_if == (("product=null",),)
    both = judged("mmn", **CIDP, product="Hizentra", route="sc")
    assert both.would_meet_if == (("route=iv", "product=null"),)
    assert judged("mmn", **CIDP, product="Privigen", route="sc").would_meet_if == (("route=iv",),)
    assert "product_contraindicated" in judged("mmn", **CIDP, product="Privigen", route="sc").warnings
    unknown = judged("mmn", **CIDP, product="Nonesuch")
    assert (unknown.outcome, unknown.questions) == ("needs_information", ("product",))
    assert finding(unknown, "mmn.product").result == "unknown"
    assert unknown.would_meet_if == (("product=null",),)
    assert "product_contraindicated" not in unknown.warnings
    assert "not in the product table" in finding(unknown, "product.unknown").text
    assert "Did you mean" not in finding(unknown, "product.unknown").text
    for slip, brand in (("Prvigen", "Privigen"), ("gamunex c 10", "Gamunex-C"), ("Octagamm 10 %", "Octagam 10%")):
        assert f"Did you mean {brand}?" in finding(judged("mmn", **CIDP, product=slip), "product.unknown").text
    assert judged("ibm", product="Nonesuch").outcome == "does_not_meet"
    assert judged("mmn", **CIDP).outcome == "meets", "no product named is no objection"


def test_a_first_course_below_half_the_target_is_remarked_by_name():
    dose = {"dose_total_g_per_kg": "0.4", "course_days": 5}
    text = finding(judged("cidp", **{**CIDP, **dose}), "dose.below_target").text
    assert "0.4 g/kg, 20 % of the 2 g/kg" in text
    assert "On each of 5 days it would come to 2 g/kg" in text
    for order in ({"dose_total_g_per_kg": 1}, {**dose, "request_type": "renewal"}, {"dose_per_day_g_per_kg": "0.4"}):
        told = judged("cidp", **{name: value for name, value in {**CIDP, **order}.items() if value is not None})
        assert not [finding for finding in told.findings if finding.id == "dose.below_target"]
    assert not [finding for finding in judged("polymyositis", **dose).findings if finding.id == "dose.below_target"]
    grams = {"age_years": 9, "weight_kg": 30}
    assert finding(judged("gbs", **grams, dose_total_g=25), "dose.below_target")
    assert not [
        finding for finding in judged("gbs", **grams, dose_total_g=28).findings if finding.id == "dose.below_target"
    ]


def test_the_weight_rule_is_named_where_it_is_why_a_course_is_above_the_ceiling():
    man = {"age_years": 58, "sex": "male", "weight_kg": 82, "height_cm": 175}
    result = judged("cidp", **man, dose_total_g=164)
    assert result.outcome == "exception_review"
    assert "weight rule is why" in finding(result, "dose.weight_rule").text
    assert result.as_record()["dose"]["instead_g"] == "150"
    assert judged("cidp", **man, dose_total_g=150).outcome == "meets"


def test_grams_of_a_patient_of_unknown_age_are_held_against_both_weights():
    adult_or_child = {"sex": "male", "weight_kg": 82, "height_cm": 175}
    open_dose = judged("mmn", **adult_or_child, dose_total_g=160)
    assert open_dose.outcome == "exception_review"
    assert "dose_exceeds_limit" not in open_dose.warnings
    assert judged("mmn", **adult_or_child, dose_total_g=140).questions == ("age_years",)
    assert "dose_exceeds_limit" in judged("mmn", **adult_or_child, dose_total_g=200).warnings


@pytest.mark.parametrize("code", ["CIDP", "", "1x", "a-b", "a b", None, 5, "cidp\n"])
def test_a_malformed_indication_is_bad_input(code):
    with pytest.raises(BadInput, match="indication: expected a code like 'cidp'"):
        judged(code)


def test_silence_is_review_and_names_what_is_near():
    near = judged("cidpp", **CIDP)
    assert near.outcome == "exception_review"
    assert near.judged_as == "cidpp"
    assert near.would_meet_if == ()
    assert "The nearest covered code is cidp." in finding(near, "silent").text
    known = judged("itp", age_years=5, history_thrombosis=True)
    assert "Immune thrombocytopenia (ITP)" in finding(known, "silent").text
    assert known.warnings == ("thrombosis_risk",)
    assert known.dose is None
    assert "nearest" not in finding(judged("zzzzzz"), "silent").text


def test_remarks_decide_nothing():
    doubted = judged("mmn", age_years=40, weight_kg=260, dose_total_g_per_kg=2)
    assert doubted.outcome == "meets"
    assert finding(doubted, "plausible.weight_kg").result == "unknown"
    assert "height and sex not known" in finding(doubted, "weight.actual").text
    pregnant = judged("mmn", age_years=30, sex="female", weight_kg=70, height_cm=165, pregnancy_status="pregnant")
    assert finding(pregnant, "weight.pregnant")
    assert finding(judged("mmn", pregnancy_status="pregnant", pre_pregnancy_weight_kg=60), "weight.pregnant") is None


@pytest.mark.parametrize(
    ("indication", "facts", "approvals", "hours"),
    [
        ("cidp", CIDP, ["pharmacist"], 72),
        ("cidp", {**CIDP, "dose_total_g_per_kg": 3}, ["pharmacist", "physician"], 72),
        ("cidp", {}, ["pharmacist", "physician"], 72),
        ("ibm", {}, ["pharmacist", "physician"], 72),
        ("gbs", CIDP, ["pharmacist"], 24),
        ("miller_fisher", {}, ["pharmacist", "physician"], 24),
        ("mg", {"severity": "crisis", **CIDP}, ["pharmacist"], 24),
        ("mg", {"severity": "severe", "mechanical_ventilation": True, **CIDP}, ["pharmacist"], 24),
        ("mg", {"severity": "severe", "prior_corticosteroids": "failed", **CIDP}, ["pharmacist"], 72),
    ],
)
def test_the_route_and_its_clock(indication, facts, approvals, hours):
    route = judged(indication, **facts).route.as_dict()
    assert (route["approvals"], route["clock_hours"], route["expedited"]) == (approvals, hours, hours == 24)
    assert len(route["because"]) == 2


def test_a_declared_emergency_takes_the_expedited_clock():
    assert judged("cidp", emergency=True, **CIDP).route.clock_hours == 24


def test_the_clock_is_that_of_the_date(monkeypatch):
    from dataclasses import replace

    tables = criteria.reference_tables()
    clocks = (Clock(date(2027, 1, 1), 48, 12), *tables.routing.clocks)
    dated = replace(tables, routing=replace(tables.routing, clocks=clocks))

    def hours(as_of):
        return judge(criteria.builtin_pack(), "cidp", read_facts(CIDP), tables=dated, as_of=as_of).route.clock_hours

    assert [hours(date(2026, 12, 31)), hours(date(2027, 1, 1)), hours(date(1990, 1, 1))] == [72, 48, 72]


def test_the_record_adds_consequences_and_arithmetic():
    record = judged("cidp", **CIDP, weight_kg=80, course_days=4).as_record()
    assert [line["label"] for line in record["dose"]["lines"]][-1] == "Grams a day"
    assert record["dose"]["g_per_kg"] == "2"
    assert record["dose"]["within_ceiling"] is True
    assert all({"otherwise", "to_meet", "local"} <= finding.keys() for finding in record["findings"])
    assert judged("cidp").as_record()["dose"] is None
    assert judged("cidp", weight_kg=80).as_record()["dose"]["g_per_kg"] is None


def test_every_outcome_that_facts_can_lead_to():
    outcomes = {code: possible_outcomes(i) for code, i in criteria.builtin_pack().indications.items()}
    assert outcomes["ibm"] == {Outcome.DOES_NOT_MEET}
    assert outcomes["postpolio"] == {Outcome.EXCEPTION_REVIEW}
    assert outcomes["gbs"] == {Outcome.MEETS, Outcome.EXCEPTION_REVIEW, Outcome.NEEDS_INFORMATION}
    assert outcomes["cidp"] == set(Outcome)


def test_the_worked_examples_hold_and_a_wrong_one_is_named_at_its_line():
    pack = criteria.builtin_pack()
    assert check_examples(pack, criteria.reference_tables(), TODAY) == []
    files = dict(pack.files)
    files["examples/ibm.yaml"] = files["examples/ibm.yaml"].replace(
        "outcome: does_not_meet, would", "outcome: meets, would"
    )
    files["examples/gbs.yaml"] = files["examples/gbs.yaml"].replace("facts: {age_years: 9,", "facts: {age: 9,")
    files["examples/postpolio.yaml"] = "examples: []"
    said = check_examples(read_pack(files), criteria.reference_tables(), TODAY)
    assert any(
        line.startswith("examples/ibm.yaml:2: ibm:") and "expected outcome meets, got does_not_meet" in line
        for line in said
    )
    assert any("examples/gbs.yaml" in line and "did you mean age_years" in line for line in said)
    where = "clauses/postpolio.yaml:5: examples: postpolio"
    assert f"{where}: expected at least 2 examples, got 0" in said
    assert f"{where}: expected an example that comes to exception_review" in said


def test_unfinished_alternatives_are_bounded():
    files = dict(criteria.builtin_pack().files)
    therapies = (
        "prior_corticosteroids", "prior_immunosuppressant", "prior_symptomatic_therapy", "approved_injectables",
        "prior_plasma_exchange",
    )  # fmt: skip
    clauses = "".join(
        f"      - {{id: n{n}, says: x, require: {{{fact}: [failed, intolerant, contraindicated]}},"
        " otherwise: exception_review, local: x}\n"
        for n, fact in enumerate(therapies)
    )
    files["clauses/lems.yaml"] = f"criteria:\n  - indication: lems\n    clauses:\n{clauses}"
    files["pack.yaml"] = files["pack.yaml"].replace("changeable:\n", "changeable:\n  - prior_plasma_exchange\n")
    facts = read_facts(dict.fromkeys(therapies, "not_tried"))
    result = judge(read_pack(files), "lems", facts, tables=criteria.reference_tables(), as_of=TODAY)
    assert len(result.would_meet_if) == 100


def test_days_that_are_supposed_share_out_the_course_where_criteria_read_its_rounding():
    """47 g a day are rounded for one day (45 g) and two (95 g), and not for five (235 g): the days are asked for."""
    text = """\
pack: {name: made, version: "1", title: Made up}
indications: [{code: one, name: one}]
criteria:
  - indication: one
    otherwise: exception_review
    clauses:
      - {id: few, says: Few days., require: {course_days: {at_most: 5}}, local: Made up.}
      - {id: exact, says: Not rounded., require: {dose_rounded: false}, local: Made up.}
"""
    pack, tables = read_pack({"made.yaml": text}), criteria.reference_tables()
    order = read_facts({"weight_kg": 60, "dose_per_day_g": 47})
    result = judge(pack, "one", order, tables=tables, as_of=TODAY)
    assert (result.outcome, result.questions) == (Outcome.NEEDS_INFORMATION, ("course_days",))
    said = [
        judge(pack, "one", {**order, "course_days": days}, tables=tables, as_of=TODAY).outcome for days in (1, 2, 5, 6)
    ]
    assert said == [Outcome.EXCEPTION_REVIEW, Outcome.EXCEPTION_REVIEW, Outcome.MEETS, Outcome.EXCEPTION_REVIEW]
