"""`manage.py tick`: what has to be done as time passes, on and on: claims lapse, reminders are written, mails of
notices are sent.

`manage.py serve` runs it; where the web server is a unit of its own, so is this. Two that run beside each other do
nothing twice.
"""

import signal
from threading import Event
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError, close_old_connections
from django.utils import timezone

from utilization import workflow
from utilization.jobs.notice_mail import send_due

_PAUSE_SECONDS = 15


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
            try:
                close_old_connections()
                self._tick()
            except DatabaseError as fault:
                # Its class alone: the text may hold what was typed.
                self.stderr.write(f"Not done, tried again: {type(fault).__name__}")
            self._stop.wait(_PAUSE_SECONDS)

    def _end(self, signum: int, frame: FrameType | None) -> None:
        self._stop.set()

    def _tick(self) -> None:
        workflow.lapse_claims(at=timezone.now())
        reminded, sent = workflow.reminders.remind(at=timezone.now()), send_due()
        if reminded or sent:
            self.stdout.write(f"{reminded} reminders written, {sent} mails sent.")
