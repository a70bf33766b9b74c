"""Column plots: a column a month, and the part of it that is counted; new criteria are marks."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from utilization.plots.canvas import BROAD, NARROW, WIDE, Canvas, Drawing
from utilization.plots.figures import counted, figure, short
from utilization.plots.marks import Sample, legend
from utilization.plots.periods import Period, draw_periods
from utilization.plots.plot import Plot, PlotTable
from utilization.plots.publications import draw_publications, publication_marks, rows_height
from utilization.plots.scale import Scale, whole_scale
from utilization.plots.text_width import width

_HEIGHT, _COUNT_ROW, _BROADEST = 96, 18, 34
_PART, _WHOLE = "weigh", "line"


@dataclass(frozen=True, slots=True)
class MonthColumn:
    """One month: `part` counted of `whole`."""

    period: Period
    part: int
    whole: int


@dataclass(frozen=True, slots=True)
class ColumnWords:
    """What a column plot is called: `heading` short, for where no new criteria divide it; `subject` for the title; what
    the part and the whole are, in the legend and in the table ("did not meet criteria", "all approvals")."""

    heading: str
    subject: str
    part: str
    whole: str


def column_plot(
    key: str, words: ColumnWords, columns: Sequence[MonthColumn], publications: Sequence[tuple[Decimal, str]] = ()
) -> Plot:
    """The plot of `columns`, one for each month and none left out.

    `publications`: (months since the first began, "criteria 1.1, 1 Apr 2026"). Raises ValueError where a part is below
    0 or above its whole, or new criteria came outside these months.
    """
    if any(not 0 <= column.part <= column.whole for column in columns):
        raise ValueError("The part of a column lies between 0 and the whole.")
    if any(not 0 <= at < len(columns) for at, _ in publications):
        raise ValueError("New criteria are marked within the months of the plot.")
    rows = tuple((column.period.full, figure(column.part), figure(column.whole)) for column in columns)
    table = PlotTable(words.subject, ("Month", words.part, words.whole), rows)
    divided = _divided(columns, publications)
    title = _title(words, columns, divided)
    if not any(column.whole for column in columns):
        return Plot(key, words.heading, title, None, None, table)
    wide, narrow, broad = (_drawing(columns, words, sorted(publications), size) for size in (WIDE, NARROW, BROAD))
    return Plot(key, divided or words.heading, title, wide, narrow, table, broad=broad)


def _share(columns: Sequence[MonthColumn]) -> str:
    return f"{figure(sum(column.part for column in columns))} of {figure(sum(column.whole for column in columns))}"


def _divided(columns: Sequence[MonthColumn], publications: Sequence[tuple[Decimal, str]]) -> str:
    """How many before the latest criteria and how many since; empty where none began with a month between."""
    between = [(int(at), label) for at, label in publications if at and at == int(at)]
    if not between:
        return ""
    place, label = max(between)
    return f"{_share(columns[:place])} before {label.partition(',')[0]}, {_share(columns[place:])} since"


def _title(words: ColumnWords, columns: Sequence[MonthColumn], divided: str) -> str:
    if not any(column.whole for column in columns):
        return f"{words.subject}: there is nothing to show."
    of = f"{_share(columns)} in {counted(len(columns), 'month')}: {words.subject}"
    return f"{of}; {divided}. The table says the same." if divided else f"{of}. The table says the same."


def _drawing(
    columns: Sequence[MonthColumn], words: ColumnWords, publications: Sequence[tuple[Decimal, str]], size: int
) -> Drawing:
    canvas = Canvas(size)
    scale = whole_scale(max(column.whole for column in columns), most_ticks=4)
    ticks = [short(tick) for tick in scale.ticks]
    # The last name of a month may be wider than its column.
    left, right = max(map(width, ticks)) + 8, Decimal(size - 12)
    step = (right - left) / len(columns)
    marked = publication_marks([(left + step * at, label) for at, label in publications], right)
    top = Decimal(_COUNT_ROW + rows_height(marked))
    y, foot = scale.on(top + _HEIGHT, top), top + _HEIGHT
    for tick, label in zip(scale.ticks, ticks, strict=True):
        canvas.line([(left, y.at(tick)), (right, y.at(tick))], "line")
        canvas.text((left - 6, y.at(tick) + 4), label, anchor="end")
    xs = [left + step * place + step / 2 for place in range(len(columns))]
    _columns(canvas, columns, xs, y, min(step * Decimal("0.7"), Decimal(_BROADEST)))
    canvas.line([(left, foot), (right, foot)], "strong")
    for x, column, count in zip(xs, columns, _counts(columns, step), strict=False):
        canvas.text((x, y.at(column.whole) - 5), count, "ink", "middle")
    draw_publications(canvas, marked, foot)
    draw_periods(canvas, [column.period for column in columns], xs, foot + 18)
    samples = [Sample(words.part, shade=_PART), Sample(words.whole, shade=_WHOLE)]
    return canvas.finished(foot + 38 + legend(canvas, samples, foot + 38))


def _columns(canvas: Canvas, columns: Sequence[MonthColumn], xs: Sequence[Decimal], y: Scale, across: Decimal) -> None:
    """Draws the columns, the part over the foot of the whole; what is not 0 is seen."""
    for x, column in zip(xs, columns, strict=True):
        for count, fill, edge in ((column.whole, _WHOLE, "strong"), (column.part, _PART, "none")):
            high = max(y.start - y.at(count), Decimal(1))
            if count:
                canvas.box(x - across / 2, y.start - high, (across, high), fill, edge)


def _counts(columns: Sequence[MonthColumn], step: Decimal) -> list[str]:
    """What stands above each column: "2 of 8" where all have room, else "2", else nothing."""
    full = [f"{figure(column.part)} of {figure(column.whole)}" if column.whole else "0" for column in columns]
    parts = [figure(column.part) for column in columns]
    return next((row for row in (full, parts) if max(map(width, row)) + 3 <= step), [])
