"""A cast that is written again has the very rows of one that was made through the door, and only where it may."""

import pytest
from django.db import connection, transaction

from tests import written_again as module
from tests.cast import PASSWORD, Cast
from utilization import event_log
from utilization.models import Patient, Site

sqlite_only = pytest.mark.skipif("connection.vendor != 'sqlite'", reason="elsewhere each is made through the door")


def rows() -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table that has some."""
    found = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            found[table] = cursor.fetchall()
    return {table: kept for table, kept in found.items() if kept}


def looked_at(patch: pytest.MonkeyPatch, *, without_the_door: bool) -> dict[str, list[tuple[object, ...]]]:
    """The rows of a cast, which holds together; taken back again."""
    with transaction.atomic():
        with patch.context() as closed:
            if without_the_door:
                closed.setattr("utilization.workflow.add_patient", None)
            cast = Cast()
        found = rows()
        assert cast.patient == Patient.objects.get()
        assert cast["fern"].memberships.get().site == cast.north
        assert cast["petra"].check_password(PASSWORD)
        # What comes after continues the numbers of rows, and the log.
        assert cast.a_patient(mrn="N-2").pk == cast.patient.pk + 1
        assert event_log.verify().problems == ()
        transaction.set_rollback(True)
    return found


@sqlite_only
def test_the_rows_are_the_same_and_the_log_proves_them(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    module._kept.clear()
    made = looked_at(monkeypatch, without_the_door=False)
    assert looked_at(monkeypatch, without_the_door=True) == made


@sqlite_only
def test_where_there_is_something_already_it_is_made_through_the_door(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_write", pytest.fail)
    Site.objects.create(code="east", name="East Hospital", time_zone="Europe/Vienna")
    assert Cast().patient.name == "Ambrose Canary"


@pytest.mark.django_db(transaction=True)
def test_where_a_test_commits_it_is_made_through_the_door(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_write", pytest.fail)
    assert Cast().patient == Patient.objects.get()
