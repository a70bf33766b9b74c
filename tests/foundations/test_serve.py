"""`manage.py serve` starts everything, says where, and leaves no process behind."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.request import urlopen

import pytest

from tests.patience import PATIENCE
from utilization.key_files import BadKeyFile, read_public_keys
from utilization.management import demo_keys, kept_process
from utilization.models import Checkpoint, LogHead
from utilization.seal import key_folder
from utilization.transparency.checkpoints import TreeHead
from utilization.transparency.tree import EMPTY_ROOT

ROOT = Path(__file__).resolve().parents[2]
KEPT = ("PATH", "HOME", "LANG")
TIED = "utilization.management.tied_process"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(var: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name in KEPT or name.startswith("COV")}
    return {**kept, "IVIG_VAR": str(var), "IVIG_DEMO_DATA": "false"}


def processes() -> list[tuple[int, str, int, int]]:
    """Every process as (id, state, parent, session), read as Linux tells it: `ps` is not on a bare machine."""
    pids = []
    for entry in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            state, parent, _group, session = entry.read_text().rpartition(")")[2].split()[:4]
            pids.append((int(entry.parent.name), state, int(parent), int(session)))
    return pids


def children(pid: int) -> list[int]:
    return [child for child, _, parent, _ in processes() if parent == pid]


def session_members(leaders: list[int]) -> list[int]:
    """The processes, other than defunct ones, whose session one of `leaders` leads."""
    return [pid for pid, state, _, session in processes() if session in leaders and state != "Z"]


@dataclass(frozen=True)
class Prepared:
    """A folder as the first start of a person leaves it whose files others may read, and what that start said."""

    var: Path
    said: str
    open_to_others: list[str]

    def copied(self, to: Path) -> Path:
        """A copy of the folder at `to`, for one test."""
        return shutil.copytree(self.var, to)


def prepare(var: Path) -> str:
    """What `manage.py prepare` says over the folder."""
    command = f"umask 022; exec {sys.executable} manage.py prepare"
    answer = subprocess.run(
        ["sh", "-c", command],
        cwd=ROOT,
        env=environment(var),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=True,
    )
    return answer.stdout


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    var = tmp_path_factory.mktemp("prepared") / "made" / "here"
    said = prepare(var)
    return Prepared(var, said, others_may(var))


@pytest.mark.long
@pytest.mark.skipif(not Path("/proc").exists(), reason="reads the sessions of processes as Linux lists them")
@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_and_ends_with_all_its_processes(prepared, tmp_path: Path, ending: signal.Signals) -> None:
    port = free_port()
    server = subprocess.Popen(
        [sys.executable, "manage.py", "serve", "--port", str(port), "--workers", "1"],
        cwd=ROOT,
        env=environment(prepared.copied(tmp_path / "var")),
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
        with urlopen(f"http://127.0.0.1:{port}/healthz", timeout=PATIENCE) as answer:
            assert answer.status == 200
        parts = children(server.pid)
        assert len(parts) == 2
        if ending is signal.SIGTERM:
            # The witness and the sealer come after the first page.
            deadline = time.monotonic() + PATIENCE
            while len(parts) < 4 and time.monotonic() < deadline:
                time.sleep(0.1)
                parts = children(server.pid)
            assert len(parts) == 4
        server.send_signal(ending)
        assert server.wait(timeout=PATIENCE) == 0
        assert session_members(parts) == []
    finally:
        server.kill()
        server.stdout.close()
        server.wait()


@pytest.mark.long
@pytest.mark.skipif(not Path("/proc").exists(), reason="reads the sessions of processes as Linux lists them")
def test_killed_outright_it_takes_its_processes_along_and_frees_the_port(prepared, tmp_path: Path) -> None:
    port = free_port()
    server = subprocess.Popen(
        [sys.executable, "manage.py", "serve", "--port", str(port), "--workers", "1"],
        cwd=ROOT,
        env=environment(prepared.copied(tmp_path / "var")),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    parts: list[int] = []
    try:
        assert any("Stop with Ctrl-C" in line for line in server.stdout)
        parts = children(server.pid)
        assert len(session_members(parts)) > len(parts), "the web server and the worker run below them"
        server.kill()
        server.wait()
        deadline = time.monotonic() + PATIENCE
        while session_members(parts) and time.monotonic() < deadline:
            time.sleep(0.1)
        assert session_members(parts) == []
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
    finally:
        server.kill()
        server.stdout.close()
        server.wait()
        for pid in session_members(parts):
            os.kill(pid, signal.SIGKILL)


def tied(*command: str, stop_seconds: float = 10) -> subprocess.Popen[str]:
    """`command` run by a tied process, whose starter this test is."""
    started = f"import sys; from {TIED} import main; import {TIED} as m; m.STOP_SECONDS = {stop_seconds}; "
    return subprocess.Popen(
        [sys.executable, "-c", started + "sys.exit(main(sys.argv[1:]))", sys.executable, "-c", *command],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def test_a_command_that_does_not_end_when_asked_is_made_to() -> None:
    stubborn = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True)"
    process = tied(f"{stubborn}; time.sleep(99)", stop_seconds=0.3)
    with process:
        assert process.stdout.readline() == "up\n"
        process.stdin.close()
        assert process.wait(timeout=PATIENCE) == -signal.SIGKILL
    assert session_members([process.pid]) == []


@pytest.mark.parametrize("code", [0, 3])
def test_a_command_that_ends_by_itself_passes_its_code_on(code: int) -> None:
    with tied(f"raise SystemExit({code})") as process:
        assert process.wait(timeout=PATIENCE) == code


def test_a_part_that_ends_is_started_again_soon_and_then_more_seldom(monkeypatch) -> None:
    now, codes, started = [100.0], [], []

    class Ended:
        stdin = None

        def poll(self) -> int:
            return 3

    def start(command: list[str], *, quiet: bool) -> Ended:
        started.append(now[0])
        return Ended()

    monkeypatch.setattr(kept_process, "start_tied", start)
    monkeypatch.setattr(kept_process.time, "monotonic", lambda: now[0])
    part = kept_process.KeptProcess(["x"], delay=3, lost=codes.append)
    while now[0] < 400:
        part.look()
        now[0] += 1
    # A second passes before its end is seen; then 2, 4, 8, 16, 32 seconds, and a minute from there on.
    assert started == [103, 106, 111, 120, 137, 170, 231, 292, 353]
    assert codes == [3] * len(started)


def demo_settings(settings, tmp_path: Path) -> None:
    settings.MODE = "demo"
    settings.EVIDENCE_DIR, settings.WITNESS_DIR = tmp_path / "evidence", tmp_path / "witness"
    settings.EVIDENCE_KEYS = settings.EVIDENCE_DIR / "keys.txt"


@pytest.mark.django_db
def test_keys_of_the_demo_say_what_they_are_and_are_made_once(settings, tmp_path: Path) -> None:
    demo_settings(settings, tmp_path)
    assert not demo_keys.has_demo_keys()
    demo_keys.make_demo_keys()
    made = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert {path.name for path in made} == {"seal.key", "last.json", "keys.txt", "witness.key"}
    assert [key.name for key in read_public_keys(settings.EVIDENCE_KEYS)] == ["demo-key/ivig-log/1", "demo-key/witness"]
    assert settings.EVIDENCE_KEYS.read_text().startswith("# Demo keys")
    assert demo_keys.has_demo_keys()
    demo_keys.make_demo_keys()
    assert {path: path.read_bytes() for path in made} == made
    # A database that was sealed elsewhere goes on unsealed: with a new key no move would be taken.
    Checkpoint.objects.create(size=1, root=b"", note="", made_at=datetime.now(UTC))
    demo_keys.make_demo_keys()
    settings.EVIDENCE_DIR = tmp_path / "other"
    with pytest.raises(BadKeyFile, match="not in"):
        demo_keys.make_demo_keys()
    assert not settings.EVIDENCE_DIR.exists()


@pytest.mark.django_db
def test_a_demo_that_begins_anew_has_a_new_seal_and_one_that_was_cut_does_not(settings, tmp_path) -> None:
    demo_settings(settings, tmp_path)
    demo_keys.make_demo_keys()
    name = read_public_keys(settings.EVIDENCE_KEYS)[0].name
    key_folder.LastSigned(settings.EVIDENCE_DIR, name).write(TreeHead(name, 7, EMPTY_ROOT))
    old = settings.EVIDENCE_KEYS.read_bytes()
    LogHead.objects.update_or_create(pk=1, defaults={"size": 3})
    demo_keys.make_demo_keys()
    assert settings.EVIDENCE_KEYS.read_bytes() == old
    LogHead.objects.update(size=0)
    demo_keys.make_demo_keys()
    assert settings.EVIDENCE_KEYS.read_bytes() != old
    assert key_folder.last_signed(settings.EVIDENCE_DIR).size == 0
    (aside,) = tmp_path.glob("evidence-until-*")
    assert (aside / "keys.txt").read_bytes() == old


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
            timeout=PATIENCE,
        )
    assert result.returncode != 0
    assert f"Port {port} cannot be used" in result.stderr
    assert f"PORT={port + 1} ./run" in result.stderr


def test_an_unknown_word_gets_the_usage() -> None:
    result = subprocess.run(["sh", "./run", "everything"], cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE)
    assert result.returncode == 1
    assert "Usage: ./run, or ./run test" in result.stderr


@pytest.mark.long
def test_the_second_start_prepares_nothing(prepared, tmp_path: Path) -> None:
    assert "Preparing the database" in prepared.said
    assert "Preparing" not in prepare(prepared.copied(tmp_path / "var"))


def others_may(folder: Path) -> list[str]:
    """What in `folder`, itself included, anybody but its owner has a right to."""
    return [str(path) for path in (folder, *folder.rglob("*")) if path.lstat().st_mode & 0o077]


@pytest.mark.long
def test_what_it_keeps_is_readable_by_its_owner_alone(prepared, tmp_path: Path) -> None:
    assert (prepared.var / "ivig.sqlite3").exists()
    assert prepared.open_to_others == []
    fresh = prepared.copied(tmp_path / "here")

    # Made by a version before, open to everybody.
    for path in (fresh, *fresh.rglob("*")):
        path.chmod(0o777 if path.is_dir() else 0o666)
    prepare(fresh)
    assert others_may(fresh) == []

    # In a folder that others work in, ours are closed and theirs stay as they are.
    (fresh / "theirs.txt").write_text("theirs")
    (fresh / "theirs.txt").chmod(0o644)
    fresh.chmod(0o755)
    prepare(fresh)
    assert sorted(Path(path).name for path in others_may(fresh)) == ["here", "theirs.txt"]
