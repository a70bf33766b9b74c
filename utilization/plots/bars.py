"""Bar plots: how much of each, the name above its bar; and the same with each bar divided into parts."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from utilization.plots.canvas import NARROW, WIDE, Canvas, Drawing
from utilization.plots.figures import counted, figure, short
from utilization.plots.marks import Sample, legend
from utilization.plots.plot import Plot, PlotTable
from utilization.plots.text_width import lines, shortened, width

MOST_BARS = 15
"""Bars that a plot has room for; the rest stand in the table."""
_BAR, _LINE, _GAP = 10, 15, 10
SHADES = ("shade-1", "shade-2", "shade-3", "shade-4", "shade-5")


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: `note` stands behind the value ("33.0 %, 45 patients"), `paint` is "idle" for what is put together."""

    name: str
    value: Decimal | int
    note: str = ""
    paint: str = "accent"


@dataclass(frozen=True, slots=True)
class Divided:
    """One divided bar: the counts of its parts, in the order of the parts' names."""

    name: str
    counts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class BarWords:
    """What a bar plot is called: `heading` short, `subject` for the title ("Grams by indication"), `column` the head of
    the column of names, `value` that of the values, their unit and decimals."""

    heading: str
    subject: str
    column: str
    value: str
    unit: str = ""
    places: int = 0


def bar_plot(key: str, words: BarWords, bars: Sequence[Bar]) -> Plot:
    """The plot of `bars` in the order given, each as long as its value beside the largest; no value is below 0."""
    if any(bar.value < 0 for bar in bars):
        raise ValueError("A bar has no length below 0.")
    shown = bars[:MOST_BARS]
    rows = tuple((bar.name, figure(bar.value, words.places), bar.note) for bar in bars)
    noted = any(bar.note for bar in bars)
    heads = (words.column, f"{words.value}{', ' + words.unit if words.unit else ''}", "Of them")
    table = PlotTable(words.subject, heads if noted else heads[:2], rows if noted else tuple(row[:2] for row in rows))
    wide, narrow = (_drawing(shown, words, size) if shown else None for size in (WIDE, NARROW))
    return Plot(key, words.heading, _title(words, bars), wide, narrow, table, _left_out(len(bars)))


def _left_out(bars: int) -> tuple[str, ...]:
    more = bars - MOST_BARS
    if more < 1:
        return ()
    return (f"{counted(more, 'more stands', 'more stand')} in the table alone.",)


def _title(words: BarWords, bars: Sequence[Bar]) -> str:
    if not bars:
        return f"{words.subject}: there is nothing to show."
    largest = max(bars, key=lambda bar: bar.value)
    if not largest.value:
        nothing = figure(0, words.places, words.unit)
        return f"{words.subject}: {figure(len(bars))}, each {nothing}. The table says the same."
    most = f"{figure(largest.value, words.places, words.unit)} for {largest.name}"
    only = f"one alone, {most}" if len(bars) == 1 else f"{figure(len(bars))} in all; the most is {most}"
    return f"{words.subject}: {only}. The table says the same."


def _drawing(bars: Sequence[Bar], words: BarWords, size: int) -> Drawing:
    canvas = Canvas(size)
    values = [_value_text(bar.value, words) for bar in bars]
    notes_beside = _longest(bars, values, size, with_notes=True) >= Decimal(size) * 45 / 100
    longest = _longest(bars, values, size, with_notes=notes_beside)
    largest = max((bar.value for bar in bars), default=0)
    y = Decimal(0)
    for bar, value in zip(bars, values, strict=True):
        for line in lines(bar.name, size):
            y += _LINE
            canvas.text((Decimal(0), y - 3), line, "ink")
        if bar.note and not notes_beside:
            y += _LINE
            canvas.text((Decimal(0), y - 3), shortened(bar.note, size))
        y += 2
        length = longest * Decimal(bar.value) / Decimal(largest) if largest else Decimal(0)
        if bar.value:
            length = max(length, Decimal(1))
            canvas.box(Decimal(0), y, (length, Decimal(_BAR)), bar.paint)
        else:
            canvas.line([(Decimal("0.5"), y), (Decimal("0.5"), y + _BAR)], "strong")
        canvas.text((length + 6, y + _BAR - 1), value, "ink", bold=True)
        if bar.note and notes_beside:
            canvas.text((length + 11 + width(value), y + _BAR - 1), bar.note)
        y += _BAR + _GAP
    return canvas.finished(y)


