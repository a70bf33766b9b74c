"""What would meet, in terms of the order: each limit in the fact that states it, with what it rests on."""

import json
from datetime import date

import pytest

from utilization import criteria
from utilization.rules.facts.values import read_facts
from utilization.rules.judging.judge import judge
from utilization.rules.judging.terms import order_at, together
from utilization.rules.packs.reader import read_pack

TODAY = date(2026, 11, 21)


def offered(*requires, changeable=("dose",), **facts):
    clauses = [{"id": f"c{n}", "says": "x", "local": "x", "otherwise": "does_not_meet", "require": require}
             for n, require in enumerate(requires)]  # fmt: skip
    text = {
        "pack": {"name": "made", "version": "1", "title": "Made up"}, "changeable": list(changeable),
        "indications": [{"code": "one", "name": "one"}],
        "criteria": [{"indication": "one", "clauses": clauses}],
        "dosing": {"ceiling": "2 g/kg", "weight_rule": "actual"},
    }  # fmt: skip
    pack = read_pack({"made.yaml": json.dumps(text)})
    result = judge(pack, "one", read_facts(facts), tables=criteria.reference_tables(), as_of=TODAY)
    return [list(terms) for terms in result.would_meet_if]


def limit(most, per="course", word="at_most"):
    return {"dose": {word: most, "per": per}} if per else {"dose": {word: most}}


@pytest.mark.parametrize(
    ("require", "facts", "terms"),
    [
        (limit("2 g/kg"), {"dose_total_g_per_kg": 3}, ["dose_total_g_per_kg<=2"]),
        (limit("2 g/kg"), {"dose_total_g": 200, "weight_kg": 70}, ["dose_total_g<=140"]),
        (limit("2 g/kg"), {"dose_per_day_g_per_kg": 1, "course_days": 4}, ["dose_per_day_g_per_kg<=0.5"]),
        (limit("2 g/kg"), {"dose_per_day_g_per_kg": 3}, ["dose_per_day_g_per_kg<=2", "course_days=1"]),
        (limit("100 g"), {"dose_total_g_per_kg": 2, "weight_kg": 70}, ["dose_total_g_per_kg<=1.42"]),
        (limit("1 g/kg", "day"), {"dose_total_g_per_kg": 3, "course_days": 2}, ["dose_total_g_per_kg<=2"]),
        (limit("0.4 g/kg", "4 weeks"), {"dose_total_g_per_kg": 1, "interval_weeks": 4}, ["dose_total_g_per_kg<=0.4"]),
        (limit("0.4 g/kg", "4 weeks"), {"dose_total_g_per_kg": 1}, ["dose_total_g_per_kg<=0.4", "interval_weeks=4"]),
        (limit("1 g/kg", word="at_least"), {"dose_total_g_per_kg": "0.5"}, ["dose_total_g_per_kg>=1"]),
        (limit("1 g/kg", word="at_least"), {"dose_total_g": 50, "weight_kg": 77}, ["dose_total_g>=77"]),
        ({"not": limit("1 g/kg")}, {"dose_total_g_per_kg": "0.5"}, ["dose_total_g_per_kg>1"]),
        ({"not": limit("1 g/kg", word="at_least")}, {"dose_total_g_per_kg": 2}, ["dose_total_g_per_kg<1"]),
        (limit("0.05 mL/kg/min", ""), {"max_infusion_rate_ml_per_kg_min": "0.08"},
         ["max_infusion_rate_ml_per_kg_min<=0.05"]),
        (limit("4 mg/kg/min", ""), {"max_infusion_rate_ml_per_kg_min": "0.09", "concentration_g_per_ml": "0.05"},
         ["max_infusion_rate_ml_per_kg_min<=0.08"]),
        (limit("4 mg/kg/min", ""), {}, ["max_infusion_rate_ml_per_kg_min<=0.04", "concentration_g_per_ml=0.1"]),
        ({"not": limit("4.00001 mL/kg/h", "")}, {"max_infusion_rate_ml_per_kg_min": "0.01"},
         ["max_infusion_rate_ml_per_kg_min>0.0667"]),
    ],
)  # fmt: skip
def test_a_limit_is_offered_in_the_fact_that_states_the_order(require, facts, terms):
    assert offered(require, **facts) == [terms]


def test_a_limit_that_needs_a_weight_nobody_knows_is_not_offered():
    assert offered(limit("2 g/kg"), dose_total_g=200) == []
    either = {"any": [limit("1 g/kg"), {"diabetes": True}]}
    assert offered(limit("2 g/kg"), either, dose_total_g=200, diabetes=True) == []


def test_limits_that_no_order_keeps_are_not_offered():
    assert offered(limit("1 g/kg"), {"not": limit("2 g/kg")}) == []
    assert offered({"not": {"dose": {"at_least": "1 g/kg", "at_most": "2 g/kg", "per": "course"}}}) == []
    both = {"dose_total_g_per_kg": 3, "dose_total_g": 210, "weight_kg": 70}
    assert offered(limit("2 g/kg"), **both) == []


def test_a_term_that_another_makes_needless_is_left_out():
    assert ["dose_total_g_per_kg<=1"] in offered(limit("2 g/kg"), limit("1 g/kg"), dose_total_g_per_kg=3)
    needed = offered(limit("0.4 g/kg", "day"), limit("0.4 g/kg", word="at_least"))
    assert needed
    assert all(len(terms) <= 2 for terms in needed)


