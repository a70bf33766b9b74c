"""What a control chart is about: its name and unit, the periods of its points, and when new criteria came."""

from collections.abc import Sequence
from dataclasses import dataclass

from utilization.plots.periods import Period


@dataclass(frozen=True, slots=True)
class Series:
    """A series of points.

    `name` opens a sentence ("Scheduled grams"). `share`: values from 0 to 1, shown in percent. `better`: "lower",
    "higher", or None where neither side is good by itself, as of grams. `publications`: (place of the first point of
    new criteria, "criteria 1.1, 1 Apr 2026"), the same places as the chart's.
    """

    key: str
    name: str
    periods: Sequence[Period]
    unit: str = ""
    places: int = 0
    share: bool = False
    period: str = "month"
    better: str | None = None
    publications: tuple[tuple[int, str], ...] = ()
