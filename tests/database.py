"""Emptying the test database between two tests that commit.

Such a test (`transaction=True`, and everything that runs against a live server) is followed by a flush, which the
guards of `utilization.models.guards` refuse, as they should. This is the one place that lifts them: after the test,
for the rows to go, and at once put back. Within a test they always stand.

Django's own flush would also write content types and permissions anew, which takes longer than most of these tests.
"""

from collections.abc import Iterator

import pytest
from django.db import connection, transaction
from django.test import TransactionTestCase

from utilization.models import LogHead, guards

STAYS = {"django_migrations", "django_content_type", "auth_permission"}
"""What migrations fill, and no test changes."""


@pytest.fixture(autouse=True, scope="session")
def guards_lifted_between_tests() -> Iterator[None]:
    """Have a committing test followed by `empty` instead of Django's flush."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda test: empty())
        yield


def empty() -> None:
    """Remove all rows, and leave an empty log and the guards behind."""
    with transaction.atomic():
        guards.lift(connection)
        with connection.cursor() as cursor:
            for table in connection.introspection.django_table_names(only_existing=True):
                if table not in STAYS:
                    cursor.execute(f"DELETE FROM {connection.ops.quote_name(table)}")
        # PostgreSQL puts no trigger on a table whose foreign keys wait to be looked at.
        connection.check_constraints()
        guards.install(connection)
        LogHead.objects.create(pk=1)
