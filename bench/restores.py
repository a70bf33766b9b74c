"""Backups made while people write, each restored into another database: what was acknowledged before is in it.

    python -m bench.restores                                           100 backups, each restored
    python -m bench.restores 10                                        so many
    SEED=7 python -m bench.restores 10                                 other moments and other stories
    PAUSE=0 python -m bench.restores 10                                people who send their next form at once
    DATABASE_URL=postgres://user@host/name python -m bench.restores    on PostgreSQL, in name_restores, name_restoresd

`manage.py serve` runs in production mode, and the people of `bench.kills` work over HTTP as they do there, but with
pauses, half a second each unless told, so that the restores have a processor too; and nothing is killed. Again and
again `manage.py backup` is run under them, at a moment drawn anew, and then, while they go on, `manage.py restore` of
that file into an empty database, which proves it as for a hospital: rows by table, guards, the whole log against every
row, judgements judged again. Then the restored database is read by plain SQL: each change that was answered before the
backup began is there once, with its entry in the log; a draft has no older text than was answered by then; and no
request has entries that nobody had sent before the backup had ended.

Prints what was made and restored, how long it took and how often people were asked to wait. Ends with 1 where anything
is lost, twice, or of later; where a backup or a restore fails; or where nobody wrote while a backup was made.
"""

import os
import random
import shutil
import sqlite3
import statistics
import subprocess
import sys
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from bench import usage
from bench.kills.hospital import ROOT, Hospital, a_hospital, close, hire
from bench.kills.ledger import Change, Ledger
from bench.kills.server import Server

RESTORES, WRITERS, BETWEEN = 100, 4, 25
"""Backups, people at work, and the changes that are acknowledged between two backups at least."""
LONGEST = 60.0
PAUSE = float(os.environ.get("PAUSE", "0.5"))
"""Seconds between an answer and the next form of one, on average."""

Ask = Callable[[str], Iterable[Sequence[Any]]]
"""The rows that a statement gives."""


@dataclass(frozen=True, slots=True)
class Moment:
    """What was known as a backup began: the changes answered by then, and the last text of each draft."""

    answered: Sequence[Change]
    typed: dict[str, int]

    @classmethod
    def now(cls, ledger: Ledger) -> "Moment":
        """What `ledger` knows now; people go on writing to it."""
        typed = dict(ledger.typed)
        return cls(ledger.acknowledged[: len(ledger.acknowledged)], typed)


@dataclass
class Run:
    """A run, and what is found."""

    hospital: Hospital
    ledger: Ledger = field(default_factory=Ledger)
    over: threading.Event = field(default_factory=threading.Event)
    faults: list[str] = field(default_factory=list)
    beside: list[int] = field(default_factory=list)
    """Changes that were answered while each backup was made."""
    backups: list[float] = field(default_factory=list)
    restores: list[float] = field(default_factory=list)
    checked: int = 0

    def find(self, fault: str) -> None:
        """Keep and print what is found."""
        self.faults.append(fault)
        print(f"FAULT: {fault}", flush=True)


# --- What must be there -------------------------------------------------------------------------------------------


def lost(moment: Moment, sent: Sequence[Change], drafts: dict[str, int], ask: Ask) -> Iterator[str]:
    """What is wrong with the restored database that `ask` reads. `sent` are the changes answered or begun by the end of
    the backup, `drafts` the last text of each draft that was sent by then."""
    yield from _texts(moment.answered, sent, ask)
    yield from _entries(moment.answered, sent, ask)
    kept = {_bare(uid): str(draft) for uid, draft in ask("SELECT uid, draft FROM utilization_request")}
    for uid, last in drafts.items():
        number, least = _number_in(kept.get(_bare(uid), "")), moment.typed.get(uid, 0)
        if not least <= number <= last:
            yield f"draft {uid} has text {number}; {least} was answered before, {last} sent by the end"


