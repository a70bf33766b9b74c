"""A control chart: points in order, the spans that share their limits, and the signals of each point.

The rules are those of the NHS's "Making data count": a point outside the limits, 7 points in a row on one side of the
centre, 7 points of which each lies further than the one before (6 steps one way), 2 of 3 points in a row beyond two
thirds of the way to the same limit. A point on the centre is on neither side and ends a row; a step of nothing ends a
trend. A point outside the limits counts among those beyond two thirds. Runs and trends end where limits change.

Limits never change by themselves. They are set anew only at a publication with at least `ENOUGH` points since; until
then the points since are held against the limits of before, and those stop at the publication if `ENOUGH` points led up
to it. With fewer than `ENOUGH` points, limits are trial limits.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise
from typing import NamedTuple

ENOUGH = 12
"""Points that limits need before they are more than trial limits."""
ROW = 7
"""Points on one side, or in one direction, that are a signal."""


class Rule(StrEnum):
    """Which rule a point breaks, most telling first."""

    OUTSIDE = "outside"
    ROW = "row"
    NEAR = "near"
    TREND = "trend"


class Signal(NamedTuple):
    """A rule that a point breaks, and its side: above or below; of a trend, whether it rises or falls."""

    rule: Rule
    above: bool


class Limits(NamedTuple):
    """What one point is held against. `lower_near` and `upper_near` lie two thirds of the way to the limits."""

    centre: Decimal
    lower: Decimal
    upper: Decimal
    lower_near: Decimal
    upper_near: Decimal


@dataclass(frozen=True, slots=True)
class ChartPoint:
    """One point. `value` is None where nothing is known, `limits` where there are not yet any."""

    value: Decimal | None
    limits: Limits | None = None
    signals: tuple[Signal, ...] = ()


class Span(NamedTuple):
    """Points `first` to before `end` that share limits, which come from the points `first` to before `held_at`."""

    first: int
    end: int
    held_at: int


@dataclass(frozen=True, slots=True)
class LimitBasis:
    """A span, the centre and limits that its points share (None where they differ by point), and what they come from.

    `points`: how many known points they come from; `trial`: fewer than `ENOUGH`; `left_out`: how many moving ranges
    were left out as too wide.
    """

    span: Span
    centre: Decimal
    lower: Decimal | None
    upper: Decimal | None
    points: int
    left_out: int = 0

    @property
    def trial(self) -> bool:
        """Whether these are trial limits."""
        return self.points < ENOUGH


@dataclass(frozen=True, slots=True)
class ControlChart:
    """The points in order, the bases of their limits in order, and at which points new criteria came into force."""

    points: tuple[ChartPoint, ...]
    bases: tuple[LimitBasis, ...]
    publications: tuple[int, ...] = ()

    def basis_at(self, place: int) -> LimitBasis | None:
        """The basis of the limits of the point at `place`."""
        return next((basis for basis in self.bases if basis.span.first <= place < basis.span.end), None)


def spans(known: Sequence[bool], publications: Sequence[int]) -> list[Span]:
    """The spans of a series: `known` says which points have a value, `publications` which are first of a version."""
    marks = marks_within(publications, len(known))
    in_order: list[Span] = []
    first, held_at = 0, None
    for mark, after in zip(marks, [*marks, len(known)][1:], strict=True):
        before = sum(known[first:mark])
        if before and sum(known[mark:after]) >= ENOUGH:
            in_order.append(Span(first, mark, held_at or mark))
            first, held_at = mark, None
        elif held_at is None and before >= ENOUGH:
            held_at = mark
    if any(known[first:]):
        in_order.append(Span(first, len(known), held_at or len(known)))
    return in_order


def marks_within(publications: Sequence[int], length: int) -> tuple[int, ...]:
    """The publications that have a point before and one on or after them, in order, each once."""
    return tuple(sorted({mark for mark in publications if 0 < mark < length}))


def with_signals(points: Sequence[ChartPoint], bases: Sequence[LimitBasis]) -> tuple[ChartPoint, ...]:
    """`points` with the signals that each gives among those of its span."""
    by_place: dict[int, list[Signal]] = {}
    for basis in bases:
        places = [place for place in range(basis.span.first, basis.span.end) if points[place].value is not None]
        for place, signal in _signals([points[place] for place in places]):
            by_place.setdefault(places[place], []).append(signal)
    return tuple(
        ChartPoint(point.value, point.limits, tuple(sorted(by_place.get(place, ()), key=_by_weight)))
        for place, point in enumerate(points)
    )


def _by_weight(signal: Signal) -> int:
    return list(Rule).index(signal.rule)


def _signals(points: Sequence[ChartPoint]) -> Iterator[tuple[int, Signal]]:
    held = [(point.value, point.limits) for point in points if point.value is not None and point.limits is not None]
    if len(held) < len(points):
        return
    outside = [_beyond(value, limits.lower, limits.upper) for value, limits in held]
    yield from ((place, Signal(Rule.OUTSIDE, side > 0)) for place, side in enumerate(outside) if side)
    sides = [_beyond(value, limits.centre, limits.centre) for value, limits in held]
    for first, end, side in rows(sides):
        if end - first >= ROW:
            yield from ((place, Signal(Rule.ROW, side > 0)) for place in range(first, end))
    steps = [_beyond(after, before, before) for (before, _), (after, _) in pairwise(held)]
    for first, end, step in rows(steps):
        if end - first >= ROW - 1:
            yield from ((place, Signal(Rule.TREND, step > 0)) for place in range(first, end + 1))
    yield from _two_of_three([_beyond(value, limits.lower_near, limits.upper_near) for value, limits in held])


def _two_of_three(beyond: Sequence[int]) -> Iterator[tuple[int, Signal]]:
    for place, side in enumerate(beyond):
        windows = (beyond[first : first + 3] for first in range(max(place - 2, 0), place + 1))
        if side and any(len(window) == 3 and window.count(side) >= 2 for window in windows):
            yield place, Signal(Rule.NEAR, side > 0)


def rows(signs: Sequence[int]) -> Iterator[tuple[int, int, int]]:
    """Each stretch of the same sign that is not 0: its first place, the place after it, the sign."""
    first = 0
    for place in range(1, len(signs) + 1):
        if place == len(signs) or signs[place] != signs[first]:
            if signs[first]:
                yield first, place, signs[first]
            first = place


def _beyond(value: Decimal, lower: Decimal, upper: Decimal) -> int:
    """1 above `upper`, -1 below `lower`, else 0."""
    return (value > upper) - (value < lower)
