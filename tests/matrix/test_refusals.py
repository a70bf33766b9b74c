"""What is refused: methods without a row, people who have left, foreign and missing objects, forms of other sites.

It is refused by the same lines on each database, so that it is asked on one; `test_matrix.py` asks on both.
"""

from collections.abc import Iterable

import pytest
from django.conf import settings
from django.test import Client

from tests.matrix.asking import METHODS, REFUSED, Row, addresses, methods_of, objects_of, rows
from tests.matrix.world import ALWAYS_WRITTEN, COLUMNS, DEACTIVATED, ELSEWHERE, undone

# Has a database made when these tests run alone.
pytestmark = pytest.mark.django_db


def once(asked: Iterable[Row]) -> list[Row]:
    """The first row of each address and method, for what is answered before an object is looked for."""
    first: dict[tuple[str, str], Row] = {}
    for row in asked:
        first.setdefault((row.url, row.method), row)
    return list(first.values())


# Those that somebody gets stand first: the others have no page to be without a body.
GETS = once(sorted((row for row in rows() if row.method == "GET"), key=lambda row: "200" not in row.cells.values()))


@pytest.mark.parametrize("row", GETS, ids=str)
def test_head_says_what_get_says_without_a_body(world, row):
    url = world.url(row.url, addresses()[row.url], world.objects[row.object])
    for column, who in COLUMNS.items():
        if row.cells[column] in ("200", "404"):
            reply = world.ask(who or "anonymous", "HEAD", url)
            assert (reply.kind, reply.body) == (row.cells[column], b"")
            assert reply.written <= ALWAYS_WRITTEN | row.writes
            break


def _askers(url):
    """A stranger, and by the file's own cells one of those who may use the address and one of those who may not."""
    cells = [cell for row in rows() if row.url == url for cell in row.cells.items()]
    may = [column for column, kind in cells if kind not in REFUSED]
    may_not = [column for column, kind in cells if kind in REFUSED]
    return {COLUMNS[column] for column in ("anonymous", *may[-1:], *may_not[-1:])}


@pytest.mark.parametrize("url", addresses())
def test_methods_without_a_row_are_refused_and_change_nothing(world, url):
    address = world.url(url, addresses()[url], world.objects[objects_of(url)[0]])
    for method in set(METHODS) - methods_of(url):
        for who in _askers(url):
            reply = world.ask(who or "anonymous", method, address)
            assert reply.kind in ("405", "403", "sign-in"), (method, who)
            assert reply.written <= ALWAYS_WRITTEN, (method, who)
            assert who or reply.kind != "403", f"{method} tells a stranger 403 instead of asking them to sign in"


@pytest.mark.parametrize("row", once(rows()), ids=str)
def test_a_deactivated_person_is_a_stranger(world, row):
    url = world.url(row.url, addresses()[row.url], world.objects[row.object])
    assert world.ask(DEACTIVATED, row.method, url).kind == row.cells["anonymous"]


# --- What is foreign is as if it were not there -------------------------------------------------------------------

OBJECTS = [
    row
    for row in rows()
    if row.object not in ("-", "indication", "no-indication", "link", "shipped", "open-check", "closed-check")
]
FIRST = {str(row) for row in once(OBJECTS)}


def _asks(row, nothing):
    """Whether this principal is worth asking: one whose role shuts the address answers alike for every object."""
    return nothing.kind != "403" or str(row) in FIRST


@pytest.mark.parametrize("row", OBJECTS, ids=str)
def test_what_another_hospital_s_people_get_is_what_a_missing_object_gets_byte_for_byte(world, row):
    wanted = addresses()[row.url]
    there, nowhere = (world.url(row.url, wanted, of) for of in (world.objects[row.object], world.missing(row.object)))
    for who in ELSEWHERE.values():
        nothing = world.ask_once(who, row.method, nowhere)
        assert nothing.kind in ("403", "404"), who
        assert nothing.written <= ALWAYS_WRITTEN, who
        if _asks(row, nothing):
            assert world.ask(who, row.method, there) == nothing, who


@pytest.mark.parametrize("row", OBJECTS, ids=str)
def test_people_of_this_hospital_get_the_same_for_a_foreign_hidden_or_missing_object(world, row):
    wanted = addresses()[row.url]
    own, foreign, nowhere = (
        world.url(row.url, wanted, of)
        for of in (world.objects[row.object], world.foreign[row.object], world.missing(row.object))
    )
    for column, who in COLUMNS.items():
        nothing = world.ask_once(who or "anonymous", row.method, nowhere)
        assert nothing.kind in ("403", "404") if who else nothing.kind == "sign-in", column
        if not who or not _asks(row, nothing):
            continue
        assert world.ask_once(who, row.method, foreign) == nothing, column
        if row.cells[column] in ("403", "404"):
            assert world.ask(who, row.method, own) == nothing, column


# --- A form of another site changes nothing -----------------------------------------------------------------------


@pytest.mark.parametrize("row", once(row for row in rows() if row.method == "POST"), ids=str)
def test_an_unsafe_request_without_a_token_is_refused_and_changes_nothing(world, row):
    url = world.url(row.url, addresses()[row.url], world.objects[row.object])
    for column, who in COLUMNS.items():
        if row.cells[column] in REFUSED:
            continue
        browser = Client(enforce_csrf_checks=True, raise_request_exception=False)
        browser.cookies[settings.SESSION_COOKIE_NAME] = world.session(who or "anonymous")
        with undone() as written:
            response = browser.post(url, {"version": "0"})
        assert response.status_code == 403, column
        # That a stranger asked is counted, whatever comes of it.
        assert written <= {"django_session"} | row.writes & {"utilization_askedinminute"}, column
        break
