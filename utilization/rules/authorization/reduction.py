"""The last time that treatment was tried with less: fewer grams a course, or a longer interval, by decided orders."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise


@dataclass(frozen=True, slots=True)
class DecidedOrder:
    """What was authorized from the day `first` on: grams a course, and the weeks from one to the next."""

    first: date
    grams: Decimal
    interval_weeks: Decimal

    @property
    def grams_a_week(self) -> Decimal:
        return self.grams / self.interval_weeks


@dataclass(frozen=True, slots=True)
class Reduction:
    """An order that gave less a week than the one before it; `raised` is the first later one that gave more again."""

    before: DecidedOrder
    after: DecidedOrder
    raised: DecidedOrder | None

    @property
    def by_dose(self) -> bool:
        return self.after.grams < self.before.grams

    @property
    def by_interval(self) -> bool:
        return self.after.interval_weeks > self.before.interval_weeks


def last_reduction(orders: Iterable[DecidedOrder]) -> Reduction | None:
    """The latest reduction among `orders`; None where each gave as much a week as the one before it, or more.

    A single course, which has no interval, is no order to compare: after a loading course every dose is a smaller one.
    """
    by_day = sorted(orders, key=lambda order: order.first)
    less = [(before, after) for before, after in pairwise(by_day) if after.grams_a_week < before.grams_a_week]
    if not less:
        return None
    before, after = less[-1]
    later = (order for order in by_day if order.first > after.first and order.grams_a_week > after.grams_a_week)
    return Reduction(before, after, next(later, None))
