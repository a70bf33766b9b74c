"""XmR charts: single values a month, held against their mean and the mean range from one month to the next."""

from collections.abc import Sequence
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
from utilization.rules.statistics.exact import Number, six_places

TO_LIMIT = Fraction("2.66")
"""Mean moving ranges from the mean to a limit: 3 / 1.128."""
TOO_WIDE = Fraction("3.267")
"""Moving ranges of so many times their mean, or more, are left out of it."""


def xmr(values: Sequence[Number | None], *, publications: Sequence[int] = (), screened: bool = True) -> ControlChart:
    """The chart of `values` in order; None is a point of which nothing is known, and the range goes over it.

    `publications`: places of the first points of new criteria. `screened`: whether too wide ranges are left out, once.
    """
    known = [value is not None for value in values]
    bases = [_basis(values, span, screened=screened) for span in spans(known, publications)]
    points = [ChartPoint(None if value is None else six_places(value), _limits(bases, place))
              for place, value in enumerate(values)]  # fmt: skip
    return ControlChart(with_signals(points, bases), tuple(bases), marks_within(publications, len(values)))


def _basis(values: Sequence[Number | None], span: Span, *, screened: bool) -> LimitBasis:
    known = [Fraction(value) for value in values[span.first : span.held_at] if value is not None]
    centre = sum(known) / Fraction(len(known))
    ranges = [abs(after - before) for before, after in pairwise(known)]
    if not ranges:
        return LimitBasis(span, six_places(centre), None, None, len(known))
    widest = TOO_WIDE * sum(ranges) / len(ranges)
    kept = [moved for moved in ranges if moved < widest or not widest] if screened else ranges
    reach = TO_LIMIT * sum(kept) / len(kept)
    lower, upper = six_places(centre - reach), six_places(centre + reach)
    return LimitBasis(span, six_places(centre), lower, upper, len(known), len(ranges) - len(kept))


def _limits(bases: Sequence[LimitBasis], place: int) -> Limits | None:
    basis = next((basis for basis in bases if basis.span.first <= place < basis.span.end), None)
    if basis is None or basis.lower is None or basis.upper is None:
        return None
    centre, lower, upper = basis.centre, basis.lower, basis.upper
    near = [six_places(Fraction(centre) + (Fraction(limit) - Fraction(centre)) * 2 / 3) for limit in (lower, upper)]
    return Limits(centre, lower, upper, *near)
