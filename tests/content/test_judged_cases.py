"""The built-in pack against cases worked out by hand from the reading of the evidence, a table in judged_cases.yaml."""

from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from utilization import criteria
from utilization.rules.facts.values import read_facts
from utilization.rules.judging.judge import judge
from utilization.rules.yaml_lines import read_yaml

TABLE = Path(__file__).with_name("judged_cases.yaml")
DAY = date(2026, 11, 21)
OUTCOMES = {
    "meets": "meets", "denies": "does_not_meet", "review": "exception_review", "open": "needs_information",
}  # fmt: skip
STATES = {"questions", "warns", "silent", "judged_as", "ways", "clock", "approvals", "dose"}


@cache
def rules() -> list[dict[str, Any]]:
    return list(read_yaml(TABLE.read_text("utf-8"), TABLE.name).plain()["rules"])


def cases() -> list[Any]:
    """Every case with the facts that its rule begins with; a fact given as null is taken away."""
    rows = []
    for rule in rules():
        for number, (outcome, indication, facts, *more) in enumerate(rule["cases"], start=1):
            given = rule.get("given", {}) | facts
            known = {name: value for name, value in given.items() if value is not None}
            stated = more[0] if more else {}
            rows.append(pytest.param(outcome, indication, known, stated, id=f"{rule['id']}-{number}"))
    return rows


@pytest.mark.parametrize(("outcome", "indication", "facts", "stated"), cases())
def test_a_case_comes_to_what_the_reading_says(outcome, indication, facts, stated):
    assert set(stated) <= STATES
    pack = criteria.builtin_pack()
    read = read_facts(facts, catalogue=pack.catalogue)
    result = judge(pack, indication, read, tables=criteria.reference_tables(), as_of=DAY).as_dict()
    plan = stated.get("dose", {})
    assert (result["dose"] if plan is None else {name: result["dose"][name] for name in plan}) == plan
    assert result["outcome"] == OUTCOMES[outcome]
    assert sorted(result["questions"]) == sorted(stated.get("questions", result["questions"]))
    assert result["judged_as"] == stated.get("judged_as", result["judged_as"])
    assert sorted(result["would_meet_if"]) == sorted(stated.get("ways", result["would_meet_if"]))
    assert set(stated.get("warns", ())) <= set(result["warnings"])
    assert not set(stated.get("silent", ())) & set(result["warnings"])
    assert result["route"]["clock_hours"] == stated.get("clock", result["route"]["clock_hours"])
    assert result["route"]["approvals"] == stated.get("approvals", result["route"]["approvals"])


@pytest.mark.parametrize(("facts", "hours"), [({"severity": "crisis"}, 24), ({"severity": "moderate"}, 72)])
def test_a_declared_emergency_shortens_the_clock_and_changes_nothing_else(facts, hours):
    read = read_facts(facts | {"age_years": 40, "dose_total_g_per_kg": 2, "prior_corticosteroids": "failed"})
    calm, urgent = (
        judge(
            criteria.builtin_pack(), "mg", read, tables=criteria.reference_tables(), as_of=DAY, emergency=declared
        ).as_dict()
        for declared in (False, True)
    )
    assert (calm["route"].pop("clock_hours"), urgent["route"].pop("clock_hours")) == (hours, 24)
    assert calm["route"].pop("approvals") == urgent["route"].pop("approvals")
    del calm["route"], urgent["route"]
    assert calm == urgent


def test_every_covered_indication_comes_to_every_outcome_that_it_can():
    """Each that can be met is met somewhere in the table; each is denied or reviewed somewhere."""
    seen: dict[str, set[str]] = {}
    for case in cases():
        outcome, indication, *_ = case.values
        seen.setdefault(indication, set()).add(outcome)
    seven = {"cidp", "mmn", "mg", "lems", "dermatomyositis", "stiff_person", "ms"}
    assert {code for code, outcomes in seen.items() if outcomes == set(OUTCOMES)} == seven
    assert set(criteria.builtin_pack().indications) <= set(seen)
    assert len(cases()) >= 200
