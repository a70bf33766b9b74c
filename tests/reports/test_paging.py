"""A page of several merged walks against all rows sorted in one go, with ties, both ways."""

import random
from datetime import timedelta

import pytest

from tests.access.hospital import AT, Hospital
from utilization.models import Request
from utilization.reports.paging import Place, first, merged
from utilization.rules.lifecycle import Status


@pytest.fixture
def rows(db) -> list[Request]:
    """Ended requests of two departments, with few moments among many rows."""
    north, chance = Hospital("north"), random.Random(5)
    made = []
    for place in range(60):
        department = chance.choice((north.neurology, north.rheumatology))
        one = north.request(Status.WITHDRAWN, by=chance.choice(("prescriber", "colleague")), department=department)
        Request.objects.filter(pk=one.pk).update(ended_at=AT + timedelta(hours=place % 7))
        made.append(one.pk)
    return list(Request.objects.filter(pk__in=made))


def sorted_in_one_go(rows: list[Request]) -> list[int]:
    return [row.pk for row in sorted(rows, key=lambda row: (row.ended_at, row.pk), reverse=True)]


def arms_of(rows: list[Request], overlapping: bool) -> list:
    departments = sorted({row.department_id for row in rows})
    arms = [Request.objects.filter(department=department, ended_at__isnull=False) for department in departments]
    return [Request.objects.filter(author=rows[0].author_id, ended_at__isnull=False), *arms] if overlapping else arms


@pytest.mark.parametrize("overlapping", [True, False])
@pytest.mark.parametrize("size", [1, 7, 15, 59, 60, 61])
def test_leafing_forwards_and_back_shows_each_row_once_in_order(rows, size, overlapping):
    wanted, arms = sorted_in_one_go(rows), arms_of(rows, overlapping)
    pages, after = [], None
    while True:
        keys, page = merged(arms, "ended_at", size, after)
        pages.append(keys)
        if page.next is None:
            break
        after = page.next
    assert [key for keys in pages for key in keys] == wanted
    assert all(len(keys) == size for keys in pages[:-1])
    back, before = [pages[-1]], page.previous
    while before is not None:
        keys, page = merged(arms, "ended_at", size, None, before)
        back.append(keys)
        before = page.previous
    assert [key for keys in reversed(back) for key in keys] == wanted


@pytest.mark.parametrize("place", range(0, 60, 11))
def test_from_any_place_a_page_is_what_follows_there(rows, place):
    wanted, arms = sorted_in_one_go(rows), arms_of(rows, True)
    at = next(row for row in rows if row.pk == wanted[place])
    assert merged(arms, "ended_at", 10, Place(at.ended_at, at.pk))[0] == wanted[place + 1 : place + 11]
    assert merged(arms, "ended_at", 10, None, Place(at.ended_at, at.pk))[0] == wanted[max(0, place - 10) : place]


def test_the_first_of_several_lists_are_the_oldest_of_all(rows):
    arms = arms_of(rows, True)
    assert first(arms, "ended_at", 9) == sorted_in_one_go(rows)[::-1][:9]
    assert first(arms, "ended_at", 99) == sorted_in_one_go(rows)[::-1]


def test_nothing_is_a_page_without_neighbours(db):
    assert merged([], "ended_at", 5, None) == merged([Request.objects.none()], "ended_at", 5, None)
    keys, page = merged([], "ended_at", 5, None)
    assert (keys, page.previous, page.next) == ([], None, None)
    assert first([], "due_at", 5) == []
