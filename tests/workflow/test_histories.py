"""Whole histories through the door, made up by Hypothesis, against a small model that knows nothing of the code.

Beside the moves of one request of Petra's, people ask for opinions, offer calls and go away. `HISTORIES` in the
environment raises the number of histories from its small default.
"""

import os
from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from tests.cast import AT, Cast, a_draft
from tests.differences import differences
from tests.naive_summary import summary_differences
from tests.workflow.acts import act
from tests.workflow.expected_moves import EVENTS, EVERYBODY
from tests.workflow.history_model import HOUR, NEUROLOGISTS, VERBS, VIENNA, Model
from utilization import event_log, workflow
from utilization.models import Absence, Authorship, FirstDose, Request
from utilization.workflow.errors import Conflict, Refused

COVERS = ("dora", "paul", "felix", "max")


def beside(verb, request, by, at, cover):  # noqa: C901 - one case a verb
    """Do `verb`, one that moves no request, with input that is right in itself."""
    who = {"by": by, "at": at}
    asked = request.opinion_questions.order_by("-pk").first()
    call = request.peer_calls.order_by("-pk").first()
    local = [(at + hours * HOUR).astimezone(VIENNA) for hours in (2, 26)]
    match verb:
        case "ask_opinion":
            workflow.ask_opinion(request.uid, **who, specialty="neurology", text="Is this a relapse?")
        case "give_opinion":
            workflow.give_opinion(request.uid, asked.uid, **who, leaning="approval", text="It is.")
        case "take_back_opinion":
            workflow.take_back_opinion(request.uid, asked.uid, **who)
        case "offer_call":
            times = [f"{time:%Y-%m-%dT%H:%M}" for time in local]
            workflow.offer_call(request.uid, **who, times=times, place="+43 1 555 0100")
        case "book_call":
            workflow.book_call(request.uid, call.uid, **who, time=call.times[-1])
        case "decline_call":
            workflow.decline_call(request.uid, call.uid, **who, words="Friday.")
        case "cancel_call":
            workflow.cancel_call(request.uid, call.uid, **who)
        case "hold_call":
            workflow.hold_call(request.uid, call.uid, **who, outcome="stands", words="They will add the EMG.")
        case "enter_absence":
            today = at.astimezone(VIENNA).date()
            typed = workflow.TypedAbsence(today, today, cover, confirmed=True)
            workflow.enter_absence(request.site, by, **who, typed=typed)
        case "end_absence":
            workflow.end_absence(Absence.objects.filter(person=by).latest("begins_at", "pk").pk, **who)


