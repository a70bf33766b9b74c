"""g charts: how much lies between events that are rare, such as days or infusions between two reactions."""

from collections.abc import Sequence
from fractions import Fraction

from utilization.rules.statistics.control_chart import ChartPoint, ControlChart, LimitBasis, Limits, Span, with_signals
from utilization.rules.statistics.exact import WORKING, as_decimal, six_places


def rare_events(gaps: Sequence[int]) -> ControlChart:
    """The chart of `gaps`, whole numbers of what lay between one event and the next, in order.

    The centre is their mean m, the limits are m -/+ 3 times the root of m(m + 1), the lower one not below 0, as of a
    geometric distribution. A gap above the upper limit says that the events became rarer.
    Raises ValueError for a gap below 0.
    """
    if any(gap < 0 for gap in gaps):
        raise ValueError("A gap is not below 0.")
    if not gaps:
        return ControlChart((), ())
    centre = Fraction(sum(gaps), len(gaps))
    sigma = Fraction(WORKING.sqrt(as_decimal(centre * (centre + 1))))
    lower, upper, lower_near, upper_near = (
        six_places(max(centre + times * sigma, Fraction(0))) for times in (-3, 3, -2, 2)
    )
    limits = Limits(six_places(centre), lower, upper, lower_near, upper_near)
    basis = LimitBasis(Span(0, len(gaps), len(gaps)), limits.centre, lower, upper, len(gaps))
    points = [ChartPoint(six_places(gap), limits) for gap in gaps]
    return ControlChart(with_signals(points, [basis]), (basis,))
