"""Working time against a reckoning minute by minute, about the days on which the clocks change."""

import random
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.examples import at_most
from tests.rules.naive_clock import NaiveClock, a_moment, made_up_hours
from utilization.rules.opening_hours import Calendar
from utilization.rules.site_clock import (
    DAYS,
    HOURS,
    OPEN_DAYS,
    OPEN_HOURS,
    Allowance,
    ClockFault,
    SiteClocks,
    clock_of,
    read_clock,
)

NEW_YORK = ZoneInfo("America/New_York")
TYPED = {
    **dict.fromkeys(DAYS[:5], "08:00-12:00, 13:00-17:00"), "saturday": "closed", "sunday": "closed",
    "standard_counts": OPEN_DAYS, "standard_amount": "3", "standard_lead": "8", "standard_asked": "48",
    "expedited_counts": HOURS, "expedited_amount": "24", "expedited_lead": "6", "expedited_asked": "12",
    "holidays": "2026-12-25 Christmas Day\n2027-01-01 New Year's Day", "escalates_to": "physician_reviewer",
}  # fmt: skip


@pytest.mark.parametrize(
    ("zone", "changes"),
    [
        ("America/New_York", date(2026, 3, 8)), ("Europe/London", date(2026, 10, 25)),
        ("Australia/Lord_Howe", date(2026, 4, 5)), ("Asia/Beirut", date(2026, 3, 29)),
    ],
)  # fmt: skip
def test_due_times_and_open_time_agree_with_a_count_of_minutes(zone, changes):
    luck = random.Random()
    begin = datetime(changes.year, changes.month, changes.day, tzinfo=UTC) - timedelta(days=12)
    for _ in range(at_most(4) // 4):
        opening, holidays = made_up_hours(luck), {changes + timedelta(days=luck.randrange(-6, 7))}
        naive = NaiveClock(zone, opening, holidays, begin, 24)
        calendar = Calendar(
            ZoneInfo(zone),
            lambda day, o=opening, h=holidays: () if day in h else o[day.weekday()],  # type: ignore[misc]
        )
        for _ in range(60):
            at, then, minutes = a_moment(luck, begin, 10, 13), a_moment(luck, begin, 2, 22), luck.randrange(1, 400)
            told = (zone, opening, holidays, at, then, minutes)
            assert calendar.open_seconds(at, then) == 60 * naive.between(at, then), told
            # A made-up week may be closed for longer than the window.
            if naive.between(at, begin + timedelta(days=24)) >= minutes:
                assert calendar.due(at, minutes * 60) == naive.due(at, minutes), told
            if naive.between(begin, at) >= minutes:
                assert calendar.due(at, -minutes * 60) == naive.due(at, -minutes), told


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=NEW_YORK)


def clocks(**changes):
    return SiteClocks(NEW_YORK, ((date(2026, 1, 1), read_clock(TYPED | changes)),))


@pytest.mark.parametrize(
    ("counts", "amount", "filed", "due"),
    [
        # 25 December is a holiday, the 26th and 27th a weekend.
        (OPEN_DAYS, 1, "2026-12-24 16:59", "2026-12-28 17:00"),
        (OPEN_DAYS, 3, "2026-12-21 07:00", "2026-12-24 17:00"),
        (OPEN_DAYS, 1, "2026-12-26 12:00", "2026-12-28 17:00"),
        (OPEN_HOURS, 2, "2026-12-24 16:00", "2026-12-28 09:00"),
        (OPEN_HOURS, 1, "2026-12-24 16:00", "2026-12-24 17:00"),
        (OPEN_HOURS, 1, "2026-12-24 12:30", "2026-12-24 14:00"),
        (OPEN_HOURS, 8, "2026-12-31 17:00", "2027-01-04 17:00"),
        # A day of 23 hours: by the wall it is due an hour later on it.
        (HOURS, 24, "2026-03-07 12:00", "2026-03-08 13:00"),
    ],
)  # fmt: skip
def test_a_holiday_a_weekend_and_a_changed_clock_move_a_due_time(counts, amount, filed, due):
    assert clocks().due(at(filed).astimezone(UTC), Allowance(counts, amount, 0, 48)) == at(due)


def test_a_clock_that_stands_still_goes_on_with_what_was_left():
    kept = clocks()
    due = kept.due(at("2026-12-21 09:00"), Allowance(OPEN_HOURS, 10, 0, 48))
    assert due == at("2026-12-22 11:00")
    left = kept.left(due, at=at("2026-12-22 10:00"), counts=OPEN_HOURS)
    assert left == 3600
    assert kept.resumed(left, at=at("2026-12-24 18:00"), counts=OPEN_HOURS) == at("2026-12-28 09:00")
    late = kept.left(due, at=at("2026-12-22 14:00"), counts=OPEN_HOURS)
    assert late == -2 * 3600
    assert kept.resumed(late, at=at("2026-12-23 09:00"), counts=OPEN_HOURS) == at("2026-12-22 16:00")


