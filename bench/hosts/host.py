"""A web host: `manage.py serve` in production mode, in a namespace, with its own settings and its own clock."""

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from bench.hosts.clock import OwnClock
from bench.hosts.cluster import Cluster
from bench.hosts.network import Namespace, die_with_parent

ROOT = Path(__file__).parents[2]
NAME = "ivig.hospital.example"
PORT = 8000
START_SECONDS = 240
"""So long a host may take until it answers, on a machine that does much else."""


class WebHost:
    """One host: web server, worker and tick, as `manage.py serve` starts them."""

    def __init__(self, letter: str, place: int, folder: Path) -> None:
        self.letter, self.network = letter, Namespace(letter, place)
        self.folder = folder / f"host-{letter}"
        self.folder.mkdir()
        self._log = self.folder / "serve.log"
        self.clock: OwnClock | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._began = 0.0
        self.environment: Mapping[str, str] = {}

    def know(self, cluster: Cluster, key: str, exports: Path) -> None:
        """Take the settings of production: database, key, and the folder of exports that both hosts share."""
        var = self.folder / "var"
        var.mkdir(mode=0o700)
        (var / "exports").symlink_to(exports)
        self.environment = {
            **{name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "VIRTUAL_ENV")},
            "PYTHONDONTWRITEBYTECODE": "1",
            "IVIG_MODE": "production",
            "SECRET_KEY": key,
            "ALLOWED_HOSTS": NAME,
            "IVIG_BEHIND_PROXY": "true",
            "DATABASE_URL": cluster.url("ivig_app", self.network.here),
            "IVIG_VAR": str(var),
        }
        self._owner = {"DATABASE_OWNER_URL": cluster.url("ivig_owner", self.network.here)}

    def manage(self, *words: str, owner: bool = False, timeout: float = 300) -> subprocess.CompletedProcess[str]:
        """What `manage.py` with `words` comes to on this host; as the tables' owner where that is asked for."""
        return self.python("manage.py", *words, owner=owner, timeout=timeout)

    def python(self, *words: str, owner: bool = False, timeout: float = 300) -> subprocess.CompletedProcess[str]:
        """What Python with `words` comes to on this host."""
        environment = {**self.environment, **(self._owner if owner else {}), **self._clock()}
        return subprocess.run(
            self.network.within([sys.executable, "-W", "ignore", *words]), cwd=ROOT, env=environment, text=True,
            capture_output=True, timeout=timeout, check=False,
        )  # fmt: skip

    def _clock(self) -> Mapping[str, str]:
        return self.clock.environment if self.clock else {}

    def start(self, *, own_clock: bool = False) -> float:
        """Serve, and return after how many seconds it answered."""
        self.begin(own_clock=own_clock)
        return self.answered()

    def begin(self, *, own_clock: bool = False) -> None:
        """Start it, and wait for nothing."""
        if own_clock and self.clock is None:
            self.clock = OwnClock(self.folder)
        self._began = time.monotonic()
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self.network.within([sys.executable, "manage.py", "serve", "--host", self.network.there, "--port",
                                     str(PORT)]),
                cwd=ROOT, env={**self.environment, **self._clock()}, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                preexec_fn=die_with_parent,
            )  # fmt: skip

    def answered(self) -> float:
        """Wait until it answers, and return how many seconds after its start that was."""
        while time.monotonic() - self._began < START_SECONDS:
            if self.ready() is not None:
                return time.monotonic() - self._began
            if self._process is None or self._process.poll() is not None:
                raise RuntimeError(f"Host {self.letter} does not serve:\n{self.said()}")
            time.sleep(0.1)
        raise RuntimeError(f"Host {self.letter} does not answer:\n{self.said()}")

    def ready(self) -> int | None:
        """The status of `/readyz`; None where nobody answers."""
        knock = HTTPConnection(self.network.there, PORT, timeout=5)
        try:
            knock.request("GET", "/readyz")
            return knock.getresponse().status
        except (OSError, HTTPException):
            return None
        finally:
            knock.close()

    def kill(self) -> None:
        """End all of it as a cut of power does."""
        self.network.kill()
        if self._process:
            self._process.wait()
            self._process = None

    def stop(self) -> None:
        """End it as the system does, and all of it at the end."""
        if self._process:
            self._process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(timeout=20)
            self.kill()

    def log_size(self) -> int:
        """How long its log is by now."""
        return self._log.stat().st_size if self._log.exists() else 0

    def said(self, since: int = 0) -> str:
        """What it wrote to its log, from byte `since` on."""
        with self._log.open("rb") as log:
            log.seek(since)
            return log.read().decode(errors="replace")
