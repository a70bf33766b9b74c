"""The server killed at random moments under people at work, again and again: nothing that was acknowledged is lost.

    python -m bench.kills                                             500 kills under at least 20,000 changes
    python -m bench.kills 50                                          so many kills, 40 acknowledged changes for each
    SEED=7 python -m bench.kills 50                                   other moments and other stories
    MINUTES=30 python -m bench.kills                                  no kill after so long; then what holds is reckoned
    DATABASE_URL=postgres://user@host/name python -m bench.kills      on PostgreSQL, in a database name_kills

`manage.py serve` runs in production mode with one web process of four threads, its worker and its ticker. Four threads
are people with sessions of their own, who add patients, write drafts, file, claim, note, write to each other, ask,
answer, refer, approve, deny, withdraw and record infusions over HTTP; a form that got no answer is sent again as it
was. Every process of the server gets SIGKILL at once, at a moment drawn anew each time, and it is started again: one
start of fifty as a person does, the others in forks of a process that has loaded the program (`zygote.py`). Mail goes
to a mail server on this machine.

After each tenth kill, with nothing running: each change that was answered with 2xx or 3xx is in the database once.
After each hundredth, and in the end once the queue is empty: the log holds together, every row is what replaying it
gives, what is filed or decided has all its parts, each decision has its document or the job for it, who must be told of
an entry is told and nobody else, by a reckoning of its own, and each mail of the outbox was sent, under one Message-ID
however often. In the end each decision has its document: one whose job was begun three times is made as for a reader
who asks for it, and `doctor` must have told of the job. Ends with 1 where anything else is found.

Processes are killed, not the machine: that a commit is on the disk before it is acknowledged (`synchronous=FULL`, and
PostgreSQL's `fsync`) is not shown by this. What one stop of the machine loses is another measurement.
"""

import os
import random
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta

from bench import usage
from bench.kills.hospital import ROOT, Hospital, a_hospital, close, hire
from bench.kills.ledger import Ledger
from bench.kills.server import Server

KILLS, A_KILL, WRITERS = 500, 40, 4
COLD, LOOKS, LOOKS_WHOLE = 50, 10, 100
LONGEST_LIFE = 60.0
LONG_LIVES, LONG = 0.1, 8.0
"""The share of lives that go on for so many seconds more, so that the ticker is killed at work too."""
MOST_SHOWN = 20


@dataclass
class Run:
    """A run: what it works on, and what is found."""

    hospital: Hospital
    seed: int
    ledger: Ledger = field(default_factory=Ledger)
    over: threading.Event = field(default_factory=threading.Event)
    faults: list[str] = field(default_factory=list)
    looked: tuple[int, int] = (0, 0)
    hired: int = 0
    """The size of the log once everybody is hired."""
    kills: int = 0
    processes: int = 0
    starts: list[float] = field(default_factory=list)
    spent: Counter[str] = field(default_factory=Counter)
    """Seconds, by what they were spent on."""

    @contextmanager
    def timed(self, what: str) -> Iterator[None]:
        """Count the seconds of what is done within."""
        began = time.monotonic()
        yield
        self.spent[what] += time.monotonic() - began

    def find(self, faults: Iterable[str]) -> None:
        """Keep and print what is found."""
        for fault in faults:
            self.faults.append(fault)
            if len(self.faults) <= MOST_SHOWN:
                print(f"FAULT after {self.kills} kills: {fault}", flush=True)

    def look(self) -> None:
        """Look for what was acknowledged since the last look. To be called while nobody writes."""
        from bench.kills import reckoning

        settle()
        now = len(self.ledger.acknowledged), len(self.ledger.unsure)
        fresh = self.ledger.acknowledged[self.looked[0] : now[0]], self.ledger.unsure[self.looked[1] : now[1]]
        self.find(reckoning.acknowledged(self.ledger, *fresh))
        self.looked = now
        close()

    def look_at_all(self) -> None:
        """Look at everything. To be called while nobody writes."""
        from bench.kills import reckoning

        settle()
        self.find(reckoning.acknowledged(self.ledger, self.ledger.acknowledged, self.ledger.unsure))
        self.find(reckoning.entries(self.ledger))
        for part in (reckoning.whole(), reckoning.documents(), reckoning.notices(self.hired)):
            self.find(part)
        close()


def settle() -> None:
    """Wait until PostgreSQL has ended the sessions of processes that were killed: what had reached it may still be
    committed. Raises RuntimeError."""
    from django.db import connection

    if connection.vendor != "postgresql":
        return
    others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    until = time.monotonic() + LONGEST_LIFE
    while time.monotonic() < until:
        with connection.cursor() as cursor:
            cursor.execute(f"{others} AND backend_type = 'client backend'")
            if cursor.fetchone() == (0,):
                return
        time.sleep(0.01)
    raise RuntimeError("Sessions of killed processes do not end.")


