"""A text that leaves a criterion open is told, with what to write instead: nobody is asked again without a why."""

from datetime import date

import pytest

from tests.spec.building import whole_pack
from utilization import criteria
from utilization.rules.facts.values import read_facts
from utilization.rules.judging.judge import judge

CLAUSES = """
criteria:
  - indication: thing
    clauses:
      - {id: a, says: A., local: x, otherwise: does_not_meet, require: {specialist: {mentions: [neurologist]}}}
      - {id: b, says: B., local: x, otherwise: does_not_meet, require: {tried: {any: [rituximab]}}}
"""


def told(**facts):
    pack = whole_pack(CLAUSES)
    read = read_facts(facts, catalogue=pack.catalogue)
    result = judge(pack, "thing", read, tables=criteria.reference_tables(), as_of=date(2026, 6, 30))
    return {finding.id: finding.text for finding in result.findings if finding.id.startswith("unclear.")}


def tried(*texts):
    return [{"therapy": text, "outcome": "failed"} for text in texts]


def test_a_text_that_can_be_read_both_ways_is_told():
    (said,) = told(specialist="Referred by a neurologist").items()
    assert said[0] == "unclear.specialist"
    assert said[1].startswith("Specialist, “Referred by a neurologist”: it can be read both ways. Write plainly")


def test_each_therapy_that_is_not_known_is_told_once():
    (said,) = told(prior_therapies=tried("Solu-Something", "Solu-Something", "azathioprine")).items()
    assert said == (
        "unclear.prior_therapies",
        "Earlier treatments, “Solu-Something”: not known which therapy it is. Write its usual name, one to a row.",
    )


@pytest.mark.parametrize("facts", [
    {},
    {"specialist": "Dr. A, neurologist", "prior_therapies": tried("Solu-Something", "rituximab")},
    {"specialist": "immunologist", "prior_therapies": tried("azathioprine")},
    {"specialist": "immunologist", "prior_therapies": []},
])  # fmt: skip
def test_what_is_clear_or_decides_nothing_is_not_told(facts):
    assert told(**facts) == {}


def test_a_class_of_which_the_list_names_nothing_is_told():
    told_of = told(prior_immunosuppressant="failed", prior_therapies=[])
    assert told_of.keys() == {"unclear.prior_therapies"}
    assert told_of["unclear.prior_therapies"].startswith(
        "Immunosuppressant: failed, but “Earlier treatments” does not say which therapy that was. Write its usual name"
    )
