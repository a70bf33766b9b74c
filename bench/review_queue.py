"""The review queue at 1,000 and at 100,000 requests: how much longer a page takes when the queue is a hundredfold.

    python -m bench.review_queue                                           on SQLite, in files of its own
    DATABASE_URL=postgres://user@host/name python -m bench.review_queue    on PostgreSQL, in databases name_queue_…

Each size has a database and a process of its own. Both are asked in turn, so that what else the machine does falls on
both alike. Rows are laid straight into the table, all awaiting the same pharmacist: the longest queue that can be.
Prints the median milliseconds of a whole page and their ratio, and ends with 1 where a ratio that is held is missed.
"""

import sys
from datetime import timedelta
from functools import partial

from bench import two_sizes, usage

SIZES = (1_000, 100_000)
ROUNDS, PAGES = 11, 10
MOST = 1.2
HELD = ("first page", "middle page")
"""Kinds of page whose ratio is held; a filter that fits few rows must look at many and is only reported."""


def lay_rows(count: int):
    """Lay `count` requests that await one pharmacist, and return that pharmacist."""
    from django.utils import timezone

    from utilization.models import Department, Membership, Patient, Request, Site, User
    from utilization.rules.lifecycle import Status
    from utilization.rules.roles import Role

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
    two_sizes.set_up()
    from django.test import Client

    from utilization.models import Request
    from utilization.reports.paging import Place

    pharmacist = lay_rows(count)
    two_sizes.analyze()
    client = Client(SERVER_NAME="localhost")
    client.force_login(pharmacist)
    middle = Request.objects.order_by("due_at", "pk")[count // 2]
    kinds = {
        "first page": {},
        "middle page": {"after": str(Place(middle.due_at, middle.pk))},
        "one outcome": {"outcome": "does_not_meet"},
        "held by me (none)": {"holder": "mine"},
    }

    def ask(query):
        assert client.get("/review/", query).status_code == 200

    two_sizes.serve({name: partial(ask, query) for name, query in kinds.items()}, {}, PAGES)


if __name__ == "__main__":
    usage(__doc__)
    if sys.argv[1:2] == ["--serve"]:
        serve(int(sys.argv[2]))
    else:
        sys.exit(two_sizes.measure("bench.review_queue", "queue", SIZES, ROUNDS, MOST, HELD.__contains__))
