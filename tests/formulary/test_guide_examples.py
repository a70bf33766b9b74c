"""Examples that the guided form fills in, lists and dates among them: the judge finds each to be what it shows."""

from datetime import date
from decimal import Decimal

import pytest
from django.http import QueryDict

from utilization import criteria
from utilization.rules.facts.catalogue import CATALOGUE, Fact, Kind
from utilization.rules.judging.examples import check_examples
from utilization.rules.packs.guided_condition import GuidedTest, How, facts_to_compare
from utilization.rules.packs.indication_text import (
    AGAINST,
    MUST,
    Basis,
    NewCriterion,
    NewDose,
    NewIndication,
    written,
)
from utilization.rules.packs.reader import read_pack
from utilization.web.formulary.guide_examples import offered
from utilization.web.formulary.guide_forms import ExampleForm

DAY = date(2026, 3, 31)
HEAD = "pack: {name: north, version: '1', title: North, language: 2}\n"
OWN_TEXT = """\
facts:
  - {name: eeg_on, type: date, label: Date of the EEG}
  - {name: held_on, type: date, label: Dose held, or_never: true}
"""
OWN = {
    "eeg_on": Fact("eeg_on", Kind.DATE, "Neurology", "Date of the EEG"),
    "held_on": Fact("held_on", Kind.DATE, "Neurology", "Dose held", or_never=True),
}
KNOWN = {**CATALOGUE, **OWN}
FACTS = facts_to_compare(KNOWN)
LOCAL = Basis(local="A parameter of these tests.")
ONE, TWO, THREE = Decimal(1), Decimal(2), Decimal(3)
LOW = (("platelets_10e9_per_l", {"below": "30 10^9/L"}),)
FAILED = (("outcome", ["failed", "intolerant"]),)
SERIOUS = (("severity", "serious"), ("bacterial", True))


def asked(fact, how, number=None, **more):
    return GuidedTest(fact, how, number=number, **more)


TESTS = {
    "so many within a time": asked("platelet_measurements", How.MANY, TWO, span="6 months", where=LOW),
    "so many at all": asked("infections", How.MANY, ONE),
    "by two fields": asked("infections", How.MANY, THREE, where=SERIOUS, span="1 years"),
    "therapies that failed": asked("prior_therapies", How.MANY, TWO, where=FAILED),
    "at most so many": asked("infections", How.FEW, ONE, where=SERIOUS),
    "none": asked("infections", How.FEW, Decimal(0), where=SERIOUS),
    "the latest": asked("platelet_measurements", How.LATEST, where=LOW, span="4 weeks"),
    "never": asked("infections", How.NEVER, where=SERIOUS, span="12 months"),
    "numbers": asked("disability_assessments", How.MANY, TWO, where=(("value", {"at_least": 3, "at_most": 5}),)),
    "any therapy": asked("tried", How.ANY_OF, values=("corticosteroids", "methotrexate", "anti_cd20")),
    "each therapy": asked("tried", How.ALL_OF, values=("corticosteroids", "immunosuppressant")),
    "some therapies": asked("tried", How.SO_MANY_OF, TWO, values=("azathioprine", "rituximab", "baclofen")),
    "a trial so long": asked("tried", How.ANY_OF, values=("corticosteroids", "methotrexate"), span="3 months"),
    "a refusal": asked("tried", How.ANY_OF, values=("rituximab",), where=(("results", ["declined"]),)),
    "a day within": asked("eeg_on", How.WITHIN, span="3 weeks"),
    "a day long ago": asked("eeg_on", How.LONGER_AGO, span="1 months"),
    "a day or never": asked("held_on", How.NEVER, span="2 years"),
}


