"""Processes that `manage.py serve` starts, starts again when they end, and takes along when it ends itself."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence

from django.conf import settings

STOP_SECONDS = 12  # longer than a tied process gives its command
RESTART_SECONDS = 2.0
_LONGEST_PAUSE = 60.0

Process = subprocess.Popen[bytes]


def start_tied(command: list[str], *, quiet: bool = False) -> Process:
    """Run `command` so that it ends with this process, however that ends; `quiet` drops its standard output."""
    # A session of its own keeps a terminal's Ctrl-C from reaching it twice: only this process passes the word on.
    # The pipe is never written to. It closes with this process, and that ends the command.
    return subprocess.Popen(
        [sys.executable, "-m", "utilization.management.tied_process", *command],
        cwd=settings.BASE_DIR, start_new_session=True, env=os.environ.copy(), stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL if quiet else None,
    )  # fmt: skip


def end_all(processes: Sequence[Process]) -> None:
    """Ask each to end, and after `STOP_SECONDS` make it, with all that it started."""
    for process in processes:
        if process.poll() is None:
            process.terminate()
    deadline = time.monotonic() + STOP_SECONDS
    for process in processes:
        try:
            process.wait(timeout=max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        if process.stdin is not None:
            process.stdin.close()


class KeptProcess:
    """A command that is started again whenever it ends: soon, and more seldom while it ends at once each time."""

    def __init__(self, command: list[str], *, delay: float = 0, lost: Callable[[int], None] | None = None) -> None:
        """Start it `delay` seconds from now, by `look`. `lost` hears the exit code of one that ended."""
        self._command = command
        self._lost = lost
        self._pause = RESTART_SECONDS
        self._due = time.monotonic() + delay
        self._began = 0.0
        self.process: Process | None = None

    def look(self) -> None:
        """Start it where that is due; note where it ended."""
        now = time.monotonic()
        if self.process is None:
            if now >= self._due:
                self._began = now
                self.process = start_tied(self._command, quiet=True)
        elif (code := self.process.poll()) is not None:
            self._ended(code, now)

    def _ended(self, code: int, now: float) -> None:
        if now - self._began > _LONGEST_PAUSE:
            self._pause = RESTART_SECONDS
        if self.process and self.process.stdin:
            self.process.stdin.close()
        self.process, self._due = None, now + self._pause
        self._pause = min(2 * self._pause, _LONGEST_PAUSE)
        if self._lost:
            self._lost(code)
