"""What the points since a publication say beside those before it; nothing is said that the points do not show."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from utilization.rules.statistics.control_chart import ROW, ControlChart, LimitBasis, rows


class Verdict(StrEnum):
    """What a change comes to. `TOO_FEW`: fewer points since than a row needs; `TOO_FEW_BEFORE`: so few before that the
    limits come from the points since as well, so that nothing is compared with anything."""

    FELL = "fell"
    ROSE = "rose"
    NO_CHANGE = "no_change"
    BOTH_WAYS = "both_ways"
    TOO_FEW = "too_few"
    TOO_FEW_BEFORE = "too_few_before"


@dataclass(frozen=True, slots=True)
class ChartChange:
    """The `points` since a publication and before the next, beside the centre and limits of before, `basis`.

    `below` and `above` count those on each side of that centre; `outside_below` and `outside_above` those beyond its
    limits, None where each point had limits of its own and they were set anew.
    """

    verdict: Verdict
    basis: LimitBasis
    points: int
    below: int
    above: int
    outside_below: int | None
    outside_above: int | None


def change_since(chart: ControlChart, place: int) -> ChartChange | None:
    """What the points from `place` on say, up to the next publication; None where nothing is known before or since.

    It fell, or rose, if at least `ROW` of them in a row lie on that side of the earlier centre and never as many on
    the other side. One point beyond a limit is a signal of its own and no change.
    """
    before = chart.basis_at(place - 1) if place > 0 else None
    end = min((mark for mark in chart.publications if mark > place), default=len(chart.points))
    values = {at: point.value for at, point in enumerate(chart.points[:end]) if at >= place and point.value is not None}
    if before is None or not values:
        return None
    sides = [(value > before.centre) - (value < before.centre) for value in values.values()]
    outside = {at: _outside(chart, before, at) for at in values}
    told = None not in outside.values()
    return ChartChange(
        verdict=Verdict.TOO_FEW_BEFORE if before.span.held_at > place else _verdict(sides),
        basis=before,
        points=len(sides),
        below=sides.count(-1),
        above=sides.count(1),
        outside_below=list(outside.values()).count(-1) if told else None,
        outside_above=list(outside.values()).count(1) if told else None,
    )


def _outside(chart: ControlChart, before: LimitBasis, place: int) -> int | None:
    """1 above the limits of before, -1 below, 0 within; None where that point has none of these."""
    point = chart.points[place]
    own = point.limits if chart.basis_at(place) == before else None
    lower, upper = (own.lower, own.upper) if own else (before.lower, before.upper)
    if point.value is None or lower is None or upper is None:
        return None
    return (point.value > upper) - (point.value < lower)


def _verdict(sides: Sequence[int]) -> Verdict:
    long_rows = {side for first, after, side in rows(sides) if after - first >= ROW}
    if len(sides) < ROW:
        return Verdict.TOO_FEW
    if len(long_rows) == 2:
        return Verdict.BOTH_WAYS
    return {-1: Verdict.FELL, 1: Verdict.ROSE}[long_rows.pop()] if long_rows else Verdict.NO_CHANGE
