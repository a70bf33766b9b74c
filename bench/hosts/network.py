"""Two hosts on this machine: network namespaces, each reached over a pair of addresses of its own, gone afterwards."""

import ctypes
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

NETWORK = "10.201"
NEEDED = ("ip", "mount", "umount", "runuser")


def say_what_is_missing() -> str:
    """Why namespaces cannot be made here, in a sentence; empty where they can."""
    if not sys.platform.startswith("linux"):
        return "This needs Linux: its hosts are network namespaces."
    if os.geteuid() != 0:
        return "This needs root: it makes network namespaces and mounts."
    if missing := [name for name in NEEDED if not shutil.which(name)]:
        return f"This needs {' and '.join(missing)} (iproute2, mount, util-linux)."
    return ""


def run(*words: str, timeout: float = 60) -> str:
    """What the command `words` says; RuntimeError with its error where it fails."""
    done = subprocess.run(words, capture_output=True, text=True, timeout=timeout, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(words)}: {done.stderr.strip() or done.stdout.strip()}")
    return done.stdout


def die_with_parent() -> None:
    """Have the system end this process where its starter ends, in whatever way."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)


class Namespace:
    """A host's own network: `there` is its address, `here` the one at which it finds this machine."""

    def __init__(self, letter: str, place: int) -> None:
        self.name = f"ivig-{os.getpid()}-{letter}"
        # Two runs at once get in nobody's way.
        third = 2 * (os.getpid() % 100) + place
        self.here, self.there = f"{NETWORK}.{third}.1", f"{NETWORK}.{third}.2"
        self._link = f"iv{os.getpid() % 1_000_000}{letter}"

    def make(self) -> None:
        """Make it, with the pair of addresses that leads there."""
        run("ip", "netns", "add", self.name)
        run("ip", "link", "add", self._link, "type", "veth", "peer", "name", "up0", "netns", self.name)
        run("ip", "addr", "add", f"{self.here}/30", "dev", self._link)
        run("ip", "link", "set", self._link, "up")
        for words in (("addr", "add", f"{self.there}/30", "dev", "up0"), ("link", "set", "up0", "up"),
                      ("link", "set", "lo", "up")):  # fmt: skip
            run("ip", "-n", self.name, *words)

    def within(self, words: Sequence[str]) -> list[str]:
        """The command `words`, as it is run in this network."""
        return ["ip", "netns", "exec", self.name, *words]

    def processes(self) -> list[int]:
        """Ids of all that runs in it: all of it was started by us, since nobody else knows the name."""
        return [int(word) for word in run("ip", "netns", "pids", self.name).split()]

    def kill(self) -> None:
        """End all that runs in it as a cut of power does."""
        deadline = time.monotonic() + 10
        while (left := self.processes()) and time.monotonic() < deadline:
            for process in left:
                try:
                    os.kill(process, signal.SIGKILL)
                except ProcessLookupError:
                    continue
            time.sleep(0.05)

    def remove(self) -> None:
        """Kill what runs in it, and take it away with its addresses."""
        for tidy in (self.kill, self._unlink, self._forget):
            try:
                tidy()
            except (RuntimeError, subprocess.TimeoutExpired):
                continue  # was not made, or is gone

    def _unlink(self) -> None:
        run("ip", "link", "del", self._link)

    def _forget(self) -> None:
        run("ip", "netns", "del", self.name)


class SmallDisk:
    """A folder with little room, which can be filled and emptied; `megabytes` in all."""

    def __init__(self, folder: Path, megabytes: int) -> None:
        self.folder = folder
        self._ballast = folder / "ballast"
        folder.mkdir(parents=True, exist_ok=True)
        run("mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=0755", "tmpfs", str(folder))

    def fill(self) -> None:
        """Take all the room that is left."""
        ballast = os.open(self._ballast, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        for size in (1 << 20, 1 << 12, 1):
            try:
                while os.write(ballast, b"\0" * size):
                    continue
            except OSError:
                continue
        os.close(ballast)

    def free(self) -> None:
        """Give the room back."""
        self._ballast.unlink(missing_ok=True)

    def remove(self) -> None:
        """Take it away with all that is in it."""
        subprocess.run(["umount", "--lazy", str(self.folder)], capture_output=True, check=False)
