"""Fields of entries that are held against each other: what is unknown is asked for, and nothing is decided before."""

from datetime import date
from itertools import product

import pytest

from tests.rules.leaf_parts import Leaf
from tests.rules.test_leaves import SHELF, _read
from utilization.rules.facts.values import read_facts
from utilization.rules.judging.judge import judge
from utilization.rules.language.variables import variables_of

DAY = date(2026, 6, 30)
TWO_LOW = {"levels": {"where": {"got": {"below": {"fact": "lower"}}}, "at_least": 2}}


def judged(condition, facts):
    pack = _read(Leaf(condition, {}, DAY).text())
    return judge(pack, "thing", read_facts(facts, catalogue=pack.catalogue), shelf=SHELF, as_of=DAY)


@pytest.mark.parametrize("gap", [{"lower": "4"}, {"got": "4"}, {}])
def test_a_field_that_an_entry_lacks_is_asked_for(gap):
    result = judged(TWO_LOW, {"levels": [{"got": "3", "lower": "4"}, gap]})
    assert (result.outcome, result.questions) == ("needs_information", ("levels",))


def test_a_list_that_can_no_longer_turn_out_otherwise_is_not_asked_for():
    least = {"levels": {"where": {"got": {"at_least": {"fact": "lower"}, "below": "2 g/L"}}}}
    assert judged(least, {"levels": [{"lower": "3"}]}).outcome == "exception_review"
    assert judged(least, {"levels": [{"lower": "1"}]}).outcome == "needs_information"


def _ways(*conditions):
    pack = _read(Leaf({"any": list(conditions)}, {}, DAY).text())
    [variable] = variables_of(pack.indications["thing"].clauses, pack.catalogue)
    return {way.truths for way in variable.ways({})}


def test_an_unknown_list_is_supposed_in_every_way_in_which_its_tests_can_differ():
    at_least_3, below = {"got": {"at_least": "3 g/L"}}, {"got": {"below": {"fact": "lower"}}}
    tests = [{"levels": {"where": where}} for where in (at_least_3, below, {**below, **at_least_3})]
    tests[2]["levels"]["where"] = {"got": {**below["got"], **at_least_3["got"]}}
    # An entry with both makes each of them hold.
    expected = {ways for ways in product((True, False), repeat=3) if not ways[2] or (ways[0] and ways[1])}
    assert _ways(*tests) == expected
