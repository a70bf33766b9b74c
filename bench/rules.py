"""How fast one request is judged: with the trace of every node, and whole, against peers in one run.

    python -m bench.rules                          without the peer
    pip install --target /tmp/zen zen-engine==2.1.3
    PYTHONPATH=/tmp/zen python -m bench.rules      with it

Two tables of interleaved rounds, medians. `plain` is a function written by hand for the same criteria: two-valued, with
the outcome alone, ending at the first criterion that decides.

1. A tree like that of CIDP (12 tests under all, any, not and at least 2 of 5, over 40 facts of which 6 % are unknown):
   each clause's result in Kleene's logic, and the outcome by the diagram; the peer is zen-engine with its trace.
2. The whole `judge()` of the built-in pack: outcome, questions, warnings and route; then with what is worked out when
   it is first read as well: findings, the plan of the dose, what would meet.

What is measured is the time of the processor, so that others on the machine do not count.

Before anything is timed the outcomes are held against each other where they are known; a disagreement ends the run.
"""

import json
import os
import random
import statistics
import sys
import time
from datetime import date
from decimal import Decimal
from itertools import cycle, islice

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

import django

django.setup()

# ruff: noqa: E402 - criteria are kept in tables too, so Django must be set up before they are read
from bench import usage
from utilization import criteria
from utilization.rules.diagram.restriction import restricted
from utilization.rules.facts.values import read_facts
from utilization.rules.judging.judge import judge
from utilization.rules.language.outcomes import Outcome
from utilization.rules.packs.reader import read_pack

try:
    import zen
except ImportError:
    zen = None

