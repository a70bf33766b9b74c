"""`manage.py tick`: what has to be done as time passes, on and on: jobs whose worker was killed are put back in the
queue, claims lapse, absences begin, reminders are written, mails of notices are sent.

`manage.py serve` runs it; where the web server is a unit of its own, so is this. Two that run beside each other do
nothing twice.
"""

import signal
from collections.abc import Callable
from threading import Event
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import close_old_connections
from django.utils import timezone

from utilization import workflow
from utilization.jobs.notice_mail import send_due
from utilization.jobs.task_queue import take_up_lost

_PAUSE_SECONDS = 15

Task = Callable[[], int]
"""Does what is due; how much that was."""


class Command(BaseCommand):
    """Do what is due, again and again until it is told to end."""

    help = "Remind of what will be late, and send the mails of notices, on and on; with --once what is due now."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="do what is due now, and end")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["once"]:
            self._tick()
            return
        self._stop = Event()
        for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(name, self._end)
        while not self._stop.is_set():
            close_old_connections()
            self._tick(self._attempt)
            self._stop.wait(_PAUSE_SECONDS)

    def _end(self, signum: int, frame: FrameType | None) -> None:
        self._stop.set()

    def _attempt(self, task: Task) -> int:
        """What `task` comes to; 0 where it fails, which keeps none of the other tasks from being done.

        A fault that several share, as when the database is stopped, is told once a round.
        """
        try:
            return task()
        except Exception as fault:
            # Its class alone: the text may hold what was typed.
            said = f"Not done, tried again: {type(fault).__name__}"
            if said not in self._said:
                self._said.add(said)
                self.stderr.write(said)
            return 0

    def _tick(self, attempt: Callable[[Task], int] = lambda task: task()) -> None:
        self._said = set[str]()
        attempt(lambda: take_up_lost(at=timezone.now()))
        attempt(lambda: workflow.lapse_claims(at=timezone.now()))
        attempt(lambda: workflow.begin_absences(at=timezone.now()))
        attempt(lambda: workflow.free_requesters(at=timezone.now()))
        attempt(lambda: workflow.tell_uncovered(at=timezone.now()))
        reminded = attempt(lambda: workflow.reminders.remind(at=timezone.now()))
        reminded += attempt(lambda: workflow.remind_of_first_doses(at=timezone.now()))
        sent = attempt(send_due)
        if reminded or sent:
            self.stdout.write(f"{reminded} reminders written, {sent} mails sent.")
