"""Whether the judge says what trying every completion says, on as many made-up packs and cases as one likes.

    python -m bench.engines            3,000 of each kind, with other cases each time
    python -m bench.engines 20000      20,000 of each kind

The five checks are those of tests/rules/test_engines.py: outcome and questions against the naive judge, questions that
suffice and of which none can be dropped, changes that meet and of which none can be left out, orders in part unknown,
and changes of orders. A disagreement ends the run with the smallest case that shows it.
"""

import os
import sys
import time

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

import django

django.setup()

# ruff: noqa: E402 - criteria are kept in tables too, so Django must be set up before they are read
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bench import usage
from tests.rules import test_engines as checks
from tests.rules.packs import cases, orders

KINDS = {
    "outcome and questions": (checks.check_outcome_and_questions, [cases()]),
    "questions suffice, none too many": (checks.check_questions_suffice, [cases(most=600), st.data()]),
    "changes meet, none too many": (checks.check_alternatives, [cases(most=400)]),
    "orders in part unknown": (checks.check_order_decided, [orders(), st.data()]),
    "changes of orders meet": (checks.check_order_alternatives, [orders()]),
}


def run(check, drawn, count):
    """How many cases were tried. Raises AssertionError at a disagreement."""
    tried = []

    @settings(max_examples=count, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(st.tuples(*drawn))
    def one(values):
        tried.append(1)
        check(*values)

    one()
    return len(tried)


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 3000
    for name, (check, drawn) in KINDS.items():
        started = time.perf_counter()
        tried = run(check, drawn, count)
        print(f"{name:34} {tried:8,} cases, 0 disagreements, {time.perf_counter() - started:6.0f} s", flush=True)


if __name__ == "__main__":
    usage(__doc__)
    main()