def _texts(answered: Sequence[Change], sent: Sequence[Change], ask: Ask) -> Iterator[str]:
    wanted, known = _by_place(answered), _by_place(sent)
    for place, texts in known.items():
        there = Counter(_bare(value) for (value,) in ask(_select(*place)))
        yield from (f"lost: {place} {text}" for text in wanted.get(place, ()) if not there[text])
        yield from (f"there {there[text]} times: {place} {text}" for text in texts if there[text] > 1)


def _by_place(changes: Iterable[Change]) -> dict[tuple[str, str], set[str]]:
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for change in changes:
        if change.table:
            found[change.table, change.column].add(_bare(change.text))
    return found


def _select(table: str, column: str) -> str:
    if column == "patient__uid":
        return "SELECT p.uid FROM utilization_request r JOIN utilization_patient p ON p.id = r.patient_id"
    return f"SELECT {column} FROM utilization_{table.lower()}"


def _entries(answered: Sequence[Change], sent: Sequence[Change], ask: Ask) -> Iterator[str]:
    """Each answered change has its entry, and no request has more of a kind than were sent."""
    rows = ask("SELECT r.uid, e.type FROM utilization_event e JOIN utilization_request r ON r.id = e.request_id")
    kept = Counter((_bare(uid), kind) for uid, kind in rows)
    least, most = (Counter((_bare(each.uid), each.event) for each in told if each.event) for told in (answered, sent))
    for place in least | most:
        if not least[place] <= kept[place] <= most[place]:
            yield f"{kept[place]} entries of {place}: {least[place]} answered before, {most[place]} sent by the end"


def _bare(value: object) -> str:
    """A value as it can be compared: SQLite keeps a key without its dashes."""
    text = str(value)
    return text.replace("-", "") if len(text) == 36 and text.count("-") == 4 else text


def _number_in(draft: str) -> int:
    """The number of a draft's text, `Summary 3.`; 0 where it has none."""
    _, found, rest = draft.partition("Summary ")
    return int(rest.split(".")[0]) if found else 0


# --- Where it is restored -----------------------------------------------------------------------------------------


