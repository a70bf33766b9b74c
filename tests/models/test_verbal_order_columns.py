"""Who answered in place of another: orders of the version before open as they were, and rows and log agree."""

from datetime import timedelta

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from tests.cast import AT, a_request
from tests.reconciliation.history import Hospital
from tests.workflow.acts import act
from utilization import workflow
from utilization.models import VerbalOrder, guards
from utilization.reconciliation import reconcile
from utilization.rules.lifecycle import Status

BEFORE = [("utilization", "0069_usual_product")]
OF_BEFORE = ("request", "ordered_by", "ordered_name", "taken_by", "answer", "answered_at", "reason", "confirm_by")
HOUR = timedelta(hours=1)


@pytest.mark.django_db(transaction=True)
def test_orders_of_the_version_before_stay_and_an_open_one_is_answered():
    cast = Hospital()
    statuses = (Status.PHARMACIST_REVIEW, Status.PHYSICIAN_REVIEW, Status.INFORMATION_ASKED)
    confirmed, disowned, left = (act("take_order", a_request(cast, at), cast["petra"], AT + HOUR) for at in statuses)
    act("confirm_order", confirmed, cast["paul"], AT + 2 * HOUR)
    act("disown_order", disowned, cast["paul"], AT + 2 * HOUR)
    kept = list(VerbalOrder.objects.values_list(*OF_BEFORE))
    try:
        MigrationExecutor(connection).migrate(BEFORE)
        old = MigrationExecutor(connection).loader.project_state(BEFORE).apps.get_model("utilization", "VerbalOrder")
        assert list(old.objects.order_by("request").values_list(*OF_BEFORE)) == kept
    finally:
        executor = MigrationExecutor(connection)
        executor.migrate(executor.loader.graph.leaf_nodes())
    assert list(VerbalOrder.objects.values_list(*OF_BEFORE)) == kept
    assert set(VerbalOrder.objects.values_list("stand_in", "stand_in_name")) == {(None, "")}
    assert guards.faults(connection) == []
    role = {"by": cast["head.north"], "at": AT + 3 * HOUR, "site": cast.north, "role": "prescriber"}
    workflow.end_role(cast["paul"], **role)
    workflow.set_role(cast["rosa"], **role, department=left.department)
    act("confirm_order", left, cast["rosa"], AT + 4 * HOUR)
    assert VerbalOrder.objects.get(request=left).stand_in == cast["rosa"]
    assert [finding.sentence for finding in reconcile().findings] == []
