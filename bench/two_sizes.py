"""Pages of a site with few requests and of one with a hundredfold, asked in turn: for `lists` and `review_queue`.

    python -m bench.two_sizes --help     says this; it measures nothing by itself

Each size has a database and a process of its own; both are asked in turn, so that what else the machine does falls on
both alike.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from bench import usage

Kinds = Mapping[str, Callable[[], object]]
"""Kinds of page by name, each with what asks for one."""


def set_up() -> None:
    """Django over the database of the environment, with its tables."""
    # Nobody is signed out while the other kinds of page are asked for, however slow the machine.
    os.environ.update(DJANGO_SETTINGS_MODULE="utilization.settings", IVIG_MODE="test", IVIG_IDLE_MINUTES="600")
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)


def processor_clock() -> Callable[[], float]:
    """A clock of processor seconds, which a busy machine hardly changes: of this process, and on PostgreSQL of the
    server's process for its connection too, where that runs on this machine; else the clock on the wall."""
    from django.db import connection

    if connection.vendor == "sqlite":
        return time.process_time
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(inet_server_addr() = inet_client_addr(), true)")
        here = cursor.fetchone()[0]

    def spent() -> Path:
        return Path(f"/proc/{connection.connection.info.backend_pid}/schedstat")

    if not here or not os.access(spent(), os.R_OK):
        return time.perf_counter
    return lambda: time.process_time() + int(spent().read_text().split()[0]) / 1e9


def analyze() -> None:
    """Have the database look at its rows, so that it plans for them."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")


def serve(
    kinds: Kinds, plans: Mapping[str, str], pages: int, clock: Callable[[], float] | None = None
) -> None:  # fmt: skip
    """Time `pages` pages of the kind that each line of the input names, by `clock` or the processor's; `plans` are told
    with the kinds."""
    for ask in kinds.values():
        ask()
    clock = clock or processor_clock()
    print(json.dumps({"kinds": list(kinds), "plans": dict(plans)}), flush=True)
    for line in sys.stdin:
        spent = []
        for _ in range(pages):
            began = clock()
            kinds[line.strip()]()
            spent.append((clock() - began) * 1000)
        print(json.dumps(statistics.median(spent)), flush=True)


@contextmanager
def databases(label: str, sizes: Sequence[int]) -> Iterator[list[str]]:
    """A database address for each size, gone afterwards: files of a new folder, or databases beside the one named."""
    named = os.environ.get("DATABASE_URL", "")
    if not named.startswith("postgres"):
        with tempfile.TemporaryDirectory(prefix=f"bench-{label}-") as folder:
            yield [f"sqlite:///{folder}/{size}.sqlite3" for size in sizes]
        return
    import psycopg

    base = urlsplit(named)
    names = [f"{base.path[1:]}_{label}_{size}" for size in sizes]

    def each(statement: str) -> None:
        with psycopg.connect(named, autocommit=True) as connection:
            for name in names:
                connection.execute(statement.format(name))

    each('DROP DATABASE IF EXISTS "{}"')
    each('CREATE DATABASE "{}"')
    try:
        yield [base._replace(path=f"/{name}").geturl() for name in names]
    finally:
        each('DROP DATABASE IF EXISTS "{}"')


def measure(
    module: str, label: str, sizes: Sequence[int], rounds: int, most: float, held: Callable[[str], bool],
    most_ms: Mapping[str, float] | None = None,
) -> int:  # fmt: skip
    """Ask both sizes in turn, by processes of `module`, and print what a page takes; 1 where a held ratio is missed, or
    where a kind takes more at the larger size than its milliseconds in `most_ms`."""
    with databases(label, sizes) as addresses:
        taken, plans = _times_in_turn(module, sizes, addresses, rounds)
    missed = False
    print(f"{label:<34}{sizes[0]:>12,}{sizes[1]:>12,}{'ratio':>8}{'plan' if plans else '':>8}")
    for kind, (small, large) in taken.items():
        ratio = statistics.median(b / a for a, b in zip(small, large, strict=True))
        missed |= held(kind) and ratio > most
        missed |= statistics.median(large) > (most_ms or {}).get(kind, float("inf"))
        times = f"{statistics.median(small):>9.1f} ms{statistics.median(large):>9.1f} ms"
        print(f"{kind:<34}{times}{ratio:>8.2f}    {plans.get(kind, '')}{'' if held(kind) else ' (not held)'}")
    return int(missed)


def _times_in_turn(
    module: str, sizes: Sequence[int], addresses: Sequence[str], rounds: int
) -> tuple[dict[str, tuple[list[float], list[float]]], dict[str, str]]:
    """Milliseconds of each kind of page at each size, round by round, and the plans at the larger size."""
    children = [
        subprocess.Popen(
            [sys.executable, "-m", module, "--serve", str(size)], env={**os.environ, "DATABASE_URL": address},
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        for size, address in zip(sizes, addresses, strict=True)
    ]  # fmt: skip
    for child in children:
        told = json.loads(child.stdout.readline())
    taken: dict[str, tuple[list[float], list[float]]] = {kind: ([], []) for kind in told["kinds"]}
    for _ in range(rounds):
        for kind in taken:
            for child, times in zip(children, taken[kind], strict=True):
                child.stdin.write(kind + "\n")
                child.stdin.flush()
                times.append(json.loads(child.stdout.readline()))
    for child in children:
        child.stdin.close()
        child.wait()
    return taken, told["plans"]


if __name__ == "__main__":
    usage(__doc__)
    sys.exit("This measures nothing by itself: run python -m bench.lists or python -m bench.review_queue.")
