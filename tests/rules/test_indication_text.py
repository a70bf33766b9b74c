"""A new indication as text: each guided condition as the manual writes it, and the parts that a form may leave out."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from types import MappingProxyType

import pytest
import yaml

from utilization.rules.facts.catalogue import CATALOGUE, Fact, Kind
from utilization.rules.packs.guided_condition import (
    GuidedTest,
    How,
    comparisons,
    condition,
    facts_to_compare,
)
from utilization.rules.packs.indication_text import (
    AGAINST,
    MUST,
    SHOULD,
    WEIGHED,
    Basis,
    NewCriterion,
    NewDose,
    NewExample,
    NewIndication,
    written,
)
from utilization.rules.packs.reader import read_pack
from utilization.rules.yaml_lines import PackError

OWN = {
    "eeg_on": Fact("eeg_on", Kind.DATE, "Neurology", "Date of the EEG"),
    "held_on": Fact("held_on", Kind.DATE, "Neurology", "Dose held", or_never=True),
    "grade": Fact("grade", Kind.INT, "Neurology", "Grade", says_unit=False),
    "grip": Fact("grip", Kind.DEC, "Neurology", "Grip strength", "kPa", says_unit=False),
}
FACTS = facts_to_compare({**CATALOGUE, **OWN})
OWN_FACTS = """\
facts:
  - {name: eeg_on, type: date, label: Date of the EEG}
  - {name: held_on, type: date, label: Dose held, or_never: true}
  - {name: grade, type: int, label: Grade}
  - {name: grip, type: dec, unit: kPa, label: Grip strength}
