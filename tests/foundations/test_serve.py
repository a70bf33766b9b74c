"""`manage.py serve` starts everything, says where, and leaves no process behind."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from urllib.request import urlopen

import pytest

ROOT = Path(__file__).resolve().parents[2]
KEPT = ("PATH", "HOME", "LANG")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(var: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name in KEPT or name.startswith("COV")}
    return {**kept, "IVIG_VAR": str(var), "IVIG_DEMO_DATA": "false"}


def processes() -> list[tuple[int, str, int, int]]:
    """Every process as (id, state, parent, session), read as Linux tells it: `ps` is not on a bare machine."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            state, parent, _group, session = entry.read_text().rpartition(")")[2].split()[:4]
            found.append((int(entry.parent.name), state, int(parent), int(session)))
    return found


def children(pid: int) -> list[int]:
    return [child for child, _, parent, _ in processes() if parent == pid]


def session_members(leaders: list[int]) -> list[int]:
    """The processes, other than defunct ones, whose session one of `leaders` leads."""
    return [pid for pid, state, _, session in processes() if session in leaders and state != "Z"]


@pytest.mark.skipif(not Path("/proc").exists(), reason="reads the sessions of processes as Linux lists them")
@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_and_ends_with_all_its_processes(tmp_path_factory, ending: signal.Signals) -> None:
    # One folder for both runs: the second finds everything prepared.
    var = tmp_path_factory.getbasetemp() / "serve"
    port = free_port()
    server = subprocess.Popen(
        [sys.executable, "manage.py", "serve", "--port", str(port), "--workers", "1"],
        cwd=ROOT,
        env=environment(var),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        said = ""
        while "Stop with Ctrl-C" not in said:
            line = server.stdout.readline()
            assert line, said
            said += line
        assert f"http://127.0.0.1:{port}/" in said
        with urlopen(f"http://127.0.0.1:{port}/healthz", timeout=10) as answer:
            assert answer.status == 200
        parts = children(server.pid)
        assert len(parts) == 2
        server.send_signal(ending)
        assert server.wait(timeout=15) == 0
        assert session_members(parts) == []
    finally:
        server.kill()
        server.stdout.close()
        server.wait()


def test_a_taken_port_is_named_with_the_way_out(tmp_path: Path) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        result = subprocess.run(
            [sys.executable, "manage.py", "serve", "--port", str(port)],
            cwd=ROOT,
            env=environment(tmp_path),
            capture_output=True,
            text=True,
            timeout=30,
        )
    assert result.returncode != 0
    assert f"Port {port} cannot be used" in result.stderr
    assert f"PORT={port + 1} ./run" in result.stderr


def test_an_unknown_word_gets_the_usage() -> None:
    result = subprocess.run(["sh", "./run", "everything"], cwd=ROOT, capture_output=True, text=True, timeout=10)
    assert result.returncode == 1
    assert "Usage: ./run, or ./run test" in result.stderr


def test_the_second_start_prepares_nothing(tmp_path: Path) -> None:
    def prepare() -> str:
        return subprocess.run(
            [sys.executable, "manage.py", "prepare"],
            cwd=ROOT,
            env=environment(tmp_path),
            capture_output=True,
            text=True,
            timeout=120,
            check=True,
        ).stdout

    assert "Preparing the database" in prepare()
    assert "Preparing" not in prepare()
