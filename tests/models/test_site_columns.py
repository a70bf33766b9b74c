"""Settings of a site that came later: sites of the version before get them empty, and rows and log agree."""

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from tests.reconciliation.history import Hospital
from utilization.models import Event, Site, SiteLogo, guards
from utilization.reconciliation import reconcile

BEFORE = [("utilization", "0066_transfers_between_hospitals")]
OF_BEFORE = ("code", "name", "address", "time_zone", "on_call_name", "strong_roles")


@pytest.mark.django_db(transaction=True)
def test_sites_of_the_version_before_go_on_with_the_settings_of_the_server():
    Hospital()
    kept = list(Site.objects.order_by("pk").values(*OF_BEFORE))
    try:
        MigrationExecutor(connection).migrate(BEFORE)
        old = MigrationExecutor(connection).loader.project_state(BEFORE).apps.get_model("utilization", "Site")
        assert list(old.objects.order_by("pk").values(*OF_BEFORE)) == kept
    finally:
        executor = MigrationExecutor(connection)
        executor.migrate(executor.loader.graph.leaf_nodes())
    assert list(Site.objects.order_by("pk").values(*OF_BEFORE)) == kept
    assert set(Site.objects.values_list("mail_from_name", "mail_reply_to", "usual_product")) == {("", "", "")}
    assert not SiteLogo.objects.exists()
    assert guards.faults(connection) == []
    assert Event.objects.exists()
    assert [finding.sentence for finding in reconcile().findings] == []
