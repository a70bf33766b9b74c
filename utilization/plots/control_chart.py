"""The plot of a control chart: months with their centre and limits, signals by shape, new criteria as marks."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import NamedTuple

from utilization.plots.canvas import NARROW, WIDE, Canvas, Drawing, Spot
from utilization.plots.chart_words import chart_notes, heading, signal_words, title
from utilization.plots.figures import figure, short
from utilization.plots.marks import BETTER, COMMON, KINDS, SIGNAL, WORSE, Mark, Sample, legend, marks
from utilization.plots.periods import draw_periods
from utilization.plots.plot import Plot, PlotTable
from utilization.plots.publications import draw_publications, publication_marks, rows_height
from utilization.plots.scale import Scale, round_scale
from utilization.plots.series import Series
from utilization.plots.text_width import width
from utilization.rules.statistics.control_chart import ChartPoint, ControlChart, Limits

_HEIGHT, _APART = 190, 13
_HUNDRED = Decimal(100)


def control_chart(series: Series, chart: ControlChart) -> Plot:
    """The plot of `chart`, whose points are those of `series`.

    Raises ValueError where the series has another number of periods than the chart has points.
    """
    if len(series.periods) != len(chart.points):
        raise ValueError("A control chart has one period for each of its points.")
    if series.share:
        chart = _in_percent(chart)
    known = [point for point in chart.points if point.value is not None]
    wide, narrow = (_drawing(series, chart, size) if known else None for size in (WIDE, NARROW))
    return Plot(
        series.key,
        heading(series, chart),
        title(series, chart),
        wide,
        narrow,
        _table(series, chart),
        tuple(chart_notes(series, chart)) if known else (),
    )


def _in_percent(chart: ControlChart) -> ControlChart:
    points = tuple(
        replace(
            point,
            value=None if point.value is None else point.value * _HUNDRED,
            limits=point.limits and Limits(*(limit * _HUNDRED for limit in point.limits)),
        )
        for point in chart.points
    )
    bases = tuple(replace(basis, centre=basis.centre * _HUNDRED) for basis in chart.bases)
    return replace(chart, points=points, bases=bases)


def kind(point: ChartPoint, series: Series) -> Mark:
    """The mark of a point: common, or a signal that is better, worse or neither."""
    if not point.signals:
        return COMMON
    if series.better is None:
        return SIGNAL
    return BETTER if point.signals[0].above == (series.better == "higher") else WORSE


class _End(NamedTuple):
    """A value that is written at the right end of the lines."""

    value: Decimal
    paint: str
    bold: bool


@dataclass(frozen=True, slots=True)
class _Frame:
    """Where things lie: the coordinate of each point, the scale upwards, and the right end of the lines."""

    xs: Sequence[Decimal]
    y: Scale
    half: Decimal


def _drawing(series: Series, chart: ControlChart, size: int) -> Drawing:
    canvas = Canvas(size)
    most = _HUNDRED if series.share else None
    scale = round_scale(_shown_values(chart), most_ticks=4 if size == NARROW else 5, most=most)
    ends = _end_labels(series, chart, scale)
    ticks = [short(tick, scale.places) for tick in scale.ticks]
    left = max(map(width, ticks)) + 8
    right = Decimal(size) - max(width(short(end.value, series.places)) for end in ends) - 10
    step = (right - left) / max(len(chart.points), 1)
    shown = [(left + step * at, label) for at, label in sorted(series.publications) if at in chart.publications]
    marked = publication_marks(shown, right)
    top = Decimal(12 + rows_height(marked))
    xs = [left + step * place + step / 2 for place in range(len(chart.points))]
    frame = _Frame(xs, scale.on(top + _HEIGHT, top), step / 2)
    for tick, label in zip(scale.ticks, ticks, strict=True):
        canvas.line([(left, frame.y.at(tick)), (right, frame.y.at(tick))], "line")
        canvas.text((left - 6, frame.y.at(tick) + 4), label, anchor="end")
    draw_publications(canvas, marked, top + _HEIGHT)
    _limits(canvas, chart, frame)
    _end_texts(canvas, series, ends, frame)
    _points(canvas, series, chart, frame)
    below = top + _HEIGHT + 18
    draw_periods(canvas, series.periods, xs, below)
    return canvas.finished(below + 20 + legend(canvas, _samples(series, chart), below + 20))


def _shown_values(chart: ControlChart) -> list[Decimal]:
    values = [point.value for point in chart.points if point.value is not None]
    held = [point.limits for point in chart.points if point.limits]
    limits = [limit for limits in held for limit in (limits.lower, limits.centre, limits.upper)]
    drawn = [limit for limit in limits if limit >= 0 or min(values) < 0]
    return [*values, *drawn, *(basis.centre for basis in chart.bases)]


def _limits(canvas: Canvas, chart: ControlChart, frame: _Frame) -> None:
    for basis in chart.bases:
        places = range(basis.span.first, basis.span.end)
        y = frame.y.at(basis.centre)
        canvas.line([(frame.xs[places[0]] - frame.half, y), (frame.xs[places[-1]] + frame.half, y)], "ink", "1.2")
        for side in ("lower", "upper"):
            for stretch in _stretches(chart, places, side):
                canvas.line(list(_steps(stretch, frame)), "strong", "1.2", "6 4")


def _stretches(chart: ControlChart, places: Sequence[int], side: str) -> Iterator[list[tuple[int, Decimal]]]:
    """The limits of points beside each other, as far as they are drawn."""
    stretch: list[tuple[int, Decimal]] = []
    for place in places:
        limits = chart.points[place].limits
        limit = limits and getattr(limits, side)
        if limit is None and chart.points[place].value is None and stretch and chart.bases[0].lower is not None:
            continue
        if limit is None or (limit < 0 and not _goes_below(chart)):
            if stretch:
                yield stretch
            stretch = []
        else:
            stretch.append((place, limit))
    if stretch:
        yield stretch


def _goes_below(chart: ControlChart) -> bool:
    return any(point.value is not None and point.value < 0 for point in chart.points)


def _steps(stretch: Sequence[tuple[int, Decimal]], frame: _Frame) -> Iterator[Spot]:
    """A line that is level over each point and steps between two where the limit is another."""
    before = None
    for place, limit in stretch:
        if limit != before:
            if before is not None:
                yield frame.xs[place] - frame.half, frame.y.at(before)
            yield frame.xs[place] - frame.half, frame.y.at(limit)
        before = limit
    yield frame.xs[stretch[-1][0]] + frame.half, frame.y.at(stretch[-1][1])


def _end_labels(series: Series, chart: ControlChart, scale: Scale) -> list[_End]:
    """What stands at the right end: the last value, the last centre and limits; what is the same stands once."""
    last, known = chart.bases[-1], [point for point in chart.points if point.value is not None]
    ends = [_End(known[-1].value or Decimal(0), kind(known[-1], series).paint, bold=True)]
    ends.append(_End(last.centre, "ink", bold=True))
    held = [point.limits for point in chart.points[last.span.first : last.span.end] if point.limits]
    if held:
        ends += [_End(limit, "soft", bold=False) for limit in (held[-1].lower, held[-1].upper)]
    shown = [end for end in ends if scale.low <= end.value <= scale.high]
    return [end for place, end in enumerate(shown) if end.value not in [before.value for before in shown[:place]]]


def _end_texts(canvas: Canvas, series: Series, ends: Sequence[_End], frame: _Frame) -> None:
    """Writes the labels at the right end, the largest value on top, each clear of the others."""
    ordered = sorted(ends, key=lambda end: -end.value)
    heights = [frame.y.at(end.value) + 4 for end in ordered]
    for place in range(1, len(heights)):
        heights[place] = max(heights[place], heights[place - 1] + _APART)
    foot = frame.y.start + 8
    for place in reversed(range(len(heights))):
        heights[place] = min(heights[place], foot)
        foot = heights[place] - _APART
    x = frame.xs[-1] + frame.half + 6
    for end, y in zip(ordered, heights, strict=True):
        canvas.text((x, y), short(end.value, series.places), end.paint, bold=end.bold)


def _points(canvas: Canvas, series: Series, chart: ControlChart, frame: _Frame) -> None:
    places = [
        (place, (frame.xs[place], frame.y.at(point.value)), point)
        for place, point in enumerate(chart.points)
        if point.value is not None
    ]
    stretch: list[Spot] = []
    before = None
    for place, at, _ in places:
        if before is not None and place != before + 1:
            canvas.line(stretch, "accent", "1.5")
            stretch = []
        stretch.append(at)
        before = place
    canvas.line(stretch, "accent", "1.5")
    radius = Decimal("3.5") if frame.half * 2 >= 9 else Decimal("2.5")
    for each in KINDS:
        marks(canvas, each, [at for _, at, point in places if kind(point, series) == each], radius)


def _samples(series: Series, chart: ControlChart) -> list[Sample]:
    words = {COMMON: series.period, BETTER: "signal, better", WORSE: "signal, worse", SIGNAL: "signal"}
    used = {kind(point, series) for point in chart.points if point.value is not None}
    samples = [Sample(words[each], each) for each in KINDS if each in used]
    samples.append(Sample("mean"))
    if any(point.limits for point in chart.points):
        samples.append(Sample("limits", dash="6 4", paint="strong"))
    return samples


def _table(series: Series, chart: ControlChart) -> PlotTable:
    unit = f", {series.unit}" if series.unit else ""
    heads = (series.period.capitalize(), f"{series.name}{unit}", "Mean", "Lower limit", "Upper limit", "Signal")
    rows = []
    for place, (period, point) in enumerate(zip(series.periods, chart.points, strict=True)):
        basis = chart.basis_at(place)
        centre = [figure(basis.centre, series.places) if basis else "–"]
        sides = (point.limits.lower, point.limits.upper) if point.limits else (None, None)
        limits = ["–" if limit is None else figure(limit, series.places) for limit in sides]
        value = "not known" if point.value is None else figure(point.value, series.places)
        rows.append((period.full, value, *centre, *limits, signal_words(point)))
    return PlotTable(f"{series.name}, {series.period} by {series.period}", heads, tuple(rows))
