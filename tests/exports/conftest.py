"""The cast of these tests, and the auditor's browser."""

import pytest
from django.test import Client

from tests.cast import Cast
from tests.documents.sealed_site import approved, seal

__all__ = ["approved", "auditor", "seal"]


@pytest.fixture
def auditor(cast: Cast) -> Client:
    """A client signed in as North's auditor."""
    client = Client()
    client.force_login(cast["audrey"])
    return client
