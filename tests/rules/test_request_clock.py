"""The clock of a request, against a count of its seconds one by one."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as some

from utilization.rules.request_clock import due_after, is_overdue, resumed, stopped

FILED = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
STATES = some.lists(some.tuples(some.integers(0, 90_000), some.booleans()), min_size=1, max_size=8)


@given(hours=some.integers(1, 12), spans=STATES)
def test_only_the_time_in_which_it_runs_counts(hours, spans):
    """Of spans that follow each other, (seconds, whether the clock runs): the clock is up after `hours` of running."""
    now, due, left, ran = FILED, due_after(hours, at=FILED), None, 0
    for seconds, runs in spans:
        if not runs and left is None:
            left, due = stopped(due, at=now), None
        elif runs and left is not None:
            due, left = resumed(left, at=now), None
        now += timedelta(seconds=seconds)
        ran += seconds if runs else 0
        assert is_overdue(due, at=now) == (runs and ran > hours * 3600)


@given(left=some.integers(-100_000, 400_000), hours=some.integers(1, 80))
def test_a_shorter_route_shortens_what_is_left_and_a_longer_one_adds_nothing(left, hours):
    due = resumed(left, at=FILED, most_hours=hours)
    assert due <= resumed(left, at=FILED)
    assert due <= due_after(hours, at=FILED)
    assert due in (resumed(left, at=FILED), due_after(hours, at=FILED))


def test_a_request_is_late_only_once_its_last_moment_has_passed():
    due = due_after(4, at=FILED)
    assert not is_overdue(due, at=due)
    assert is_overdue(due, at=due + timedelta(microseconds=1))
    assert stopped(due, at=due + timedelta(seconds=90)) == -90
