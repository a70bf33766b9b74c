"""Whole histories through the door, made up by Hypothesis, against a small model that knows nothing of the code.

The model keeps one request of Petra's and says of every attempt whether it works and where the request then stands.
`HISTORIES` in the environment raises the number of histories from its small default.
"""

import os
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from tests.cast import AT, Cast, a_draft
from tests.differences import differences
from tests.naive_summary import summary_differences
from tests.workflow.acts import act
from tests.workflow.expected_moves import ALLOWED, AT_PHYSICIAN, EVENTS, EVERYBODY, HELD_ALLOWED, SEES
from utilization import event_log, workflow
from utilization.models import Authorship, Request
from utilization.workflow.errors import Conflict, Refused

JUDGING = {"claim", "ask", "recommend", "refer", "approve", "deny", "uphold", "overturn"}
TAKING_ON = JUDGING - {"claim"}
RELEASABLE = {key: row for key, row in HELD_ALLOWED.items() if key[1] == "release"}
# The table names who is left where Mira denied; here anybody may have.
ON_APPEAL = {
    ("appeal_review", verb): (AT_PHYSICIAN, status)
    for verb, status in (("claim", "appeal_review"), ("uphold", "denied"), ("overturn", "approved"))
}
ROWS = {**ALLOWED, **RELEASABLE, **ON_APPEAL}
APPEAL_DAYS, VIENNA = timedelta(days=30), ZoneInfo("Europe/Vienna")


class Model:
    """What one request's life should look like."""

    def __init__(self):
        self.status, self.holder, self.moves, self.submissions = "draft", None, 1, 0
        self.due, self.left, self.asked_from = None, None, None
        self.part = False
        self.authors, self.recommenders, self.decisions, self.referred = {"petra"}, set(), 0, False
        self.deciders, self.on_appeal, self.appeal_until, self.today = set(), 0, None, None

    def answer_to(self, verb, who, corrects):
        """works, same (nothing happens), refused, or absent."""
        if who not in SEES.get(self.status, SEES["filed"]):
            return "absent"
        if verb == "submit" and who == "petra" and self.submissions:
            return "same"
        if (self.status, verb) not in ROWS or who not in ROWS[self.status, verb][0]:
            return "refused"
        held_by_another = self.holder not in (None, who)
        refused = (
            (verb in JUDGING and who in self.authors)
            or (verb in TAKING_ON and held_by_another)
            or (verb == "claim" and self.holder == who)
            or (verb == "release" and self.holder is None)
            or (self._leads_to_a_decision(verb) and who in self.recommenders)
            or (verb == "approve" and self.status == "pharmacist_review" and self.referred)
            or (verb in ("answer", "answer_in_part") and who in self.recommenders)
            or (verb == "answer_in_part" and self.part)
            or (self.status == "appeal_review" and verb in JUDGING and who in self.recommenders | self.deciders)
            or (verb == "appeal" and (self.on_appeal or self.today > self.appeal_until))
            or (verb == "appeal" and who in self.recommenders | self.deciders)
        )
        return "refused" if refused else "works"

    def _leads_to_a_decision(self, verb):
        return verb in ("approve", "deny") or (verb in JUDGING and self.status == "physician_review")

    def make(self, verb, who, corrects, at):
        """Take the move that works."""
        before, self.status = self.status, ROWS[self.status, verb][1]
        self.moves += 1
        if verb not in ("note", "release", "answer_in_part"):
            self.holder = who if verb == "claim" else None
        if verb == "release":
            self.holder = None
        match verb:
            case "submit":
                self.due, self.submissions = at + timedelta(hours=72), 1
            case "ask":
                self.asked_from, self.left, self.due, self.part = before, self.due - at, None, False
            case "answer_in_part":
                self.part = True
                self.authors.add(who)
            case "answer":
                corrects = corrects or self.part
                self.due = at + self.left
                self.status = "pharmacist_review" if corrects else self.asked_from
                self.submissions += corrects
                self.authors.add(who)
            case "recommend":
                self.recommenders.add(who)
            case "approve" | "deny":
                self.decisions += 1
                self.deciders.add(who)
                self.appeal_until = self.today + APPEAL_DAYS
            case "appeal":
                self.due, self.submissions = at + timedelta(hours=72), self.submissions + corrects
                self.authors.add(who)
        self.referred = self.referred or verb == "refer"
        self.on_appeal += verb in ("uphold", "overturn")


class History(RuleBasedStateMachine):
    """One request and everybody who may try something with it."""

    cast: Cast

    def __init__(self):
        super().__init__()
        self.undo = transaction.atomic()
        self.undo.__enter__()
        self.request = a_draft(self.cast)
        self.model, self.at, self.days = Model(), AT, 5
        self.model.today = AT.astimezone(VIENNA).date()

    def teardown(self):
        assert event_log.verify().problems == ()
        assert differences() == []
        assert summary_differences() == []
        transaction.set_rollback(True)
        self.undo.__exit__(None, None, None)

    @rule(
        verb=st.sampled_from(sorted(EVENTS)),
        who=st.sampled_from(sorted(EVERYBODY)),
        hours=st.integers(0, 30),
        corrects=st.booleans(),
    )
    def anybody_tries_anything(self, verb, who, hours, corrects):
        self.attempt(verb, who, hours, corrects)

    @rule(data=st.data(), hours=st.integers(0, 30), corrects=st.booleans())
    def somebody_does_what_they_may(self, data, hours, corrects):
        """Without this, most attempts would be refused and few histories would go far."""
        open_moves = [
            (verb, who)
            for verb in sorted(EVENTS)
            for who in sorted(EVERYBODY)
            if verb not in ("discard", "withdraw") and self.model.answer_to(verb, who, corrects) == "works"
        ]
        if open_moves:
            verb, who = data.draw(st.sampled_from(open_moves))
            self.attempt(verb, who, hours, corrects)

    @rule(verb=st.sampled_from(["claim", "approve", "withdraw"]), who=st.sampled_from(["fern", "mira", "paul"]))
    def somebody_acts_on_a_stale_page(self, verb, who):
        with pytest.raises((Conflict, Refused, workflow.NotFound)):
            act(verb, self.request, self.cast[who], self.at, version=self.request.version - 1)

    def attempt(self, verb, who, hours, corrects):
        self.at += timedelta(hours=hours)
        self.model.today = self.at.astimezone(VIENNA).date()
        worded = verb in ("answer", "appeal") and corrects
        more = {"answers": {"course_days": str(self.days % 6 + 1)}} if worded else {}
        expected = self.model.answer_to(verb, who, corrects)
        try:
            act(verb, self.request, self.cast[who], self.at, **more)
            happened = "same" if expected == "same" else "works"
        except Refused:
            happened = "refused"
        except workflow.Invalid:
            # A part that gives what another part gave already.
            assert verb == "answer_in_part"
            happened = "refused"
        except workflow.NotFound:
            happened = "absent"
        assert happened == expected, (verb, who, self.model.status)
        if happened == "works":
            self.model.make(verb, who, corrects, self.at)
            self.days += bool(more)

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


@pytest.mark.django_db
def test_every_history_is_one_that_the_model_allows():
    History.cast = Cast()
    run_state_machine_as_test(
        History,
        settings=settings(
            max_examples=int(os.environ.get("HISTORIES", "15")),
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
