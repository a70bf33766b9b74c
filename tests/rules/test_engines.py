"""One meaning: the diagram and the naive judge agree on made-up packs and cases.

A few hundred cases here; `python -m bench.engines` tries as many thousands as one likes.
"""

import re
from decimal import Decimal
from itertools import product

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from tests.examples import at_most
from tests.rules.packs import cases, domain, orders, rest_of_order
from tests.rules.reference import (
    MEETS,
    all_answers,
    asked_for,
    clauses_of,
    judge_complete,
    judge_naively,
    redirected,
    table,
)
from utilization import criteria
from utilization.rules.facts.values import BadInput
from utilization.rules.judging.judge import judge
from utilization.rules.language.outcomes import Outcome

MOST_CHANGES = 6000
few = settings(
    max_examples=at_most(120), deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)


def judged(case, **more):
    return judge(
        case.pack, case.indication, {**case.facts, **more}, tables=criteria.reference_tables(), as_of=case.as_of
    )


def check_outcome_and_questions(case):
    """What the judge says is what trying every completion says."""
    outcome, matter = judge_naively(case)
    result = judged(case)
    assert result.outcome.value == outcome
    assert set(result.questions) == matter
    assert len(set(result.questions)) == len(result.questions)


def check_questions_suffice(case, data):
    """Answering every question decides, whatever the answers; leaving any one out can leave it open."""
    result = judged(case)
    if not result.questions:
        return
    judged_as, facts = redirected(case)
    names, outcome = table(clauses_of(case, judged_as), facts, case.as_of)
    every = {name: _values(case, facts, name) for name in names}
    answers = {name: data.draw(st.sampled_from(every[name]), label=name) for name in result.questions}
    after = judged(case, **answers)
    lists = {"values", "events"} & set(answers)
    if after.judged_as == judged_as and not lists:
        assert not after.questions
    if case.pack.redirects or case.pack.defaults:
        return
    for place, name in enumerate(names):
        if name in result.questions:
            rest = _witness(place, outcome)
            left_out = {
                other: every[other][n] for other, n in zip([*names[:place], *names[place + 1 :]], rest, strict=True)
            }
            assert judged(case, **left_out).questions == (name,)


def _values(case, facts, name):
    return all_answers(name, facts, case.as_of)


def _witness(place, outcomes):
    """Answers to all but one question, after which it alone decides."""
    by_rest = {}
    for places, outcome in outcomes.items():
        rest = places[:place] + places[place + 1 :]
        by_rest.setdefault(rest, set()).add(outcome)
        if len(by_rest[rest]) > 1:
            return rest
    raise AssertionError("a question that never decides")


def check_alternatives(case):
    """Each way offered meets, none of its changes can be left out, and where there is a way one is offered."""
    assume(not case.pack.redirects and not case.pack.defaults)
    result = judged(case)
    if result.outcome is Outcome.MEETS:
        assert result.would_meet_if == ()
        return
    for terms in result.would_meet_if[:6]:
        changes = _applied(terms, case.as_of)
        assert judged(case, **changes).outcome is Outcome.MEETS, terms
        for left_out in changes:
            rest = {name: value for name, value in changes.items() if name != left_out}
            assert judged(case, **rest).outcome is not Outcome.MEETS, terms
    indication = case.pack.indications[result.judged_as]
    changeable = set(case.pack.changeable)
    offered = {
        name for variable in indication.variables if set(variable.facts) <= changeable for name in variable.facts
    }
    assert bool(result.would_meet_if) == _mendable(case, clauses_of(case, result.judged_as), offered)


def _applied(terms, as_of):
    """A value of its domain for every fact that the terms name."""
    wanted = {}
    for term in terms:
        sign = next(sign for sign in ("<=", ">=", "<", ">", "=") if sign in term)
        name, value = term.split(sign)
        wanted.setdefault(name, []).append((sign, value))
    return {name: _fitting(name, tests, as_of) for name, tests in wanted.items()}


def _fitting(name, tests, as_of):
    """A value that is tried, else the very number that is offered."""
    fitting = [value for value in domain(name, as_of) if all(_fits(value, *test) for test in tests)]
    return fitting[0] if fitting else next(Decimal(value) for sign, value in tests if sign == "=")


