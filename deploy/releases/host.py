"""The host that a release is installed on: its folders, its units, and commands of one version or another."""

import fcntl
import json
import os
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from deploy.releases.archive import LOCK, WHEELS, BadRelease, Release, read_about

BASE = Path("/opt/ivig")
RELEASES, CURRENT, RECORD = BASE / "releases", BASE / "current", BASE / "last-upgrade.json"
BACKUPS = Path("/var/backups/ivig")
UNITS = Path("/etc/systemd/system")
READY = "http://127.0.0.1:8000/readyz"
READY_SECONDS = 90


class Failed(Exception):
    """A step did not come to its end; the message says which and what was said."""


@dataclass(frozen=True, slots=True)
class Upgraded:
    """The last upgrade: from which version to which, the backup made between, and the units that ran.

    `done` is whether it, or the way back from it, came to its end: not while either goes on, nor after one that was cut
    off, as by a power cut.
    """

    before: str
    after: str
    backup: Path
    units: tuple[str, ...]
    done: bool


def say(*words: object) -> None:
    """Tell whoever runs it what is done."""
    print(*words, flush=True)


def require_root() -> None:
    """Raises BadRelease where somebody else than root runs it."""
    if os.geteuid() != 0:
        raise BadRelease("Run this as root.")


@contextmanager
def alone() -> Iterator[None]:
    """Refuse a second that changes the version while the first does."""
    BASE.mkdir(mode=0o755, parents=True, exist_ok=True)
    with (BASE / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BadRelease("Another installation or upgrade runs on this host. Wait for its end.") from None
        yield


def current() -> Release:
    """The release that runs here. Raises BadRelease where none was installed."""
    if not CURRENT.is_dir():
        raise BadRelease(f"{CURRENT} is not there: nothing is installed here. Run deploy/install of a release.")
    return read_about(CURRENT.resolve())


def installed(version: str) -> Release:
    """The release of that version, installed before. Raises BadRelease where it is no longer there."""
    return read_about(RELEASES / version)


def make_environment(release: Release) -> None:
    """Its libraries, from its own wheels and from no index, each held against the lock."""
    environment = release.folder / ".venv"
    run(sys.executable, "-m", "venv", "--clear", str(environment))
    pip = (str(environment / "bin" / "python"), "-m", "pip", "--isolated", "--disable-pip-version-check")
    run(
        *pip, "install", "--quiet", "--no-index", "--find-links", str(release.folder / WHEELS), "--require-hashes",
        "--no-deps", "--only-binary", ":all:", "-r", str(release.folder / LOCK),
    )  # fmt: skip
    run(*pip, "check")
    run(str(environment / "bin" / "python"), "-m", "compileall", "-q", str(release.folder / "utilization"))


def manage_sh(release: Release) -> str:
    """The path of the script that runs a command of that version."""
    return str(release.folder / "deploy" / "manage.sh")


def manage(release: Release, *command: str) -> str:
    """What a command of that version says. Raises Failed."""
    return run(manage_sh(release), *command)


def faults(release: Release, *command: str) -> tuple[str, ...]:
    """What a command of that version finds wrong, a sentence each, by which it ends with 1. Raises Failed where it ends
    otherwise."""
    words = (manage_sh(release), *command)
    answer = subprocess.run(words, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False)
    if answer.returncode not in (0, 1):
        raise Failed(f"{' '.join(words)} ended with {answer.returncode}:\n{answer.stderr.strip()}")
    said = answer.stderr.removeprefix("CommandError: ").splitlines() if answer.returncode else []
    return tuple(line for line in said if line.strip())


def back_up(release: Release) -> Path:
    """A new backup of the database, made by that version."""
    before = {*BACKUPS.glob("*.backup.tar")}
    manage(release, "backup", str(BACKUPS))
    (made,) = {*BACKUPS.glob("*.backup.tar")} - before
    return made


def point_at(release: Release) -> None:
    """Make it the current one, with its units."""
    beside = BASE / ".current"
    beside.unlink(missing_ok=True)
    beside.symlink_to(release.folder)
    beside.replace(CURRENT)
    for unit in _units_of(release):
        shutil.copyfile(unit, UNITS / unit.name)
        (UNITS / unit.name).chmod(0o644)
    _systemctl("daemon-reload")


def active_units(release: Release) -> tuple[str, ...]:
    """Its units that run now, and those that systemd starts again and again since they end by themselves."""
    names = (unit.name for unit in _units_of(release))
    return tuple(unit["Id"] for unit in _shown("Id,Type,ActiveState", *names) if _is_active(unit))


def _shown(properties: str, *units: str) -> list[dict[str, str]]:
    """What systemd says of each unit; nothing where no systemd is."""
    shown = _asked_of_systemctl("show", f"--property={properties}", *units)
    return [dict(row.split("=", 1) for row in block.splitlines()) for block in shown.split("\n\n") if block.strip()]


def _is_active(unit: dict[str, str]) -> bool:
    # What a timer began is "activating" until it ends: it is the timer that runs.
    lasting = unit.get("Type") != "oneshot"
    return unit["ActiveState"] in ("active", "reloading") or (lasting and unit["ActiveState"] == "activating")


def stop(release: Release) -> None:
    """End its units, timers first, so that none starts anything anew. Raises Failed where one does not end.

    What a timer began is ended too: it would hold the database.
    """
    names = [unit.name for unit in _units_of(release)]
    if not _systemctl("stop", *sorted(names, key=lambda name: not name.endswith(".timer"))) and active_units(release):
        raise Failed(f"systemctl stop {' '.join(active_units(release))} failed. See: systemctl status")


def start(units: tuple[str, ...]) -> None:
    """Start them. Raises Failed where one does not come up, also when systemd starts it again, or where pages are among
    them and none is answered."""
    if units and not _systemctl("start", *units) and not _come_up(units):
        raise Failed(f"systemctl start {' '.join(units)} failed. See: systemctl status 'ivig-*'")
    if "ivig-web.service" in units:
        _await_ready()


def _come_up(units: tuple[str, ...]) -> bool:
    """Whether all of them run, at once or within `READY_SECONDS`: systemd starts again what ended as it began."""
    deadline = time.monotonic() + READY_SECONDS
    while shown := _shown("Id,ActiveState", *units):
        if {*units} <= {unit["Id"] for unit in shown if unit["ActiveState"] == "active"}:
            return True
        if time.monotonic() > deadline:
            break
        time.sleep(1)
    return False


def keep(upgraded: Upgraded | None) -> None:
    """Keep what the way back needs, before anything is changed. None: no upgrade was made here."""
    if upgraded is None:
        RECORD.unlink(missing_ok=True)
        return
    beside = RECORD.with_suffix(".part")
    with beside.open("w", encoding="utf-8") as out:
        json.dump({**asdict(upgraded), "backup": str(upgraded.backup)}, out, indent=1)
        out.flush()
        # After a power cut it says what was going on.
        os.fsync(out.fileno())
    beside.replace(RECORD)


def last_upgrade() -> Upgraded | None:
    """The last upgrade that is not undone; None where there was none."""
    try:
        kept = json.loads(RECORD.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    # A record of a build before 0.1.0 does not say whether it is done.
    done = kept.get("done", False)
    return Upgraded(kept["before"], kept["after"], Path(kept["backup"]), tuple(kept["units"]), done)


def run(*command: str) -> str:
    """What a program says. Raises Failed, with all that it said, where it fails."""
    answer = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if answer.returncode:
        raise Failed(f"{' '.join(command)} ended with {answer.returncode}:\n{answer.stdout.strip()}")
    return answer.stdout


def _await_ready() -> None:
    deadline, said = time.monotonic() + READY_SECONDS, ""
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(READY, timeout=5):
                return
        except (OSError, urllib.error.URLError) as error:
            said = str(error)
        time.sleep(0.5)
    raise Failed(f"{READY} does not answer 200 within {READY_SECONDS} s: {said}")


def _units_of(release: Release) -> list[Path]:
    return sorted((release.folder / "deploy" / "systemd").glob("ivig-*"))


def _systemctl(*command: str) -> bool:
    """Whether it succeeded. Where no systemd is, nothing runs and nothing can be started."""
    systemctl = shutil.which("systemctl")
    return systemctl is not None and subprocess.run([systemctl, *command], check=False).returncode == 0


def _asked_of_systemctl(*command: str) -> str:
    """What it answers; nothing where no systemd is."""
    systemctl = shutil.which("systemctl")
    if systemctl is None:
        return ""
    return subprocess.run([systemctl, *command], stdout=subprocess.PIPE, text=True, check=False).stdout
