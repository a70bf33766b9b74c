"""Worked examples: judged with the facts of the pack and as of their own date; they may expect an approval's months."""

from datetime import date

import pytest

from utilization import criteria
from utilization.rules.judging.examples import check_examples
from utilization.rules.packs.reader import read_pack

PACK = """\
pack: {name: small, version: "1", title: T}
facts: [{name: own_fact, type: bool, label: Own}]
indications: [{code: thing, name: Thing}]
criteria:
  - indication: thing
    clauses:
      - id: low
        says: IgG was low within 3 months.
        require: {igg_measurements: {where: {g_per_l: {below: 4 g/L}}, within: 3 months}, own_fact: true}
        otherwise: does_not_meet
        local: x
    caps: [{id: year, says: A year., at_most: 1 years, local: x}]
examples:
  - indication: thing
    says: It was low in January of 2020.
    as_of: 2020-02-01
    facts: {igg_measurements: [{date: 2020-01-05, g_per_l: 3}], own_fact: true}
    expect: {outcome: meets, authorization_months: 12}
  - {indication: thing, says: Never., facts: {own_fact: false}, expect: {outcome: does_not_meet}}
  - {indication: thing, says: Unknown., facts: {}, expect: {outcome: needs_information, questions: [igg_measurements, own_fact]}}
"""  # noqa: E501 - the text whole, as it is read


def said(text):
    return check_examples(read_pack({"x.yaml": text}), criteria.reference_tables(), date(2026, 6, 30))


def test_they_hold_on_every_day():
    assert said(PACK) == []


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("as_of: 2020-02-01", "as_of: 2020-06-01", "expected outcome meets, got does_not_meet"),
        ("authorization_months: 12", "authorization_months: 6", "expected authorization_months 6, got 12"),
        ("as_of: 2020-02-01", "as_of: 2020-01-01", "facts.igg_measurements[0].date: 2020-01-05 is after the date of"),
    ],
)
def test_a_wrong_one_is_told_at_its_line(old, new, says):
    [line, *_] = said(PACK.replace(old, new))
    assert line.startswith(f"x.yaml:14: thing: It was low in January of 2020.: {says}")


ONE_LINE = "facts: {igg_measurements: [{date: 2020-01-05, g_per_l: 3}], own_fact: true}"
LINES = "facts:\n      own_fact: 7\n      igg_measurements:\n        - date: 2020-01-05\n          g_per_l: low"
TWO_OF_ONE = ONE_LINE.replace("own_fact: true", "own_fact: true,\n      igg_g_per_l: 3, igg_mg_per_dl: 900")
MISSPELT = "facts.igg_mesurements: unknown fact 'igg_mesurements': expected a name of the vocabulary; did you mean"
OTHERWISE = "facts.igg_mg_per_dl: contradicts igg_g_per_l: 900 mg/dL is 9 g/L, not 3; give one of them"


@pytest.mark.parametrize(
    ("new", "told"),
    [
        (ONE_LINE.replace("igg_mea", "igg_me"), [(17, f"{MISSPELT} igg_measurements?")]),
        (LINES, [(18, "facts.own_fact: expected true or false, got 7"),
                 (21, "facts.igg_measurements[0].g_per_l: expected a number [g/L], got 'low'")]),
        (TWO_OF_ONE, [(18, OTHERWISE)]),
    ],
)  # fmt: skip
def test_a_fact_that_cannot_be_read_is_told_at_its_own_line(new, told):
    named = "thing: It was low in January of 2020."
    assert said(PACK.replace(ONE_LINE, new)) == [f"x.yaml:{line}: {named}: {fault}" for line, fault in told]


def test_what_was_expected_and_did_not_come_is_said_in_words():
    assert said(PACK.replace("expect: {outcome: meets,", "expect: {outcome: meets, authorization_courses: 2,")) == [
        "x.yaml:14: thing: It was low in January of 2020.: expected authorization_courses 2, got nothing"
    ]


def test_a_duty_is_named_by_its_sentence_and_a_fault_says_so():
    duty = "    duties: [{id: outcome, says: Record the outcome., local: x}]\nexamples:"
    by_id = PACK.replace("examples:", duty).replace("{outcome: meets,", "{outcome: meets, duties: [outcome],")
    [line] = said(by_id)
    told = "expected duties outcome, got Record the outcome.: an example names each by its whole sentence"
    assert line == f"x.yaml:15: thing: It was low in January of 2020.: {told}"
    assert said(by_id.replace("duties: [outcome]", "duties: [Record the outcome.]")) == []
