"""Every address, by the methods of the file, as every principal, for own and colleague's objects, on each database.

`expected.csv` holds what people have agreed should come back; the addresses come from the URLconf. A new address
without a row fails here. What nobody may, and what is foreign or missing, is asked in `test_refusals.py`.
"""

import pytest
from django.db import connection

from tests.matrix.asking import REFUSED, addresses, rows
from tests.matrix.world import ALWAYS_WRITTEN, COLUMNS


def test_every_address_has_a_row_and_every_row_an_address():
    assert set(addresses()) == {row.url for row in rows()}


def test_no_question_is_answered_twice_in_the_file():
    asked = [(row.url, row.method, row.object) for row in rows()]
    assert len(asked) == len(set(asked))


@pytest.mark.parametrize("row", rows(), ids=str)
def test_each_principal_gets_what_the_file_says(world, row):
    url = world.url(row.url, addresses()[row.url], world.objects[row.object])
    got = {column: world.ask(who or "anonymous", row.method, url) for column, who in COLUMNS.items()}

    assert {column: reply.kind for column, reply in got.items()} == row.cells
    for column, reply in got.items():
        if row.method == "GET" or reply.kind in REFUSED:
            assert reply.written <= ALWAYS_WRITTEN | row.writes, column


@pytest.mark.django_db
def test_the_world_stands_in_a_database_of_its_own():
    # Its mark is what has one made when these tests run alone; without it they would write into the real one.
    assert "test" in str(connection.settings_dict["NAME"])
