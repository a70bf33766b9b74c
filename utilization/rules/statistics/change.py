"""What the points since a publication say beside those before it; nothing is said that the points do not show."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from utilization.rules.statistics.control_chart import ROW, ControlChart, rows


class Verdict(StrEnum):
    """What a change comes to. `TOO_FEW`: fewer points since than a row needs."""

    FELL = "fell"
    ROSE = "rose"
    NO_CHANGE = "no_change"
    BOTH_WAYS = "both_ways"
    TOO_FEW = "too_few"


@dataclass(frozen=True, slots=True)
class Change:
    """The `points` since a publication and before the next, beside the centre and limits of before.

    `below` and `above` count those on each side of that centre; `outside_below` and `outside_above` those beyond its
    limits, None where each point had limits of its own and they were set anew. `trial`: those limits were trial ones.
    """

    verdict: Verdict
    points: int
    below: int
    above: int
    outside_below: int | None
    outside_above: int | None
    centre_before: Decimal
    trial: bool


def change_since(chart: ControlChart, place: int) -> Change | None:
    """What the points from `place` on say, up to the next publication; None where nothing is known before or since.

    It fell, or rose, if at least `ROW` of them in a row lie on that side of the earlier centre and never as many on
    the other side. One point beyond a limit is a signal of its own and no change.
    """
    before = chart.basis_at(place - 1) if place > 0 else None
    end = min((mark for mark in chart.publications if mark > place), default=len(chart.points))
    since = [point for point in chart.points[place:end] if point.value is not None]
    if before is None or not since:
        return None
    values = [point.value for point in since if point.value is not None]
    sides = [(value > before.centre) - (value < before.centre) for value in values]
    long_rows = {side for first, after, side in rows(sides) if after - first >= ROW}
    outside_below = outside_above = None
    if before.lower is not None and before.upper is not None:
        outside_below = sum(value < before.lower for value in values)
        outside_above = sum(value > before.upper for value in values)
    elif chart.basis_at(place) == before:
        limits = [(point.value, point.limits) for point in since if point.value is not None and point.limits]
        outside_below = sum(value < held.lower for value, held in limits)
        outside_above = sum(value > held.upper for value, held in limits)
    return Change(
        verdict=_verdict(len(values), long_rows),
        points=len(values),
        below=sides.count(-1),
        above=sides.count(1),
        outside_below=outside_below,
        outside_above=outside_above,
        centre_before=before.centre,
        trial=before.trial,
    )


def _verdict(points: int, long_rows: set[int]) -> Verdict:
    if points < ROW:
        return Verdict.TOO_FEW
    if len(long_rows) == 2:
        return Verdict.BOTH_WAYS
    return {-1: Verdict.FELL, 1: Verdict.ROSE}[long_rows.pop()] if long_rows else Verdict.NO_CHANGE