def example(case, outcome):
    """The case as the form reads it, and what a person who knows the criteria says that it comes to."""
    sent = QueryDict(mutable=True)
    sent.update({"e0-says": case.says, "e0-outcome": outcome, "e0-as_of": case.as_of})
    sent.setlist("e0f", [str(place) for place in range(len(case.facts))])
    for place, (name, value) in enumerate(case.facts.items()):
        sent.update({f"e0f{place}-fact": name, f"e0f{place}-value": value})
    form = ExampleForm(sent, checked=True, key="0", number=1, facts=KNOWN)
    assert form.is_valid(), form.errors
    assert not [row.errors for row in form.rows if row.errors]
    return form.example()


def judged(new_criteria, outcomes):
    """What the judge says of the cases of these criteria; nothing where each comes to what it shows."""
    cases = list(offered(new_criteria, FACTS, None, DAY))
    assert len(cases) == len(outcomes)
    examples = tuple(example(case, outcome) for case, outcome in zip(cases, outcomes, strict=True))
    new = NewIndication("thing", "Thing", "It helps.", LOCAL, NewDose(LOCAL), tuple(new_criteria), examples)
    pack = read_pack({"pack.yaml": HEAD + OWN_TEXT, "thing.yaml": written(new, FACTS).text})
    # A later day: what was filled in counts from its own.
    return check_examples(pack, criteria.reference_tables(), date(2027, 9, 1))


@pytest.mark.parametrize("test", TESTS.values(), ids=TESTS)
def test_a_filled_list_or_date_meets_its_criterion_and_another_does_not(test):
    must = NewCriterion(MUST, "It holds.", (test,), LOCAL)
    assert judged([must], ["meets", "does_not_meet", "needs_information"]) == []
    against = NewCriterion(AGAINST, "It does not hold.", (test,), LOCAL)
    assert judged([against], ["meets", "does_not_meet", "needs_information"]) == []


def test_criteria_of_one_list_are_met_together():
    low = NewCriterion(MUST, "Low twice.", (TESTS["so many within a time"],), LOCAL)
    high = (("platelets_10e9_per_l", {"at_least": "100 10^9/L"}),)
    once = NewCriterion(MUST, "High once.", (asked("platelet_measurements", How.MANY, ONE, where=high),), LOCAL)
    assert judged([low, once], ["meets", "does_not_meet", "does_not_meet", "needs_information"]) == []


def test_criteria_of_groups_are_met_and_not_met_as_a_whole():
    tests = tuple(
        asked(fact, How.IS, values=values, group=group) for fact, values, group in
        [("diabetes", (True,), "A"), ("severity", ("severe",), "B"), ("heart_failure", (True,), "A")]
    )  # fmt: skip
    for joined in ("of_each", "one_group"):
        criterion = NewCriterion(MUST, "So.", tests, LOCAL, joined=joined)
        assert judged([criterion], ["meets", "does_not_meet", "needs_information"]) == []


def test_therapies_named_and_counted_are_met_together():
    named = NewCriterion(MUST, "Rituximab failed.", (asked("tried", How.ANY_OF, values=("rituximab",)),), LOCAL)
    counted = NewCriterion(MUST, "Two failed.", (TESTS["therapies that failed"],), LOCAL)
    cases = list(offered([named, counted], FACTS, None, DAY))
    assert cases[0].facts["prior_therapies"].splitlines() == [
        "rituximab; failed", "methotrexate; failed", "azathioprine; failed",
    ]  # fmt: skip


def test_a_therapy_has_a_name_that_the_vocabulary_knows():
    [met, *_] = offered([NewCriterion(MUST, "Two failed.", (TESTS["therapies that failed"],), LOCAL)], FACTS, None, DAY)
    assert met.facts == {"prior_therapies": "methotrexate; failed\nazathioprine; failed"}
    assert met.as_of == "2026-03-31"


def test_a_list_that_no_line_can_hold_is_left_to_the_person():
    many = NewCriterion(MUST, "Many.", (asked("infections", How.MANY, Decimal(101)),), LOCAL)
    assert next(offered([many], FACTS, None, DAY)).facts == {}