ROUNDS = 7
TODAY = date(2026, 11, 21)
SIGNS = [f"sign_{n}" for n in range(1, 6)]
OTHERS = [f"other_{n}" for n in range(1, 29)]
TREE = f"""
pack: {{name: bench, version: "1", title: A tree like that of CIDP}}
facts:
{"".join(f"  - {{name: {name}, type: bool, label: {name}}}{chr(10)}" for name in [*SIGNS, *OTHERS])}
indications: [{{code: cidp, name: CIDP}}]
criteria:
  - indication: cidp
    clauses:
      - id: confirmed
        says: It has lasted for 8 weeks and is confirmed.
        require: {{all: [{{days_since_onset: {{at_least: 56 days}}}}, {{electrodiagnostic_confirmed: true}}]}}
        otherwise: does_not_meet
        local: A tree to measure by.
      - id: signs
        says: There are two of five signs.
        require: {{count: {{of: [{", ".join(f"{{{name}: true}}" for name in SIGNS)}], at_least: 2}}}}
        otherwise: does_not_meet
        local: A tree to measure by.
      - id: another
        says: It is no other neuropathy.
        require: {{not: {{any: [{{paraprotein_type: igm}}, {{anti_mag_antibody: positive}}]}}}}
        otherwise: does_not_meet
        local: A tree to measure by.
      - id: line
        says: Steroids or plasma exchange have failed.
        require: {{tried_without_success: [prior_corticosteroids, prior_plasma_exchange]}}
        otherwise: exception_review
        local: A tree to measure by.
      - id: dose
        says: The course is at most 2 g/kg.
        require: {{dose_total_g_per_kg: {{at_most: 2}}}}
        otherwise: exception_review
        local: A tree to measure by.
"""
FAILED = ("failed", "intolerant", "contraindicated")
PRIOR = [*FAILED, "not_tried", "declined"]
CHOICES = {
    "days_since_onset": [10, 56, 90, 200, 400],
    "electrodiagnostic_confirmed": [True, True, True, False],
    "paraprotein_type": ["none", "none", "igg", "iga", "igm"],
    "anti_mag_antibody": ["negative", "negative", "positive"],
    "prior_corticosteroids": PRIOR,
    "prior_plasma_exchange": PRIOR,
    "dose_total_g_per_kg": [Decimal(1), Decimal(2), Decimal("2.4")],
    **{name: [True, False] for name in [*SIGNS, *OTHERS]},
}
WHOLE = [
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


def requests(count):
    """Random requests over the 40 facts, 6 % of them unknown, as JSON would hold them and as facts."""
    dice = random.Random(20261121)
    cases = []
    for _ in range(count):
        cases.append({name: dice.choice(of) for name, of in CHOICES.items() if dice.random() >= 0.06})
    return cases


def plain(facts):
    """The outcome as one would write it by hand; what is unknown counts as not so."""
    get = facts.get
    if (get("days_since_onset") or 0) < 56 or not get("electrodiagnostic_confirmed"):
        return "does_not_meet"
    signs = 0
    for name in SIGNS:
        if get(name):
            signs += 1
    if signs < 2 or get("paraprotein_type") == "igm" or get("anti_mag_antibody") == "positive":
        return "does_not_meet"
    if get("prior_corticosteroids") not in FAILED and get("prior_plasma_exchange") not in FAILED:
        return "exception_review"
    dose = get("dose_total_g_per_kg")
    return "meets" if dose is not None and dose <= 2 else "exception_review"


def plain_whole(facts):
    """The outcome of a request for CIDP by the built-in pack whose facts are all known, as written by hand."""
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


def peer():
    """zen-engine on the same tree, as one node of expressions, with guards for what is unknown."""
    tried = "['failed', 'intolerant', 'contraindicated']"
    written = {
        "t1": "days_since_onset != null and days_since_onset >= 56",
        "t2": "electrodiagnostic_confirmed == true",
        **{f"s{n}": f"{name} == true" for n, name in enumerate(SIGNS)},
        "t8": "paraprotein_type == 'igm'",
        "t9": "anti_mag_antibody == 'positive'",
        "t10": f"prior_corticosteroids != null and prior_corticosteroids in {tried}",
        "t11": f"prior_plasma_exchange != null and prior_plasma_exchange in {tried}",
        "t12": "dose_total_g_per_kg != null and dose_total_g_per_kg <= 2",
        "confirmed": "$.t1 and $.t2",
        "signs": "len(filter([$.s0, $.s1, $.s2, $.s3, $.s4], #)) >= 2",
        "another": "not ($.t8 or $.t9)",
        "line": "$.t10 or $.t11",
        "outcome": "$.confirmed and $.signs and $.another ? ($.line and $.t12 ? 'meets' : 'exception_review')"
        " : 'does_not_meet'",
    }
    expressions = [{"id": key, "key": key, "value": value} for key, value in written.items()]
    place = {"position": {"x": 0, "y": 0}}
    graph = {
        "nodes": [
            {"id": "in", "type": "inputNode", "name": "in", **place},
            {"id": "tree", "type": "expressionNode", "name": "tree", "content": {"expressions": expressions}, **place},
            {"id": "out", "type": "outputNode", "name": "out", **place},
        ],
        "edges": [
            {"id": "1", "sourceId": "in", "targetId": "tree", "type": "edge"},
            {"id": "2", "sourceId": "tree", "targetId": "out", "type": "edge"},
        ],
    }
    decision = zen.ZenEngine().create_decision(json.dumps(graph))
    return lambda facts: decision.evaluate(facts, {"trace": True})


def traced(indication):
    """A function from facts to each clause's result, and the outcome where the facts decide it."""

    def trace(facts):
        results = [(clause.when.truth(facts), clause.require.truth(facts)) for clause in indication.clauses]
        return results, restricted(indication.diagram, facts, dict)

    return trace


def check(trace, rows, asked):
    """The outcome, where it is known, is that of the function and of the peer."""
    known = 0
    for facts, plainly in zip(rows, asked or rows, strict=True):
        outcome = trace(facts)[1]
        if not isinstance(outcome, Outcome):
            continue
        known += 1
        if outcome != plain(facts) or (asked and outcome != asked_outcome(plainly)):
            sys.exit(f"the outcomes differ: {facts}")
    print(f"{len(rows)} requests, {known} with a known outcome: every outcome equal")


def rate(call, cases, count):
    """Calls a second over all cases."""
    started = time.process_time()
    for facts in islice(cycle(cases), count):
        call(facts)
    return count / (time.process_time() - started)


def table(title, ways):
    """Interleaved rounds of (name, call, cases, count), the last of which is the measure."""
    seconds_by = {name: [] for name, *_ in ways}
    for _ in range(ROUNDS):
        for name, call, cases, count in ways:
            seconds_by[name].append(rate(call, cases, count))
    print(f"\n{title}")
    measure = ways[-1][0]
    for name, rates in seconds_by.items():
        ratios = [rate / other for rate, other in zip(rates, seconds_by[measure], strict=True)]
        print(f"  {name:28} {statistics.median(rates):12,.0f} a second   {statistics.median(ratios):10.5f} x {measure}")
    return {name: statistics.median(rates) for name, rates in seconds_by.items()}


def asked_outcome(facts):
    return ENGINE(facts)["result"]["outcome"]


ENGINE = peer() if zen else None


def main():
    tree = read_pack({"tree.yaml": TREE})
    trace = traced(tree.indications["cidp"])
    drawn = requests(2000)
    rows = [read_facts(row, catalogue=tree.catalogue) for row in drawn]
    rows = [dict(facts) for facts in rows]
    asked = [{name: row.get(name) if not isinstance(row.get(name), Decimal) else float(row[name]) for name in CHOICES}
             for row in drawn]  # fmt: skip
    check(trace, rows, asked if zen else None)
    ways = [("clauses and diagram", trace, rows, 20_000), ("plain", plain, rows, 120_000)]
    if zen:
        ways.insert(0, ("zen-engine with trace", ENGINE, asked, 1500))
    rates = table("Each clause's result and the outcome", ways)
    if zen:
        print(f"  the judge's way is {rates['clauses and diagram'] / rates['zen-engine with trace']:,.0f} x zen-engine")
    else:
        print("  zen-engine is not installed and was left out; the head of this file says how to install it")
    pack, tables = criteria.builtin_pack(), criteria.reference_tables()

    def judged(facts):
        return judge(pack, "cidp", facts, tables=tables, as_of=TODAY)

    def read_whole(facts):
        judgement = judged(facts)
        return judgement.findings, judgement.dose, judgement.would_meet_if

    cases = [read_facts(case) for case in WHOLE]
    for facts in cases:
        if judged(facts).outcome != Outcome(plain_whole(facts)):
            sys.exit(f"the two disagree on {facts}")
    ways = [
        ("judge()", judged, cases, 600),
        ("judge() that meets", judged, [cases[0], cases[4]], 600),
        ("judge(), all of it read", read_whole, cases, 600),
    ]
    table("A whole judgement by the built-in pack", [*ways, ("plain", plain_whole, cases, 200_000)])


if __name__ == "__main__":
    usage(__doc__)
    main()
