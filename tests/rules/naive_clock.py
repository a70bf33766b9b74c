"""Open time reckoned minute by minute: each minute of a window is asked for its local day and time, and counted.

It shares nothing with the rules but the database of time zones.
"""

import random
from bisect import bisect_left, bisect_right
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

ZONES = (
    "Europe/London", "America/New_York", "Australia/Lord_Howe", "Asia/Beirut", "Asia/Kathmandu", "America/St_Johns",
    "Pacific/Apia", "America/Santiago", "Europe/Vienna", "UTC",
)  # fmt: skip
"""Zones that change by an hour and by half of one, at night and at midnight, on either side of the world, and not."""
_MINUTE = timedelta(minutes=1)


class NaiveClock:
    """Every minute from `begin` on, `days` days, and how many of them were open up to each."""

    def __init__(self, zone: str, opening, holidays, begin: datetime, days: int) -> None:
        self.begin, here = begin, ZoneInfo(zone)
        self.open_until, self.closings, count, was = [0], {}, 0, None
        for number in range(days * 1440):
            local = datetime.fromtimestamp((begin + number * _MINUTE).timestamp(), here)
            minute = local.hour * 60 + local.minute
            hours = () if local.date() in holidays else opening[local.weekday()]
            if any(first <= minute < last for first, last in hours):
                count += 1
                self.closings[local.date()] = begin + (number + 1) * _MINUTE
            self.open_until.append(count)
            was = local.date()
        self.zone, self.last = here, was

    def _place(self, at: datetime) -> int:
        return (at - self.begin) // _MINUTE

    def due(self, start: datetime, minutes: int) -> datetime:
        """The end of the minute that makes it so many; for a negative number the begin of the one before."""
        wanted = self.open_until[self._place(start)] + minutes
        if minutes < 0:
            return self.begin + (bisect_right(self.open_until, wanted) - 1) * _MINUTE
        return self.begin + max(bisect_left(self.open_until, wanted), self._place(start)) * _MINUTE

    def between(self, start: datetime, end: datetime) -> int:
        return self.open_until[self._place(end)] - self.open_until[self._place(start)]

    def close_of_day(self, start: datetime, days: int) -> datetime:
        today = datetime.fromtimestamp(start.timestamp(), self.zone).date()
        return self.closings[sorted(day for day in self.closings if day > today)[days - 1]]


def made_up_hours(luck: random.Random):
    """Opening hours of a week: closed, round the clock, in one span or in two, at odd minutes now and then."""
    week = []
    for _ in range(7):
        edges = sorted(luck.sample(range(0, 1441, luck.choice((30, 1))), 4))
        shapes = ((), ((0, 1440),), ((480, 1020),), (tuple(edges[:2]), tuple(edges[2:])), ((edges[0], 1440),))
        week.append(luck.choice(shapes))
    return tuple(week) if any(week) else (((480, 1020),),) * 7


def made_up_clock(luck: random.Random, zone: str, begin: datetime, days: int):
    """(opening hours, holidays, the naive clock) of a made-up site."""
    opening = made_up_hours(luck)
    first: date = begin.date()
    holidays = {first + timedelta(days=luck.randrange(days)): "" for _ in range(days // 12)}
    return opening, holidays, NaiveClock(zone, opening, holidays, begin, days)


def a_moment(luck: random.Random, begin: datetime, first_day: int, last_day: int) -> datetime:
    """A whole minute between two days of the window."""
    return begin + luck.randrange(first_day * 1440, last_day * 1440) * _MINUTE


START = datetime(2026, 1, 1, tzinfo=UTC)
