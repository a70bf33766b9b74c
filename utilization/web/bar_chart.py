"""Bar charts: how long and how far down each bar stands; `templates/_parts/bar_chart.html` draws them as SVG."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

MOST_BARS = 15
_BAR_HEIGHT = 76


@dataclass(frozen=True, slots=True)
class Count:
    """What one bar stands for: `name` and `words` above it, `count` at its end, `tone` of the palette."""

    name: str
    words: str
    count: int
    tone: str


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: `y` of its row in px, `percent` of the longest bar."""

    of: Count
    y: int
    percent: str


@dataclass(frozen=True, slots=True)
class BarChart:
    """What the chart says in a sentence; its bars in order, their height in px, and how many counts found no room."""

    said: str
    bars: list[Bar]
    height: int
    left_out: int


def bar_chart(said: str, counts: Sequence[Count]) -> BarChart:
    """The chart that says `said`, of the first `MOST_BARS` of `counts`, each bar in proportion to the largest."""
    shown = counts[:MOST_BARS]
    longest = max((count.count for count in shown), default=1)
    bars = [
        # A bar that stands for something is seen, however long the longest is.
        Bar(count, place * _BAR_HEIGHT, f"{max(Decimal(count.count * 100) / longest, Decimal('0.6')):.2f}")
        for place, count in enumerate(shown)
    ]
    return BarChart(said, bars, height=len(shown) * _BAR_HEIGHT + 8, left_out=len(counts) - len(shown))
