"""The checker: it finds what cannot be meant, at its place, and finds nothing in the packs that are good."""

import random

import pytest

from utilization import criteria
from utilization.rules.diagram import growth
from utilization.rules.judging.pack_checks import Problem, can_hold, problems, remarks
from utilization.rules.packs.conditions import Reader
from utilization.rules.packs.reader import read_pack
from utilization.rules.yaml_lines import read_yaml

PACKS = criteria.FIXTURES / "criteria"

HEAD = """\
pack: {name: small, version: "1", title: A small pack, language: 2}
facts: [{name: seen_on, type: date, label: Seen on}]
indications: [{code: thing, name: Thing}, {code: other, name: Other}]
"""
OTHER = "  - {indication: other, clauses: [{id: a, says: A., require: always, local: x}]}\n"


def pack(text):
    return read_pack({"head.yaml": HEAD, "x.yaml": text})


def clause(require="always", when="always", more=""):
    return (
        "criteria:\n  - indication: thing\n    clauses:\n"
        f"      - {{id: it, says: It., when: {when}, require: {require}, otherwise: exception_review, local: x}}\n"
        + more + OTHER
    )  # fmt: skip


def found(text):
    return [str(problem) for problem in problems(pack(text))]


@pytest.mark.parametrize("name", sorted(path.name for path in PACKS.iterdir()))
def test_the_packs_that_come_with_the_product_hold_no_problem(name):
    for version in criteria.versions_at(PACKS / name):
        assert problems(version) == []


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ("always", True),
        ("never", False),
        ("{severity: mild, not: {severity: [mild, severe]}}", False),
        ("{not: {severity: [mild, moderate, severe, crisis]}}", False),
        ("{any: [never, {diabetes: true}]}", True),
        ("{count: {of: [{diabetes: true}, {not: {diabetes: true}}], at_least: 2}}", False),
        ("{count: {of: [{diabetes: true}, {not: {diabetes: true}}], exactly: 1}}", True),
        ("{age_years: {at_least: 200}}", False),
        ("{age_years: {above: 119}}", True),
        ("{courses_given: {above: 2, below: 3}}", False),
        ("{all: [{age_years: {below: 18}}, {age_years: {at_least: 18}}]}", False),
        ("{dose: {at_least: 2 g/kg, per: course}, not: {dose: {at_least: 1 g/kg, per: course}}}", False),
        ("{dose_within_ceiling: [true, false]}", True),
        # What counts only when known can be known or not, whatever else is.
        ("{surely: {diabetes: true}, not: {surely: {heart_failure: true}}}", True),
        ("{surely: {diabetes: true}, diabetes: false}", False),
        ("{not: {surely: {any: [{diabetes: true}, {diabetes: false}]}}}", True),
        # Texts, of which some words contain others.
        ("{specialist: {mentions: [neurologist]}, not: {specialist: stated}}", False),
        ("{specialist: a, not: {specialist: {mentions: [a]}}}", False),
        ("{all: [" + ", ".join(f"{{specialist: {{mentions: [w{n}]}}}}" for n in range(5)) + "]}", True),
        ("{specialist: {mentions: [" + ", ".join(f"w{n}" for n in range(13)) + "]}}", True),
        # Lists: free, but where no entry can fit.
        ("{infections: {at_least: 900}}", True),
        ("{infections: {where: {severity: minor, not: {severity: minor}}}}", False),
        ("{infections: {where: {severity: minor, not: {severity: minor}}, at_most: 2}}", True),
        ("{infections: {latest: never}}", False),
        ("{infections: {at_least: 2}, not: {infections: {at_least: 2}}}", False),
        ("{disability_scores: {trend: rising, last: 3}}", True),
        ("{disability_scores: {change: {rises_by: 1}}}", True),
        ("{prior_courses: {sum: g_per_kg, at_most: 4}}", True),
        # Two numbers held against each other.
        ("{change: {from: baseline_score, to: current_score, rises_by: 1}, baseline_score: {above: 9999}}", True),
        ("{baseline_score: {below: {fact: current_score}}, current_score: 4}", True),
        # Dates, of which the request's may be any.
        ("{seen_on: {within: 2 months, at_least_ago: 1 months}}", True),
        ("{seen_on: {from: 2026-01-01}, not: {seen_on: {from: 2025-01-01}}}", False),
        ("{all: [{seen_on: {from: 2090-01-01}}, {seen_on: {within: 2 months}}]}", True),
    ],
)
def test_whether_facts_can_make_a_condition_hold(condition, holds):
    read = pack(clause(condition)).indications["thing"].clauses[0].require
    assert can_hold(read, pack(clause()).catalogue) is holds


