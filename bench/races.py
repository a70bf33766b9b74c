"""Two to five people at once on one request, through the pages, again and again: who wins, and whether all is whole.

    python -m bench.races                                           20,000 races on SQLite, in a file of its own
    python -m bench.races 500                                       another number
    python -m bench.races 500 --seed 3                              by other chance
    DATABASE_URL=postgres://user@host/name python -m bench.races    on PostgreSQL, in a database name_races

Deciders, claimers, askers, answerers, withdrawers, releasers of a first dose, takers and givers of verbal orders,
appellants, second opinions, calls and absences race in threads with real commits; a small model that knows nothing of
the code says what excludes what (`tests/workflow/racing/`). After each race the row must be what the model says, the
versions that entries name must have no gap, whoever won must be led on and whoever lost told so; at the end every row
is held against the log. Prints wins a kind of act and how losers were answered, also where Ctrl-C ends it. Ends with 1
where anything is not so, an answer is 500 or above, or a kind of act never won.
"""

import argparse
import os
import signal
import sys
import time
from typing import TYPE_CHECKING

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


def race(count: int, seed: int) -> "tuple[Figures, int]":
    """The figures of so many races, and the number of requests that they were about."""
    from tests.workflow.racing.race import Races

    races, began, step = Races(seed), time.perf_counter(), 0

    def told(figures: "Figures") -> None:
        nonlocal step
        if figures.races // EACH > step:
            step = figures.races // EACH
            took = time.perf_counter() - began
            print(f"{figures.races:>8,} races, {took:,.0f} s, {len(figures.faults)} faults", flush=True)

    # Also where it was started in the background, which is deaf to it by itself.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        races.run(count, told)
    except KeyboardInterrupt:
        print("ended before all were run")
    races.close()
    return races.figures, races.requests


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


def measure(count: int, seed: int) -> int:
    """Race, and print what came of it; 1 where anything is not as it should be."""
    from tests.workflow.racing.model import OFFERED

    began = time.perf_counter()
    figures, requests = race(count, seed)
    report(figures)
    print(
        f"{figures.races:,} races on {requests:,} requests in {time.perf_counter() - began:,.0f} s; in "
        f"{figures.at_once:,} the last was sent before the first was answered; in {figures.several_won:,} several "
        "acts that do not exclude each other were done",
        flush=True,
    )
    wrong = figures.faults + whole()
    print(f"{len(wrong)} faults; every row is held against {_entries():,} entries")
    print("\n".join(wrong[:50]))
    never = [verb for verb in OFFERED if not figures.won[verb]]
    if never:
        print(f"never won: {', '.join(never)}")
    return int(bool(wrong or never or figures.broken))


def _entries() -> int:
    from utilization.models import Event

    return Event.objects.count()


def main() -> int:
    """Measure as the arguments say."""
    usage(__doc__)
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("races", type=int, nargs="?", default=RACES)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    with databases("races", [asked.races]) as [address]:
        set_up(address)
        try:
            return measure(asked.races, asked.seed)
        finally:
            from django.db import connections

            connections.close_all()


if __name__ == "__main__":
    sys.exit(main())
