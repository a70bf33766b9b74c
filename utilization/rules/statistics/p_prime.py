"""Laney's p' charts: shares a month, with limits as wide as the months differ beyond what chance alone makes.

Laney DB. Improved control charts for attributes. Quality Engineering 2002;14:531-537.
"""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

from utilization.rules.statistics.control_chart import (
    ChartPoint,
    ControlChart,
    LimitBasis,
    Limits,
    Span,
    marks_within,
    spans,
    with_signals,
)
from utilization.rules.statistics.exact import WORKING, as_decimal, six_places, total

RANGE_OF_ONE_SIGMA = Decimal("1.128")
"""The mean range of two values whose standard deviation is 1."""

Count = tuple[int, int]
"""(how many, of how many)."""


def p_prime(counts: Sequence[Count], *, publications: Sequence[int] = ()) -> ControlChart:
    """The chart of the shares of `counts` in order, from 0 to 1; a share of none is a point without a value.

    `publications`: places of the first points of new criteria. Limits stop at 0 and 1. Raises ValueError for a count
    below 0 or above what it is a part of.
    """
    if any(not 0 <= count <= of for count, of in counts):
        raise ValueError("A share is of a count from 0 to all.")
    points: list[ChartPoint] = [ChartPoint(None)] * len(counts)
    bases = []
    for span in spans([of > 0 for _, of in counts], publications):
        known = [(count, of) for count, of in counts[span.first : span.held_at] if of]
        centre = Fraction(sum(count for count, _ in known), sum(of for _, of in known))
        spread = _spread(known, centre)
        bases.append(_basis(span, centre, len(known)))
        for place in range(span.first, span.end):
            points[place] = _point(counts[place], centre, spread)
    return ControlChart(with_signals(points, bases), tuple(bases), marks_within(publications, len(counts)))


def _basis(span: Span, centre: Fraction, points: int) -> LimitBasis:
    return LimitBasis(span, six_places(centre), None, None, points)


def _sigma(centre: Fraction, of: int) -> Decimal:
    return WORKING.sqrt(as_decimal(centre * (1 - centre) / of))


def _spread(known: Sequence[Count], centre: Fraction) -> Decimal | None:
    """How many times wider than by chance the shares differ from one to the next; None of a single one."""
    if len(known) < 2:
        return None
    if centre in (0, 1):
        return Decimal(0)
    z = [WORKING.divide(as_decimal(Fraction(count, of) - centre), _sigma(centre, of)) for count, of in known]
    moved = total(WORKING.abs(WORKING.subtract(after, before)) for before, after in pairwise(z))
    return WORKING.divide(moved, WORKING.multiply(RANGE_OF_ONE_SIGMA, Decimal(len(known) - 1)))


def _point(count: Count, centre: Fraction, spread: Decimal | None) -> ChartPoint:
    if not count[1]:
        return ChartPoint(None)
    share = six_places(Fraction(*count))
    if spread is None:
        return ChartPoint(share)
    sigma = Fraction(WORKING.multiply(_sigma(centre, count[1]), spread))
    lower, upper, lower_near, upper_near = (
        six_places(min(max(centre + times * sigma, Fraction(0)), Fraction(1))) for times in (-3, 3, -2, 2)
    )
    return ChartPoint(share, Limits(six_places(centre), lower, upper, lower_near, upper_near))
