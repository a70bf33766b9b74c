"""A process that has loaded the program once, starts servers and kills them: `python -m bench.kills.zygote PORT`.

It reads a word a line and answers each with a line. `warm` starts `manage.py serve` in a fork of itself: what the
command starts are forks too, so that a start does not read and compile the program four times; every other line of the
command, of the web server, the worker and the ticker runs as it stands. `cold` starts `manage.py serve` as a person
does. `kill` sends SIGKILL to every process that came of it, at once, and answers once none is left.

Orphans fall to this process (PR_SET_CHILD_SUBREAPER), so that none is overlooked.
"""

import ctypes
import os
import random
import runpy
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NoReturn

ROOT = Path(__file__).resolve().parents[2]
_SUBREAPER = 36
_pipes: list[int] = []
"""Ends of pipes by which a server of this process is tied to what it starts: no fork may hold another's."""


class Forked:
    """A fork that runs a command; shaped as what `subprocess.Popen` gives."""

    def __init__(self, pid: int, stdin: Any = None) -> None:
        self.pid, self.stdin, self.returncode = pid, stdin, None

    def poll(self) -> int | None:
        """The exit code; None while it runs."""
        if self.returncode is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            self.returncode = os.waitstatus_to_exitcode(status) if pid else None
        return self.returncode

    def terminate(self) -> None:
        """Ask it to end."""
        if self.poll() is None:
            os.kill(self.pid, signal.SIGTERM)

    def wait(self, timeout: float | None = None) -> int:
        """The exit code, once it has ended. Raises subprocess.TimeoutExpired."""
        until = time.monotonic() + (timeout or 1e9)
        while (code := self.poll()) is None:
            if time.monotonic() > until:
                raise subprocess.TimeoutExpired("fork", timeout or 0)
            time.sleep(0.02)
        return code


def fork(act: Callable[[], Any], stdin: int, *, quiet: bool = False) -> int:
    """The process in which `act` runs, with the descriptor `stdin` as its input and nothing else of this one's."""
    from django.db import connections

    # A connection of SQLite that two processes share by a fork is one that neither may use.
    connections.close_all()
    sys.stdout.flush()
    pid = os.fork()
    if pid == 0:
        _begin(act, stdin, quiet)
    return pid


def _begin(act: Callable[[], Any], stdin: int, quiet: bool) -> NoReturn:
    code = 1
    try:
        for name in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(name, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        os.dup2(stdin, 0)
        for end in _pipes:
            os.close(end)
        _pipes.clear()
        sys.stdin = os.fdopen(0, closefd=False)
        if quiet:
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        random.seed()
        code = int(act() or 0)
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    except BaseException:
        traceback.print_exc()
    os._exit(code)


def command_of(words: Sequence[str]) -> int:
    """Run the command that a new Python would be given."""
    from django.core.management import execute_from_command_line

    given = list(words[1:])
    if given[0] == "-m":
        sys.argv = given[1:]
        runpy.run_module(given[1], run_name="__main__", alter_sys=True)
    else:
        sys.argv = given
        execute_from_command_line(given)
    return 0


def start_tied(command: list[str], *, quiet: bool = False) -> Forked:
    """As `kept_process.start_tied`: `command` under a process that ends it once this one has ended."""
    from utilization.management import tied_process

    def tied() -> int:
        os.setsid()
        return tied_process.main(command)

    ours, theirs = os.pipe()
    pid = fork(tied, ours, quiet=quiet)
    os.close(ours)
    _pipes.append(theirs)
    return Forked(pid, SimpleNamespace(close=lambda: None))


def popen(command: list[str], **_: Any) -> Forked:
    """As `subprocess.Popen` in `tied_process`: a command without an input."""
    nothing = os.open(os.devnull, os.O_RDONLY)
    pid = fork(lambda: command_of(command), nothing)
    os.close(nothing)
    return Forked(pid)


def load() -> None:
    """Load what a server loads, and have its commands fork."""
    import django

    django.setup()
    import gunicorn.app.wsgiapp
    import gunicorn.workers.gthread  # noqa: F401 - loaded before the fork
    from django.core.management import load_command_class
    from django.db import connections
    from django.template.loader import get_template
    from django.urls import get_resolver

    import utilization.wsgi
    from utilization.management import kept_process, tied_process
    from utilization.management.commands import serve

    for app, name in (("django_tasks_db", "db_worker"), ("utilization", "tick"), ("utilization", "serve")):
        load_command_class(app, name)
    get_resolver().url_patterns  # noqa: B018 - read for what it loads
    import utilization.documents.justification  # noqa: F401 - the same

    for path in sorted((ROOT / "templates").rglob("*.html")):
        get_template(str(path.relative_to(ROOT / "templates")))

    # Ours in their place, which start by a fork what they start by a program: the checker knows the first kind alone.
    serve.start_tied = kept_process.start_tied = start_tied  # type: ignore[assignment]
    tied_process.subprocess = SimpleNamespace(Popen=popen, DEVNULL=subprocess.DEVNULL)  # type: ignore[assignment]
    connections.close_all()


def below(root: int) -> list[int]:
    """Every process that came of `root`, parents first."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(entry.read_text().rpartition(")")[2].split()[1])
        except (OSError, IndexError):
            continue
        parents.setdefault(parent, []).append(int(entry.parent.name))
    found, look = [], [root]
    while look:
        children = parents.get(look.pop(0), [])
        found += children
        look += children
    return found


def kill_all() -> int:
    """Kill whatever came of this process; how many processes that were."""
    killed: set[int] = set()
    while True:
        for pid in below(os.getpid()):
            try:
                os.kill(pid, signal.SIGKILL)
                killed.add(pid)
            except ProcessLookupError:
                continue
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                continue
        except ChildProcessError:
            return len(killed)
        time.sleep(0.002)


def main(port: str) -> None:
    """Do what is read, until the input ends."""
    ctypes.CDLL(None).prctl(_SUBREAPER, 1, 0, 0, 0)
    serve = [sys.executable, "manage.py", "serve", "--port", port, "--workers", "1"]
    load()
    print("ready", flush=True)
    answers = os.fdopen(os.dup(1), "w")
    # What servers say goes where faults go: the answers are read by line.
    os.dup2(2, 1)
    for line in sys.stdin:
        word = line.strip()
        if word == "warm":
            nothing = os.open(os.devnull, os.O_RDONLY)
            fork(lambda: command_of(serve), nothing)
            os.close(nothing)
        elif word == "cold":
            subprocess.Popen(serve, stdin=subprocess.DEVNULL)
        print(kill_all() if word == "kill" else word, file=answers, flush=True)
    kill_all()


if __name__ == "__main__":
    main(sys.argv[1])
