"""The cast of these tests, with its committee."""

import pytest
from django.test import Client

from tests.cast import Cast
from tests.formulary.acts import committee


@pytest.fixture
def cast(cast: Cast) -> Cast:
    return committee(cast)


@pytest.fixture
def enter(cast):
    """A signed-in browser for each person."""

    def sign_in(username):
        client = Client()
        client.force_login(cast[username], backend="allauth.account.auth_backends.AuthenticationBackend")
        return client

    return sign_in
