"""Times of a call as typed: what the clocks leave out or repeat is asked again, and so is all that is no time."""

from datetime import UTC, datetime, timedelta

import pytest

from utilization.rules.call_times import NoSuchTime, read_times

VIENNA = "Europe/Vienna"
SPRING = datetime(2026, 3, 25, 12, tzinfo=UTC)
"""Days before the clocks of Vienna go from 2:00 to 3:00 on 29 Mar 2026."""
AUTUMN = datetime(2026, 10, 20, 12, tzinfo=UTC)
"""Days before they go from 3:00 back to 2:00 on 25 Oct 2026."""


@pytest.mark.parametrize(
    ("typed", "now", "instant"),
    [
        ("2026-03-29T01:59", SPRING, datetime(2026, 3, 29, 0, 59, tzinfo=UTC)),  # the last minute of winter time
        ("2026-03-29T03:00", SPRING, datetime(2026, 3, 29, 1, 0, tzinfo=UTC)),
        ("2026-10-25T01:59", AUTUMN, datetime(2026, 10, 24, 23, 59, tzinfo=UTC)),
        ("2026-10-25T03:00:00", AUTUMN, datetime(2026, 10, 25, 2, 0, tzinfo=UTC)),
    ],
)
def test_a_time_is_that_of_the_site(typed, now, instant):
    assert read_times(["", typed, "  "], VIENNA, now) == [instant]


def test_times_come_in_order_and_up_to_fourteen_days_ahead():
    last = SPRING + timedelta(days=14)  # 8 Apr, 12:00 UTC: 14:00 in Vienna, in summer time by then
    assert read_times(["2026-04-08T14:00", "2026-03-25T13:01"], VIENNA, SPRING) == [
        datetime(2026, 3, 25, 12, 1, tzinfo=UTC), last,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("typed", "now", "told"),
    [
        (["2026-03-29T02:30"], SPRING, "left out on that day"),
        (["2026-10-25T02:30"], AUTUMN, "comes twice on that day"),
        (["2026-03-25T13:00"], SPRING, "is over"),  # this minute
        (["2025-03-29T02:30"], SPRING, "is over"),
        (["2026-04-08T14:01"], SPRING, "too far ahead"),
        (["9999-12-31T23:59"], SPRING, "too far ahead"),
        (["0001-01-01T00:00"], SPRING, "is over"),
        (["2026-03-27T10:00", "2026-03-27T10:00:00"], SPRING, "the same"),
        ([f"2026-03-27T1{hour}:00" for hour in range(6)], SPRING, "at most 5"),
        (["", " "], SPRING, "at least one"),
        (["٢٠٢٦-03-27T10:00"], SPRING, "Choose day and time"),
        (["2026-03-27T10:00:30"], SPRING, "Choose day and time"),
        (["2026-02-30T10:00"], SPRING, "Choose day and time"),
        (["tomorrow at noon; DROP TABLE" + "x" * 5000], SPRING, "Choose day and time"),
    ],
)
def test_what_is_no_time_to_offer_says_why(typed, now, told):
    with pytest.raises(NoSuchTime, match=told):
        read_times(typed, VIENNA, now)
