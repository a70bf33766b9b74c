"""Every address that takes a form stands in one of two tables: its form has a token, or why it needs none is said."""

import inspect

import pytest
from django.urls import get_resolver

from tests.matrix.asking import rows
from tests.repetition.forms import FORMS
from tests.repetition.harmless import HARMLESS
from tests.repetition.test_sent_again import SIGNS
from utilization.web.policy import url_patterns

TAKES_FORMS = {row.url for row in rows() if row.method == "POST"}


def test_every_address_that_takes_a_form_stands_in_one_table():
    assert set(FORMS) | set(HARMLESS) == TAKES_FORMS
    assert set(FORMS) & set(HARMLESS) == set()


def views():
    return {pattern.name: inspect.unwrap(pattern.callback) for _, pattern in url_patterns(get_resolver())}


@pytest.mark.parametrize("route", sorted(set(FORMS) - SIGNS - {"request-attach"}))
def test_the_views_of_the_first_table_are_done_once(route):
    assert "\n@once" in inspect.getsource(views()[route])


@pytest.mark.parametrize("route", sorted(HARMLESS))
def test_no_view_of_the_second_table_is(route):
    view = views()[route]
    assert not inspect.isfunction(view) or "\n@once" not in inspect.getsource(view)
