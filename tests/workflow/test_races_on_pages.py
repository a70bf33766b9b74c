"""A few races through the pages, as `python -m bench.races` runs 20,000; and that its model sees a wrong outcome."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.cast import AT
from tests.differences import differences
from tests.naive_summary import summary_differences
from tests.workflow.acts import act
from tests.workflow.racing.forms import Shown, form_of
from tests.workflow.racing.model import Attempt, RacedModel, faults
from tests.workflow.racing.race import Races, acts_done
from utilization import event_log, notify, workflow
from utilization.models import Event

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


@pytest.fixture
def races():
    made = Races(seed=11)
    yield made
    made.close()


@pytest.mark.django_db(transaction=True)
def test_of_two_absences_that_one_person_enters_at_once_the_cover_tells_which_was_entered(races):
    """Seen: the first of the two was taken to have won, so that both answers looked wrong."""
    dora, today = races.cast["dora"], races.cast.north.date_at(timezone.now())
    before = Event.objects.values_list("seq", flat=True).latest("seq")
    typed = workflow.TypedAbsence(today, today, races.cast["paul"], confirmed=True)
    entered = workflow.enter_absence(races.cast.north, dora, by=dora, at=timezone.now(), typed=typed)
    mira, paul = Attempt("dora", "enter_absence", "mira"), Attempt("dora", "enter_absence", "paul")
    assert acts_done(before, [mira, paul]) == ([paul], [])
    before = Event.objects.values_list("seq", flat=True).latest("seq")
    workflow.end_absence(entered.pk, by=races.cast["adam"], at=timezone.now())
    felix, dora = Attempt("adam", "end_absence", "felix"), Attempt("adam", "end_absence", "dora")
    assert acts_done(before, [felix, dora]) == ([dora], [])


@pytest.mark.django_db(transaction=True)
def test_an_absence_binds_nobody_who_acted_before_it_began(races):
    """Seen: Felix went away and asked for an opinion at once, in two windows. The question came first and was written
    second; Dora, who covers for him, had written a part of the request."""
    request, cast, at = races.filed(), races.cast, timezone.now()
    before = Event.objects.values_list("seq", flat=True).latest("seq")
    today = cast.north.date_at(at)
    typed = workflow.TypedAbsence(today, today, cast["dora"], confirmed=True)
    workflow.enter_absence(cast.north, cast["felix"], by=cast["felix"], at=at, typed=typed)
    act("note", request, cast["fern"], at - timedelta(milliseconds=1))
    act("note", request, cast["dora"], at + timedelta(milliseconds=1))
    away, early, late = Attempt("felix", "enter_absence", "dora"), Attempt("fern", "note"), Attempt("dora", "note")
    assert acts_done(before, [away, late, early]) == ([early, away, late], [])


@pytest.mark.django_db(transaction=True)
def test_a_part_that_came_too_late_goes_with_the_whole_answer(races):
    """Seen: the model had the request go back to the physician who asked, whatever was still on the page."""
    request, at = races.filed(), timezone.now()
    refer, ask = Attempt("fern", "refer"), Attempt("mira", "ask")
    model = RacedModel(request.version, at)
    for attempt in (refer, ask):
        form = form_of(attempt.verb, attempt.who, "", Shown.now(races.cast, request, at))
        assert races.send(attempt, 0, form).status == 302
        model.carry(attempt)
        request.refresh_from_db()
    part, treat, answer = Attempt("paul", "answer_in_part"), Attempt("petra", "treat"), Attempt("paul", "answer")
    shown = Shown.now(races.cast, request, at)
    assert [races.send(each, 0, form_of(each.verb, each.who, "", shown)).status for each in (treat, part)] == [302, 409]
    model, wrong = faults(model, [treat, part], [treat])
    request.refresh_from_db()
    races.send(answer, 0, form_of("answer", "paul", "", Shown.now(races.cast, request, at)))
    model, more = faults(model, [answer], [answer])
    request.refresh_from_db()
    assert (wrong + more, request.status, model.status) == ([], "pharmacist_review", "pharmacist_review")


APPROVE, WITHDRAW, NOTE = Attempt("fern", "approve"), Attempt("petra", "withdraw"), Attempt("felix", "note")


def said(done, tried=(APPROVE, WITHDRAW, NOTE)):
    return " ".join(faults(RacedModel(2, AT), tried, done)[1])


def test_the_model_sees_what_cannot_have_come_of_a_race():
    assert "was done, which what was done before it excludes" in said([APPROVE, WITHDRAW])
    assert "was done, which what was done before it excludes" in said([APPROVE, NOTE])
    assert "fern approve was not done" in said([])
    assert "felix note was not done" in said([], (NOTE,))
    assert "mira deny" in said([Attempt("mira", "deny")])


def test_the_model_knows_whose_order_a_form_names():
    """Seen: Paul's form named Dora, who gave an opinion meanwhile; that Petra was left to name is another form."""
    model = RacedModel(2, AT)
    model.carry(Attempt("fern", "ask_opinion"))
    opinion, ordered = Attempt("dora", "give_opinion"), Attempt("paul", "take_order", "dora")
    assert {opinion, ordered} <= set(model.possible())
    assert faults(model, [opinion, ordered], [opinion])[1] == []
    assert "paul take_order dora was not done" in " ".join(faults(model, [opinion, ordered], [])[1])


def test_the_model_lets_what_excludes_nothing_be_done_beside_it():
    assert said([NOTE, APPROVE]) == said([NOTE, WITHDRAW]) == said([WITHDRAW]) == ""
    after, wrong = faults(RacedModel(2, AT), (APPROVE, NOTE), [NOTE, APPROVE])
    assert (after.status, after.version, wrong) == ("approved", 3, [])
