"""The audit export of 100,000 requests against the floor: the same rows read by Django's `values_list` iterator.

    python -m bench.csv_export [requests] [rounds]

Both read one database in turns in one process, so that a busy machine slows them alike: read the ratio, not the
seconds. The floor reads every row and throws it away; the export makes each safe for a spreadsheet and sends it. Every
request is decided, every second one has an authorization, and every tenth holds text that a spreadsheet would run.
The peak of memory that the export itself holds is measured in a round of its own, since measuring it slows it.
"""

import os
import statistics
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from pathlib import Path

place = tempfile.TemporaryDirectory()
os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
os.environ.setdefault("DATABASE_URL", f"sqlite:///{Path(place.name) / 'bench.sqlite3'}")

import django

django.setup()

# ruff: noqa: E402 - Django must be set up before its models are used
from django.core.management import call_command
from django.db import connection

from bench import usage
from tests.cast import AT, Cast, a_request
from utilization.jobs.table_csv import table_csv
from utilization.models import Authorization, Decision, Request, RequestSummary, guards
from utilization.reports.audit_list import fitting
from utilization.reports.exports import TABLES
from utilization.rules.lifecycle import Status

BATCH = 2000


def copies(model: type, pattern: object, count: int, change: Callable[[int], dict]) -> Iterable:
    """`count` rows like `pattern`, each with what `change` makes of its place."""
    values = {
        f.attname: getattr(pattern, f.attname) for f in model._meta.concrete_fields if f.attname not in ("id", "uid")
    }
    for number in range(count):
        yield model(**{**values, **change(number)})


def fill(count: int) -> object:
    """A site with `count` decided requests; returns the site."""
    cast = Cast()
    pattern = a_request(cast, Status.APPROVED)
    decision, held = pattern.decisions.get(), pattern.authorization
    # All decisions here share one submission, which the guards would rightly refuse.
    guards.lift(connection)
    made = Request.objects.bulk_create(
        copies(
            Request, pattern, count, lambda n: {"number": f"BENCH-{n:06d}", "submitted_at": AT + timedelta(minutes=n)}
        ),
        batch_size=BATCH,
    )
    decided = Decision.objects.bulk_create(
        copies(
            Decision, decision, count,
            lambda n: {"request_id": made[n].pk, "reason": "As agreed" if n % 10 else "=1+1, as agreed"},
        ),
        batch_size=BATCH,
    )  # fmt: skip
    Authorization.objects.bulk_create(
        copies(
            Authorization, held, count // 2,
            lambda n: {
                "number": f"AUTH-BENCH-{n:06d}", "request_id": made[2 * n].pk, "decision_id": decided[2 * n].pk,
                "valid_from": date(2026, 1, 1), "valid_to": date(2026, 6, 30),
            },
        ),
        batch_size=BATCH,
    )  # fmt: skip
    RequestSummary.objects.bulk_create(
        copies(
            RequestSummary, pattern.summary, count,
            lambda n: {"request_id": made[n].pk, "filed_at": AT + timedelta(minutes=n)},
        ),
        batch_size=BATCH,
    )  # fmt: skip
    return cast.north


def seconds(run: Callable[[], int]) -> float:
    """How long `run` takes."""
    started = time.perf_counter()
    run()
    return time.perf_counter() - started


def main(count: int, rounds: int) -> None:
    """Print seconds and their ratio for each round, the median ratio, and the export's peak of memory."""
    call_command("migrate", verbosity=0)
    site, table = fill(count), TABLES["requests"]

    def floor() -> int:
        return sum(1 for _ in table.query(fitting(site, {}), identified=False).iterator(chunk_size=BATCH))

    def export() -> int:
        return sum(len(lines) for _, lines in table_csv(table, fitting(site, {}), site, identified=False))

    if floor() != count + 1:
        sys.exit("the export does not hold every request")
    ratios = []
    for _ in range(rounds):
        bare, sent = seconds(floor), seconds(export)
        ratios.append(sent / bare)
        print(f"values_list {bare:6.2f} s   export {sent:6.2f} s   ratio {ratios[-1]:.2f}")
    print(f"median ratio {statistics.median(ratios):.2f} over {count:,} requests, {export() / 1e6:.0f} MB")
    tracemalloc.start()
    export()
    print(f"peak of memory {tracemalloc.get_traced_memory()[1] / 1e6:.1f} MB")


if __name__ == "__main__":
    usage(__doc__)
    arguments = [int(text) for text in sys.argv[1:]]
    main(*(arguments + [100_000, 5][len(arguments) :]))
