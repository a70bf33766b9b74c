"""What nobody touched has no finding."""

import pytest

from utilization import event_log
from utilization.reconciliation import reconcile

pytestmark = pytest.mark.django_db


def test_an_untouched_history_has_no_finding(undone):
    found = reconcile()
    assert found.problems == ()
    assert found.uncovered == ()
    assert found.unclosed == 0
    assert event_log.verify().problems == ()
