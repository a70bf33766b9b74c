"""The cast of these tests, and the auditor's browser."""

import pytest
from django.test import Client

from tests.cast import Cast


@pytest.fixture
def auditor(cast: Cast) -> Client:
    """A client signed in as North's auditor."""
    client = Client()
    client.force_login(cast["audrey"])
    return client
