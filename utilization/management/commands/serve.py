"""`manage.py serve`: the web server and the background worker, started together and ended together.

In the demo the sealer of the log and a witness are started too. All end with this command whichever way it ends,
`kill -9` included: see `management/tied_process.py`.
"""

import signal
import socket
import sys
import time
from collections.abc import Callable
from http.client import HTTPConnection, HTTPException
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, connections
from django.utils import timezone

from utilization import workflow
from utilization.jobs.export_files import remove_outdated
from utilization.management.demo_keys import has_demo_keys
from utilization.management.doctor import fatal
from utilization.management.kept_process import KeptProcess, Process, end_all, start_tied
from utilization.web.account.demo import demo_people_by_role

START_SECONDS = 60
CLOSING_SECONDS = 15 * 60
WORKER = [sys.executable, "manage.py", "db_worker", "--verbosity", "0"]
TICK = [sys.executable, "manage.py", "tick"]
_TICK_DELAY = 5.0
_WITNESS_SECONDS = 3.0
"""So long after the witness the sealer is started, which would only say that it has to wait."""


class Command(BaseCommand):
    """Prepare, serve until Ctrl-C, SIGTERM or a closed terminal, and leave no process behind."""

    # The web server refuses views without a policy by itself; `manage.py check` is for people and CI.
    requires_system_checks = ()
    help = "Prepare everything, then serve the pages and run background work until Ctrl-C."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="address to serve on (default: this machine only)")
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--workers", type=int, default=2, help="server processes (default 2)")

    def handle(self, *args: Any, **options: Any) -> None:
        host, port = options["host"], options["port"]
        self._refuse_taken_port(host, port)
        if settings.MODE == "production":
            self._refuse_unready()
        else:
            call_command("prepare", stdout=self.stdout)
        self.stopping = False
        self.next_closing = 0.0
        for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(name, self._stop)
        web = start_tied(self._web_server(host, port, options["workers"]))
        kept: list[KeptProcess] = []
        try:
            self._await_answer(host, port, web)
            if web.poll() is None and not self.stopping:
                # Only now, so that they do not slow the first page down.
                # A database locked for longer than it waits ends the worker; its work is kept in the database.
                kept = [KeptProcess(WORKER), KeptProcess(TICK, delay=_TICK_DELAY), *self._sealing()]
                kept[0].look()
                self._greet(host, port)
            while web.poll() is None and not self.stopping:
                time.sleep(0.2)
                self._keep_house()
                for process in kept:
                    process.look()
            ended_alone = web.poll() is not None and not self.stopping
        finally:
            end_all([web, *(process.process for process in kept if process.process)])
        if ended_alone:
            raise CommandError("The web server ended by itself. What it said before is above.")

    def _stop(self, signum: int, frame: FrameType | None) -> None:
        self.stopping = True

    def _keep_house(self) -> None:
        """Each quarter of an hour, have the log vouch for who read what, and who signed in, since; clear away; and
        tell of authorizations that end soon or have lapsed."""
        if time.monotonic() < self.next_closing:
            return
        self.next_closing = time.monotonic() + CLOSING_SECONDS
        try:
            workflow.close_access(at=timezone.now())
            workflow.close_sign_ins(at=timezone.now())
            workflow.clear_away(at=timezone.now())
            workflow.tell_milestones(at=timezone.now())
            remove_outdated()
        except (DatabaseError, OSError) as error:
            self.stderr.write(f"Not all of the housekeeping could be done, tried again later: {error}")
        finally:
            connections.close_all()

    @staticmethod
    def _refuse_unready() -> None:
        """Production never changes its database by itself: a backup is made first, and somebody looks."""
        if faults := fatal(timezone.now()):
            raise CommandError("\n".join(["This cannot be served:", *map(str, faults)]))

    @staticmethod
    def _refuse_taken_port(host: str, port: int) -> None:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError as error:
                raise CommandError(
                    f"Port {port} cannot be used: {error.strerror}. Choose another one, for instance: "
                    f"PORT={port + 1 if port >= 1024 else 8080} ./run"
                ) from error

    @staticmethod
    def _web_server(host: str, port: int, workers: int) -> list[str]:
        address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        return [
            *(sys.executable, "-m", "gunicorn", "utilization.wsgi:application"),
            *("--bind", address, "--workers", str(workers), "--threads", "4", "--timeout", "60"),
            *("--graceful-timeout", "5", "--log-level", "warning", "--no-control-socket"),
            # The pages are loaded once and shared by the server processes.
            "--preload",
        ]

    def _sealing(self) -> list[KeptProcess]:
        """The witness and the sealer of the demo. Elsewhere they are units of their own: see docs/auditors-guide.md."""
        if settings.MODE != "demo" or not has_demo_keys():
            return []
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        witness = [sys.executable, "manage.py", "witness", "--port", str(port)]
        sealer = [sys.executable, "manage.py", "seal", "--witness", f"http://127.0.0.1:{port}"]
        return [
            KeptProcess(witness, lost=self._lost("witness of the log")),
            KeptProcess(sealer, delay=_WITNESS_SECONDS, lost=self._lost("sealer of the log")),
        ]

    def _lost(self, name: str) -> Callable[[int], None]:
        def say(code: int) -> None:
            if not self.stopping:
                self.stderr.write(f"The {name} ended ({code}) and is started again; until then nothing is sealed.")

        return say

    def _await_answer(self, host: str, port: int, web: Process) -> None:
        deadline = time.monotonic() + START_SECONDS
        reachable = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared with, not bound to
        while web.poll() is None and not self.stopping and time.monotonic() < deadline:
            # A connection alone is accepted before the pages are loaded; an answer, of whatever kind, is not given.
            knock = HTTPConnection(reachable, port, timeout=5)
            try:
                knock.request("GET", "/healthz")
                knock.getresponse().read()
            except (OSError, HTTPException):
                time.sleep(0.05)
            else:
                return
            finally:
                knock.close()

    def _greet(self, host: str, port: int) -> None:
        name = f"[{host}]" if ":" in host else host
        lines = ["", f"IVIG utilization review is at http://{name}:{port}/", ""]
        if settings.DEMO_DATA:
            lines += ["Demo accounts (one click each on the sign-in page)", f"  password: {settings.DEMO_PASSWORD}"]
            for heading, people in demo_people_by_role():
                lines.append(f"  {heading}: " + ", ".join(person.username for person in people))
            lines.append("")
        lines.append("Stop with Ctrl-C.")
        self.stdout.write("\n".join(lines))
        self.stdout.flush()
