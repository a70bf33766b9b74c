"""The review queue, the look-up and the case at 1,000 and at 100,000 requests: how much longer a page of each takes.

    python -m bench.review_queue                                           on SQLite, in files of its own
    python -m bench.review_queue 1000 20000                                at other sizes
    KINDS=case,look-up python -m bench.review_queue                        of kinds whose names begin so alone
    DATABASE_URL=postgres://user@host/name python -m bench.review_queue    on PostgreSQL, in databases name_queue_…

Each size has a database and a process of its own. Both are asked in turn, so that what else the machine does falls on
both alike. The rows are those of a history that went through the doors, with every kind of entry, copied with all that
belongs to them: a third of the requests await the same pharmacist, and one patient of each copy has 31 of its 40.
Prints the median milliseconds of processor time of a whole page, their ratio, and what the plans of its statements come
to at the larger size: "index", or the tables that are read whole or sorted. Ends with 1 where a ratio that is held is
missed.
"""

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from bench import copied_rows, two_sizes, usage
from bench.lists import plan_of

SIZES = (1_000, 100_000)
ROUNDS, PAGES = 3, 3
MOST = 1.2
NOT_HELD = (
    "queue: an indication of nobody", "queue: an outcome of nobody", "queue: a department of nobody",
    "case: from the queue of an indication of nobody",
)  # fmt: skip
"""A filter that nothing in the queue fits: all that awaits the pharmacist is looked at, and no index holds them all."""
HELD_COPIES = 12
"""Copies whose claims stand: people hold as many requests at a large site as at a small one."""


