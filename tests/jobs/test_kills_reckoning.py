"""What `bench.kills` reckons can fail: a fault that is planted is found, and what is no fault is not."""

import threading

import pytest
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from bench.kills import reckoning
from bench.kills.ledger import Change, Gate, Ledger
from tests.cast import Cast, a_request
from tests.patience import PATIENCE
from utilization.jobs.documents import issue_justification
from utilization.models import Delivery, Event, Note, Notice
from utilization.rules.lifecycle import Status

AWAY, KILLED = "django.db.utils.OperationalError", "utilization.jobs.task_queue.Lost"


@pytest.fixture
def decided(cast: Cast, settings):
    """A decided request whose job waits in the queue."""
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
    return a_request(cast, Status.APPROVED)


def job(**values):
    DBTaskResult.objects.update(finished_at=timezone.now(), **values)


@pytest.mark.parametrize(
    "values",
    [
        {"status": "READY"},
        {"status": "RUNNING", "worker_ids": ["a"]},
        {"status": "FAILED", "exception_class_path": AWAY, "worker_ids": ["a"]},
    ],
)
def test_a_decision_whose_job_will_be_done_is_no_fault(decided, values):
    """One that met a busy database rests for a minute, and is no job that is not there."""
    job(**values)
    assert list(reckoning.documents()) == []
    assert reckoning.given_up() == []


@pytest.mark.long
@pytest.mark.parametrize("why", [KILLED, AWAY])
def test_a_job_that_was_begun_three_times_is_known_as_given_up_until_its_document_is_made(decided, why):
    """With a kill each few seconds, one job goes down with its worker three times sooner or later."""
    job(status="FAILED", exception_class_path=why, worker_ids=["a", "b", "c"])
    assert list(reckoning.documents()) == []
    assert reckoning.given_up() == [decided]
    assert len(list(reckoning.undocumented())) == 1
    issue_justification.func(decided.pk)
    assert reckoning.given_up() == list(reckoning.undocumented()) == []


@pytest.mark.parametrize(
    "values",
    [
        {"status": "SUCCESSFUL"},
        {"status": "FAILED", "exception_class_path": "builtins.ValueError", "worker_ids": ["a"]},
        {"status": "FAILED", "exception_class_path": KILLED, "worker_ids": ["a", "b"]},
    ],
)
def test_a_decision_without_document_whose_job_will_not_come_is_found(decided, values):
    job(**values)
    (fault,) = reckoning.documents()
    assert f"{decided.number} is decided and has neither a document nor a job for it" in fault


def test_a_decision_without_a_job_is_found(decided):
    DBTaskResult.objects.all().delete()
    assert len(list(reckoning.documents())) == 1


def test_an_acknowledged_change_that_is_not_there_or_there_twice_is_found(decided, cast: Cast):
    there = Change("note", "Note", "text", "Once.", str(decided.uid), "note.added")
    for text in ("Once.", "Twice.", "Twice."):
        Note.objects.create(request=decided, by=cast["fern"], text=text, at=timezone.now())
    changes = [there, Change("note", "Note", "text", "Twice."), Change("note", "Note", "text", "Never.")]
    ledger = Ledger(acknowledged=changes)
    found = sorted(reckoning.acknowledged(ledger, changes, []))
    assert found == ["done twice: ('Note', 'text') Twice.", "lost: ('Note', 'text') Never."]
    assert sorted(reckoning.acknowledged(ledger, [there], [changes[2]])) == []
    (entry,) = reckoning.entries(ledger)
    assert "1 acknowledged, 0 unanswered, 0 in the log" in entry


def test_a_notice_without_its_entry_and_an_entry_without_its_notice_are_found(cast: Cast, settings):
    settings.MAIL_FROM = "ivig@hospital.example"
    since = Event.objects.count()
    a_request(cast, Status.PHARMACIST_REVIEW)
    assert list(reckoning.notices(since)) == []
    filed = Event.objects.get(type="request.submitted")
    Notice.objects.filter(event_seq=filed.seq, recipient=cast["fern"]).delete()
    (fault,) = reckoning.notices(since)
    assert fault == f"entry {filed.seq}: fern is not told"


def test_a_mail_that_was_never_sent_is_found(cast: Cast):
    now = timezone.now()
    Delivery.objects.create(recipient=cast["fern"], made_at=now, next_try=now, gives_up_at=now, state="waiting")
    faults = list(reckoning.mails([{"Message-ID": "<strange@hospital.example>"}]))
    assert [fault.partition(":")[0] for fault in faults] == [
        "never sent", "sent and in no outbox", "1 mails are not known as sent"
    ]  # fmt: skip


def test_nobody_sends_while_the_gate_is_shut_and_it_shuts_behind_who_sends():
    gate, done, sends = Gate(), [], threading.Event()

    def send():
        with gate.inside():
            sends.set()
            done.append("sent")

    with gate.inside():
        shutting = threading.Thread(target=lambda: shut(gate, done))
        shutting.start()
        shutting.join(timeout=0.05)
        assert done == []
        done.append("noted")
    shutting.join(timeout=PATIENCE)
    writer = threading.Thread(target=send)
    with gate.shut():
        writer.start()
        assert not sends.wait(timeout=0.05)
    writer.join(timeout=PATIENCE)
    assert done == ["noted", "looked", "sent"]


def shut(gate, done):
    with gate.shut():
        done.append("looked")
