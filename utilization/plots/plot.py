"""A plot: its drawings, the finding that they show, notes below, and the table behind them."""

from dataclasses import dataclass

from utilization.plots.canvas import Drawing


@dataclass(frozen=True, slots=True)
class PlotTable:
    """The same figures as text: the caption, the heads of the columns, the rows; the first column names the row."""

    caption: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Plot:
    """A plot. `heading`: what it shows, short; `title`: the finding in full, for those who do not see it.

    `key` is its name within the page. Where there is nothing to draw, `wide` and `narrow` are None and the title says
    so. `notes` are sentences that stand below. `broad` is for the whole width of a desk, where a kind has use for it.
    """

    key: str
    heading: str
    title: str
    wide: Drawing | None
    narrow: Drawing | None
    table: PlotTable
    notes: tuple[str, ...] = ()
    broad: Drawing | None = None

    @property
    def drawings(self) -> tuple[Drawing, ...]:
        """All there are, the largest first."""
        return tuple(drawing for drawing in (self.broad, self.wide, self.narrow) if drawing)