class History(RuleBasedStateMachine):
    """One request and everybody who may try something with it."""

    cast: Cast

    def __init__(self):
        super().__init__()
        self.undo = transaction.atomic()
        self.undo.__enter__()
        self.request = a_draft(self.cast)
        self.model, self.at, self.days = Model(), AT, 5

    def teardown(self):
        assert event_log.verify().problems == ()
        assert differences() == []
        assert summary_differences() == []
        transaction.set_rollback(True)
        self.undo.__exit__(None, None, None)

    @rule(
        verb=st.sampled_from(VERBS),
        who=st.sampled_from(sorted(EVERYBODY)),
        hours=st.integers(0, 20),
        corrects=st.booleans(),
        cover=st.sampled_from(sorted(EVERYBODY)),
    )
    def anybody_tries_anything(self, verb, who, hours, corrects, cover):
        self.attempt(verb, who, hours, corrects, cover)

    @rule(data=st.data(), hours=st.integers(0, 20), corrects=st.booleans(), cover=st.sampled_from(COVERS))
    def somebody_does_what_they_may(self, data, hours, corrects, cover):
        """Without this, most attempts would be refused and few histories would go far."""
        self.model.now(self.at + timedelta(hours=hours))
        able = {
            verb: [who for who in sorted(EVERYBODY) if self.model.answer_to(verb, who, cover) == "works"]
            for verb in VERBS
            if verb not in ("discard", "withdraw")
        }
        if verbs := [verb for verb, people in able.items() if people]:
            verb = data.draw(st.sampled_from(verbs))
            self.attempt(verb, data.draw(st.sampled_from(able[verb])), hours, corrects, cover)

    @rule(verb=st.sampled_from(["claim", "approve", "withdraw"]), who=st.sampled_from(["fern", "mira", "paul"]))
    def somebody_acts_on_a_stale_page(self, verb, who):
        with pytest.raises((Conflict, Refused, workflow.NotFound)):
            act(verb, self.request, self.cast[who], self.at, version=self.request.version - 1)

    def attempt(self, verb, who, hours, corrects, cover):
        self.at += timedelta(hours=hours)
        self.model.now(self.at)
        if not self.is_there(verb, who):
            return
        worded = verb in ("answer", "appeal") and corrects
        more = {"answers": {"course_days": str(self.days % 5 + 2)}} if worded else {}
        expected = self.model.answer_to(verb, who, cover)
        try:
            if verb in EVENTS:
                act(verb, self.request, self.cast[who], self.at, **more)
            else:
                beside(verb, self.request, self.cast[who], self.at, self.cast[cover])
            happened = "same" if expected == "same" else "works"
        except Refused:
            happened = "refused"
        except workflow.Invalid:
            # A part that gives what another part gave already, a question that nobody may answer, a time that is over,
            # a cover who cannot.
            assert verb in {"answer_in_part", "ask_opinion", "book_call", "enter_absence"}, verb
            happened = "refused"
        except workflow.NotFound:
            happened = "absent"
        assert happened == expected, (verb, who, cover, self.model.status)
        if happened == "works":
            self.model.make(verb, who, corrects, cover)
            self.days = self.days % 5 + 2 if more else self.days

    def is_there(self, verb, who):
        """Whether there is anything that `verb` could be about: a question, a call, an absence."""
        match verb:
            case "give_opinion" | "take_back_opinion":
                return self.request.opinion_questions.exists()
            case "book_call" | "decline_call" | "cancel_call" | "hold_call":
                return self.request.peer_calls.exists()
            case "end_absence":
                return any(away.person == who for away in self.model.away)
        return True

    @invariant()
    def the_row_is_what_the_model_says(self):
        model, row = self.model, Request.objects.select_related("holder", "patient", "site").get(pk=self.request.pk)
        assert (row.status, row.holder and row.holder.username, row.due_at) == (
            model.status, model.holder, model.due,
        )  # fmt: skip
        assert row.submissions.count() == model.submissions
        assert row.decisions.filter(kind="decision").count() == model.decisions
        assert row.decisions.filter(kind="appeal").count() == model.on_appeal
        assert len(event_log.entries(row)) == model.moves
        if model.submissions:
            names = Authorship.objects.filter(request=row).values_list("user__username", flat=True)
            assert set(names) == model.authors
        approved = hasattr(row, "authorization")
        assert approved == row.decisions.exclude(kind="recommendation").filter(choice="approve").exists()
        assert not approved or (row.authorization.voided_at is not None) == (model.status == "withdrawn")
        self.request = row

    @invariant()
    def what_stands_beside_it_is_what_the_model_says(self):
        model, row = self.model, self.request
        assert FirstDose.objects.filter(request=row).exists() == model.treated
        order = getattr(row, "verbal_order", None)
        assert (order and (order.ordered_by.username, order.answer or "open")) == (
            (model.giver, model.order) if model.order else None
        )
        asked = row.opinion_questions.select_related("asked_by")
        assert [each.asked_by.username for each in asked.filter(closed_at=None)] == [model.asker] * bool(model.asker)
        assert set(row.opinions.values_list("by__username", flat=True)) == model.advisers
        calls = row.peer_calls.select_related("offered_by")
        assert [(each.offered_by.username, each.booked_for) for each in calls.filter(closed_at=None)] == (
            [(model.offered_by, model.booked)] * bool(model.offered_by)
        )
        closed = [each.closed_as for each in (*asked, *calls) if each.closed_at]
        assert sorted(closed) == sorted(model.closed)


def neurologists(cast):
    """Let them be ones."""
    for who in sorted(NEUROLOGISTS):
        workflow.set_specialties(cast[who], ["neurology"], by=cast["adam"], at=AT, site=cast.north)


@pytest.mark.django_db
def test_every_history_is_one_that_the_model_allows():
    History.cast = Cast()
    neurologists(History.cast)
    run_state_machine_as_test(
        History,
        settings=settings(
            max_examples=int(os.environ.get("HISTORIES", 15 if os.environ.get("CI") else 5)),
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
