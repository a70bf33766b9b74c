"""The cast of these tests, and a browser for each of them."""

import pytest
from django.test import Client


@pytest.fixture
def petra(seen_by) -> Client:
    """The prescriber who files most of what is filed here."""
    return seen_by("petra")
