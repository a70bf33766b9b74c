"""The review queue at 1,000 and at 100,000 requests: how much longer a page takes when the queue is a hundredfold.

    python bench/review_queue.py                                        on SQLite, in files of its own
    DATABASE_URL=postgres://user@host/name python bench/review_queue.py    on PostgreSQL, in databases name_queue_…

Each size has a database and a process of its own. Both are asked in turn, so that what else the machine does falls on
both alike. Rows are laid straight into the table, all awaiting the same pharmacist: the longest queue that can be.
Prints the median milliseconds of a whole page and their ratio, and ends with 1 where a ratio that is held is missed.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent
SIZES = (1_000, 100_000)
ROUNDS, PAGES = 11, 10
MOST = 1.2
HELD = ("first page", "middle page")
"""Kinds of page whose ratio is held; a filter that fits few rows must look at many and is only reported."""


def lay_rows(count: int):
    """Lay `count` requests that await one pharmacist, and return that pharmacist."""
    from django.utils import timezone

    from utilization.models import Department, Membership, Patient, Request, Site, User
    from utilization.rules.lifecycle import Role, Status

    at = timezone.now()
    site = Site.objects.create(code="bench", name="Bench hospital")
    department = Department.objects.create(site=site, name="Neurology")
    people = [
        User.objects.create(username=name, email=f"{name}@bench.example", full_name=name.title())
        for name in ("author", "pharmacist", "colleague")
    ]
    author, pharmacist, colleague = people
    for person in (pharmacist, colleague):
        Membership.objects.create(user=person, site=site, role=Role.PHARMACIST, started_at=at)
    written = {"created_at": at, "created_by": author, "updated_at": at, "updated_by": author}
    patient = Patient.objects.create(
        site=site, mrn="B-1", name="Bench", date_of_birth=at.date(), sex="female", **written
    )
    indications = ("cidp", "mmn", "mg", "gbs", "ibm", "dermatomyositis")
    outcomes = ("meets", "meets", "exception_review", "does_not_meet")
    answers = {f"fact_{place}": "an answer as typed" for place in range(25)}
    rows = (
        Request(
            number=f"BENCH-{place:06d}", site=site, department=department, patient=patient, author=author,
            indication=indications[place % 6], judged_as=indications[place % 6], outcome=outcomes[place % 4],
            status=Status.PHARMACIST_REVIEW, draft=answers, grams=150, version=2, expedited=place % 10 == 0,
            created_at=at, updated_at=at, submitted_at=at, due_at=at + timedelta(seconds=place * 7919 % (86_400 * 90)),
            holder=(None, colleague)[place % 5 == 0], held_at=(None, at)[place % 5 == 0],
        )
        for place in range(count)
    )  # fmt: skip
    Request.objects.bulk_create(rows, batch_size=2_000)
    return pharmacist


def serve(count: int) -> None:
    """Prepare a queue of `count`, then time pages of the kind that each line of the input names."""
    sys.path.insert(0, str(ROOT))
    os.environ.update(DJANGO_SETTINGS_MODULE="utilization.settings", IVIG_MODE="test")
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection
    from django.test import Client

    from utilization.reports.paging import Place

    call_command("migrate", verbosity=0)
    pharmacist = lay_rows(count)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    client = Client(SERVER_NAME="localhost")
    client.force_login(pharmacist)
    from utilization.models import Request

    middle = Request.objects.order_by("due_at", "pk")[count // 2]
    kinds = {
        "first page": {},
        "middle page": {"after": str(Place(middle.due_at, middle.pk))},
        "one outcome": {"outcome": "does_not_meet"},
        "held by me (none)": {"holder": "mine"},
    }
    for kind in kinds.values():
        assert client.get("/review/", kind).status_code == 200
    print(json.dumps(list(kinds)), flush=True)
    for line in sys.stdin:
        spent = []
        for _ in range(PAGES):
            began = time.perf_counter()
            client.get("/review/", kinds[line.strip()])
            spent.append((time.perf_counter() - began) * 1000)
        print(json.dumps(statistics.median(spent)), flush=True)


@contextmanager
def databases():
    """A database address for each size, gone afterwards: files of a new folder, or databases beside the one named."""
    named = os.environ.get("DATABASE_URL", "")
    if not named.startswith("postgres"):
        with tempfile.TemporaryDirectory(prefix="bench-queue-") as folder:
            yield [f"sqlite:///{folder}/{size}.sqlite3" for size in SIZES]
        return
    import psycopg

    base = urlsplit(named)
    names = [f"{base.path[1:]}_queue_{size}" for size in SIZES]

    def each(statement):
        with psycopg.connect(named, autocommit=True) as connection:
            for name in names:
                connection.execute(statement.format(name))

    each('DROP DATABASE IF EXISTS "{}"')
    each('CREATE DATABASE "{}"')
    try:
        yield [base._replace(path=f"/{name}").geturl() for name in names]
    finally:
        each('DROP DATABASE IF EXISTS "{}"')


def measure() -> int:
    """Ask both sizes in turn and print what a page takes; 1 where a held ratio is missed."""
    with databases() as addresses:
        taken = times_in_turn(addresses)
    missed = False
    print(f"{'queue page':<20}{SIZES[0]:>10,}{SIZES[1]:>10,}{'ratio':>8}")
    for kind, (small, large) in taken.items():
        ratio = statistics.median(b / a for a, b in zip(small, large, strict=True))
        missed |= kind in HELD and ratio > MOST
        print(f"{kind:<20}{statistics.median(small):>7.1f} ms{statistics.median(large):>7.1f} ms{ratio:>8.2f}")
    return int(missed)


def times_in_turn(addresses: list[str]) -> dict[str, tuple[list[float], list[float]]]:
    """Milliseconds of each kind of page at each size, round by round."""
    children = [
        subprocess.Popen(
            [sys.executable, __file__, str(size)], env={**os.environ, "DATABASE_URL": address},
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        for size, address in zip(SIZES, addresses, strict=True)
    ]  # fmt: skip
    for child in children:
        kinds = json.loads(child.stdout.readline())
    taken = {kind: ([], []) for kind in kinds}
    for _ in range(ROUNDS):
        for kind in kinds:
            for child, times in zip(children, taken[kind], strict=True):
                child.stdin.write(kind + "\n")
                child.stdin.flush()
                times.append(json.loads(child.stdout.readline()))
    for child in children:
        child.stdin.close()
        child.wait()
    return taken


if __name__ == "__main__":
    if len(sys.argv) > 1:
        serve(int(sys.argv[1]))
    else:
        sys.exit(measure())
