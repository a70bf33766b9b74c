"""How fast one judgement is, against a plain hand-written function for the same indication, in one run.

    python bench/judge.py

The plain function answers one indication (CIDP) with the outcome alone: two-valued, no trace, no dose plan, no
questions. The judgement gives all of that from criteria kept as data.
"""

import statistics
import sys
import time
from datetime import date
from decimal import Decimal
from itertools import cycle, islice
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from utilization import library
from utilization.rules.facts import read_facts
from utilization.rules.judging import judge

TODAY = date(2026, 11, 21)
CASES = [
    {"age_years": 58, "sex": "male", "weight_kg": 82, "height_cm": 175, "dose_total_g_per_kg": 2, "course_days": 5},
    {"age_years": 58, "dose_total_g_per_kg": "2.4"},
    {"age_years": 12, "dose_total_g_per_kg": 2},
    {"request_type": "renewal", "age_years": 44, "dose_total_g_per_kg": 1, "response": "worse"},
    {
        "request_type": "renewal", "age_years": 44, "dose_total_g_per_kg": 1, "response": "stable",
        "response_documented": True,
    },
    {"age_years": 58, "route": "sc", "dose_total_g_per_kg": 1},
]  # fmt: skip


def plain(facts):
    """The outcome of a CIDP request whose facts are all known, as one would write it by hand."""
    renewal = facts.get("request_type") == "renewal"
    if renewal and facts["response"] in ("worse", "no_response"):
        return "does_not_meet"
    if (
        (renewal and not facts["response_documented"])
        or facts["age_years"] < 18
        or facts["dose_total_g_per_kg"] > Decimal(2)
        or facts.get("route", "iv") != "iv"
    ):
        return "exception_review"
    return "meets"


def rate(call, rounds):
    """Calls a second over all cases."""
    cases = [read_facts(case) for case in CASES]
    started = time.perf_counter()
    for facts in islice(cycle(cases), rounds):
        call(facts)
    return rounds / (time.perf_counter() - started)


def main():
    pack, shelf = library.builtin_pack(), library.shelf()

    def judged(facts):
        return judge(pack, "cidp", facts, shelf=shelf, as_of=TODAY)

    for case in CASES:
        facts = read_facts(case)
        if judged(facts).outcome != plain(facts):
            sys.exit(f"the two disagree on {case}")
    ratios = []
    for _ in range(5):
        slow, fast = rate(judged, 600), rate(plain, 200_000)
        ratios.append(slow / fast)
        print(f"judge {slow:10,.0f} a second   plain {fast:12,.0f} a second   ratio {slow / fast:.6f}")
    print(f"median ratio {statistics.median(ratios):.6f}")


if __name__ == "__main__":
    main()
