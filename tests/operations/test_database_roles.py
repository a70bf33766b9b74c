"""The role that pages and jobs work as walks the whole path, and can undo nothing of what guards the record."""

from collections.abc import Iterator

import pytest
from django.db import ProgrammingError, connection, transaction

from tests.cast import AT, Cast, a_request
from utilization import access, workflow
from utilization.management.database_roles import grant_rows, owned_tables
from utilization.models import Decision
from utilization.models.guarded_tables import FROZEN
from utilization.rules.lifecycle import Status

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite has no roles"),
]
ROLE = "ivig_app_of_tests"

ATTACKS = (
    "ALTER TABLE utilization_event DISABLE TRIGGER USER",
    "ALTER TABLE utilization_event DISABLE TRIGGER event_no_update",
    "DROP TRIGGER event_no_update ON utilization_event",
    "TRUNCATE utilization_event",
    "TRUNCATE utilization_note",
    "UPDATE utilization_event SET type = 'x'",
    "DELETE FROM utilization_event",
    "UPDATE utilization_decision SET kind = 'x'",
    "DELETE FROM utilization_accessentry",
    "DROP TABLE utilization_event",
    "ALTER TABLE utilization_request ADD COLUMN mine text",
    "CREATE TABLE utilization_mine (id int)",
    "CREATE OR REPLACE FUNCTION public.mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "SET session_replication_role = replica",
    "DELETE FROM django_migrations",
    "ALTER TABLE utilization_decision OWNER TO CURRENT_USER",
    "CREATE ROLE another SUPERUSER",
)


@pytest.fixture
def runtime_role(db: None) -> Iterator[None]:
    """Everything within is done as the role that pages and jobs work as."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [ROLE])
        if cursor.fetchone() is None:
            cursor.execute(f"CREATE ROLE {ROLE} NOSUPERUSER NOCREATEDB NOCREATEROLE")
        cursor.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
        grant_rows(connection, ROLE)
        # The session itself, since whoever only sets a role may set it back.
        cursor.execute(f"SET SESSION AUTHORIZATION {ROLE}")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("RESET SESSION AUTHORIZATION")


def test_it_files_decides_and_withdraws(runtime_role: None) -> None:
    cast = Cast()
    for status in (Status.APPROVED, Status.DENIED, Status.WITHDRAWN, Status.INFORMATION_ASKED, Status.DISCARDED):
        a_request(cast, status, at=AT)
    assert set(Decision.objects.values_list("kind", flat=True)) >= {"decision"}
    assert access.permissions(cast["fern"])
    workflow.close_access(at=AT)


@pytest.mark.parametrize("attack", ATTACKS)
def test_it_can_undo_nothing_that_guards_the_record(attack: str, runtime_role: None) -> None:
    refused = pytest.raises(ProgrammingError, match=r"permission denied|must be (owner|superuser|member)")
    with refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(attack)


def test_what_is_frozen_whole_is_not_its_own_to_change(runtime_role: None) -> None:
    assert owned_tables(connection) == 0
    with connection.cursor() as cursor:
        for frozen in FROZEN:
            cursor.execute(
                "SELECT has_table_privilege(%s, 'UPDATE'), has_table_privilege(%s, 'INSERT')",
                [f"utilization_{frozen.table}"] * 2,
            )
            assert cursor.fetchone() == (bool(frozen.only), True), frozen.table
