"""Strip plots: each order as a dot at its dose, a row an indication, with the ceiling as a line."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from utilization.plots.canvas import NARROW, WIDE, Canvas, Drawing
from utilization.plots.figures import counted, figure
from utilization.plots.marks import COMMON, WORSE, Sample, legend, marks
from utilization.plots.plot import Plot, PlotTable
from utilization.plots.scale import Scale, round_scale
from utilization.plots.text_width import lines, width

_COLUMN, _RISE, _STACK = 7, 6, 5
_LINE = 15


@dataclass(frozen=True, slots=True)
class Strip:
    """One row: its values, none below 0, each or as how many there are of each, and the ceiling above which a value is
    too high; None where there is none."""

    name: str
    values: Sequence[Decimal] | Mapping[Decimal, int]
    ceiling: Decimal | None = None

    @property
    def counts(self) -> Mapping[Decimal, int]:
        """How many there are of each value."""
        return self.values if isinstance(self.values, Mapping) else Counter(self.values)

    @property
    def size(self) -> int:
        """How many values there are."""
        return sum(self.counts.values())

    @property
    def over(self) -> int:
        """How many values lie above the ceiling."""
        return 0 if self.ceiling is None else sum(n for value, n in self.counts.items() if value > self.ceiling)

    @property
    def median(self) -> Decimal | None:
        """The median of the values; None of none."""
        if not self.size:
            return None
        upto, lower, upper = 0, (self.size - 1) // 2, self.size // 2
        middle = []
        for value, n in sorted(self.counts.items()):
            middle += [value] * ((upto <= lower < upto + n) + (upto <= upper < upto + n))
            upto += n
        return sum(middle, Decimal(0)) / 2


def strip_plot(key: str, subject: str, strips: Sequence[Strip], *, unit: str, places: int = 2) -> Plot:
    """The plot of `strips` in the order given. `subject`: "Dose asked, by indication"."""
    shown = [strip for strip in strips if strip.size]
    wide, narrow = (_drawing(shown, unit, size) if shown else None for size in (WIDE, NARROW))
    heads = ("", "Orders", f"Median, {unit}", f"Highest, {unit}", f"Ceiling, {unit}", "Above it")
    table = PlotTable(subject, heads, tuple(_row(strip, places) for strip in strips))
    return Plot(key, _heading(subject, strips), _title(subject, strips), wide, narrow, table)


def _row(strip: Strip, places: int) -> tuple[str, ...]:
    middle = strip.median
    return (
        strip.name,
        figure(strip.size),
        "–" if middle is None else figure(middle, places),
        figure(max(strip.counts), places) if strip.size else "–",
        "none" if strip.ceiling is None else figure(strip.ceiling, places),
        "–" if strip.ceiling is None else figure(strip.over),
    )


def _totals(strips: Sequence[Strip]) -> tuple[int, int]:
    """(above their ceiling, of those that have one)."""
    held = [strip for strip in strips if strip.ceiling is not None]
    return sum(strip.over for strip in held), sum(strip.size for strip in held)


def _heading(subject: str, strips: Sequence[Strip]) -> str:
    over, of = _totals(strips)
    return f"{subject}: {figure(over)} of {figure(of)} above the ceiling" if of else subject


def _title(subject: str, strips: Sequence[Strip]) -> str:
    count = sum(strip.size for strip in strips)
    if not count:
        return f"{subject}: there is nothing to show."
    over, of = _totals(strips)
    most = max(strips, key=lambda strip: strip.over)
    named = f", {figure(most.over)} of them for {most.name}" if most.over else ""
    held = f"{figure(over)} of {figure(of)} with a ceiling lie above it{named}" if of else "none has a ceiling"
    return f"{subject}: {counted(count, 'order')}; {held}. The table says the same."


def _columns(strip: Strip, scale: Scale) -> Counter[tuple[Decimal, bool]]:
    """How many orders lie in each column of dots, those above the ceiling apart."""
    counts: Counter[tuple[Decimal, bool]] = Counter()
    for value, count in strip.counts.items():
        place = (scale.at(value) / _COLUMN).to_integral_value("ROUND_HALF_UP") * _COLUMN
        counts[place, strip.ceiling is not None and value > strip.ceiling] += count
    return counts


def _scale(strips: Sequence[Strip], size: int) -> Scale:
    values = [value for strip in strips for value in (max(strip.counts), strip.ceiling or 0)]
    scale = round_scale(values, most_ticks=4 if size == NARROW else 8, from_zero=True)
    first, last = (width(figure(tick, scale.places)) / 2 for tick in (scale.low, scale.high))
    return scale.on(max(first, Decimal(6)), size - max(last, Decimal(6)))


def _a_dot(strips: Sequence[Strip], scale: Scale) -> int:
    """How many orders a dot stands for at most, so that no column is higher than its row."""
    return max((-(-count // _STACK) for strip in strips for count in _columns(strip, scale).values()), default=1)


def _drawing(strips: Sequence[Strip], unit: str, size: int) -> Drawing:
    canvas = Canvas(size)
    scale = _scale(strips, size)
    a_dot = _a_dot(strips, scale)
    y = Decimal(0)
    for strip in strips:
        y = _strip(canvas, strip, scale, (y, a_dot))
    for tick in scale.ticks:
        label = figure(tick, scale.places)
        canvas.line([(scale.at(tick), y), (scale.at(tick), y + 4)], "strong")
        canvas.text((scale.at(tick), y + 17), label, anchor="middle")
    canvas.line([(scale.start, y), (scale.end, y)], "strong")
    canvas.text((Decimal(size), y + 32), unit, anchor="end")
    samples = [Sample("one order" if a_dot == 1 else f"up to {figure(a_dot)} orders", COMMON)]
    if any(strip.over for strip in strips):
        samples.append(Sample("above the ceiling", WORSE))
    if any(strip.ceiling is not None for strip in strips):
        samples.append(Sample("ceiling", dash="4 2"))
    return canvas.finished(y + 36 + legend(canvas, samples, y + 36))


def _strip(canvas: Canvas, strip: Strip, scale: Scale, start: tuple[Decimal, int]) -> Decimal:
    """Draws one row from `start` (its top, how many a dot stands for); where it ends."""
    y, a_dot = start
    over = f"{figure(strip.over)} of {figure(strip.size)} above" if strip.ceiling is not None else ""
    for line in lines(strip.name, canvas.width - (width(over) + 12 if over else 0)):
        y += _LINE
        canvas.text((Decimal(0), y - 3), line, "ink")
    if over:
        canvas.text((Decimal(canvas.width), y - 3), over, "bad" if strip.over else "soft", "end")
    columns = _columns(strip, scale)
    height = max(-(-count // a_dot) for count in columns.values()) * _RISE + 4
    base = y + height
    for is_over, kind in ((False, COMMON), (True, WORSE)):
        alike = [(x, count) for (x, over_it), count in sorted(columns.items()) if over_it == is_over]
        places = [(x, base - 4 - rise * _RISE) for x, count in alike for rise in range(-(-count // a_dot))]
        marks(canvas, kind, places, Decimal("2.6"))
    canvas.line([(scale.start, base), (scale.end, base)], "line")
    if strip.ceiling is not None:
        canvas.line([(scale.at(strip.ceiling), y - 1), (scale.at(strip.ceiling), base + 3)], "ink", "1.5", "4 2")
    return base + 8
