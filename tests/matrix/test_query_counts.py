"""Every list asks the database no more often where much is there than where less is: counted at two sizes.

What is read along an index, and how long it takes, is asked in `tests/reports/test_lists.py` and in `bench/`.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bench.copied_rows import copy_beside, copy_history
from tests.matrix.asking import Row, addresses, rows
from tests.matrix.world import AT, COLUMNS, World, undone
from utilization import models, workflow

pytestmark = pytest.mark.django_db

FEW, MANY = 3, 12
"""How often all that is there is copied: the longest page is full with either."""
FILES = frozenset({
    "audit-access-csv", "audit-criteria-log-csv", "audit-csv", "audit-entries-csv", "audit-sign-ins-csv", "audit-zip",
})  # fmt: skip
"""Files that are made in portions as they are sent; each portion is read in as many queries."""
ABOUT_ONE = frozenset({
    "audit-request", "authorization-page", "formulary-version", "patient-page", "people-department-page",
    "people-hospital", "people-person", "request-indication", "request-page", "review-case",
})  # fmt: skip
"""Pages about one thing that list others beside it; every page about nothing in particular is asked for too."""
NAMES = 'SELECT DISTINCT "utilization_packversion"'
"""How an indication is named that the built-in criteria do not know: asked once for each row that shows one, which here
are those of a name that no criteria have at all. Not counted."""
BESIDE = (
    (models.User, models.Membership, models.AccountAct), (models.Department,), (models.CriteriaDraft, models.DraftEdit),
    (models.Export,), (models.Absence,), (models.Delivery,), (models.SavedFilter,), (models.Price,),
    (models.SignInEntry,),
)  # fmt: skip
"""Tables whose rows stand on lists and belong to no request, with what belongs to them."""


@contextmanager
def grown(world: World, copies: int) -> Iterator[None]:
    """So many times what is there, and taken back."""
    cast, admin = world.cast, world.cast["adam"]
    with undone():
        workflow.prices.set_price(by=admin, at=AT, site=cast.north, brand="", per_gram="92.50", currency="EUR")
        for who in ("petra", "felix", "max"):
            day = cast.north.date_at(AT)
            typed = workflow.TypedAbsence(day, day, None, confirmed=True)
            workflow.enter_absence(cast.north, cast[who], by=admin, at=AT, typed=typed)
        workflow.saved_filters.save_filter(by=cast["felix"], page="queue", name="Mine", query="holder=mine")
        for tables in BESIDE:
            copy_beside(copies, *tables)
        copy_history(copies, latest=None)
        yield


def asked() -> list[tuple[Row, str]]:
    """Each page with who asks for it: the first who may see it."""
    found = []
    for row in rows():
        may = [column for column, cell in row.cells.items() if cell == "200"]
        if row.method == "GET" and may and row.url not in FILES and (row.object == "-" or row.url in ABOUT_ONE):
            found.append((row, may[0]))
    return found


def counts(world: World) -> dict[str, int]:
    """How many queries each page asks once what is kept in memory is there."""
    counted = {}
    for row, column in asked():
        who = COLUMNS[column] or "anonymous"
        url = world.url(row.url, addresses()[row.url], world.objects[row.object])
        world.ask_once(who, "GET", url)
        with CaptureQueriesContext(connection) as made:
            assert world.ask(who, "GET", url).kind == "200", (str(row), column)
        asked_for = [query["sql"] for query in made.captured_queries]
        counted[f"{row} as {column}"] = sum(not statement.startswith(NAMES) for statement in asked_for)
    return counted


def test_every_list_asks_no_more_often_where_much_is_there(world):
    with grown(world, FEW):
        few = counts(world)
    with grown(world, MANY):
        many = counts(world)
    # A page that asks for each row asks for nine times as many more; one more was seen, and is none of a row.
    assert {name: (few[name], many[name]) for name in few if many[name] - few[name] > 1} == {}
    assert len(few) > 70


def test_rows_are_added_to_what_the_pages_list(world):
    listed = (
        models.Request, models.Patient, models.Event, models.AccessEntry, models.Notice, models.Infusion,
        *(table for tables in BESIDE for table in tables),
    )  # fmt: skip
    with undone():
        with grown(world, FEW):
            there = {table.__name__: table.objects.count() for table in listed}
        with grown(world, MANY):
            more = {table.__name__: table.objects.count() for table in listed}
    ratio = (MANY + 1) / (FEW + 1)
    assert {
        name: more[name] / count for name, count in there.items() if count == 0 or more[name] / count != ratio
    } == {}
