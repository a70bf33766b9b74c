"""The server of a run, as the run starts and kills it: through a process that has the program loaded."""

import subprocess
import sys
import time
from http.client import HTTPConnection, HTTPException

from bench.kills.hospital import ROOT, Hospital

_MOST_SECONDS = 120


class Server:
    """Starts `manage.py serve` and kills all of it."""

    def __init__(self, hospital: Hospital) -> None:
        self._port = hospital.port
        words = [sys.executable, "-W", "ignore", "-m", "bench.kills.zygote", str(hospital.port)]
        self._said = hospital.errors.open("ab")
        self._zygote = subprocess.Popen(
            words, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._said, text=True
        )
        self._heard()

    def _heard(self) -> str:
        assert self._zygote.stdout is not None
        line = self._zygote.stdout.readline()
        if not line:
            raise RuntimeError("The process that starts servers has ended.")
        return line.strip()

    def _tell(self, word: str) -> str:
        assert self._zygote.stdin is not None
        self._zygote.stdin.write(f"{word}\n")
        self._zygote.stdin.flush()
        return self._heard()

    def start(self, *, cold: bool) -> None:
        """Begin to start it."""
        self._tell("cold" if cold else "warm")

    def kill(self) -> int:
        """Kill every process of it; how many there were."""
        return int(self._tell("kill"))

    def await_answer(self) -> float:
        """Wait until it answers; how many seconds that took. Raises RuntimeError."""
        began = time.monotonic()
        while time.monotonic() - began < _MOST_SECONDS:
            knock = HTTPConnection("127.0.0.1", self._port, timeout=5)
            try:
                knock.request("GET", "/healthz")
                knock.getresponse().read()
            except (OSError, HTTPException):
                time.sleep(0.02)
            else:
                return time.monotonic() - began
            finally:
                knock.close()
        raise RuntimeError("The server does not answer.")

    def end(self) -> None:
        """End it, and what starts it."""
        assert self._zygote.stdin is not None
        self._zygote.stdin.close()
        self._zygote.wait()
        self._said.close()