class Elsewhere:
    """An empty database of its own beside the one that is worked on, made anew for each restore."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "restored"
        here = os.environ["DATABASE_URL"]
        self._served = here if here.startswith("postgres") else ""
        base = urlsplit(here)
        self._name = f"{base.path[1:]}d" if self._served else ""
        self.address = base._replace(path=f"/{self._name}").geturl() if self._served else f"sqlite:///{self._file}"

    @property
    def _file(self) -> Path:
        return self._folder / "ivig.sqlite3"

    def clear(self) -> None:
        """Have it empty."""
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir()
        if self._served:
            self._administer(f'DROP DATABASE IF EXISTS "{self._name}" WITH (FORCE)', f'CREATE DATABASE "{self._name}"')

    def remove(self) -> None:
        """Leave nothing of it."""
        if self._served:
            self._administer(f'DROP DATABASE IF EXISTS "{self._name}" WITH (FORCE)')

    def _administer(self, *statements: str) -> None:
        import psycopg

        with psycopg.connect(self._served, autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement.encode())

    def environment(self) -> dict[str, str]:
        """For a command that works on it."""
        return {**os.environ, "DATABASE_URL": self.address, "IVIG_VAR": str(self._folder)}

    def ask(self, statement: str) -> list[Any]:
        """The rows that `statement` gives there."""
        if not self._served:
            with closing(sqlite3.connect(self._file)) as connection:
                return connection.execute(statement).fetchall()
        import psycopg

        with psycopg.connect(self.address) as connection:
            return connection.execute(statement.encode()).fetchall()


# --- The run ------------------------------------------------------------------------------------------------------


def manage(*words: str, environment: dict[str, str] | None = None) -> tuple[float, str]:
    """Run a command: its seconds, and what it said where it failed."""
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "manage.py", *words], cwd=ROOT, env=environment, capture_output=True, text=True
    )
    return time.monotonic() - began, (done.stderr or done.stdout)[-2000:] if done.returncode else ""


def back_up_and_restore(run: Run, elsewhere: Elsewhere, folder: Path) -> None:
    """One backup under people at work, restored while they go on, and held against what they were answered."""
    moment = Moment.now(run.ledger)
    spent, failed = manage("backup", str(folder))
    if failed:
        run.find(f"a backup failed: {failed}")
        return
    run.backups.append(spent)
    # What was sent by now is answered soon, if it is not yet: nobody is killed here.
    with run.ledger.gate.shut():
        sent, drafts = Moment.now(run.ledger).answered, dict(run.ledger.sent)
    run.beside.append(len(sent) - len(moment.answered))
    (file,) = folder.glob("*.backup.tar")
    elsewhere.clear()
    spent, failed = manage("restore", str(file), environment=elsewhere.environment())
    file.unlink()
    if failed:
        run.find(f"a restore failed: {failed}")
        return
    run.restores.append(spent)
    run.checked += len(moment.answered)
    for fault in lost(moment, sent, drafts, elsewhere.ask):
        run.find(fault)


def work(run: Run, count: int, seed: int) -> None:
    """Have people work, with backups and restores beside them."""
    from bench.kills.writers import Writer, at_work

    (site, _), server, chance = hire(), Server(run.hospital), random.Random(seed)
    port = run.hospital.port
    writers = [Writer(number, port, site, run.ledger, seed, run.over, PAUSE) for number in range(WRITERS)]
    threads = at_work(server, writers)
    elsewhere, folder = Elsewhere(run.hospital.folder), run.hospital.folder / "backups"
    folder.mkdir(mode=0o700)
    try:
        for turn in range(1, count + 1):
            _await_more(run.ledger)
            time.sleep(chance.random())
            back_up_and_restore(run, elsewhere, folder)
            if run.ledger.surprises:
                break
            if turn % 5 == 0:
                told = f"{turn} backups, {len(run.restores)} restored, {len(run.ledger.acknowledged)} changes answered"
                print(f"{told}, {len(run.faults)} faults", flush=True)
    finally:
        run.over.set()
        for thread in threads:
            thread.join()
        server.end()
        close()
        elsewhere.remove()


def _await_more(ledger: Ledger) -> None:
    """Wait until so many changes more are answered that the next backup is another one."""
    wanted, until = len(ledger.acknowledged) + BETWEEN, time.monotonic() + LONGEST
    while len(ledger.acknowledged) < wanted and time.monotonic() < until and not ledger.surprises:
        time.sleep(0.02)


def report(run: Run) -> int:
    """Print what was done and found; 1 where that is anything wrong."""
    idle = sum(many == 0 for many in run.beside)
    beside = f"{sum(run.beside)} changes were answered while backups were made, none during {idle}"
    print(f"{len(run.backups)} backups, {len(run.restores)} restored and proven; {beside}")
    if run.restores:
        backup, restore = statistics.median(run.backups), statistics.median(run.restores)
        print(f"a backup took {backup:.1f} s, a restore {restore:.1f} s (medians)")
    print(
        f"{len(run.ledger.acknowledged)} changes answered; {run.checked} times one was looked for and had to be there"
    )
    for name, count in sorted(run.ledger.counts.items()):
        print(f"  {name:<24}{count:>8}")
    for surprise in run.ledger.surprises[:20]:
        print(f"SURPRISE: {surprise}")
    print(f"{len(run.faults)} faults, {len(run.ledger.surprises)} surprises")
    return int(bool(run.faults or run.ledger.surprises or idle > len(run.beside) // 10))


def main(arguments: list[str]) -> int:
    """Back up and restore as often as the arguments say."""
    usage(__doc__)
    count, seed = int(arguments[0]) if arguments else RESTORES, int(os.environ.get("SEED", "1"))
    with a_hospital("restores") as hospital:
        run = Run(hospital)
        work(run, count, seed)
        return report(run)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