@pytest.mark.parametrize(
    ("require", "facts", "terms"),
    [
        ({"dose_within_ceiling": True}, {"dose_total_g_per_kg": 3}, [["dose_total_g_per_kg<=2"]]),
        ({"dose_within_ceiling": False}, {"dose_total_g_per_kg": 1}, []),
        ({"product_intravenous": True}, {"product": "Hizentra"}, [["product=null"]]),
        ({"product_contraindicated": False}, {"product": "Hizentra", "route": "iv"}, [["product=null"]]),
        ({"product_labelled": True}, {"product": "Hizentra"}, [["product=null"]]),
        ({"product_labelled": False}, {}, []),
        ({"weight_adjusted": True}, {"weight_kg": 70}, []),
    ],
)
def test_what_is_derived_is_changed_by_the_order_or_the_product(require, facts, terms):
    assert offered(require, changeable=tuple(require), **facts) == terms


def test_what_is_derived_is_asked_for_by_the_fact_that_gives_it():
    text = {
        "pack": {"name": "made", "version": "1", "title": "Made up"},
        "indications": [{"code": "one", "name": "one"}],
        "criteria": [{"indication": "one", "otherwise": "does_not_meet", "clauses": [
            {"id": "a", "says": "x", "local": "x", "require": {"weight_adjusted": False}}]}],
    }  # fmt: skip
    pack = read_pack({"made.yaml": json.dumps(text)})
    result = judge(pack, "one", read_facts({}), tables=criteria.reference_tables(), as_of=TODAY)
    assert result.questions == ("weight_kg",)
    rest = judge(pack, "one", read_facts({"weight_kg": 70}), tables=criteria.reference_tables(), as_of=TODAY)
    assert rest.outcome == "meets"


def test_bounds_on_one_side_come_down_to_the_strictest():
    assert together(["a<=3", "b=x", "a<=2", "a>=1", "a>=0.5"]) == ("a<=2", "b=x", "a>=1")


def test_an_order_is_taken_at_its_bound_or_just_beyond_an_open_one():
    taken = order_at(["dose_total_g>100", "course_days=2", "dose_total_g<=120", "severity=mild", "weight_kg<50"])
    assert {name: str(value) for name, value in taken.items()} == {
        "dose_total_g": "120", "course_days": "2", "weight_kg": "49.99",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("require", "facts", "terms"),
    [
        ({"months_on_therapy": {"at_least": 3}}, {"months_on_therapy": 1}, [["months_on_therapy>=3"]]),
        ({"months_on_therapy": {"above": 3, "below": 6}}, {"months_on_therapy": 1},
         [["months_on_therapy>3", "months_on_therapy<6"]]),
        ({"not": {"months_on_therapy": {"at_least": 3, "at_most": 6}}}, {"months_on_therapy": 4},
         [["months_on_therapy<3"], ["months_on_therapy>6"]]),
        ({"months_on_therapy": 3}, {"months_on_therapy": 4}, [["months_on_therapy=3"]]),
        ({"not": {"months_on_therapy": 3}}, {"months_on_therapy": 3},
         [["months_on_therapy<3"], ["months_on_therapy>3"]]),
        ({"max_infusion_rate_ml_per_kg_min": {"at_most": "5 mL/kg/h"}}, {"max_infusion_rate_ml_per_kg_min": "0.1"},
         [["max_infusion_rate_ml_per_kg_min<=0.08333333333333333333333333333"]]),
        ({"severity": ["mild", "moderate"]}, {"severity": "severe"}, [["severity=mild"], ["severity=moderate"]]),
        ({"willing_to_inject": True}, {"willing_to_inject": False}, [["willing_to_inject=true"]]),
    ],
)  # fmt: skip
def test_a_fact_is_offered_with_the_whole_range_that_would_do(require, facts, terms):
    assert offered(require, changeable=[*facts], **facts) == terms


def test_many_ways_to_meet_are_thinned_out_on_the_way(monkeypatch):
    monkeypatch.setattr("utilization.rules.diagram.changes.MOST_COMPARED", 1)
    unknown = {"count": {"of": [{"diabetes": True}, {"severity": "mild"}, {"willing_to_inject": True}], "at_least": 2}}
    assert offered(unknown, changeable=["severity", "willing_to_inject"]) == [
        ["severity=mild", "willing_to_inject=true"]
    ]


def test_a_fact_is_not_offered_the_value_that_it_has():
    """A comparison with a number that is never asked for stays open, and the other number need not change for it."""
    falls = {"change": {"from": "first_score", "to": "last_score", "falls_by": 1}}
    clauses = [
        {"require": {"diabetes": True}},
        {"require": {"diabetes": False}, "when": {"surely": falls}},
        {"require": {"not": {"last_score": {"at_least": 1, "below": 2}}}},
    ]
    text = {
        "pack": {"name": "made", "version": "1", "title": "Made up"}, "changeable": ["last_score", "diabetes"],
        "facts": [{"name": name, "type": "dec", "label": name} for name in ("first_score", "last_score")],
        "indications": [{"code": "one", "name": "one"}],
        "criteria": [{"indication": "one", "clauses": [
            {"id": f"c{n}", "says": "x", "local": "x", "otherwise": "does_not_meet", **clause}
            for n, clause in enumerate(clauses)
        ]}],
    }  # fmt: skip
    pack = read_pack({"made.yaml": json.dumps(text)})
    facts = read_facts({"last_score": 0, "diabetes": False}, catalogue=pack.catalogue)
    assert judge(pack, "one", facts, tables=criteria.reference_tables(), as_of=TODAY).would_meet_if == (
        ("diabetes=true",),
    )


def test_the_very_number_counts_before_a_bound_in_whatever_order_they_stand():
    for terms in (["course_days<=2", "course_days=1"], ["course_days=1", "course_days<=2"]):
        assert order_at(terms) == {"course_days": 1}
