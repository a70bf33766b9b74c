"""The two hospitals of these tests."""

import pytest

from tests.access.hospital import Hospital


@pytest.fixture
def north(db):
    return Hospital("north")


@pytest.fixture
def south(db, north):
    return Hospital("south")
