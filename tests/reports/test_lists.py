"""Every list is read along an index on both databases, and asks as many questions of a large site as of a small one."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from bench import lists
from utilization import access
from utilization.access.membership import held_by
from utilization.access.requests import as_prescriber, as_reader
from utilization.models import AccessEntry, Membership, Request
from utilization.reports import prescriber_lists

SMALL, LARGE = 400, 2_000


@contextmanager
def planning_for_a_large_site() -> Iterator[None]:
    """PostgreSQL reads a small table whole, whatever indexes it has: here it must show that it need not."""
    ways = ("seqscan", "bitmapscan", "sort", "hashjoin", "mergejoin")
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            for way in ways:
                cursor.execute(f"SET LOCAL enable_{way} = off")
        cursor.execute("ANALYZE")
    yield


@pytest.mark.long
def test_every_list_is_read_along_an_index(db):
    laid = lists.lay_rows(LARGE)
    # A page is asked for as it is in use: what PostgreSQL is kept from below would take it minutes.
    asked = {name: lists.statements_of(ask) for name, ask in lists.kinds_of(laid).items()}
    with planning_for_a_large_site():
        found = {name: lists.faults_in(statements) for name, statements in asked.items()}
    for name in found:
        if name.startswith("look-up"):
            # The requests of the few patients found: however many there are at the site, few are sorted.
            found[name] = [fault for fault in found[name] if fault[1] != "sort"]
    assert {name: faults for name, faults in found.items() if faults} == {}


@pytest.mark.long
def test_a_list_without_its_index_is_noticed(db):
    """The test above can fail: without the index that a walk goes along, its page is told to sort or to read all."""
    laid = lists.lay_rows(LARGE)
    kinds = lists.kinds_of(laid)
    asked = {name: lists.statements_of(kinds[name]) for name in ("home", "access log")}
    with connection.cursor() as cursor:
        for index in ("home_ended", "access_by_person", "access_by_site"):
            cursor.execute(f"DROP INDEX {index}")
    with planning_for_a_large_site():
        assert all(lists.faults_in(statements) for statements in asked.values())


@pytest.mark.long
def test_every_list_asks_as_much_of_a_large_site_as_of_a_small_one(db):
    asked: list[dict[str, int]] = []
    for count, code in ((SMALL, "small"), (LARGE, "large")):
        counts = {}
        for name, ask in lists.kinds_of(lists.lay_rows(count, code)).items():
            ask()  # what is kept once a process, and a first read of the day, are no part of the page
            with CaptureQueriesContext(connection) as made:
                ask()
            counts[name] = len(made)
        asked.append(counts)
    small, large = asked
    # Of few that one person signed all are gathered at once; of many the walk looks each up.
    assert {name: (small[name], large[name]) for name in small if abs(small[name] - large[name]) > 1} == {}


@pytest.mark.long
def test_what_is_read_for_a_page_of_home_names_its_patients_in_one_statement(db):
    laid = lists.lay_rows(SMALL)
    home = prescriber_lists.home(laid.people["author1"])
    assert len(home.ended) == prescriber_lists.PAGE
    with CaptureQueriesContext(connection) as made:
        names = [request.patient.name for request in home.requests]
    assert (len(made), bool(names)) == (0, True)


@pytest.mark.long
def test_what_one_person_read_is_theirs_alone(db):
    laid = lists.lay_rows(200)
    pk = laid.people["physician"].pk
    assert AccessEntry.objects.filter(actor_id=pk).count() == 200
    assert set(AccessEntry.objects.filter(actor_id=pk).values_list("actor_name", flat=True)) == {"physician"}


@pytest.mark.long
@pytest.mark.parametrize("who", ["author1", "author9", "pharmacist", "auditor", "administrator"])
def test_the_parts_of_what_a_prescriber_reads_are_together_what_they_read(db, who):
    laid = lists.lay_rows(300)
    person = laid.people[who]
    parts = {
        pk for arm in access.prescriber_arms(person) for pk in Request.objects.filter(arm).values_list("pk", flat=True)
    }
    rule = set(Request.objects.filter(as_prescriber(person)).values_list("pk", flat=True))
    assert parts == rule
    assert bool(parts) == who.startswith("author")


@pytest.mark.long
@pytest.mark.parametrize("who", ["author1", "author9", "pharmacist", "physician", "auditor", "administrator"])
def test_memberships_read_first_show_the_same_requests(db, who):
    laid = lists.lay_rows(300)
    person = laid.people[who]
    held = held_by(person)
    for looked_up, read in (
        (as_prescriber(person), as_prescriber(person, held)),
        (as_reader(person), as_reader(person, held)),
    ):
        seen = set(Request.objects.filter(looked_up).values_list("pk", flat=True))
        assert set(Request.objects.filter(read).values_list("pk", flat=True)) == seen
    Membership.objects.filter(user=person).update(ended_at=timezone.now())
    assert held_by(person) == ()
    assert not Request.objects.filter(as_prescriber(person, ()) | as_reader(person, ())).exists()
