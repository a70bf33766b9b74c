"""The hospital whose log these tests write."""

import pytest

from tests.access.hospital import Hospital


@pytest.fixture
def north(db):
    return Hospital("north")
