"""Two to five people at once on one request, through the pages, again and again: who wins, and whether all is whole.

    python -m bench.races                                           20,000 races on SQLite, in files of their own
    python -m bench.races 500                                       another number
    python -m bench.races 500 --seed 3                              by other chance
    python -m bench.races 500 --lanes 1                             in one process; else one for each processor
    DATABASE_URL=postgres://user@host/name python -m bench.races    on PostgreSQL, in databases name_races_1, _2, ...

Deciders, claimers, askers, answerers, withdrawers, releasers of a first dose, takers and givers of verbal orders,
appellants, second opinions, calls and absences race in threads with real commits; a small model that knows nothing of
the code says what excludes what (`tests/workflow/racing/`). After each race the row must be what the model says, the
versions that entries name must have no gap, whoever won must be led on and whoever lost told so; at the end every row
is held against the log. Each lane is a hospital in a database of its own, where its people race. Prints a fault when it
comes, and wins a kind of act and how losers were answered, also where Ctrl-C ends it. Ends with 1 where anything is not
so, an answer is 500 or above, or a kind of act never won.
"""

import argparse
import os
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, fields
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from threading import Event
from typing import TYPE_CHECKING, NamedTuple

from bench import usage
from bench.two_sizes import databases

if TYPE_CHECKING:
    from tests.workflow.racing.race import Figures

RACES, EACH = 20_000, 100


def set_up(address: str) -> None:
    """Django over the empty database at `address`, with its tables; nothing is printed after a decision."""
    os.environ.update(DATABASE_URL=address, DJANGO_SETTINGS_MODULE="tests.settings")
    import django

    django.setup()
    from django.core.management import call_command

    from utilization import notify

    call_command("migrate", verbosity=0)
    # A worker prints the justifications; here each race would wait for them.
    notify._listeners.clear()


class Lane(NamedTuple):
    """What came of the races of one lane: its figures, the requests that they were about, what was wrong once all was
    held against the log, and the number of its entries."""

    figures: "Figures"
    requests: int
    wrong: list[str]
    entries: int


def race(address: str, count: int, seed: int, out: Connection) -> None:
    """Race so often in the empty database at `address`; sends the races so far with new faults, and a `Lane` at the
    end, which comes after the request that is raced on once this process gets SIGINT."""
    stop = Event()
    # Also where it was started in the background, which is deaf to it by itself.
    signal.signal(signal.SIGINT, lambda *_: stop.set())
    set_up(address)
    from django.db import connections

    from tests.workflow.racing.race import Races
    from utilization import models

    races, told = Races(seed), 0

    def tell(figures: "Figures") -> None:
        nonlocal told
        out.send((figures.races, figures.faults[told:]))
        told = len(figures.faults)
        if stop.is_set():
            raise KeyboardInterrupt

    with suppress(KeyboardInterrupt):
        races.run(count, tell)
    races.close()
    out.send(Lane(races.figures, races.requests, whole(), models.Event.objects.count()))
    connections.close_all()


@dataclass
class Told:
    """What the lanes have told so far; prints each fault as it comes, and a line for so many races."""

    began: float = field(default_factory=time.perf_counter)
    races: Counter[object] = field(default_factory=Counter)
    faults: int = 0
    lines: int = 0

    def hear(self, lane: object, races: int, faults: list[str]) -> None:
        """Of `lane`: its races so far, and what was wrong with those that it had not told of."""
        self.races[lane] = races
        self.faults += len(faults)
        for fault in faults:
            print(fault, flush=True)
        if self.races.total() // EACH > self.lines:
            self.lines = self.races.total() // EACH
            took = time.perf_counter() - self.began
            print(f"{self.races.total():>8,} races, {took:,.0f} s, {self.faults} faults", flush=True)