def _fits(value, sign, bound):
    if isinstance(value, bool | str):
        return (str(value).lower() if isinstance(value, bool) else value) == bound
    number = type(value)(bound) if sign == "=" else float(bound)
    return {"=": value == number, "<=": value <= number, ">=": value >= number, "<": value < number,
            ">": value > number}[sign]  # fmt: skip


def _mendable(case, clauses, changeable):
    _, facts = redirected(case)
    names = [name for name in asked_for(clauses) if name in changeable]
    rest = {name: value for name, value in facts.items() if name not in names}
    fixed = [name for name in asked_for(clauses) if name not in names]
    others = {name: _values(case, facts, name) for name in fixed}
    ways = 1
    for values in (*others.values(), *(domain(name, case.as_of) for name in names)):
        ways *= len(values)
    assume(ways <= MOST_CHANGES)
    for changes in product(*(domain(name, case.as_of) for name in names)):
        with_changes = {**rest, **dict(zip(names, changes, strict=True))}
        completions = product(*others.values())
        outcomes = (
            judge_complete(clauses, {**with_changes, **dict(zip(fixed, completion, strict=True))})
            for completion in completions
        )
        if all(outcome in (MEETS, None) for outcome in outcomes):
            return True
    return False


def check_order_decided(case, data):
    """Of an order in part unknown: a known outcome is that of each completion, and the questions' answers decide."""
    try:
        result = judged(case)
    except BadInput:
        return
    rest = data.draw(rest_of_order(case), label="rest")
    try:
        whole = judged(case, **rest)
    except BadInput:
        return
    if whole.outcome is Outcome.NEEDS_INFORMATION:
        # The pack asks for the dose as a fact in one way of writing it, and it was written in another.
        assert whole.questions == ("dose_total_g_per_kg",)
        return
    if result.outcome is not Outcome.NEEDS_INFORMATION:
        assert whole.outcome is result.outcome
        return
    assert result.questions
    answers = {name: value for name, value in rest.items() if name in result.questions}
    # A dose that is asked for in one way and drawn in another is answered by what was drawn, with all that it needs.
    if any(name.startswith("dose_") for name in result.questions):
        answers |= {name: value for name, value in rest.items() if name.startswith("dose_") or name == "course_days"}
    after = judged(case, **answers)
    assert after.outcome in (whole.outcome, Outcome.NEEDS_INFORMATION)
    if {name for name in result.questions if name.startswith("dose_")} <= set(answers):
        assert after.outcome is whole.outcome


@few
@given(cases(most=600))
def test_outcome_and_questions_are_those_of_every_completion(case):
    check_outcome_and_questions(case)


@few
@given(cases(most=300), st.data())
def test_questions_decide_together_and_none_can_be_dropped(case, data):
    check_questions_suffice(case, data)


@few
@given(cases(most=300))
def test_what_would_meet_meets_and_nothing_of_it_can_be_left_out(case):
    check_alternatives(case)


@few
@given(orders(), st.data())
def test_an_order_is_decided_early_only_as_it_is_decided_late(case, data):
    check_order_decided(case, data)


def check_order_alternatives(case):
    """Each way offered to change an order, taken at its bound, meets, and none of its changes can be left out."""
    try:
        result = judged(case)
    except BadInput:
        return
    for terms in result.would_meet_if[:6]:
        changes = dict(_at_bound(term) for term in terms)
        after = _ordered(case, changes)
        assert after is None or after.outcome is Outcome.MEETS, terms
        for left_out in changes:
            rest = {name: value for name, value in changes.items() if name != left_out}
            after = _ordered(case, rest)
            assert after is None or after.outcome is not Outcome.MEETS, terms


def _at_bound(term):
    """The change that a term asks for at the least, to the hundredth."""
    name, sign, value = re.split("(<=|>=|=|<|>)", term)
    return name, Decimal(value) + {">": Decimal("0.01"), "<": Decimal("-0.01")}.get(sign, Decimal(0))


def _ordered(case, changes):
    """The judgement of the order changed; None where the rest of the order contradicts the change."""
    try:
        return judged(case, **changes)
    except BadInput:
        return None


@few
@given(orders())
def test_what_would_mend_an_order_does_mend_it(case):
    check_order_alternatives(case)
