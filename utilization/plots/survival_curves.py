"""Kaplan-Meier plots: the share that continues, day by day, with how many are still observed below."""

from collections.abc import Sequence
from decimal import Decimal

from utilization.plots.canvas import NARROW, WIDE, Canvas, Drawing
from utilization.plots.figures import counted, figure, percent
from utilization.plots.marks import Sample, legend
from utilization.plots.plot import Plot, PlotTable
from utilization.plots.scale import Scale
from utilization.plots.text_width import shortened, width
from utilization.rules.statistics.survival import FEWEST_AT_RISK, Curve

MOST_CURVES = 4
_DASHES, _PAINTS = ("none", "7 3", "2 3", "9 3 2 3"), ("accent", "ink", "ask", "soft")
_HEIGHT, _ROW = 180, 15
_TICKS = (1, 2, 5, 7, 14, 30, 60, 90, 180, 360, 720, 1440, 3600)

Named = tuple[str, Curve]


def survival_plot(key: str, subject: str, curves: Sequence[Named]) -> Plot:
    """The plot of `curves` by name, at most four. `subject`: "Time on authorized therapy, by indication"."""
    if len(curves) > MOST_CURVES:
        raise ValueError("More than four curves cannot be told apart.")
    shown = [(name, curve) for name, curve in curves if curve.shown_to]
    table = _table(subject, shown, _days(shown, 6))
    wide, narrow = (_drawing(shown, size) if shown else None for size in (WIDE, NARROW))
    return Plot(key, _heading(subject, shown), _title(subject, curves), wide, narrow, table, _notes(curves))


def _days(curves: Sequence[Named], most: int) -> list[int]:
    """The days at which an axis has ticks, and a table its rows."""
    last = max((curve.shown_to or 0 for _, curve in curves), default=0)
    step = next((step for step in _TICKS if last <= step * most), -(-last // most))
    return list(range(0, last + 1, step))


def _median(curve: Curve) -> str:
    return "not reached" if curve.median is None else counted(curve.median, "day")


def _heading(subject: str, curves: Sequence[Named]) -> str:
    if not curves:
        return f"{subject}: too few to show"
    reached = sorted(curve.median for _, curve in curves if curve.median is not None)
    ends = [f"{figure(day)}" for day in dict.fromkeys((reached[0], reached[-1]))] if reached else []
    if len(reached) < len(curves):
        return f"{subject}: median {f'{ends[0]} days to ' if ends else ''}not reached"
    return f"{subject}: median {' to '.join(ends)} days"


def _title(subject: str, curves: Sequence[Named]) -> str:
    if not any(curve.shown_to for _, curve in curves):
        return f"{subject}: fewer than {FEWEST_AT_RISK} are observed, so that there is nothing to show."
    told = [
        f"{name}: {figure(curve.ended)} of {figure(curve.entered)} ended, median {_median(curve)}"
        for name, curve in curves
        if curve.shown_to
    ]
    return f"{subject}. {'; '.join(told)}. The table says the same."


def _notes(curves: Sequence[Named]) -> tuple[str, ...]:
    notes = [
        f"A curve ends where fewer than {FEWEST_AT_RISK} are still observed. Who continues counts until last seen."
    ]
    missing = [name for name, curve in curves if not curve.shown_to]
    if missing:
        notes.append(f"Too few to show: {', '.join(missing)}.")
    return tuple(notes) if curves else ()


def _table(subject: str, curves: Sequence[Named], days: Sequence[int]) -> PlotTable:
    heads = ("Day", *(head for name, _ in curves for head in (f"{name}: continuing", f"{name}: observed")))
    rows = tuple((figure(day), *(cell for _, curve in curves for cell in _cells(curve, day))) for day in days)
    medians = ("Median", *(cell for _, curve in curves for cell in (_median(curve), f"{figure(curve.entered)} in all")))
    return PlotTable(subject, heads, (*rows, medians) if curves else ())


def _cells(curve: Curve, day: int) -> tuple[str, str]:
    going_on, at_risk = curve.going_on(day), curve.at_risk(day)
    return (
        "not shown" if going_on is None else percent(going_on),
        "not shown" if at_risk is None else figure(at_risk),
    )


def _drawing(curves: Sequence[Named], size: int) -> Drawing:
    canvas = Canvas(size)
    days = _days(curves, 6)
    left, right = width("100") + 8, Decimal(size) - 12
    last = max(curve.shown_to or 0 for _, curve in curves)
    x = Scale(Decimal(0), Decimal(max(last, 1)), left, right, tuple(map(Decimal, days)), 0)
    y = Scale(Decimal(0), Decimal(1), Decimal(_HEIGHT + 18), Decimal(18), (), 0)
    canvas.text((Decimal(0), Decimal(10)), "% continuing")
    for tick in (Decimal(0), Decimal("0.25"), Decimal("0.5"), Decimal("0.75"), Decimal(1)):
        canvas.line([(left, y.at(tick)), (right, y.at(tick))], "line")
        canvas.text((left - 6, y.at(tick) + 4), figure(tick * 100), anchor="end")
    for place, (_, curve) in enumerate(curves):
        canvas.line(_line(curve, x, y), _PAINTS[place], "1.8", _DASHES[place])
    for day in days:
        canvas.text((x.at(day), y.start + 16), figure(day), anchor="middle")
    below = _observed(canvas, curves, x, y.start + 32)
    samples = [
        Sample(name, dash=dash, paint=paint) for (name, _), dash, paint in zip(curves, _DASHES, _PAINTS, strict=False)
    ]
    return canvas.finished(below + legend(canvas, samples, below))


def _line(curve: Curve, x: Scale, y: Scale) -> list[tuple[Decimal, Decimal]]:
    level = Decimal(1)
    points = [(x.at(0), y.at(level))]
    for step in curve.steps:
        points += [(x.at(step.day), y.at(level)), (x.at(step.day), y.at(step.going_on))]
        level = step.going_on
    return [*points, (x.at(curve.shown_to or 0), y.at(level))]


def _observed(canvas: Canvas, curves: Sequence[Named], x: Scale, y: Decimal) -> Decimal:
    """Writes, for each curve, how many are observed on the days of the axis; where that ends."""
    canvas.text((Decimal(0), y), "day; below, how many are still observed")
    for place, (name, curve) in enumerate(curves):
        y += _ROW
        if len(curves) > 1:
            canvas.text((Decimal(0), y), shortened(name, canvas.width), "ink")
            y += _ROW
        for day in map(int, x.ticks):
            at_risk = curve.at_risk(day)
            if at_risk is not None:
                canvas.text((x.at(day), y), figure(at_risk), _PAINTS[place], "middle")
    return y + 8
