"""How many passwords of people who are not signed in are checked at once: a password is slow to check, by design.

Two bounds. In each server process `AT_ONCE` are checked and `WAITING` wait, and whoever comes on top is told at once to
come again: so most threads of a process are left to those who are signed in, however many strangers knock. And of each
account one password is checked at a time, over all processes and hosts: so every wrong one is counted before the next
is tried, and nobody gets more tries by sending many at the same moment. Nobody waits for that with a place of the
process in hand: else a few tries of one name would close the doors of all processes to everybody.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore

from django.utils import timezone

from utilization import workflow

AT_ONCE = 1
WAITING = 1
"""Of the four threads of a process (`manage.py serve`, `ivig-web.service`), two are left whatever comes."""
LONGEST_WAIT = 2.0
COME_AGAIN_IN = 3
"""Seconds after which whoever was refused is asked to try again."""


class Crowded(Exception):
    """Too many passwords are being checked now; this one was not looked at, and does not count as wrong."""


class Turnstile:
    """Lets in `at_once` threads, and has `waiting` wait for at most `longest_wait` seconds."""

    def __init__(self, at_once: int, waiting: int, longest_wait: float) -> None:
        self._inside = BoundedSemaphore(at_once + waiting)
        self._checking = BoundedSemaphore(at_once)
        self._longest_wait = longest_wait

    @contextmanager
    def passed(self) -> Iterator[None]:
        """Raises Crowded where there is no room, or none came free."""
        if not self._inside.acquire(blocking=False):
            raise Crowded
        try:
            if not self._checking.acquire(timeout=self._longest_wait):
                raise Crowded
            try:
                yield
            finally:
                self._checking.release()
        finally:
            self._inside.release()


TURNSTILE = Turnstile(AT_ONCE, WAITING, LONGEST_WAIT)


@contextmanager
def password_turn(account: str) -> Iterator[None]:
    """Check one password of `account` within this.

    Raises Crowded where that has to wait for too long, and at once where another of the account is being checked.
    """
    with TURNSTILE.passed():
        until = workflow.shared_limits.take_turn(account, at=timezone.now())
        if until is None:
            raise Crowded
        try:
            yield
        finally:
            workflow.shared_limits.give_back_turn(account, until)
