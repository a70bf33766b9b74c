"""The trial of two hosts: made, used by people, and broken part after part, with what did not hold."""

import json
import os
import random
import secrets
import shutil
import time
from collections import Counter, deque
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench.hosts import proof
from bench.hosts.browser import Answers, Browser
from bench.hosts.clock import can_be_made
from bench.hosts.cluster import Cluster, programs
from bench.hosts.host import WebHost
from bench.hosts.network import SmallDisk
from bench.hosts.people import KINDS, Ledger, Reader, World, started


class Trial:
    """The hosts, the database and the people, with what was found wrong."""

    def __init__(
        self, folder: Path, readers: int, writers: int, kept: Path | None, pace: float, stack: ExitStack
    ) -> None:
        self.folder, self.readers, self.writers, self.stack = folder, readers, writers, stack
        self.kept = kept / f"{readers}-{writers}" if kept else None
        self.pace = pace
        self.answers, self.ledger, self.wrong = Answers(), Ledger(), []
        self.broken: list[tuple[datetime, datetime]] = []
        self.hosts = [WebHost(letter, place, folder) for place, letter in enumerate("ab", 1)]
        for host in self.hosts:
            stack.callback(host.network.remove)
            host.network.make()
        bin_folder = programs()
        assert bin_folder is not None
        made = self.kept / "data" if self.kept and (self.kept / "made.json").exists() else None
        self.cluster = Cluster(bin_folder, folder / "postgresql", [host.network.here for host in self.hosts], made)
        stack.callback(self._end_cluster)
        self.cluster.start()

    def _end_cluster(self) -> None:
        with suppress(RuntimeError):  # it is down already
            self.cluster.stop("immediate")

    def say(self, what: str) -> None:
        """Print it with the moment and how busy the machine is."""
        print(f"{time.strftime('%H:%M:%S')} load {os.getloadavg()[0]:4.1f}  {what}", flush=True)

    def must(self, truth: object, sentence: str) -> None:
        """Note `sentence` as wrong where it does not hold."""
        if not truth:
            self.wrong.append(sentence)
            self.say(f"WRONG: {sentence}")

    # --- Beginning

    def prepare(self, exports: Path) -> None:
        """The database with its people, and both hosts serving."""
        key = secrets.token_urlsafe(64)
        for host in self.hosts:
            host.know(self.cluster, key, exports)
        made = self._made_before() or self._make()
        for host in self.hosts[1:]:
            shutil.copytree(self.hosts[0].folder / "var" / "static", host.folder / "var" / "static")
        uids = [request["uid"] for request in made["requests"]]
        self.world = World(made["password"], deque(made["patients"]), list(uids), deque(uids), self.pace)
        self.told = made["people"]
        self.say(f"made: {len(self.told)} people, {len(made['patients'])} patients, {len(uids)} requests that wait")
        for host in self.hosts:
            host.begin()
        for host in self.hosts:
            self.say(f"host {host.letter} serves after {host.answered():.1f} s")

    def _made_before(self) -> dict | None:
        if self.kept is None or not (self.kept / "made.json").exists():
            return None
        shutil.copytree(self.kept / "static", self.hosts[0].folder / "var" / "static")
        return json.loads((self.kept / "made.json").read_text())

    def _make(self) -> dict:
        """The hospital, made anew, and kept where that is asked for."""
        first, counts = self.hosts[0], (self.readers, self.writers, 4 * self.writers, 2 * self.writers)
        self.cluster.make_database()
        self._succeeds(first.manage("prepare", owner=True, timeout=1800))
        said = self._succeeds(first.python("-m", "bench.hosts.hospital", *map(str, counts), timeout=1800))
        if self.kept:
            self.kept.mkdir(parents=True)
            self.cluster.keep(self.kept / "data")
            shutil.copytree(first.folder / "var" / "static", self.kept / "static")
            (self.kept / "made.json").write_text(said)
        return json.loads(said)

    def _succeeds(self, done) -> str:
        if done.returncode:
            raise RuntimeError(f"{done.args}\n{done.stdout[-1000:]}\n{done.stderr[-3000:]}")
        return done.stdout

    def send_people(self) -> None:
        """Have everybody sign in, and then work."""
        self.people = []
        for place, who in enumerate(self.told):
            kind = Reader if who["username"].startswith("reader") else KINDS[who["kind"]]
            order = [(host.letter, host.network.there) for host in self.hosts]
            browser = Browser(
                order[:: 1 if place % 2 else -1], f"10.202.{place // 200}.{place % 200 + 1}", self.answers
            )
            self.people.append(kind(who, browser, self.world, self.ledger, self.answers, seed=place))
        self.stack.callback(self.send_home)
        random.Random(0).shuffle(self.people)
        began = time.monotonic()
        self.threads = started(self.people, over=10)
        signed = 0
        while signed < len(self.people) and time.monotonic() - began < 600:
            time.sleep(1)
            signed = sum("__Host-session" in person.browser.cookies for person in self.people)
        self.say(f"{signed} of {len(self.people)} signed in within {time.monotonic() - began:.0f} s")
        self.must(signed == len(self.people), "not everybody could sign in")
        self.world.begun.set()

    def send_home(self) -> None:
        """End everybody's work."""
        for person in self.people:
            person.ended.set()
        deadline = time.monotonic() + 45
        for thread in self.threads:
            thread.join(timeout=max(0.0, deadline - time.monotonic()))

    # --- What is told of a span of time

    @contextmanager
    def span(self, name: str, *, away: bool = False, again: bool = False) -> Iterator[None]:
        """Tell of the answers within; 503 is right only where something is `away`. A job may be begun `again` only
        where that is so, a host is killed, or a clock is ahead, by which every job has long been under way."""
        broke = datetime.now(UTC)
        began, complaints = time.monotonic(), len(self.answers.wrong)
        logged = [host.log_size() for host in self.hosts]
        yield
        if away or again:
            self.broken.append((broke, datetime.now(UTC)))
        self.tell(name, began, time.monotonic(), away=away)
        for sentence in self.answers.wrong[complaints:][:8]:
            self.say(f"  {sentence}")
        self.wrong += self.answers.wrong[complaints:]
        for host, since in zip(self.hosts, logged, strict=True):
            said = host.said(since)
            self.must("Traceback (most recent" not in said or away, f"{name}: host {host.letter} wrote a traceback")
            self.must('"event": "fault"' not in said, f"{name}: host {host.letter} had a fault: {_fault_in(said)}")

    def tell(self, name: str, began: float, ended: float, *, away: bool) -> None:
        """Print milliseconds and statuses of what was answered from `began` to `ended`."""
        within = [asked for asked in self.answers.asked if began <= asked.at < ended]
        signing = [asked for asked in within if asked.kind == "sign in"]
        pages = [asked for asked in within if asked.kind != "sign in"]
        served = [asked.ms for asked in pages if 0 < asked.status < 500]
        self.say(f"{name}: {len(within) / (ended - began):.1f} requests a second; {proof.percentiles(served)}")
        for host in self.hosts:
            statuses = Counter(asked.status for asked in pages if asked.host == host.letter)
            said = ", ".join(f"{status or 'no answer'}: {count}" for status, count in sorted(statuses.items()))
            self.say(f"  host {host.letter}: {said or 'nothing'}")
        busy = sum(asked.status == 503 for asked in signing)
        if busy:
            self.say(f"  {busy} sign-ins were asked to come again in a moment")
        if not away:
            refused = [asked for asked in pages if asked.status >= 500]
            self.must(not refused, f"{name}: {len(refused)} answers of 5xx, such as {refused[:2]}")

    def steady_again(self, since: float, within: float) -> float:
        """Seconds from `since` until both hosts answered pages again; wrong where that takes longer than `within`."""
        deadline = since + within
        while time.monotonic() < deadline:
            fine = {asked.host for asked in self.answers.asked if asked.at > since and asked.status in (200, 302)}
            if len(fine) == len(self.hosts):
                break
            time.sleep(0.2)
        took = time.monotonic() - since
        self.must(took < within, f"not both hosts answered within {within:.0f} s")
        return took

    # --- The parts

    def steady(self, seconds: float) -> None:
        """People work and nothing fails."""
        with self.span("steady"):
            time.sleep(seconds)

    def host(self, seconds: float) -> None:
        """One host is cut off and comes back."""
        with self.span("host b killed, and started again", again=True):
            time.sleep(5)
            killed = time.monotonic()
            self.hosts[1].kill()
            time.sleep(max(15, seconds / 4))
            took = self.hosts[1].start()
            time.sleep(max(15, seconds / 4))
        late = [asked for asked in self.answers.asked if asked.host == "a" and asked.at > killed and asked.status == 0]
        self.must(not late, f"the living host gave no answer to {len(late)}, such as {late[:2]}")
        self.say(
            f"  host b was back {took:.1f} s after it was started; in all {self._lost(killed)} got no answer from it"
        )

    def _lost(self, since: float) -> int:
        return sum(asked.host == "b" and asked.at > since and asked.status == 0 for asked in self.answers.asked)

    def database(self, seconds: float) -> None:
        """PostgreSQL is stopped and started, in both ways, under load."""
        for mode in ("fast", "immediate"):
            with self.span(f"PostgreSQL stopped ({mode}) for 10 s", away=True):
                self.cluster.stop(mode)
                time.sleep(10)
                self.cluster.start()
                took = self.steady_again(time.monotonic(), 30)
            self.say(f"  both hosts answered again {took:.1f} s after it was there")
            with self.span(f"after that ({mode})"):
                time.sleep(max(15, seconds / 4))
            self._worker_goes_on()

    def _worker_goes_on(self) -> None:
        """A job that is asked for now is done soon, and so is what waited or rests."""
        began, since = time.monotonic(), datetime.now(UTC)
        self.must(self._export() == "done", "a job that was asked for afterwards was not done within a minute")
        took = time.monotonic() - began
        rest = proof.await_jobs(self.cluster, 180, since)
        self.must(rest < 180, "jobs were still waiting, resting, or under way 180 s later")
        self.say(f"  a job asked for now was done after {took:.0f} s; no other was left {rest:.0f} s later")

    def disk(self, seconds: float) -> None:
        """The disk of the database, then that of the exports, is full and has room again."""
        size = sum(file.stat().st_size for file in self.cluster.data.rglob("*") if file.is_file()) // 1_000_000
        disk = SmallDisk(self.folder / "small", size + 60)
        self.stack.callback(disk.remove)
        with self.span("the database is moved to a small disk", away=True):
            self.cluster.move(disk.folder)
            self.steady_again(time.monotonic(), 30)
        with self.span("the database's disk is full", away=True):
            disk.fill()
            time.sleep(max(20, seconds / 4))
        with self.span("it has room again", away=True):
            disk.free()
            freed = time.monotonic()
            if not self.cluster.back_within(5):
                self.say(f"  PostgreSQL ended itself, and is started: {self.cluster.said()[-160:]!r}")
                self.cluster.start()
            took = self.steady_again(freed, 45)
        self.say(f"  both hosts answered again {took:.1f} s after there was room")
        with self.span("after that (disk)"):
            time.sleep(max(15, seconds / 4))
        self._worker_goes_on()
        self._exports()

    def _exports(self) -> None:
        """A full disk of exports fails the export in words, and nothing else; with room it is made."""
        self.exports.fill()
        self.must(self._export() == "failed", "an export on a full disk does not say that it failed")
        self.exports.free()
        self.must(self._export() == "done", "an export is not made once there is room again")
        left = [path.name for path in self.exports.folder.iterdir() if ".part" in path.name]
        self.must(not left, f"left behind on the disk of exports: {left}")

    def _export(self) -> str:
        """Have an auditor ask for an export, and return what becomes of it."""
        who = next(person for person in self.told if person["kind"] == "auditor")
        order = [(host.letter, host.network.there) for host in self.hosts]
        person = self.people[0].__class__(who, Browser(order, "10.203.0.1", self.answers), self.world, self.ledger,
                                          self.answers, seed=1)  # fmt: skip
        person.sign_in()
        page = person.look("/audit/exports/", "export")
        asked = person.send(page, "/exports/", {}, "export")
        self.must(asked.status == 302, f"asking for an export was answered {asked.status}")
        for _ in range(60):
            ((status, failure),) = self.cluster.ask(
                "SELECT status, failure FROM utilization_export ORDER BY id DESC LIMIT 1"
            )
            if status not in ("waiting", "running"):
                self.say(f"  an export: {status} {failure}")
                return status
            time.sleep(1)
        return status

    def clock(self, seconds: float) -> None:
        """The clocks are stepped an hour on and back; then one host's alone."""
        if not can_be_made():
            self.say("clock: left out, a clock of a host's own needs a C compiler (apt-get install gcc)")
            return
        for person in self.people:
            person.may_be_signed_out = True
        with self.span("hosts with clocks of their own", again=True):
            for host in self.hosts:
                host.kill()
                host.start(own_clock=True)
        hour = timedelta(hours=1)
        for name, of_a, of_b in (("both clocks an hour on", hour, hour), ("both clocks back", None, None),
                                 ("one clock an hour on", None, hour), ("that clock back", None, None)):  # fmt: skip
            before = self.ledger.signed_out
            with self.span(name, again=True):
                for host, ahead in zip(self.hosts, (of_a, of_b), strict=True):
                    assert host.clock is not None
                    host.clock.set(ahead or timedelta())
                time.sleep(5)
                said = self.hosts[1].manage("doctor", "--faults").stdout
                self.must(("clock" in said) == bool(of_b) or not of_b, f"{name}: doctor says nothing of the clock")
                told = [line for line in said.splitlines() if "clock" in line]
                self.say(f"  doctor of host b: {' '.join(told) or 'nothing of the clock'}")
                time.sleep(max(15, seconds / 4))
            self.say(f"  {self.ledger.signed_out - before} were signed out, and signed in again")

    # --- The end

    def prove(self) -> None:
        """Hold the database against what was acknowledged."""
        self.send_home()
        took = proof.await_jobs(self.cluster, 900)
        self.say(f"all have gone home; no job was left after {took:.0f} s: {proof.counted(self.cluster)}")
        for sentence in proof.faults(self.cluster, self.hosts[0], self.ledger, self.broken):
            self.must(False, sentence)
        told = self.ledger
        self.say(f"acknowledged: {len(told.messages)} messages ({len(told.lost)} of them sent twice), {len(told.filed)}"
                 f" filed, {len(told.approved)} approved; {told.others_first} found that others were first;"
                 f" {told.given_up} gave up an act after a minute and a half")  # fmt: skip


def _fault_in(log: str) -> str:
    lines = [line for line in log.splitlines() if '"event": "fault"' in line]
    return lines[0][:600] if lines else ""
