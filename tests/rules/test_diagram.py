"""The diagram of an indication: what clauses come to together, what a case leaves of it, and that it stays small."""

import gc
import json
import re
import sys
import time
from datetime import date
from itertools import product

import pytest

from tests.rules.packs import OWN
from utilization import criteria
from utilization.rules.diagram import changes, growth, supposition
from utilization.rules.diagram.growth import MOST_POINTS, grow
from utilization.rules.diagram.questions import leaves
from utilization.rules.diagram.restriction import restricted
from utilization.rules.facts.values import read_facts
from utilization.rules.judging.judge import judge
from utilization.rules.language import list_classes
from utilization.rules.language.composites import AllOf, Always, CountOf, Not, Surely
from utilization.rules.language.entry_count import Entries
from utilization.rules.language.one_of import IsOneOf
from utilization.rules.language.outcomes import Outcome
from utilization.rules.language.variables import variables_of
from utilization.rules.language.within import IsWithin
from utilization.rules.packs.pack import Clause
from utilization.rules.packs.reader import read_pack
from utilization.rules.yaml_lines import PackError

TODAY = date(2026, 11, 21)
DENY, REVIEW, MEETS = Outcome.DOES_NOT_MEET, Outcome.EXCEPTION_REVIEW, Outcome.MEETS
ORDERED = """
pack: {name: made, version: "1", title: Made up}
indications: [{code: one, name: one}]
dosing: {ceiling: 2 g/kg, weight_rule: actual}
criteria:
  - indication: one
    clauses:
      - {id: heavy, says: x, local: x, otherwise: exception_review, require: {weight_kg: {at_least: 40 kg}}}
      - {id: most, says: x, local: x, otherwise: does_not_meet, require: {dose_within_ceiling: true}}
"""
YES, NO = IsOneOf("yes", frozenset({True})), IsOneOf("no", frozenset({False}))


def clause(require, when=None, otherwise=DENY):
    return Clause("c", "x", Always(True) if when is None else when, require, otherwise)


def left(clauses, facts, catalogue=None):
    """The outcomes that known facts leave."""
    diagram = grow(clauses, variables_of(clauses, catalogue or {}))
    return set(leaves(restricted(diagram, facts, lambda values: {})))


def test_what_denies_goes_before_what_calls_for_review():
    both = [clause(YES, otherwise=REVIEW), clause(NO)]
    assert left(both, {"yes": False, "no": True}) == {DENY}
    assert left(both, {"yes": False, "no": False}) == {REVIEW}
    assert left(both, {"yes": True, "no": False}) == {MEETS}
    assert left(both, {"yes": False}) == {DENY, REVIEW}
    assert left(both, {"no": False}) == {REVIEW, MEETS}


@pytest.mark.parametrize("under", [
    Surely(YES), Not(Surely(Not(YES))), AllOf((Surely(YES),)), CountOf((Surely(YES), Always(False)), 1),
])  # fmt: skip
def test_what_counts_only_when_known_is_not_decided_while_it_is_asked_for(under):
    asked = clause(YES, otherwise=REVIEW)
    assert left([clause(under), asked], {}) == {DENY, MEETS}
    assert left([clause(under)], {}) == ({MEETS} if isinstance(under, Not) else {DENY})


def test_a_clause_that_only_warns_decides_nothing_and_asks_nothing():
    warning = clause(YES, otherwise=None)
    assert left([warning], {}) == {MEETS}
    assert left([warning, clause(Surely(YES))], {}) == {DENY}


def test_a_fact_stands_in_the_diagram_exactly_when_it_can_make_a_difference():
    needless = [clause(YES), clause(YES, when=NO)]
    diagram = grow(needless, variables_of(needless, {}))
    assert len(diagram.points) == 1
    for facts in ({"yes": yes, "no": no} for yes, no in product((True, False), repeat=2)):
        assert restricted(diagram, facts, dict) is (MEETS if facts["yes"] else DENY)


def test_a_number_beyond_what_the_vocabulary_allows_is_judged_as_it_stands():
    """A request that was filed when the vocabulary allowed more is judged again."""
    catalogue = criteria.builtin_pack().catalogue
    old = [clause(IsWithin("age_years", 18, 500)), clause(Not(IsWithin("age_years", 400)))]
    assert left(old, {}, catalogue) == {DENY, MEETS}
    assert left(old, {"age_years": 300}, catalogue) == {MEETS}
    assert left(old, {"age_years": 450}, catalogue) == {DENY}
    assert left(old, {"age_years": 600}, catalogue) == {DENY}
    other = [clause(IsOneOf("severity", frozenset({"mild"})), when=Not(IsOneOf("severity", frozenset({"severe"}))))]
    assert left(other, {"severity": "said otherwise"}, catalogue) == {DENY}


