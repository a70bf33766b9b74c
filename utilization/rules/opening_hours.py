"""Time that counts while a site is open: a due time so many open seconds on, and the open seconds between two instants.

A calendar says of each local day from when to when the site is open there. An instant counts where its local time lies
within: an hour that the clocks leave out is no time, and one that they repeat counts twice.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo

Minutes = tuple[tuple[int, int], ...]
"""Spans of a local day in minutes since its midnight, in order, none beside another: ((480, 1020),)."""
DAY_MINUTES = 24 * 60
MOST_DAYS = 12 * 366
"""So many days are looked at before a calendar counts as one that never opens again."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_DAY = date(1970, 1, 1).toordinal()
_SECOND = 1_000_000
_HOUR = 3600 * _SECOND


@dataclass(frozen=True, slots=True)
class Calendar:
    """A time zone, and the opening hours of any local day."""

    zone: tzinfo
    hours_on: Callable[[date], Minutes]

    def due(self, start: datetime, seconds: int) -> datetime:
        """The instant at which the site has been open for `seconds` since `start`; before it where they are negative.

        Of the end of a day and the beginning of the next, both of which fit, the end. Raises ValueError where the site
        does not open for years.
        """
        if seconds < 0:
            return self._back(start, -seconds)
        if seconds == 0:
            return start
        at, left = _micro(start), seconds * _SECOND
        for day in self._days(start, 1):
            for begin, end in self._spans(day):
                open_for = end - max(begin, at)
                if open_for >= left > 0:
                    return _instant(max(begin, at) + left)
                left -= max(open_for, 0)
        raise ValueError("The calendar does not open for so long.")

    def _back(self, start: datetime, seconds: int) -> datetime:
        at, left = _micro(start), seconds * _SECOND
        for day in self._days(start, -1):
            for begin, end in reversed(self._spans(day)):
                open_for = min(end, at) - begin
                if open_for >= left:
                    return _instant(min(end, at) - left)
                left -= max(open_for, 0)
        raise ValueError("The calendar was not open for so long.")

    def open_seconds(self, start: datetime, end: datetime) -> int:
        """The whole seconds that the site was open from `start` to `end`; negative where `end` comes first."""
        if end < start:
            return -self.open_seconds(end, start)
        first, last, total = _micro(start), _micro(end), 0
        final = end.astimezone(self.zone).date()
        for day in self._days(start, 1, most=None):
            if day > final:
                break
            total += sum(max(min(stop, last) - max(begin, first), 0) for begin, stop in self._spans(day))
        return total // _SECOND

    def close_of_day(self, start: datetime, days: int) -> datetime:
        """When the site closes on its `days`th open day after the local day of `start`. Raises ValueError as `due`."""
        for day in self._days(start, 1):
            if day == start.astimezone(self.zone).date():
                continue
            if spans := self._spans(day):
                days -= 1
                if not days:
                    return _instant(spans[-1][1])
        raise ValueError("The calendar does not open for so long.")

    def _days(self, start: datetime, step: int, most: int | None = MOST_DAYS) -> Iterator[date]:
        day = start.astimezone(self.zone).date()
        while most is None or most > 0:
            yield day
            day += timedelta(days=step)
            most = None if most is None else most - 1

    def _spans(self, day: date) -> list[tuple[int, int]]:
        """The open spans of a local day in microseconds since 1970."""
        hours = self.hours_on(day)
        if not hours:
            return []
        midnight = (day.toordinal() - _EPOCH_DAY) * 24 * _HOUR
        spans = []
        for low, high, offset in self._stretches(midnight - 15 * _HOUR, midnight + 39 * _HOUR):
            for begin, end in hours:
                first = max(midnight + begin * 60 * _SECOND - offset, low)
                last = min(midnight + end * 60 * _SECOND - offset, high)
                if first < last:
                    spans.append((first, last))
        return sorted(spans)

    def _stretches(self, low: int, high: int) -> list[tuple[int, int, int]]:
        """From `low` to `high` in stretches of one offset from UTC each. The clocks change once in them at most."""
        before, after = self._offset(low), self._offset(high)
        if before == after:
            return [(low, high, before)]
        earlier, later = low // _SECOND, high // _SECOND
        while later - earlier > 1:
            middle = (earlier + later) // 2
            if self._offset(middle * _SECOND) == before:
                earlier = middle
            else:
                later = middle
        return [(low, later * _SECOND, before), (later * _SECOND, high, after)]

    def _offset(self, at: int) -> int:
        offset = datetime.fromtimestamp(at // _SECOND, self.zone).utcoffset() or timedelta(0)
        return offset // timedelta(microseconds=1)


def _micro(at: datetime) -> int:
    return (at - _EPOCH) // timedelta(microseconds=1)


def _instant(micro: int) -> datetime:
    return _EPOCH + timedelta(microseconds=micro)