def lanes(addresses: Sequence[str], count: int, seed: int) -> Iterator[Lane]:
    """What came of the lanes that raced beside each other, one in each database; Ctrl-C ends each after the request
    that it races on."""
    context, told, racing = get_context("spawn"), Told(), {}
    for place, address in enumerate(addresses):
        mine, theirs = context.Pipe(duplex=False)
        share = count // len(addresses) + (place < count % len(addresses))
        racing[mine] = context.Process(target=race, args=(address, share, 1000 * seed + place, theirs))
        racing[mine].start()
        theirs.close()

    def end(*_: object) -> None:
        print("ended before all were run", flush=True)
        for worker in racing.values():
            os.kill(worker.pid, signal.SIGINT)

    # Also where it was started in the background, which is deaf to it by itself.
    signal.signal(signal.SIGINT, end)
    try:
        while racing:
            for mine in wait(racing):
                said = mine.recv()
                if isinstance(said, Lane):
                    racing.pop(mine).join()
                    yield said
                else:
                    told.hear(mine, *said)
    finally:
        for worker in racing.values():
            worker.terminate()
            worker.join()


def together(all_figures: Iterable["Figures"]) -> "Figures":
    """The figures of all lanes as those of one."""
    from tests.workflow.racing.race import Figures

    added = Figures()
    for figures in all_figures:
        for each in fields(Figures):
            setattr(added, each.name, getattr(added, each.name) + getattr(figures, each.name))
    return added


def report(figures: "Figures") -> None:
    """Print who won how often and how who lost was answered."""
    from tests.workflow.racing.race import LOST

    print(f"{'act':<20}{'tried':>9}{'won':>9}{'lost':>9}  answers to who lost")
    for verb in sorted(figures.tried):
        answers = {status: count for (status, lost), count in figures.lost.items() if lost == verb}
        words = ", ".join(f"{status}: {count:,}" for status, count in sorted(answers.items()))
        print(f"{verb:<20}{figures.tried[verb]:>9,}{figures.won[verb]:>9,}{sum(answers.values()):>9,}  {words}")
    for status, words in LOST.items():
        count = sum(count for (answered, _), count in figures.lost.items() if answered == status)
        print(f"{count:>9,} who lost: {words}")
    print(f"{figures.broken:>9,} answers of 500 and above")


def whole() -> list[str]:
    """What is wrong with the log, and where rows differ from it."""
    from tests.differences import differences
    from tests.naive_summary import summary_differences
    from utilization import event_log

    return [*event_log.verify().problems, *map(str, differences()), *map(str, summary_differences())]


def measure(addresses: Sequence[str], count: int, seed: int) -> int:
    """Race, and print what came of it; 1 where anything is not as it should be."""
    from tests.workflow.racing.model import OFFERED

    began = time.perf_counter()
    ended = list(lanes(addresses, count, seed))
    figures, requests = together(lane.figures for lane in ended), sum(lane.requests for lane in ended)
    report(figures)
    print(
        f"{figures.races:,} races on {requests:,} requests in {time.perf_counter() - began:,.0f} s, {len(ended)} "
        f"beside each other; in {figures.at_once:,} the last was sent before the first was answered; in "
        f"{figures.several_won:,} several acts that do not exclude each other were done",
        flush=True,
    )
    wrong = figures.faults + [fault for lane in ended for fault in lane.wrong]
    print(f"{len(wrong)} faults; every row is held against {sum(lane.entries for lane in ended):,} entries")
    print("\n".join(wrong[:50]))
    never = [verb for verb in OFFERED if not figures.won[verb]]
    if never:
        print(f"never won: {', '.join(never)}")
    return int(bool(wrong or never or figures.broken))


def main() -> int:
    """Measure as the arguments say."""
    usage(__doc__)
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("races", type=int, nargs="?", default=RACES)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--lanes", type=int, default=os.cpu_count() or 1)
    asked = parser.parse_args()
    with databases("races", range(1, asked.lanes + 1)) as addresses:
        os.environ.update(DJANGO_SETTINGS_MODULE="tests.settings")
        import django

        django.setup()
        return measure(addresses, asked.races, asked.seed)


if __name__ == "__main__":
    sys.exit(main())
