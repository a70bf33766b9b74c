"""`manage.py serve`: the web server and the background worker, started together and ended together.

Both end with this command whichever way it ends, `kill -9` included: see `management/tied_process.py`.
"""

import os
import signal
import socket
import subprocess
import sys
import time
from http.client import HTTPConnection, HTTPException
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, connections
from django.utils import timezone

from utilization import workflow
from utilization.web.account.demo import demo_people_by_role

STOP_SECONDS = 12  # longer than a tied process gives its command
START_SECONDS = 60
RESTART_SECONDS = 2
CLOSING_SECONDS = 15 * 60
WORKER = [sys.executable, "manage.py", "db_worker", "--verbosity", "0"]


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
        call_command("prepare", stdout=self.stdout)
        self.stopping = False
        self.next_closing = 0.0
        for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(name, self._stop)
        web = self._start(self._web_server(host, port, options["workers"]))
        worker = None
        try:
            self._await_answer(host, port, web)
            if web.poll() is None and not self.stopping:
                # Only now, so that it does not slow the first page down.
                worker = self._start(WORKER)
                self._greet(host, port)
            while web.poll() is None and not self.stopping:
                time.sleep(0.2)
                self._close_access()
                if worker is not None and worker.poll() is not None and not self.stopping:
                    # A database locked for longer than it waits ends the worker; its work is kept in the database.
                    time.sleep(RESTART_SECONDS)
                    worker = self._start(WORKER)
            ended_alone = web.poll() is not None and not self.stopping
        finally:
            self._end([web, worker] if worker else [web])
        if ended_alone:
            raise CommandError("The web server ended by itself. What it said before is above.")

    def _stop(self, signum: int, frame: FrameType | None) -> None:
        self.stopping = True

    def _close_access(self) -> None:
        """Each quarter of an hour, have the log vouch for who read what since."""
        if time.monotonic() < self.next_closing:
            return
        self.next_closing = time.monotonic() + CLOSING_SECONDS
        try:
            workflow.close_access(at=timezone.now())
        except DatabaseError as error:
            self.stderr.write(f"Reads of records are not in the log yet, tried again later: {error}")
        finally:
            connections.close_all()

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

    @staticmethod
    def _start(command: list[str]) -> subprocess.Popen[bytes]:
        # A session of its own keeps a terminal's Ctrl-C from reaching it twice: only this process passes the word on.
        # The pipe is never written to. It closes with this process, and that ends the command.
        return subprocess.Popen(
            [sys.executable, "-m", "utilization.management.tied_process", *command],
            cwd=settings.BASE_DIR, start_new_session=True, env=os.environ.copy(), stdin=subprocess.PIPE,
        )  # fmt: skip

    def _await_answer(self, host: str, port: int, web: subprocess.Popen[bytes]) -> None:
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

    @staticmethod
    def _end(children: list[subprocess.Popen[bytes]]) -> None:
        """Ask every child to end, and after `STOP_SECONDS` make it, with all that it started."""
        for child in children:
            if child.poll() is None:
                child.terminate()
        deadline = time.monotonic() + STOP_SECONDS
        for child in children:
            try:
                child.wait(timeout=max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                os.killpg(child.pid, signal.SIGKILL)
                child.wait()
            if child.stdin is not None:
                child.stdin.close()
