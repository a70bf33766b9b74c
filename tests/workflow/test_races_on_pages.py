"""A few races through the pages, as `python -m bench.races` runs 20,000; and that its model sees a wrong outcome."""

import pytest

from tests.cast import AT
from tests.differences import differences
from tests.naive_summary import summary_differences
from tests.workflow.racing.model import Attempt, RacedModel, faults
from tests.workflow.racing.race import Races
from utilization import event_log, notify

RACES = 20


@pytest.mark.django_db(transaction=True)
def test_in_races_each_outcome_is_one_that_the_model_allows(monkeypatch):
    # A worker prints the justifications; here each race would wait for them.
    monkeypatch.setattr(notify, "_listeners", [])
    races = Races(seed=11)
    try:
        figures = races.run(RACES)
    finally:
        races.close()
    assert figures.faults == []
    assert figures.broken == 0
    assert (figures.races, figures.at_once > RACES / 2, len(figures.won) > 10) == (RACES, True, True)
    assert event_log.verify().problems == ()
    assert differences() == []
    assert summary_differences() == []


APPROVE, WITHDRAW, NOTE = Attempt("fern", "approve"), Attempt("petra", "withdraw"), Attempt("felix", "note")


def said(done, tried=(APPROVE, WITHDRAW, NOTE)):
    return " ".join(faults(RacedModel(2, AT), tried, done)[1])


def test_the_model_sees_what_cannot_have_come_of_a_race():
    assert "was done, which what was done before it excludes" in said([APPROVE, WITHDRAW])
    assert "was done, which what was done before it excludes" in said([APPROVE, NOTE])
    assert "fern approve was not done" in said([])
    assert "felix note was not done" in said([], (NOTE,))
    assert "mira deny" in said([Attempt("mira", "deny")])


def test_the_model_lets_what_excludes_nothing_be_done_beside_it():
    assert said([NOTE, APPROVE]) == said([NOTE, WITHDRAW]) == said([WITHDRAW]) == ""
    after, wrong = faults(RacedModel(2, AT), (APPROVE, NOTE), [NOTE, APPROVE])
    assert (after.status, after.version, wrong) == ("approved", 3, [])
