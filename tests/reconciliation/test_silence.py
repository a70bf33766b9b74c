"""What nobody touched has no finding."""

import pytest

from tests.naive_summary import summary_differences
from utilization.models import RequestSummary


def test_an_untouched_history_has_no_finding(history):
    rows, log = history.check()
    assert rows.problems == log == ()
    assert (rows.uncovered, rows.unclosed) == ((), 0)


@pytest.mark.long
def test_the_summary_of_every_request_is_what_the_slow_way_gives(history):
    assert summary_differences() == []
    assert RequestSummary.objects.filter(order_changed=False).exists()