"""
HEAD = "pack: {name: north, version: '1', title: North}\n"
LOCAL = Basis(local="A parameter of these tests.")
TWO, FIVE = Decimal(2), Decimal(5)

# A guided test, and the condition that it is, written by hand from the manual.
NAMES = ("corticosteroids", "methotrexate")
CONDITIONS = [
    (GuidedTest("diabetes", How.IS, (True,)), "diabetes: true"),
    (GuidedTest("diabetes", How.IS, (False,)), "diabetes: false"),
    (GuidedTest("severity", How.IS, ("severe",)), "severity: severe"),
    (GuidedTest("severity", How.IS, ("severe", "crisis")), "severity: [severe, crisis]"),
    (GuidedTest("severity", How.IS_NOT, ("mild",)), "not: {severity: mild}"),
    (GuidedTest("age_years", How.AT_LEAST, number=Decimal(18)), "age_years: {at_least: 18 years}"),
    (GuidedTest("age_years", How.BELOW, number=Decimal(18)), "age_years: {below: 18 years}"),
    (GuidedTest("tried", How.ANY_OF, NAMES), "tried: {any: [corticosteroids, methotrexate]}"),
    (GuidedTest("tried", How.ALL_OF, NAMES, where=(("results", ["failed", "declined"]),), span="12 weeks"),
     "tried: {all: [corticosteroids, methotrexate], results: [failed, declined], for: 12 weeks}"),
    (GuidedTest("tried", How.SO_MANY_OF, (*NAMES, "rituximab"), number=TWO),
     "tried: {at_least: 2, of: [corticosteroids, methotrexate, rituximab]}"),
    (GuidedTest("igg_g_per_l", How.AT_MOST, number=Decimal("4.50")), "igg_g_per_l: {at_most: 4.5 g/L}"),
    (GuidedTest("grip", How.ABOVE, number=Decimal(100)), "grip: {above: 100 kPa}"),
    (GuidedTest("grade", How.BETWEEN, number=TWO, to=FIVE), "grade: {at_least: 2, at_most: 5}"),
    (GuidedTest("course_days", How.EXACTLY, number=FIVE), "course_days: 5 days"),
    (GuidedTest("last_dose_reduction_attempt_months_ago", How.ABOVE, number=FIVE),
     "last_dose_reduction_attempt_months_ago: {above: 5 months}"),
    (GuidedTest("objective_measure", How.STATED), "objective_measure: stated"),
    (GuidedTest("specialist", How.MENTIONS, ("neurolog", "neuromuscular")),
     "specialist: {mentions: [neurolog, neuromuscular]}"),
    (GuidedTest("eeg_on", How.WITHIN, span="12 months"), "eeg_on: {within: 12 months}"),
    (GuidedTest("eeg_on", How.LONGER_AGO, span="3 months"), "eeg_on: {at_least_ago: 3 months}"),
    (GuidedTest("held_on", How.NEVER, span="3 months"), "held_on: {never_or_at_least_ago: 3 months}"),
    (GuidedTest("infections", How.MANY, number=TWO, span="12 months"), "infections: {at_least: 2, within: 12 months}"),
    (GuidedTest("disability_assessments", How.FEW, number=FIVE), "disability_assessments: {at_most: 5}"),
    (GuidedTest("infections", How.FEW, number=TWO, span="2 years",
                where=(("severity", ["serious", "life_threatening"]), ("bacterial", True))),
     "infections: {where: {severity: [serious, life_threatening], bacterial: true}, at_most: 2, within: 2 years}"),
    (GuidedTest("prior_courses", How.LATEST, where=(("response", "worse"),)),
     "prior_courses: {latest: {response: worse}}"),
    (GuidedTest("prior_courses", How.NEVER, span="6 months", where=(("g_per_kg", {"at_least": "1 g/kg"}),)),
     "prior_courses: {where: {g_per_kg: {at_least: 1 g/kg}}, never_or_at_least_ago: 6 months}"),
    (GuidedTest("prior_courses", How.NEVER, span="6 months"), "prior_courses: {never_or_at_least_ago: 6 months}"),
    (GuidedTest("disability_assessments", How.MANY, number=TWO, where=(("value", {"at_most": TWO}),)),
     "disability_assessments: {where: {value: {at_most: 2}}, at_least: 2}"),
    (GuidedTest("course_g_per_kg", How.AT_MOST, number=TWO), "dose: {at_most: 2 g/kg, per: course}"),
    (GuidedTest("day_g", How.BETWEEN, number=TWO, to=FIVE), "dose: {at_least: 2 g, at_most: 5 g, per: day}"),
    (GuidedTest("dose_within_ceiling", How.IS, (True,)), "dose_within_ceiling: true"),
]  # fmt: skip
TESTS = [test for test, _ in CONDITIONS]


CEILING = NewDose(LOCAL, ceiling=TWO)


def an_indication(*criteria, dose=CEILING, **more):
    return NewIndication("thing", "Thing", "It is an indication.", LOCAL, dose, criteria, **more)


def clauses(new):
    """The clauses of the text, by a YAML reader that is not ours."""
    return yaml.safe_load(written(new, FACTS).text)["criteria"][0]["clauses"]


@pytest.mark.parametrize(("test", "text"), CONDITIONS)
def test_a_guided_test_is_the_condition_of_the_manual(test, text):
    assert clauses(an_indication(NewCriterion(MUST, "So.", (test,), LOCAL)))[1]["require"] == yaml.safe_load(text)


def test_every_guided_test_is_read_as_a_part_of_a_pack():
    new = an_indication(*(NewCriterion(MUST, "So.", (test,), LOCAL) for test in TESTS))
    pack = read_pack({"pack.yaml": HEAD, "facts.yaml": OWN_FACTS, "thing.yaml": written(new, FACTS).text})
    assert len(pack.indications["thing"].clauses) == len(TESTS) + 2


def test_a_fact_offers_only_comparisons_that_its_kind_has():
    offered = {how for name in FACTS for how in comparisons(FACTS[name])}
    assert offered == set(How)
    assert set(comparisons(FACTS["course_g"])) == {How.AT_LEAST, How.AT_MOST, How.BETWEEN}
    assert "dose_total_g" not in FACTS


DIABETES, SEVERE, MILD = TESTS[0], TESTS[2], TESTS[4]


def in_group(name, test):
    return replace(test, group=name)


@pytest.mark.parametrize(
    ("tests", "joined", "text"),
    [
        ((DIABETES, SEVERE), "all", "{diabetes: true, severity: severe}"),
        ((SEVERE, MILD, MILD), "all", "all: [{severity: severe}, {not: {severity: mild}}, {not: {severity: mild}}]"),
        ((DIABETES, SEVERE), "any", "any: [{diabetes: true}, {severity: severe}]"),
        ((SEVERE,), "any", "severity: severe"),
        (
            (in_group("a", DIABETES), in_group("b", SEVERE), in_group("a", MILD)),
            "of_each",
            "{any: [{diabetes: true}, {not: {severity: mild}}], severity: severe}",
        ),
        (
            (in_group("a", DIABETES), in_group("b", SEVERE), in_group("a", MILD), in_group("b", DIABETES)),
            "of_each",
            "all: [{any: [{diabetes: true}, {not: {severity: mild}}]}, {any: [{severity: severe}, {diabetes: true}]}]",
        ),
        (
            (in_group("a", DIABETES), in_group("b", SEVERE), in_group("a", SEVERE)),
            "one_group",
            "any: [{diabetes: true, severity: severe}, {severity: severe}]",
        ),
        ((in_group("a", DIABETES), in_group("a", SEVERE)), "one_group", "{diabetes: true, severity: severe}"),
    ],
)
def test_several_tests_are_joined(tests, joined, text):
    assert condition(tests, joined, FACTS) == yaml.safe_load(text)


@pytest.mark.parametrize(
    ("does", "require", "otherwise"),
    [
        (MUST, {"diabetes": True}, "does_not_meet"),
        (SHOULD, {"diabetes": True}, "exception_review"),
        (AGAINST, {"not": {"diabetes": True}}, "does_not_meet"),
        (WEIGHED, {"not": {"diabetes": True}}, "exception_review"),
    ],
)
def test_what_a_criterion_does(does, require, otherwise):
    clause = clauses(an_indication(NewCriterion(does, "So.", (DIABETES,), LOCAL, phase="renewal")))[1]
    assert (clause["require"], clause["otherwise"], clause["when"]) == (require, otherwise, {"request_type": "renewal"})


def test_clauses_on_one_fact_have_ids_of_their_own_and_say_what_they_come_from():
    new = an_indication(*[NewCriterion(MUST, "So.", (DIABETES,), LOCAL)] * 3)
    assert [clause["id"] for clause in clauses(new)] == ["indicated", "diabetes", "diabetes_2", "diabetes_3", "ceiling"]
    assert written(new, FACTS).clauses == ("evidence", 0, 1, 2, "dose")


@pytest.mark.parametrize(
    ("names", "ids"),
    [
        (("x", "x", "x_2"), ["x", "x_3", "x_2"]),
        (("x_2", "x", "x"), ["x_2", "x", "x_3"]),
        (("x", "x_2", "x", "x_2"), ["x", "x_2", "x_3", "x_2_2"]),
        (("indicated", "ceiling"), ["indicated_2", "ceiling"]),
    ],
)
def test_no_two_clauses_have_one_id(names, ids):
    facts = {name: Fact(name, Kind.BOOL, "Own", name) for name in names}
    criteria = [NewCriterion(MUST, "So.", (GuidedTest(name, How.IS, (True,)),), LOCAL) for name in names]
    new = an_indication(*criteria, dose=NewDose(LOCAL))
    found = yaml.safe_load(written(new, facts).text)["criteria"][0]["clauses"]
    assert [clause["id"] for clause in found] == ["indicated", *ids]


DOSES = [
    (NewDose(LOCAL), {}, []),
    (NewDose(Basis(("S-1",)), target=TWO), {"target": "2 g/kg", "evidence": ["S-1"]}, []),
    (NewDose(LOCAL, target=TWO, ceiling=TWO), {"target": "2 g/kg", "ceiling": "2 g/kg"},
     [{"dose_within_ceiling": True}]),
    (NewDose(LOCAL, ceiling=TWO, per="day"), {}, [{"dose": {"at_most": "2 g/kg", "per": "day"}}]),
    (NewDose(LOCAL, days=(2, 5)), {}, [
        {"not": {"any": [{"surely": {"course_days": {"below": "2 days"}}},
                         {"surely": {"course_days": {"above": "5 days"}}}]}}]),
    (NewDose(LOCAL, days=(2, None)), {}, [{"not": {"surely": {"course_days": {"below": "2 days"}}}}]),
    (NewDose(LOCAL, days=(None, 5)), {}, [{"not": {"surely": {"course_days": {"above": "5 days"}}}}]),
    (NewDose(LOCAL, weeks=Decimal(3)), {}, [{"not": {"surely": {"interval_weeks": {"below": "3 weeks"}}}}]),
]  # fmt: skip


@pytest.mark.parametrize(("dose", "rule", "required"), DOSES)
def test_a_dose_is_a_rule_and_clauses(dose, rule, required):
    new = an_indication(dose=dose)
    criteria = yaml.safe_load(written(new).text)["criteria"][0]
    assert criteria.get("dose", {}) == rule
    assert [clause["require"] for clause in criteria["clauses"][1:]] == required
    assert all(clause["otherwise"] == "exception_review" for clause in criteria["clauses"][1:])


@pytest.mark.parametrize(
    ("dose", "says"),
    [
        (NewDose(LOCAL, days=(1, None)), "A course, where its days are given, is divided over at least 1 day."),
        (NewDose(LOCAL, days=(None, 1)), "A course, where its days are given, is divided over at most 1 day."),
        (NewDose(LOCAL, days=(1, 1)), "A course, where its days are given, is divided over 1 day."),
        (NewDose(LOCAL, days=(5, 5)), "A course, where its days are given, is divided over 5 days."),
        (NewDose(LOCAL, days=(1, 5)),
         "A course, where its days are given, is divided over at least 1 and at most 5 days."),
        (NewDose(LOCAL, weeks=Decimal("1.0")), "Courses, where more than one is ordered, are at least 1 week apart."),
        (NewDose(LOCAL, weeks=Decimal(3)), "Courses, where more than one is ordered, are at least 3 weeks apart."),
    ],
)  # fmt: skip
def test_days_and_weeks_are_counted_as_people_say_them(dose, says):
    clause = clauses(an_indication(dose=dose))[1]
    assert clause["says"] == says
    assert clause["to_meet"].endswith(says.partition("divided ")[2] or says.partition("are ")[2])


def test_an_approval_is_limited_by_the_kind_of_request_in_months_courses_and_doses():
    limits = {
        ("initial", "months"): 1, ("renewal", "months"): 12, ("initial", "courses"): 3, ("renewal", "courses"): None,
        ("initial", "doses"): None, ("renewal", "doses"): 1,
    }  # fmt: skip
    text = written(an_indication(limits=limits)).text
    caps = yaml.safe_load(text)["criteria"][0]["caps"]
    assert [(cap["id"], cap["says"], cap["at_most"], cap["when"]["request_type"]) for cap in caps] == [
        ("initial", "A first approval runs for at most 1 month.", "1 months", "initial"),
        ("renewal", "An approval at renewal runs for at most 12 months.", "12 months", "renewal"),
        ("initial_courses", "A first approval is for at most 3 courses.", "3 courses", "initial"),
        ("renewal_doses", "An approval at renewal is for at most 1 dose.", "1 doses", "renewal"),
    ]
    read = read_pack({"pack.yaml": HEAD, "thing.yaml": text}).indications["thing"].caps
    assert [(cap.months, cap.courses, cap.doses) for cap in read] == [
        (1, None, None), (12, None, None), (None, 3, None), (None, None, 1),
    ]  # fmt: skip
    assert "caps" not in written(an_indication(limits={("initial", "months"): None})).text


def test_an_order_outside_the_limits_may_be_denied_and_dosed_by_a_weight_rule_of_its_own():
    dose = NewDose(LOCAL, ceiling=TWO, days=(2, 5), weeks=FIVE, outside="does_not_meet", weight="ideal")
    text = written(an_indication(dose=dose)).text
    rules = yaml.safe_load(text)["criteria"][0]
    assert [clause["otherwise"] for clause in rules["clauses"] if clause["id"] != "indicated"] == ["does_not_meet"] * 3
    assert rules["dose"] == {"ceiling": "2 g/kg", "weight_rule": "ideal"}
    assert read_pack({"pack.yaml": HEAD, "thing.yaml": text}).indications["thing"].dose.weight_rule == "ideal"


def test_an_example_may_have_a_date_of_its_own_and_no_facts():
    example = NewExample("Nothing is known.", MappingProxyType({}), "needs_information", date(2026, 6, 30).isoformat())
    text = written(an_indication(examples=(example,))).text
    assert yaml.safe_load(text)["examples"] == [{
        "indication": "thing", "says": "Nothing is known.", "as_of": "2026-06-30", "facts": {},
        "expect": {"outcome": "needs_information"},
    }]  # fmt: skip
    assert read_pack({"pack.yaml": HEAD, "thing.yaml": text}).examples[0].as_of == date(2026, 6, 30)


def test_what_no_pack_reads_is_found_by_its_reader():
    new = an_indication(NewCriterion(MUST, "So.", (GuidedTest("grip", How.ABOVE, number=TWO),), LOCAL))
    with pytest.raises(PackError, match="unknown fact 'grip'"):
        read_pack({"pack.yaml": HEAD, "thing.yaml": written(new, FACTS).text})
