"""A clock that goes backwards stops nothing, and changes nobody's order: what was done later still comes later."""

from datetime import timedelta

import pytest

from tests.cast import AT, a_draft, appealed, denied, present, recommended, submitted
from tests.reconciliation.history import Hospital
from tests.workflow.acts import act
from utilization import event_log, workflow
from utilization.jobs.documents import issued
from utilization.models import Request
from utilization.reconciliation import reconcile
from utilization.reports.frozen_justification import frozen_value
from utilization.reports.thread import thread
from utilization.reports.timeline import timeline
from utilization.workflow import Addressee

LIFE = (
    "request.started", "request.submitted", "information.asked", "information.given_in_part", "information.answered",
    "message.written", "message.written", "decision.recommended", "decision.denied", "appeal.filed",
    "appeal.overturned",
)  # fmt: skip
"""The life of a request that is told here, in the order in which it happened."""


class ClockBack:
    """Moments, each an hour before the one before."""

    def __init__(self) -> None:
        self.at = AT

    def __call__(self):
        self.at -= timedelta(hours=1)
        return self.at


@pytest.fixture
def overturned(db) -> Request:
    """A request that was filed, asked about, denied and overturned while the clock went back at every step."""
    cast, now = Hospital(), ClockBack()
    request = submitted(cast, a_draft(cast, at=now()), at=now())
    request = act("ask", request, cast["fern"], now())
    request = act("answer_in_part", request, cast["petra"], now())
    request = act("answer", request, cast["petra"], now())
    write = {"side": "pharmacist", "to": Addressee("department"), "text": "Which arm?"}
    first = workflow.write_message(request.uid, by=cast["fern"], at=now(), **write)
    reply = {"side": "department", "to": Addressee("pharmacist"), "text": "The left.", "answers": first.uid}
    workflow.write_message(request.uid, by=cast["petra"], at=now(), **reply)
    request = recommended(cast, request, at=now())
    request = denied(cast, request, at=now())
    request = appealed(cast, request, at=now())
    moment = now()
    return act("overturn", request, cast["nora"], moment, presence=present(cast["nora"], moment))


def test_every_move_is_taken_and_the_log_fits_the_rows(overturned) -> None:
    assert [entry.type for entry in event_log.entries(overturned)] == list(LIFE)
    assert event_log.verify().problems == ()
    assert list(reconcile().problems) == []


def test_what_was_done_later_comes_later(overturned) -> None:
    assert [told.type for told in timeline(overturned, internal=True)] == list(LIFE)
    assert [entry.kind for entry in thread(overturned) if entry.kind != "message"] == ["question", "part", "answer"]
    assert [entry.text for entry in thread(overturned) if entry.kind == "message"] == ["Which arm?", "The left."]
    assert [act.kind for act in overturned.decisions.all()] == ["recommendation", "decision", "appeal"]


def test_its_justification_tells_the_end_and_is_issued(overturned) -> None:
    assert frozen_value(overturned)["decision"]["words"] == "Approved, denial overturned on appeal"
    document = issued(overturned, at=AT - timedelta(days=2))
    assert document.made_at == overturned.ended_at


def test_who_asked_last_has_the_answered_request(db) -> None:
    cast, now = Hospital(), ClockBack()
    request = submitted(cast, a_draft(cast, at=now()), at=now())
    for who in ("fern", "felix"):
        request = act("ask", request, cast[who], now())
        request = act("answer", request, cast["petra"], now())
    assert request.questions.last().asked_by == cast["felix"]
    assert [question.asked_by.username for question in request.questions.all()] == ["fern", "felix"]
