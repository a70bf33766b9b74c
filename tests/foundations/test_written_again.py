"""A cast that is written again has the very rows of one that was made through the door, and only where it may."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction

from tests import written_again as module
from tests.cast import CIDP, PASSWORD, Cast, a_request
from tests.differences import differences
from utilization import event_log, notify
from utilization.models import Patient, Request, Site
from utilization.rules.lifecycle import Status

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


def steps(patch: pytest.MonkeyPatch, *, without_the_door: bool) -> dict[str, list[tuple[object, ...]]]:
    """The rows of a cast with a second patient and three requests; taken back again."""
    with transaction.atomic():
        cast = Cast()
        with patch.context() as closed:
            if without_the_door:
                closed.setattr("utilization.workflow.add_patient", None)
                closed.setattr("utilization.workflow.start_draft", None)
            other = cast.a_patient(mrn="N-2")
            first = a_request(cast, patient=other)
            second, third = a_request(cast, Status.APPROVED), a_request(cast, Status.DENIED, by="paul")
        found = rows()
        for request, patient in ((first, other), (second, cast.patient), (third, cast.patient)):
            assert request.patient == patient
            assert request.status == Request.objects.get(pk=request.pk).status
        assert third.author == cast["paul"]
        assert event_log.verify().problems == ()
        transaction.set_rollback(True)
    return found


@sqlite_only
def test_patients_and_requests_that_follow_have_the_same_rows(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    module._kept.clear()
    made = steps(monkeypatch, without_the_door=False)
    assert steps(monkeypatch, without_the_door=True) == made


@sqlite_only
@pytest.mark.parametrize(
    "between",
    [
        lambda cast: Site.objects.update(time_zone="Asia/Tokyo"),
        lambda cast: Site.objects.create(code="east", name="East Hospital", time_zone="Europe/Vienna"),
        lambda cast: a_request(cast, answers={**CIDP, "course_days": "4"}),
    ],
    ids=["changed", "made", "another request"],
)
def test_after_any_other_row_a_request_is_made_through_the_door(
    db: None, monkeypatch: pytest.MonkeyPatch, between: Callable[[Cast], object]
) -> None:
    module._kept.clear()
    with transaction.atomic():
        a_request(Cast())
        transaction.set_rollback(True)
    cast = Cast()
    between(cast)
    monkeypatch.setattr(module, "_write", pytest.fail)
    assert a_request(cast) in Request.objects.filter(status=Status.PHARMACIST_REVIEW)


@sqlite_only
def test_a_request_of_one_cast_is_not_written_after_another(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    module._kept.clear()
    with transaction.atomic():
        first = Cast()
        a_request(first)
        transaction.set_rollback(True)
    # A cast that was not asked for in a long time is forgotten, and made with other keys.
    for key in [key for key in module._kept if "Cast" in key]:
        del module._kept[key]
    cast = Cast()
    assert (cast.patient.pk, cast.patient.uid == first.patient.uid) == (first.patient.pk, False)
    a_request(cast)
    assert differences() == []


@sqlite_only
def test_what_a_savepoint_took_back_does_not_count_as_written(db: None) -> None:
    cast = Cast()
    with transaction.atomic():
        first = a_request(cast)
        transaction.set_rollback(True)
    again = a_request(cast)
    assert (again.pk, again.number) == (first.pk, first.number)
    assert Request.objects.get() == again
    assert event_log.verify().problems == ()


@sqlite_only
def test_with_another_setting_or_listener_a_request_is_made_through_the_door(
    db: None, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    module._kept.clear()
    with transaction.atomic():
        a_request(Cast())
        transaction.set_rollback(True)
    heard: list[str] = []
    with transaction.atomic(), monkeypatch.context() as listening:
        cast = Cast()
        listening.setattr(module, "_write", pytest.fail)
        listening.setattr(notify, "_listeners", [lambda event_type, request: heard.append(event_type)])
        a_request(cast)
        transaction.set_rollback(True)
    assert heard == ["request.submitted"]
    monkeypatch.setattr(module, "_write", pytest.fail)
    settings.MAIL_FROM = "other@hospital.example"
    a_request(Cast())
