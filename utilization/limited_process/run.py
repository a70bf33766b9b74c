"""Runs a task of `work.py`, `attachment.py` or `logo.py` in a process of its own, one a person: a second one waits a
moment, and is then refused."""

import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.conf import settings

from utilization.limited_process.work import CPU_SECONDS, MEGABYTES, marked

BUSY, TIME, MEMORY, FAILED = "busy", "time", "memory", "failed"
WALL_SECONDS = 2 * CPU_SECONDS
"""Seconds by the clock: on a busy machine a process gets half of one core."""
WAIT_SECONDS = 1
"""Seconds that a second check of a person waits for the first."""
_LOOK_SECONDS = 0.05
_ELSEWHERE = {
    "attachment": "utilization.limited_process.attachment",
    "logo": "utilization.limited_process.logo",
}
"""Modules of the tasks that `work.py` does not do."""


class Ended(Exception):
    """Work that came to nothing: `why` is BUSY, TIME, MEMORY or FAILED, `stage` what it was at, in words.

    `for_good` is False where the same work may come to something at another moment.
    """

    def __init__(self, why: str, stage: str = "", failure: str = "", *, for_good: bool = True) -> None:
        super().__init__(why)
        self.why, self.stage, self.failure, self.for_good = why, stage, failure, for_good

    @property
    def words(self) -> str:
        """What to tell the person, and what to do."""
        if self.why == BUSY:
            return "Another check of yours still runs. Wait a few seconds, and load the page again."
        if self.why == FAILED:
            return "The program failed on this text, which is its own fault. Undo the latest change, and report it."
        most = f"{CPU_SECONDS} s" if self.why == TIME else f"{MEGABYTES} MB"
        return (
            f"Ended after {most}, while {self.stage or 'starting'}. Make it simpler: fewer conditions in one clause, "
            "fewer that use each other."
        )


def run(task: str, job: Mapping[str, Any], who: str) -> dict[str, Any]:
    """What `task` makes of `job`, worked out for the person `who`. Raises Ended."""
    with _one_at_a_time(who):
        command = [sys.executable, "-m", _ELSEWHERE.get(task, "utilization.limited_process.work"), task]
        process = subprocess.Popen(
            command, cwd=settings.BASE_DIR, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        with process:
            try:
                written, _ = process.communicate(json.dumps(job, default=marked).encode(), timeout=WALL_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                written, _ = process.communicate()
    return _result(written, process.returncode)


def _result(written: bytes, code: int) -> dict[str, Any]:
    told: dict[str, Any] = {}
    for line in written.splitlines():
        told |= json.loads(line)
    if "result" in told:
        result: dict[str, Any] = told["result"]
        return result
    stage = told.get("stage", "")
    if "failed" in told:
        raise Ended(FAILED, stage, told["failed"])
    if code < 0 and "over" not in told:
        # Its own work took too long, or a busy machine left it too little of the clock.
        raise Ended(TIME, stage, for_good=code == -signal.SIGXCPU)
    if "over" in told:
        raise Ended(MEMORY, stage)
    # It ended by itself and said nothing: it did not even begin, or could not write.
    raise Ended(FAILED, stage, f"exit code {code}")


@contextmanager
def _one_at_a_time(who: str) -> Iterator[None]:
    """Hold the place of `who`, over all processes of this server. Raises Ended where it stays taken."""
    folder = settings.CHECK_LOCKS
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    place = os.open(folder / f"{who}.lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        _take(place)
        yield
    finally:
        os.close(place)


def _take(place: int) -> None:
    until = time.monotonic() + WAIT_SECONDS
    while True:
        try:
            return fcntl.flock(place, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > until:
                raise Ended(BUSY, for_good=False) from None
            time.sleep(_LOOK_SECONDS)