def test_what_it_says_can_hold_agrees_with_every_completion():
    """By the way that is obviously right: every value of every fact tried, on random conditions over few facts."""
    values = {"severity": ["mild", "severe"], "diabetes": [True, False], "courses_given": [0, 1, 2, 3]}
    pick = random.Random(7)

    def written(depth):
        kind = pick.choice(["all", "any", "not", "count", "fact", "fact"]) if depth else "fact"
        if kind in ("all", "any"):
            return f"{{{kind}: [{written(depth - 1)}, {written(depth - 1)}]}}"
        if kind == "not":
            return f"{{not: {written(depth - 1)}}}"
        if kind == "count":
            return f"{{count: {{of: [{written(depth - 1)}, {written(depth - 1)}], exactly: {pick.choice([0, 1, 2])}}}}}"
        facts = ["severity: mild", "severity: [moderate, severe, crisis]", "diabetes: true", "courses_given: 2"]
        return "{" + pick.choice([*facts, "courses_given: {above: 1}", "courses_given: {below: 1}"]) + "}"

    answers = set()
    for _ in range(400):
        condition = Reader().condition(read_yaml(written(3), "x"))
        tried = [
            condition.truth({"severity": one, "diabetes": other, "courses_given": number})
            for one in values["severity"] for other in values["diabetes"] for number in values["courses_given"]
        ]  # fmt: skip
        assert can_hold(condition) is (True in tried)
        answers.add(True in tried)
    assert answers == {True, False}


CODE, NAME_IT = ": expected a code of the pack", "To show that the pack is silent, name it in not_covered"
CORRECT = "Correct one, or put it under not_supported"
NEVER_APPLIES = "thing.it: never applies: no facts make its 'when' hold. Correct 'when', or leave the clause out"


def test_what_takes_more_steps_than_any_policy_needs_is_no_problem(monkeypatch):
    pairs = ", ".join(f"{{{fact}: true}}, {{{fact}: false}}" for fact in ("diabetes", "heart_failure", "iga_deficient"))
    impossible = Reader().condition(read_yaml(f"{{count: {{of: [{pairs}], at_least: 4}}}}", "x"))
    assert can_hold(impossible) is False
    monkeypatch.setattr(growth, "MOST_STEPS", 3)
    assert can_hold(impossible) is True


NO_FACTS = "no facts make its 'when' hold. Correct 'when', or leave it out"
NEVER_MET = (
    "thing.it: can never be met: where it applies, no facts make its 'require' hold. Correct it, or write "
    "'require: never' if that is meant"
)
NEVER_FAILS = (
    "thing.it: never fails: where it applies, its 'require' always holds. Correct it, or write 'require: always' if it"
    " is there to be read only"
)


@pytest.mark.parametrize(
    ("when", "require", "says"),
    [
        ("never", "{diabetes: true}", NEVER_APPLIES),
        ("{severity: mild}", "{severity: severe}", NEVER_MET),
        ("{severity: mild}", "{any: [{diabetes: true}, {severity: mild}]}", NEVER_FAILS),
        ("always", "{age_years: {at_least: 0}}", NEVER_FAILS),
        ("always", "never", None),
        ("always", "always", None),
        ("{severity: mild}", "{diabetes: true}", None),
        # Ontario's calculator: asks that something is known, without asking for it.
        ("{surely: {dose_total_g: {above: 0 g}}}", "{surely: {sex: [female, male]}}", None),
    ],
)
def test_a_clause_that_cannot_be_meant(when, require, says):
    expected = [] if says is None else [f"x.yaml:4: criteria[0].clauses[0]: {says}"]
    assert found(clause(require, when)) == expected


def test_a_clause_of_a_group_is_named_where_the_group_writes_it():
    text = (
        "fragments:\n  - id: group\n    clauses:\n"
        "      - {id: it, says: It., require: {age_years: {at_least: 0}}, otherwise: exception_review, local: x}\n"
        "criteria:\n  - {indication: thing, clauses: [{use: group}]}\n" + OTHER
    )
    assert found(text) == [f"x.yaml:4: fragments[0].clauses[0]: {NEVER_FAILS}"]


def test_an_indication_whose_clauses_exclude_each_other_names_the_fewest():
    text = """\
criteria:
  - indication: thing
    otherwise: exception_review
    clauses:
      - {id: read, says: A., require: always, local: x}
      - {id: heart, says: A., require: {heart_failure: false}, local: x}
      - {id: sugar, says: A., require: {diabetes: true}, local: x}
      - {id: young, says: A., require: {age_years: {below: 18}}, local: x}
      - {id: warn, says: A., require: {age_years: {above: 90}}, otherwise: warning, warns: weak_evidence, local: x}
      - {id: old, says: A., when: {diabetes: true}, require: {age_years: {at_least: 18}}, local: x}
"""
    assert found(text + OTHER) == [
        "x.yaml:2: criteria[0]: thing can never meet: thing.sugar, thing.young, thing.old exclude each other. "
        + CORRECT
    ]
    # With a clause that says so, it is meant.
    assert found(text + "      - {id: no, says: No., require: never, local: x}\n" + OTHER) == []


def test_a_use_that_is_not_supported_is_meant_never_to_meet():
    assert (
        found("not_supported: [{code: bad, name: Bad, standing: do_not_use, says: No., local: x}]\n" + clause()) == []
    )


