"""The cast of these tests, and a browser for each of them."""

from collections.abc import Callable

import pytest
from django.test import Client

from tests.cast import Cast


@pytest.fixture
def cast(db: None) -> Cast:
    return Cast()


@pytest.fixture
def seen_by(cast: Cast) -> Callable[[str], Client]:
    """A client signed in as the person with this username."""

    def sign_in(username: str) -> Client:
        client = Client()
        client.force_login(cast[username])
        return client

    return sign_in


@pytest.fixture
def petra(seen_by) -> Client:
    """The prescriber who files most of what is filed here."""
    return seen_by("petra")
