"""Scales: which values an axis shows, with ticks at round numbers, and where a value lies on it."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

_ALIKE = Decimal("1e-12")
_STEPS = (Decimal(1), Decimal(2), Decimal("2.5"), Decimal(5), Decimal(10))


@dataclass(frozen=True, slots=True)
class Scale:
    """The values `low` to `high` on the coordinates `start` to `end`, with ticks; `places` the decimals they need."""

    low: Decimal
    high: Decimal
    start: Decimal
    end: Decimal
    ticks: tuple[Decimal, ...]
    places: int

    def at(self, value: Decimal | int) -> Decimal:
        """The coordinate of `value`."""
        return self.start + (self.end - self.start) * (Decimal(value) - self.low) / (self.high - self.low)

    def on(self, start: Decimal | int, end: Decimal | int) -> "Scale":
        """The same values on other coordinates."""
        return Scale(self.low, self.high, Decimal(start), Decimal(end), self.ticks, self.places)


def round_scale(
    values: Iterable[Decimal | int], *, most_ticks: int = 5, from_zero: bool = False, most: Decimal | None = None
) -> Scale:
    """A scale that holds all `values`, between ticks at round numbers; values that are all the same get room around.

    `from_zero`: whether it begins at 0. Values that are nowhere below 0 get no tick below 0, and none above `most`, a
    round number, unless one of them is.
    """
    numbers = [Decimal(value) for value in values] or [Decimal(0)]
    low, high = min(numbers), max(numbers)
    if from_zero:
        low, high = min(low, Decimal(0)), max(high, Decimal(0))
    if high - low <= max(abs(low), abs(high)) * _ALIKE:
        room = abs(low) / 10 or Decimal(1)
        low, high = (low if from_zero or not low else low - room), high if high == most else high + room
    step = _step((high - low) / most_ticks)
    first, last = (low / step).to_integral_value("ROUND_FLOOR"), (high / step).to_integral_value("ROUND_CEILING")
    ticks = tuple(step * k for k in range(int(first), int(last) + 1))
    places = max(-int(step.normalize().as_tuple().exponent), 0)
    return Scale(ticks[0], ticks[-1], Decimal(0), Decimal(1), ticks, places)


def _step(least: Decimal) -> Decimal:
    """The smallest round step of at least `least`."""
    size = Decimal(1).scaleb(least.adjusted())
    return next(size * step for step in _STEPS if size * step >= least)


def whole_scale(largest: int, *, most_ticks: int = 6) -> Scale:
    """A scale from 0 for counts up to `largest`, with ticks at whole numbers."""
    step = max(int(_step(Decimal(max(largest, 1)) / most_ticks).to_integral_value("ROUND_CEILING")), 1)
    ticks = tuple(Decimal(k) for k in range(0, max(largest, 1) + step, step))
    return Scale(ticks[0], ticks[-1], Decimal(0), Decimal(1), ticks, 0)
