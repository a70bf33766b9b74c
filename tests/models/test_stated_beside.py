"""The column for what is stated beside the facts comes to rows that are frozen, and the guards stand again after it."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.migrations.executor import MigrationExecutor

from tests.cast import Cast, a_request
from utilization.models import Submission

BEFORE = [("utilization", "0006_impact")]


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
def test_versions_filed_before_say_nothing_there_and_stay_frozen():
    filed = a_request(Cast()).latest
    try:
        MigrationExecutor(connection).migrate(BEFORE)
        old = MigrationExecutor(connection).loader.project_state(BEFORE).apps.get_model("utilization", "Submission")
        assert old.objects.get(pk=filed.pk).facts == filed.facts
    finally:
        executor = MigrationExecutor(connection)
        executor.migrate(executor.loader.graph.leaf_nodes())
    kept = Submission.objects.get(pk=filed.pk)
    assert (kept.stated, kept.facts, kept.entered) == ({}, filed.facts, filed.entered)
    with pytest.raises(IntegrityError), transaction.atomic():
        Submission.objects.filter(pk=filed.pk).update(stated={"not_known": []})
