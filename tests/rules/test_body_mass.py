"""The body mass index in conditions: what is asked for, what turns out together, and packs with a fact of that name."""

import json
from datetime import date
from fractions import Fraction

import pytest

from tests.rules.leaf_parts import Leaf
from tests.rules.test_leaves import TABLES, _read
from utilization.rules.facts.values import read_facts
from utilization.rules.judging.judge import judge
from utilization.rules.language.composites import in_words
from utilization.rules.language.variables import variables_of

DAY = date(2026, 6, 30)
HEAVY = {"bmi": {"at_least": 30}}


def judged(condition, facts):
    pack = _read(Leaf(condition, {}, DAY).text())
    return judge(pack, "thing", read_facts(facts, catalogue=pack.catalogue), tables=TABLES, as_of=DAY)


@pytest.mark.parametrize(("facts", "asked"), [
    ({}, {"weight_kg", "height_cm"}),
    ({"weight_kg": "86.7"}, {"height_cm"}),
    ({"height_cm": "170"}, {"weight_kg"}),
])  # fmt: skip
def test_weight_and_height_are_asked_for_where_they_are_not_known(facts, asked):
    result = judged(HEAVY, facts)
    assert (result.outcome, set(result.questions)) == ("needs_information", asked)


def test_it_is_asked_for_beside_limits_of_the_weight_only_where_it_can_decide():
    # Nobody of 50 kg who is 170 cm tall has an index of 20.
    light = {"all": [{"bmi": {"above": 20}}, {"weight_kg": {"below": 50}}]}
    assert judged(light, {"height_cm": "170"}).outcome == "exception_review"
    assert judged(light, {"height_cm": "150"}).questions == ("weight_kg",)


def _truths(tests, known):
    pack = _read(Leaf({"any": tests}, {}, DAY).text())
    [variable] = [v for v in variables_of(pack.indications["thing"].clauses, pack.catalogue) if "weight_kg" in v.facts]
    return {way.truths: way.values for way in variable.ways(known)}


@pytest.mark.parametrize("known", [{}, {"height_cm": Fraction(170)}])
def test_every_way_to_lie_between_bounds_is_supposed_up_to_their_very_edge(known):
    ways = _truths([HEAVY, {"bmi": {"above": 35}}], known)
    assert set(ways) == {(True, True), (True, False), (False, False)}
    below = [values for values in ways[False, False] if values["height_cm"] == 170]
    assert not known or max(values["weight_kg"] for values in below) > 86.69


@pytest.mark.parametrize(
    "bound", ["-5", "0", "0.0000000000000000000000000000000000001", "9999999999999999999999999999999999"]
)
def test_a_bound_that_nobody_comes_near_is_decided_without_asking(bound):
    assert judged({"bmi": {"above": bound}}, {}).outcome == ("exception_review" if bound[0] == "9" else "meets")


def test_it_is_said_with_its_unit():
    pack = _read(Leaf({"bmi": {"above": 27.5, "at_most": 40}}, {}, DAY).text())
    said = in_words(pack.indications["thing"].clauses[0].require).text
    assert said == "Body mass index: above 27.5 and at most 40 kg/m2"


def test_a_pack_that_has_a_fact_of_that_name_means_its_own():
    made = json.loads(Leaf(HEAVY, {}, DAY).text())
    made["facts"].append({"name": "bmi", "type": "dec", "label": "Index"})
    pack = _read(json.dumps(made))
    facts = read_facts({"bmi": 29, "weight_kg": 100, "height_cm": 150}, catalogue=pack.catalogue)
    assert judge(pack, "thing", facts, tables=TABLES, as_of=DAY).outcome == "exception_review"
