"""The judge against the naive one: the same outcome, the same questions, and changes offered that do meet."""

from datetime import date
from decimal import Decimal
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.examples import at_most
from tests.rules.oracle import DEPENDS_ON, VALUES, judge_naively
from utilization import criteria
from utilization.rules.facts.catalogue import CATALOGUE
from utilization.rules.facts.values import read_facts
from utilization.rules.judging.judge import judge

TODAY = date(2026, 11, 21)
MOST_UNKNOWN = 5


def judged(indication, facts):
    return judge(
        criteria.builtin_pack(), indication, read_facts(facts), tables=criteria.reference_tables(), as_of=TODAY
    )


@st.composite
def cases(draw):
    """An indication with facts of which at most `MOST_UNKNOWN` that matter are unknown, so that all can be tried."""
    indication = draw(st.sampled_from(sorted(DEPENDS_ON)))
    names = [*DEPENDS_ON[indication], "route", "request_type"]
    unknown = draw(st.sets(st.sampled_from(names), max_size=MOST_UNKNOWN))
    known = {name: draw(st.sampled_from(VALUES[name])) for name in names if name not in unknown}
    if indication in ("anti_mag_neuropathy", "igm_paraprotein_neuropathy"):
        known["paraprotein_type"] = "igm"
    return indication, known


@settings(max_examples=at_most(1500), deadline=None)
@given(cases())
def test_outcome_and_questions_are_those_of_every_completion(case):
    indication, known = case
    outcome, matter = judge_naively(indication, known)
    result = judged(indication, known)
    assert result.outcome == outcome
    assert set(result.questions) == matter


@settings(max_examples=at_most(400), deadline=None)
@given(cases())
def test_each_alternative_meets_and_none_of_its_changes_can_be_left_out(case):
    indication, known = case
    result = judged(indication, known)
    for terms in result.would_meet_if:
        changes = dict(_change(term) for term in terms)
        assert judged(indication, {**known, **changes}).outcome == "meets"
        for left_out in changes:
            rest = {name: value for name, value in changes.items() if name != left_out}
            assert judged(indication, {**known, **rest}).outcome != "meets"


@settings(max_examples=at_most(400), deadline=None)
@given(cases())
def test_a_request_that_changes_could_mend_is_told_how(case):
    indication, known = case
    result = judged(indication, known)
    changeable = set(criteria.builtin_pack().changeable) | {"dose_total_g_per_kg"}
    fixed = {name for name in DEPENDS_ON[indication] if name not in known and name not in changeable}
    if result.outcome == "meets" or fixed:
        return
    assert bool(result.would_meet_if) == _mendable(indication, known, changeable)


def _mendable(indication, known, changeable):

    open_names = [n for n in (*DEPENDS_ON[indication], "route") if n in changeable]
    return any(
        judged(indication, {**known, **dict(zip(open_names, values, strict=True))}).outcome == "meets"
        for values in product(*(_coarse(n) for n in open_names))
    )


def _coarse(name):
    # One failed and one untried therapy stand for all five answers, to keep the search small.
    return ("failed", "not_tried") if len(VALUES[name]) == 5 and "failed" in VALUES[name] else VALUES[name]


def _change(term):
    name, value = term.replace("<=", "=").split("=")
    if value in ("true", "false"):
        return name, value == "true"
    return name, Decimal(value) if CATALOGUE[name].kind == "dec" else value


@pytest.mark.parametrize("indication", sorted(DEPENDS_ON))
def test_the_oracle_knows_every_indication_of_the_pack(indication):
    assert indication in criteria.builtin_pack().indications
    assert len(DEPENDS_ON) == len(criteria.builtin_pack().indications)
