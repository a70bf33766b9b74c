"""Emptying the test database between two tests that commit.

Such a test (`transaction=True`, and everything that runs against a live server) is followed by a flush, which the
guards of `utilization.models.guards` refuse, as they should. This is the one place that lifts them: after the test,
for the flush, and at once put back. Within a test they always stand.
"""

from collections.abc import Iterator

import pytest
from django.db import connection
from django.test import TransactionTestCase

from utilization.models import LogHead, guards


@pytest.fixture(autouse=True, scope="session")
def guards_lifted_between_tests() -> Iterator[None]:
    """Have Django's flush after a committing test find the guards lifted; leave an empty log and the guards behind."""
    flush = TransactionTestCase._fixture_teardown

    def flush_without_guards(test: TransactionTestCase) -> None:
        guards.lift(connection)
        try:
            flush(test)
        finally:
            guards.install(connection)
        LogHead.objects.get_or_create(pk=1)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", flush_without_guards)
        yield