# --- That it stays small --------------------------------------------------------------------------------------------


def yes_no(count, letter):
    return [{"name": f"{letter}{n}", "type": "bool", "label": f"{letter}{n}"} for n in range(count)]


def text_of(requires, own, changeable=()):
    clauses = [{"id": f"c{n}", "says": "x", "local": "x", "otherwise": "does_not_meet", "require": require}
               for n, require in enumerate(requires)]  # fmt: skip
    lines = [f"      - {json.dumps(clause)}" for clause in clauses]
    head = {"pack": {"name": "made", "version": "1", "title": "Made up"}, "facts": own,
            "indications": [{"code": "one", "name": "one"}], "changeable": list(changeable)}  # fmt: skip
    written = [f"{key}: {json.dumps(value)}" for key, value in head.items()]
    return "\n".join([*written, "criteria:", "  - indication: one", "    clauses:", *lines, ""])


SECONDS = 4 if sys.gettrace() is None else 10
"""Of work, at most; more where every line is counted, which costs more than the work."""


def timed(call):
    """(result, seconds of the processor), without looking through what other tests left in memory."""
    gc.disable()
    try:
        started = time.process_time()
        return call(), time.process_time() - started
    finally:
        gc.enable()


def any_then_pairs(n):
    """Any of x1..xn, before any of (xi and yi): of 2 to the power of n points in the order in which they are read."""
    pairs = [{"all": [{f"x{i}": True}, {f"y{i}": True}]} for i in range(n)]
    return [{"any": [{f"x{i}": True} for i in range(n)]}, {"any": pairs}]


@pytest.mark.parametrize("n", [8, 12, 18, 60])
def test_what_is_read_together_stands_together_where_the_order_of_reading_grows_too_large(n):
    own = yes_no(n, "x") + yes_no(n, "y")
    pack, took = timed(
        lambda: read_pack({"x.yaml": text_of(any_then_pairs(n), own, [clause["name"] for clause in own])})
    )
    assert len(pack.indications["one"].diagram.points) <= MOST_POINTS
    judged, after = timed(lambda: judge(pack, "one", {}, tables=criteria.reference_tables(), as_of=TODAY))
    assert judged.outcome == "needs_information"
    assert set(judged.questions) == {clause["name"] for clause in own}
    assert took < SECONDS
    assert after < SECONDS


def tangled(n):
    """Pairs of the same facts, taken two ways at once."""
    other = [{"all": [{f"x{i}": True}, {f"y{(i * 7 + 3) % n}": False}]} for i in range(n)]
    return [*any_then_pairs(n), {"any": other}]


@pytest.mark.parametrize(
    ("requires", "own", "says"),
    [
        (tangled(18), yes_no(18, "x") + yes_no(18, "y"),
         "one.c1, one.c2: what they ask for together turns out in too many ways."),
        ([{"count": {"of": [{f"x{i}": True} for i in range(100)], "at_least": 50}}], yes_no(100, "x"),
         "one.c0: what they ask for together turns out in too many ways."),
        ([{f"x{i}": True} for i in range(201)], yes_no(201, "x"), "they read 201 tests, expected at most 200."),
        ([{"change": {"from": f"s{i}", "to": f"s{i + 1}", "falls_by": i + 1}} for i in range(8)]
         + [{f"s{i}": {"above": 7 * j}} for i in range(9) for j in range(3)],
         [{"name": f"s{i}", "type": "dec", "label": "s", "possible": [0, 100]} for i in range(9)],
         "what is asked of s0, s1, s2, s3, s4, s5, s6, s7, s8 turns out in more ways than can be tried."),
        ([{"events": {"where": {"bad": True}, "at_least": i + 1}} for i in range(9)], OWN,
         "9 tests of events, expected at most 8."),
    ],
)  # fmt: skip
def test_a_diagram_that_grows_too_large_is_refused_when_the_pack_is_read(requires, own, says):
    def read():
        with pytest.raises(PackError) as refused:
            read_pack({"x.yaml": text_of(requires, own)})
        return str(refused.value)

    told, took = timed(read)
    assert re.match(r"x\.yaml:\d+: one\.c\d+", told)
    assert says in told
    assert took < SECONDS