def kill_often(run: Run, kills: int, minutes: float) -> None:
    """Have the writers work, and kill the server under them."""
    from bench.kills.writers import Writer, at_work

    (site, run.hired), server, rng = hire(), Server(run.hospital), random.Random(run.seed)
    writers = [Writer(number, run.hospital.port, site, run.ledger, run.seed, run.over) for number in range(WRITERS)]
    threads = at_work(server, writers)
    until = time.monotonic() + 60 * minutes
    while run.kills < kills and time.monotonic() < until and not run.ledger.surprises:
        with run.timed("lives"):
            live(run, rng)
        with run.timed("kills"):
            run.processes += server.kill()
        run.kills += 1
        if run.kills % LOOKS == 0:
            with run.timed("looks"), run.ledger.gate.shut():
                run.look()
                if run.kills % LOOKS_WHOLE == 0 and run.kills < kills:
                    run.look_at_all()
            told = f"{run.kills} kills, {len(run.ledger.acknowledged)} changes acknowledged, {len(run.faults)} faults"
            print(f"{told}; {time.monotonic() - until + 60 * minutes:.0f} s", flush=True)
        with run.timed("starts"):
            server.start(cold=run.kills % COLD == 0)
            run.starts.append(server.await_answer())
    run.over.set()
    for thread in threads:
        thread.join()
    server.end()


def live(run: Run, rng: random.Random) -> None:
    """Wait for the moment of the next kill: about when so much more is done, and sometimes later."""
    began, wanted = time.monotonic(), (run.kills + 1) * A_KILL
    while len(run.ledger.acknowledged) < wanted and time.monotonic() - began < LONGEST_LIFE:
        if run.ledger.surprises:
            return
        time.sleep(0.005)
    time.sleep(rng.random() * 0.15 + (LONG if rng.random() < LONG_LIVES else 0))


def finish() -> None:
    """Do what is left in the queue and the outbox, as if the time had passed after which lost work is taken up, for as
    long as a round leaves less than the one before."""
    before = None
    while (left := age_what_is_left()) != before and any(left):
        before = left
        for words in (["tick", "--once"], ["db_worker", "--batch", "--no-startup-delay", "--verbosity", "0"]):
            if words[0] == "tick" or left[0]:
                subprocess.run([sys.executable, "manage.py", *words], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)


def age_what_is_left() -> tuple[int, int]:
    """How many jobs and mails are to be done, each now as if it had waited for long."""
    from django.db.models import F
    from django_tasks_db.models import DBTaskResult

    from bench.kills import reckoning
    from utilization.models import Delivery

    hour = timedelta(hours=1)
    jobs, waiting = DBTaskResult.objects.all(), Delivery.objects.filter(state="waiting")
    failed = jobs.filter(status="FAILED", exception_class_path__in=reckoning.BEGUN_AGAIN)
    count = jobs.filter(status__in=("READY", "RUNNING")).count() + failed.count(), waiting.count()
    jobs.filter(status="RUNNING").update(started_at=F("started_at") - hour)
    failed.update(finished_at=F("finished_at") - hour)
    waiting.update(next_try=F("made_at"))
    close()
    return count


def ask_for(run: Run) -> None:
    """Make the documents whose jobs were given up as for readers who ask for them. `doctor` has told of these jobs."""
    from django.utils import timezone
    from django_tasks_db.models import DBTaskResult

    from bench.kills import reckoning
    from utilization.jobs.documents import issued
    from utilization.management.doctor import processes

    requests = reckoning.given_up()
    told = any("issue_justification failed" in line.says for line in processes.lines(timezone.now()))
    if requests and not told:
        run.find(["jobs were given up and doctor does not tell of it"])
    for request in requests:
        issued(request, at=timezone.now())
    run.ledger.counts["jobs given up"] = len(requests)
    for begun in DBTaskResult.objects.values_list("worker_ids", flat=True):
        run.ledger.counts[f"jobs begun {len(begun)} times"] += 1
    run.find(reckoning.undocumented())


def report(run: Run) -> int:
    """Print what was done and found; 1 where that is anything wrong."""
    counts = run.ledger.counts
    print(f"{run.kills} kills of {run.processes} processes, {len(run.ledger.acknowledged)} changes acknowledged")
    print(f"up again after {sorted(run.starts)[len(run.starts) // 2]:.1f} s (median)")
    print(", ".join(f"{what} {seconds:.0f} s" for what, seconds in run.spent.items()))
    for name, count in sorted(counts.items()):
        print(f"  {name:<24}{count:>8}")
    seen = Counter(str(mail["Message-ID"]) for mail in run.hospital.mail.took)
    print(f"{len(seen)} mails, {sum(seen.values()) - len(seen)} of them sent a second time")
    print(f"{len(run.faults)} faults, {len(run.ledger.surprises)} surprises")
    for surprise in run.ledger.surprises[:MOST_SHOWN]:
        print(f"SURPRISE: {surprise}")
    return int(bool(run.faults or run.ledger.surprises))


def reckon_up(run: Run) -> None:
    """Look at everything once the server has ended, and again once nothing is left to do."""
    from bench.kills import reckoning

    run.look_at_all()
    finish()
    run.look_at_all()
    ask_for(run)
    run.find(reckoning.mails(run.hospital.mail.took))


def main(arguments: list[str]) -> int:
    """Kill as often as the arguments say."""
    usage(__doc__)
    kills, seed = int(arguments[0]) if arguments else KILLS, int(os.environ.get("SEED", "1"))
    with a_hospital("kills") as hospital:
        run = Run(hospital, seed)
        try:
            kill_often(run, kills, float(os.environ.get("MINUTES", "1e6")))
            with run.timed("the end"):
                reckon_up(run)
            close()
        finally:
            if run.faults or run.ledger.surprises:
                print(hospital.errors.read_text()[-4000:])
        return report(run)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