@dataclass(frozen=True, slots=True)
class Laid:
    """What was laid: how often the history was copied, its requests by what befell them, and its people by name."""

    copies: int
    requests: dict[str, Any]
    people: dict[str, Any]

    def in_the_middle(self, name: str) -> Any:
        """The request of this name in a copy halfway: neither the first nor the last of its table."""
        made = self.requests[name]
        return type(made).objects.get(pk=made.pk + self.copies // 2 * copied_rows.STEP)


def lay_rows(count: int) -> Laid:
    """Lay a history and so many copies of it that there are `count` requests."""
    from django.db import transaction
    from django.utils import timezone

    from tests.cast import AT
    from tests.reconciliation.history import a_history
    from utilization.models import Request

    with transaction.atomic():
        made = a_history()
    copies = round(count / Request.objects.count()) - 1
    copied_rows.copy_history(copies, (timezone.now() - AT).days)
    Request.objects.filter(pk__gt=HELD_COPIES * copied_rows.STEP).update(holder=None, held_at=None)
    return Laid(copies, made.requests, made.hospital.people)


def kinds_of(laid: Laid) -> dict[str, Callable[[], object]]:
    """Every kind of page by name, each with what asks for one."""
    return {**_queues(laid), **_look_ups(laid), **_cases(laid)}


def _asking(laid: Laid, who: str) -> Callable[..., None]:
    """What asks for a page by the name of its address as `who`: by GET, or by POST where there is a form."""
    from django.test import Client
    from django.urls import reverse

    client = Client(SERVER_NAME="localhost")
    client.force_login(laid.people[who])

    def ask(name: str, query: dict[str, Any] | None = None, form: dict[str, str] | None = None, **way: Any) -> None:
        address = reverse(name, **way)
        response = client.post(address, form) if form else client.get(address, query or {})
        assert response.status_code == 200, (name, query, response.status_code)

    return ask


def _queues(laid: Laid) -> dict[str, Callable[[], object]]:
    """The queue of a pharmacist: its pages, each order, each filter, each tab, and the badge."""
    from utilization.models import Request
    from utilization.reports.paging import Place

    due = Request.objects.filter(status="pharmacist_review", site__code="north").order_by("due_at", "pk")
    middle = due[due.count() // 2]
    place = str(Place(middle.due_at, middle.pk))
    orders = ("-due", "filed", "patient", "prescriber", "department", "indication", "outcome", "grams")
    queries = {
        "first page": {},
        "middle page": {"after": place},
        "middle page, backwards": {"before": place},
        **{f"by {column}": {"sort": column} for column in orders},
        "by patient, middle": {"sort": "patient", "after": f"~{middle.pk}"},
        "one indication": {"indication": "cidp"},
        "an indication of nobody": {"indication": "ibm"},
        "one outcome": {"outcome": "meets"},
        "an outcome of nobody": {"outcome": "needs_information"},
        "expedited": {"urgency": "expedited"},
        "one department": {"department": str(middle.department_id)},
        "a department of nobody": {"department": str(laid.requests["of_back"].site.departments.get(name="Surgery").pk)},
        "held by me": {"holder": "mine"},
        "held by nobody": {"holder": "nobody"},
        "overdue": {"overdue": "yes"},
        "with physician": {"stage": "physician"},
        "waiting": {"show": "waiting"},
        "signed lately": {"show": "signed"},
        "opinions": {"show": "opinions"},
    }
    ask = _asking(laid, "fern")
    kinds = {f"queue: {name}": partial(ask, "review-queue", query) for name, query in queries.items()}
    return {**kinds, "queue: appeals": partial(_asking(laid, "nora"), "review-queue", {"stage": "appeals"}),
            "queue: badge": partial(ask, "review-badge")}  # fmt: skip


def _look_ups(laid: Laid) -> dict[str, Callable[[], object]]:
    """The look-up by each thing that people have at hand."""
    held = laid.in_the_middle("held")
    approved = laid.in_the_middle("of_away")
    texts = {
        "number": held.number,
        "authorization": approved.authorization.number,
        "MRN": held.patient.mrn,
        "one name": held.patient.name,
        "the first of many names": "Canary",
        "birth date": "1 May 1968",
        "prescriber": "Petra",
        "department": "Neurology",
        "nothing": "Nobody of this name",
    }
    asks = {who: _asking(laid, who) for who in ("fern", "petra")}
    return {
        f"look-up{by}: {name}": partial(asks[who], "look-up", form={"q": text})
        for who, by in (("fern", ""), ("petra", " of a prescriber"))
        for name, text in texts.items()
    }


def _cases(laid: Laid) -> dict[str, Callable[[], object]]:
    """Pages about one request or patient, of what a request can come to."""
    fern, petra = _asking(laid, "fern"), _asking(laid, "petra")
    kinds: dict[str, Callable[[], object]] = {}
    for told, name in {
        "messages and notes": "held", "answers in part": "answered_after_a_part", "opinions and calls": "advised",
        "infusions and documents": "approved", "appealed and overturned": "overturned", "first dose": "treated",
        "patient with few requests": "of_away",
    }.items():  # fmt: skip
        kinds[f"case: {told}"] = partial(fern, "review-case", args=[laid.in_the_middle(name).uid])
    held = laid.in_the_middle("held")
    for told, query in (
        ("", ""), (" by patient", "sort=patient"), (" of one outcome", "outcome=meets"),
        (" of an indication of nobody", "indication=ibm"),
    ):  # fmt: skip
        kinds[f"case: from the queue{told}"] = partial(fern, "review-case", {"list": query}, args=[held.uid])
    approved = laid.in_the_middle("approved")
    return {
        **kinds,
        "request of a prescriber": partial(petra, "request-page", args=[held.uid]),
        "authorization": partial(fern, "authorization-page", args=[approved.uid]),
        "patient with many requests": partial(fern, "patient-page", args=[held.patient.uid]),
        "home": partial(petra, "home"),
    }


def serve(count: int) -> None:
    """Lay `count` requests, then time pages of the kind that each line of the input names."""
    two_sizes.set_up()
    laid = lay_rows(count)
    two_sizes.analyze()
    wanted = tuple(os.environ.get("KINDS", "").split(","))
    kinds = {name: ask for name, ask in kinds_of(laid).items() if name.startswith(wanted)}
    for ask in kinds.values():
        ask()
    two_sizes.serve(kinds, {name: plan_of(ask) for name, ask in kinds.items()}, PAGES)


if __name__ == "__main__":
    usage(__doc__)
    if sys.argv[1:2] == ["--serve"]:
        serve(int(sys.argv[2]))
    else:
        sizes = tuple(int(text) for text in sys.argv[1:3]) if len(sys.argv) > 2 else SIZES
        sys.exit(
            two_sizes.measure("bench.review_queue", "queue", sizes, ROUNDS, MOST, lambda kind: kind not in NOT_HELD)
        )
