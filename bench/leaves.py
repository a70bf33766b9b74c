"""Whether every test of the criteria language means what the manual says, on as many made-up ones as one likes.

    python -m bench.leaves             2,000 of each kind, the seeds 1
    python -m bench.leaves 20000       20,000 of each kind
    python -m bench.leaves 20000 7     from another seed

The naive truth of tests/rules/naive_truth.py, written from the manual alone, is held against what reading the pack and
judging the facts come to. A disagreement is printed as the smallest leaf that shows it, and the run ends with 1.
"""

import os
import sys
import time

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

import django

django.setup()

# ruff: noqa: E402 - criteria are kept in tables too, so Django must be set up before they are read

from hypothesis import HealthCheck, given, seed, settings

from bench import usage
from tests.rules.leaf_cases import KINDS
from tests.rules.naive_truth import truth
from tests.rules.test_leaves import check_leaf


def run(leaves, count, seeded):
    """(how many were judged, how many were refused, {truth: how many}, the disagreement or "")."""
    judged, refused, said = 0, 0, {True: 0, False: 0, None: 0}

    @seed(seeded)
    @settings(max_examples=count, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(leaves)
    def each(leaf):
        nonlocal judged, refused
        if check_leaf(leaf):
            judged += 1
            said[truth(leaf.condition, leaf.facts, leaf.setting())] += 1
        else:
            refused += 1

    try:
        each()
    except Exception as error:
        return judged, refused, said, f"{type(error).__name__}: {error}"
    return judged, refused, said, ""


def main():
    count, seeded = (int(sys.argv[n]) if len(sys.argv) > n else default for n, default in ((1, 2000), (2, 1)))
    wrong = 0
    for kind, leaves in KINDS.items():
        started = time.perf_counter()
        judged, refused, said, disagreement = run(leaves, count, seeded)
        answers = f"true {said[True]:,}, false {said[False]:,}, unknown {said[None]:,}"
        took = f"{time.perf_counter() - started:4.0f} s"
        print(f"{kind:12} {judged:8,} judged, {refused:6,} refused, {answers}, {took}", flush=True)
        if disagreement:
            print(f"    DISAGREES: {disagreement}", flush=True)
            wrong += 1
    return wrong


if __name__ == "__main__":
    usage(__doc__)
    sys.exit(min(main(), 1))
