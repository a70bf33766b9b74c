"""What is due as time passes: a fault in one task keeps none of the others from being done."""

import io

from django.db import OperationalError

from utilization.management.commands import tick


def test_a_task_that_fails_is_told_by_its_class_alone_and_the_others_are_done(monkeypatch):
    done = []

    def broken(*, at):
        raise ValueError("a patient's name")

    monkeypatch.setattr(tick, "take_up_lost", lambda *, at: done.append("taken up") or 0)
    monkeypatch.setattr(tick.workflow, "lapse_claims", broken)
    monkeypatch.setattr(tick.workflow, "begin_absences", lambda *, at: done.append("begun") or 0)
    monkeypatch.setattr(tick.workflow, "free_requesters", lambda *, at: done.append("freed") or 0)
    monkeypatch.setattr(tick.workflow, "tell_uncovered", lambda *, at: done.append("told") or 0)
    monkeypatch.setattr(tick.workflow.reminders, "remind", lambda *, at: done.append("reminded") or 2)
    monkeypatch.setattr(tick.workflow, "remind_of_first_doses", lambda *, at: done.append("treated") or 0)
    monkeypatch.setattr(tick, "send_due", lambda: done.append("sent") or 1)
    command = tick.Command(stdout=io.StringIO(), stderr=io.StringIO())
    command._tick(command._attempt)
    assert done == ["taken up", "begun", "freed", "told", "reminded", "treated", "sent"]
    assert command.stdout.getvalue() == "2 reminders written, 1 mails sent.\n"
    assert command.stderr.getvalue() == "Not done, tried again: ValueError\n"


def test_a_database_that_is_stopped_is_told_once_a_round(monkeypatch):
    def stopped(*, at=None):
        raise OperationalError("connection refused")

    def other(*, at):
        raise ValueError

    for name in ("lapse_claims", "begin_absences", "free_requesters", "tell_uncovered", "remind_of_first_doses"):
        monkeypatch.setattr(tick.workflow, name, stopped)
    monkeypatch.setattr(tick, "take_up_lost", stopped)
    monkeypatch.setattr(tick, "send_due", stopped)
    monkeypatch.setattr(tick.workflow.reminders, "remind", other)
    command = tick.Command(stdout=io.StringIO(), stderr=io.StringIO())
    told = ["Not done, tried again: OperationalError", "Not done, tried again: ValueError"]
    command._tick(command._attempt)
    assert command.stderr.getvalue().splitlines() == told
    command._tick(command._attempt)
    assert command.stderr.getvalue().splitlines() == told * 2