def _value_text(value: Decimal | int, words: BarWords) -> str:
    return f"{short(value, words.places)}\u202f{words.unit}".removesuffix("\u202f")


def _longest(bars: Sequence[Bar], values: Sequence[str], size: int, *, with_notes: bool) -> Decimal:
    """How long the largest bar may be, so that what stands behind each bar still fits."""
    largest = max((bar.value for bar in bars), default=0) or 1
    longest = Decimal(size)
    for bar, value in zip(bars, values, strict=True):
        behind = 8 + width(value) + (7 + width(bar.note) if with_notes and bar.note else 0)
        part = Decimal(bar.value) / Decimal(largest)
        longest = min(longest, (size - behind) / part) if part else longest
    return max(longest, Decimal(0))


def divided_bar_plot(
    key: str, words: BarWords, parts: Sequence[str], bars: Sequence[Divided], *, whole: bool = False
) -> Plot:
    """The plot of `bars` divided into `parts`, at most five, in the same order in each bar and in the legend.

    `whole`: each bar is as long as the drawing, so that shares are compared and not counts. Raises ValueError where a
    bar has another number of parts, or there are more than five.
    """
    if len(parts) > len(SHADES) or any(len(bar.counts) != len(parts) for bar in bars):
        raise ValueError("A divided bar has one count for each of at most five parts.")
    rows = tuple((bar.name, *map(figure, bar.counts), figure(sum(bar.counts))) for bar in bars)
    shown = bars[:MOST_BARS]
    wide, narrow = (_divided(shown, parts, size, whole=whole) if shown else None for size in (WIDE, NARROW))
    table = PlotTable(words.subject, (words.column, *parts, "All"), rows)
    return Plot(key, words.heading, _divided_title(words, parts, bars), wide, narrow, table, _left_out(len(bars)))


def _divided_title(words: BarWords, parts: Sequence[str], bars: Sequence[Divided]) -> str:
    totals = [sum(bar.counts[place] for bar in bars) for place in range(len(parts))]
    if not sum(totals):
        return f"{words.subject}: there is nothing to show."
    told = ", ".join(f"{part} {figure(total)}" for part, total in zip(parts, totals, strict=True))
    return f"{words.subject}: {figure(sum(totals))} in all, {told}. The table says the same."


def _divided(bars: Sequence[Divided], parts: Sequence[str], size: int, *, whole: bool) -> Drawing:
    canvas = Canvas(size)
    largest = max((sum(bar.counts) for bar in bars), default=0)
    room = size - 2 - max(width(figure(sum(bar.counts))) for bar in bars) - 8
    y = Decimal(0)
    for bar in bars:
        for line in lines(bar.name, size):
            y += _LINE
            canvas.text((Decimal(0), y - 3), line, "ink")
        y += 2
        total = sum(bar.counts)
        unit = room / (total if whole else largest) if total else Decimal(0)
        x = Decimal(1)
        for count, shade in zip(bar.counts, SHADES, strict=False):
            if count:
                canvas.box(x, y, (unit * count, Decimal(_BAR + 6)), shade, "soft")
                _inside(canvas, figure(count), shade, (x, y), unit * count)
            x += unit * count
        canvas.text((x + 6, y + _BAR + 2), figure(total), "ink", bold=True)
        y += _BAR + 6 + _GAP
    samples = [Sample(part, shade=shade) for part, shade in zip(parts, SHADES, strict=False)]
    return canvas.finished(y + legend(canvas, samples, y))


def _inside(canvas: Canvas, label: str, shade: str, at: tuple[Decimal, Decimal], room: Decimal) -> None:
    """Writes a count into its part where it has room."""
    if width(label) + 6 <= room:
        paint = f"on-{shade}" if shade in SHADES[:2] else "on-light"
        canvas.text((at[0] + room / 2, at[1] + _BAR + 2), label, paint, "middle")
