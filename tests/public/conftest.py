"""A site with an open check, one with a closed check, and a browser of somebody whom nobody knows."""

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from tests.cast import AT
from utilization import criteria
from utilization.web.public.views import key_of
from utilization.workflow.public_check_switch import set_public_check


@pytest.fixture(autouse=True)
def _nobody_asked_before():
    cache.clear()


@pytest.fixture
def cast(cast):
    set_public_check(cast.north, by=cast["adam"], at=AT, wanted=True)
    return cast


@pytest.fixture
def stranger():
    """A browser without a session that says, as browsers do, from where a form was sent."""
    return Client(headers={"origin": "http://testserver"}, enforce_csrf_checks=True)


@pytest.fixture
def address():
    """The address of the check of an indication at a site, by the built-in criteria unless told."""

    def of(code="cidp", *, site="north", pack=None):
        return reverse("public-check", args=[site, key_of(pack or criteria.builtin_pack()), code])

    return of