def test_the_version_in_force_on_a_day_says_when_it_is_open():
    short = read_clock(TYPED | dict.fromkeys(DAYS[:5], "08:00-09:00"))
    kept = SiteClocks(NEW_YORK, ((date(2026, 1, 1), read_clock(TYPED)), (date(2026, 12, 22), short)))
    assert kept.on(date(2025, 12, 31)) is None
    assert kept.due(at("2026-12-21 16:00"), Allowance(OPEN_HOURS, 2, 0, 48)) == at("2026-12-22 09:00")


def test_the_longest_allowance_ends_though_every_holiday_is_on_the_one_open_day():
    days = [date(2026, 1, 5) + timedelta(weeks=week) for week in range(200)]
    one_day = dict.fromkeys(DAYS, "closed") | {"monday": "08:00-13:00"}
    kept = clocks(**one_day, holidays="\n".join(map(str, days)))
    assert kept.due(at("2026-01-02 12:00"), Allowance(OPEN_HOURS, 720, 0, 48)) > at("2032-01-01 12:00")
    assert kept.due(at("2026-01-02 12:00"), Allowance(OPEN_DAYS, 60, 0, 48)) > at("2030-01-01 12:00")


def test_a_version_that_never_opens_does_not_stop_what_was_filed_before():
    shut = read_clock(TYPED | dict.fromkeys(DAYS, "closed") | {"standard_counts": HOURS, "standard_amount": "24"})
    kept = SiteClocks(NEW_YORK, ((date(2026, 1, 1), read_clock(TYPED)), (date(2026, 12, 22), shut)))
    assert kept.resumed(3600, at=at("2026-12-23 09:00"), counts=OPEN_HOURS) == at("2026-12-23 10:00")
    # Filed on the last day of the version before, by whose amounts it is due.
    assert kept.due(at("2026-12-21 09:00"), Allowance(OPEN_HOURS, 7, 0, 48)) == at("2026-12-21 17:00")
    assert kept.due(at("2026-12-21 16:00"), Allowance(OPEN_HOURS, 8, 0, 48)) == at("2026-12-22 00:00")
    assert kept.due(at("2026-12-21 16:00"), Allowance(OPEN_DAYS, 3, 0, 48)) == at("2026-12-24 16:00")


def test_a_clock_is_kept_as_it_was_read():
    rules = read_clock(TYPED)
    assert clock_of(rules.as_json()) == rules


@pytest.mark.parametrize(
    ("changes", "field", "says"),
    [
        ({"monday": "08:00-12:00, 11:00-17:00"}, "monday", "overlap"),
        ({"monday": ""}, "monday", "or closed"),
        ({"monday": "17:00-08:00"}, "monday", "the earlier first"),
        ({"monday": "08:00-24:30"}, "monday", "or closed"),
        ({"monday": "8-17"}, "monday", "or closed"),
        (dict.fromkeys(DAYS, "closed"), "monday", "less than 5 hours a week"),
        (dict.fromkeys(DAYS, "08:00-08:30"), "monday", "less than 5 hours a week"),
        ({"holidays": "2026-12-25\n2026-12-25"}, "holidays", "twice"),
        ({"holidays": "25.12.2026"}, "holidays", "does not begin with a day"),
        ({"holidays": "2026-02-30"}, "holidays", "does not begin with a day"),
        ({"holidays": "x" * 20_000}, "holidays", "at most"),
        ({"standard_amount": "0"}, "standard_amount", "from 1 to 60"),
        ({"standard_amount": "1e9"}, "standard_amount", "whole number"),
        ({"expedited_lead": "24"}, "expedited_lead", "from 0 to 23"),
        ({"expedited_counts": "weeks"}, "expedited_counts", "Choose"),
        ({"escalates_to": "prescriber"}, "escalates_to", "Choose"),
    ],
)  # fmt: skip
def test_gaps_overlaps_and_nonsense_are_refused_by_the_field(changes, field, says):
    with pytest.raises(ClockFault) as fault:
        read_clock(TYPED | changes)
    assert says in " ".join(fault.value.errors[field])


@pytest.mark.parametrize("typed", ["00:00-24:00", " 08:00 – 12:00 ,13:00-17:00", "22:00-23:59", "CLOSED"])
def test_hours_may_be_typed_as_people_do(typed):
    assert read_clock(TYPED | {"monday": typed}).opening[0] is not None


def test_a_calendar_that_never_opens_ends_in_an_error_and_not_in_a_loop():
    shut = Calendar(NEW_YORK, lambda day: ())
    for ask in (lambda: shut.due(at("2026-01-01 12:00"), 60), lambda: shut.close_of_day(at("2026-01-01 12:00"), 1),
                lambda: shut.due(at("2026-01-01 12:00"), -60)):  # fmt: skip
        with pytest.raises(ValueError, match="calendar"):
            ask()