def test_where_lists_are_too_many_to_try_a_fact_is_asked_for_and_nothing_decided(monkeypatch):
    """No entry is above 2 and none of those at least 2: known at once, unless the search is given up."""
    above = {"values": {"where": {"value": {"above": 2}}}}
    none = {"not": {"values": {"where": {"value": {"at_least": 2}}}}}
    text = text_of([above, none], OWN)
    assert (
        judge(read_pack({"x.yaml": text}), "one", {}, tables=criteria.reference_tables(), as_of=TODAY).outcome is DENY
    )
    monkeypatch.setattr(list_classes, "MOST_TESTED", 3)
    assert judge(read_pack({"x.yaml": text}), "one", {}, tables=criteria.reference_tables(), as_of=TODAY).questions == (
        "values",
    )


def test_changes_that_are_too_many_to_compare_are_offered_in_part():
    own = yes_no(40, "x")
    half = {"count": {"of": [{clause["name"]: True} for clause in own], "at_least": 20}}
    pack = read_pack({"x.yaml": text_of([half], own, [clause["name"] for clause in own])})
    judged, took = timed(lambda: judge(pack, "one", {}, tables=criteria.reference_tables(), as_of=TODAY))
    assert took < SECONDS
    assert judged.would_meet_if
    for terms in judged.would_meet_if:
        assert len(terms) == 20
        after = judge(
            pack, "one", {term.split("=")[0]: True for term in terms}, tables=criteria.reference_tables(), as_of=TODAY
        )
        assert after.outcome is MEETS


def test_few_changes_are_the_same_however_few_are_kept(monkeypatch):
    own = yes_no(3, "x")
    two = {"count": {"of": [{clause["name"]: True} for clause in own], "at_least": 2}}
    pack = read_pack({"x.yaml": text_of([two], own, [clause["name"] for clause in own])})
    every = judge(pack, "one", {}, tables=criteria.reference_tables(), as_of=TODAY).would_meet_if
    monkeypatch.setattr(changes, "MOST_COMPARED", 0)
    assert judge(pack, "one", {}, tables=criteria.reference_tables(), as_of=TODAY).would_meet_if == every
    assert len(every) == 3


@pytest.mark.parametrize("name", criteria.shipped_packs())
def test_the_packs_that_come_with_the_product_stay_far_below_the_bound(name):
    pack = criteria.pack_at(criteria.shipped_packs()[name])
    assert max(len(indication.diagram.points) for indication in pack.indications.values()) <= MOST_POINTS // 4


def test_questions_that_decide_alike_stand_as_they_are_read():
    """A pack's own facts have no place in the vocabulary: the order of reading decides, in every process alike."""
    own = OWN[:3]
    text = text_of([{"yes_3": True}, {"yes_1": True}, {"yes_2": True}], own)
    judged = judge(read_pack({"x.yaml": text}), "one", {}, tables=criteria.reference_tables(), as_of=TODAY)
    assert judged.questions == ("yes_3", "yes_1", "yes_2")


def test_a_diagram_of_more_points_than_are_allowed_is_refused(monkeypatch):
    both = [clause(YES, otherwise=REVIEW), clause(NO)]
    points = len(grow(both, variables_of(both, {})).points)
    monkeypatch.setattr(growth, "MOST_POINTS", points)
    grow(both, variables_of(both, {}))
    monkeypatch.setattr(growth, "MOST_POINTS", points - 1)
    with pytest.raises(growth.TooLarge) as refused:
        grow(both, variables_of(both, {}))
    assert refused.value.why == f"their decision diagram has {points} points, expected at most {points - 1}"


def test_beyond_so_many_suppositions_a_fact_is_asked_for_and_nothing_is_decided_otherwise(monkeypatch):
    pack = read_pack({"a.yaml": ORDERED})
    facts = read_facts({"dose_total_g": 140})

    def asked():
        result = judge(pack, "one", facts, tables=criteria.reference_tables(), as_of=TODAY)
        assert result.outcome is Outcome.NEEDS_INFORMATION
        return set(result.questions)

    before = asked()
    monkeypatch.setattr(supposition, "_MOST_VIEWS", 0)
    assert before <= asked()


def test_a_list_that_may_hold_any_number_of_entries_is_not_asked_for():
    """`at_least: 0` holds of every list, and looking for one of which it does not ends."""
    none_needed = Entries("igg_measurements", Always(True), low=0)
    whole = [clause(none_needed)]
    catalogue = criteria.builtin_pack().catalogue
    assert [way.truths for way in variables_of(whole, catalogue)[0].ways({})] == [(True,)]
    assert left(whole, {}, catalogue) == {MEETS}
