"""A process that ends with its starter: `python -m utilization.management.tied_process COMMAND …` runs COMMAND so.

Standard input is a pipe whose other end the starter holds and never writes to. Its end is the one sign of the starter's
death that no signal can suppress: even after `kill -9` the system closes it. The command is then asked to end, and
after `STOP_SECONDS` made to, with all that it started; so is it on SIGTERM. Exits with the command's own code.
"""

import os
import select
import signal
import subprocess
import sys
import time
from types import FrameType

STOP_SECONDS = 10
LOOK_SECONDS = 0.2


def main(command: list[str]) -> int:
    """The exit code of `command`, run in this process's group."""
    asked: list[int] = []

    def ask(signum: int, frame: FrameType | None) -> None:
        asked.append(signum)

    signal.signal(signal.SIGTERM, ask)
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL)
    while child.poll() is None and not asked:
        ended, _, _ = select.select([sys.stdin], [], [], LOOK_SECONDS)
        if ended:
            break
    if child.poll() is None:
        child.terminate()
        deadline = time.monotonic() + STOP_SECONDS
        while child.poll() is None and time.monotonic() < deadline:
            time.sleep(LOOK_SECONDS / 4)
        if child.poll() is None:
            os.killpg(0, signal.SIGKILL)  # this process with it: the group was made for the command
    return child.returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
