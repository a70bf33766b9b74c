"""What became of authorizations before they could go to another hospital stays, and the guards stand after it."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.migrations.executor import MigrationExecutor

from tests.cast import AT, Cast, a_request
from utilization.models import AuthorizationChange, Department
from utilization.rules.lifecycle import Status

BEFORE = [("utilization", "0065_guards_leave_keys_free")]


@pytest.mark.django_db(transaction=True)
def test_rows_of_the_version_before_stay_and_are_frozen_again():
    cast = Cast()
    first, second = (a_request(cast, Status.APPROVED) for _ in range(2))
    rows = AuthorizationChange.objects
    said = {"at": AT, "by": cast["petra"]}
    to = {"department": Department.objects.get(site=cast.north, name="Rheumatology")}
    try:
        MigrationExecutor(connection).migrate(BEFORE)
        asked = rows.create(request=first, kind="transfer_asked", **to, **said)
        rows.create(request=first, kind="transfer_declined", answers=asked, words="No.", **to, **said)
        rows.create(request=first, kind="superseded", replaced_by=second, **said)
        kept = list(rows.values())
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.create(request=second, kind="moved", replaced_by=first, **said)
    finally:
        executor = MigrationExecutor(connection)
        executor.migrate(executor.loader.graph.leaf_nodes())
    assert list(rows.values()) == kept
    with pytest.raises(IntegrityError), transaction.atomic():
        rows.filter(request=first).update(words="Something else")
    rows.create(request=second, kind="moved", replaced_by=first, **said)
    for kind in ("moved", "discontinued"):
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.create(request=second, kind=kind, replaced_by=first, from_day=AT.date(), reason="wish", **said)


@pytest.mark.parametrize(
    "row",
    [{"kind": "moved"}, {"kind": "transfer_ended"}, {"kind": "transfer_accepted"}, {"kind": "flown"}],
    ids=lambda row: row["kind"],
)
def test_a_row_of_a_transfer_to_another_hospital_is_whole(cast: Cast, row):
    request = a_request(cast, Status.APPROVED)
    with pytest.raises(IntegrityError), transaction.atomic():
        AuthorizationChange.objects.create(request=request, at=AT, by=cast["petra"], **row)
