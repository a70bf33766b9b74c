"""Every test of the criteria language, read and judged, is what the manual says: held against `naive_truth`, which
was written from the manual and shares nothing with the rules.

A few hundred of each kind here; `python -m bench.leaves` tries as many as one likes.
"""

from functools import lru_cache

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.examples import at_most
from tests.rules.leaf_cases import KINDS
from tests.rules.naive_completions import in_every_way
from tests.rules.naive_truth import given_by, truth
from utilization import criteria
from utilization.rules.facts.values import BadInput, read_facts
from utilization.rules.judging.judge import judge
from utilization.rules.packs.reader import read_pack

TABLES = criteria.reference_tables()
SAID = {"met": True, "not_met": False, "unknown": None}
few = settings(max_examples=at_most(60), deadline=None, suppress_health_check=list(HealthCheck))
some = settings(max_examples=at_most(400), deadline=None, suppress_health_check=list(HealthCheck))


@lru_cache(maxsize=1000)
def _read(text):
    return read_pack({"made.yaml": text})


def read_truth(leaf):
    """What the rules say of a leaf: True, False or None. Raises BadInput where the facts contradict each other."""
    pack = _read(leaf.text())
    facts = read_facts(leaf.facts, catalogue=pack.catalogue)
    result = judge(pack, "thing", facts, tables=TABLES, as_of=leaf.as_of)
    [finding] = [finding for finding in result.findings if finding.id == "thing.it"]
    return SAID[finding.result]


def check_leaf(leaf):
    """Whether the leaf could be judged. Raises AssertionError where reading and naive truth differ."""
    try:
        found = read_truth(leaf)
    except BadInput:
        return False
    assert found is truth(leaf.condition, leaf.facts, leaf.setting()), (found, leaf)
    if found is not None and _is_of_a_list(leaf):
        [(name, test)] = leaf.condition.items()
        case = given_by(leaf.facts, leaf.setting())
        whole = in_every_way(test, leaf.facts[name], leaf.setting().fields(name), leaf.as_of, case, leaf.edition)
        assert found is whole, (found, whole, leaf)
    return True


def _is_of_a_list(leaf):
    [name] = leaf.condition if len(leaf.condition) == 1 and leaf.condition not in ("always", "never") else [""]
    return name in leaf.facts and isinstance(leaf.facts[name], list)


@pytest.mark.parametrize("kind", KINDS)
@some
@given(data=st.data())
def test_a_condition_means_what_the_manual_says(kind, data):
    check_leaf(data.draw(KINDS[kind]))


OF_BOTH_EDITIONS = sorted(kind for kind in KINDS if not kind.startswith(("texts", "tried")))


@pytest.mark.parametrize("kind", OF_BOTH_EDITIONS)
@few
@given(data=st.data())
def test_what_the_manual_gives_no_edition_means_the_same_in_both(kind, data):
    leaf = data.draw(KINDS[kind])
    leaf.edition = 2
    check_leaf(leaf)