def test_a_ceiling_that_is_never_known():
    says = "reads dose_within_ceiling, which is never known here: write 'dose: {ceiling: 2 g/kg}' at the indication"
    assert found(clause("{dose_within_ceiling: true}")) == [f"x.yaml:4: criteria[0].clauses[0]: thing.it: {says}"]
    assert found("dosing: {ceiling: 2 g/kg}\n" + clause("{dose_within_ceiling: true}")) == []


def test_caps_warnings_and_defaults_that_never_hold():
    caps = "    caps:\n      - {id: year, says: Year., at_most: 12 months, when: never, local: x}\n"
    warnings = "warnings:\n  - {code: weak_evidence, when: never, says: Weak., local: x}\n"
    defaults = "defaults:\n  - {fact: route, value: iv, when: {severity: mild, not: {severity: mild}}, says: x}\n"
    assert found(clause(more=caps) + warnings + defaults) == [
        f"x.yaml:6: criteria[0].caps[0]: thing.year: never applies: {NO_FACTS}",
        f"x.yaml:9: warnings[0]: is never raised: {NO_FACTS}",
        f"x.yaml:11: defaults[0]: is never used: {NO_FACTS}",
    ]


MILD, ANY = "{severity: mild}", "{severity: [mild, severe]}"


@pytest.mark.parametrize(
    ("redirects", "says"),
    [
        ([("thing", MILD, "other")], None),
        ([("thing", "never", "other")], "no facts make its 'when' hold. Correct 'when', or leave it out"),
        ([("thing", MILD, "thing")], "it leads from no other indication to thing. Name those that it leads from"),
        ([("", MILD, "other")], "it leads from no other indication to other. Name those that it leads from"),
        (
            [("thing", ANY, "other"), ("thing", MILD, "other")],
            "one before it is taken wherever it would hold. Put it first, or leave it out",
        ),
        ([("thing", MILD, "other"), ("thing", ANY, "other")], None),
        ([("other", ANY, "thing"), ("thing", MILD, "other")], None),
        # The first is not taken while a fact that it reads besides is unknown.
        ([("thing", "{any: [{severity: mild}, {diabetes: true}]}", "other"), ("thing", MILD, "other")], None),
    ],
)
def test_a_redirect_that_never_happens(redirects, says):
    lines = "".join(
        f"  - {{indications: [{source}], when: {when}, to: {to}, says: x}}\n" for source, when, to in redirects
    )
    place = len(redirects) - 1
    expected = [] if says is None else [f"x.yaml:{2 + place}: redirects[{place}]: never happens: {says}"]
    assert found("redirects:\n" + lines + clause()) == expected


def test_an_example_of_an_unknown_indication():
    text = clause() + "not_covered: [{code: acne, name: Acne}]\nexamples:\n"
    text += "".join(
        f"  - {{indication: {code}, says: x, facts: {{}}, expect: {{outcome: meets}}}}\n"
        for code in ("thing", "acne", "thign", "zzz")
    )
    assert found(text) == [
        f"x.yaml:10: examples[2].indication: unknown indication 'thign'{CODE}; did you mean thing?",
        f"x.yaml:11: examples[3].indication: unknown indication 'zzz'{CODE}. {NAME_IT}",
    ]


UNUSED = """\
conditions:
  - {id: used, is: {use: inner}}
  - {id: inner, is: {surely: {done: true}}}
  - {id: idle, is: {severity: mild}}
fragments:
  - {id: shared, says: A., require: {use: used}, otherwise: exception_review, evidence: [S-1]}
  - {id: spare, says: A., require: always, evidence: [S-2]}
facts:
  - {name: done, type: bool, label: Done}
  - {name: never_read, type: bool, label: Never read}
sources:
  - {id: S, short: S, authors: A, title: T, kind: k, published: p, year: 2000}
  - {id: T, short: S, authors: A, title: T, kind: k, published: p, year: 2000}
statements:
  - {id: S-1, source: S, says: x, where: y, strength: weak, effect: info}
  - {id: S-3, source: S, says: x, where: y, strength: weak, effect: info}
  - {id: S-2, source: S, says: x, where: y, strength: weak, effect: info}
criteria:
  - {indication: thing, clauses: [{use: shared}]}
"""


def test_what_nothing_uses_is_a_remark_and_no_problem():
    read = pack(UNUSED + OTHER)
    assert problems(read) == []
    assert [str(remark) for remark in remarks(read)] == [
        "x.yaml:4: conditions[2].id: idle is used by nothing",
        "x.yaml:7: fragments[1].id: spare is used by nothing",
        "head.yaml:2: facts[0].name: seen_on is used by nothing",
        "x.yaml:10: facts[1].name: never_read is used by nothing",
        "x.yaml:16: statements[1].id: S-3 is used by nothing",
        "x.yaml:13: sources[1].id: T is used by nothing",
    ]


def test_a_problem_is_told_in_one_line():
    assert str(Problem("a.yaml", 3, "x[0]", "no")) == "a.yaml:3: x[0]: no"
