"""What a control chart says, in sentences: each follows from its points alone, and none says why."""

from collections.abc import Iterator

from utilization.plots.figures import counted, figure, listed
from utilization.plots.series import Series
from utilization.rules.statistics.change import ChartChange, Verdict, change_since
from utilization.rules.statistics.control_chart import ENOUGH, ROW, ChartPoint, ControlChart, LimitBasis, Rule

_RULES = {
    Rule.OUTSIDE: ("below the lower limit", "above the upper limit"),
    Rule.ROW: (f"one of {ROW} or more in a row below the mean", f"one of {ROW} or more in a row above the mean"),
    Rule.NEAR: ("2 of 3 near the lower limit", "2 of 3 near the upper limit"),
    Rule.TREND: (f"one of {ROW} or more that fall", f"one of {ROW} or more that rise"),
}


def signal_words(point: ChartPoint) -> str:
    """The signals of a point in words, for the table; "none" where it has none."""
    if point.value is None:
        return "–"
    return "; ".join(_RULES[signal.rule][signal.above] for signal in point.signals) or "none"


def heading(series: Series, chart: ControlChart) -> str:
    """What the chart shows, in few words: "Scheduled grams fell after criteria 1.1"."""
    known = sum(point.value is not None for point in chart.points)
    if known < 2:
        return f"{series.name}: {f'one {series.period}, no limits yet' if known else 'nothing known'}"
    latest = _latest(series, chart)
    if latest is None:
        signals = sum(bool(point.signals) for point in chart.points)
        told = f"{figure(signals)} of {counted(known, series.period)} {_verb(signals, 'stand')} out"
        return f"{series.name}: {told if signals else f'no signal in {counted(known, series.period)}'}"
    label, change = latest
    said = {
        Verdict.FELL: f" fell after {label}",
        Verdict.ROSE: f" rose after {label}",
        Verdict.NO_CHANGE: f": no change shown after {label}",
        Verdict.BOTH_WAYS: f" fell and rose after {label}",
        Verdict.TOO_FEW: f": too early to tell after {label}",
        Verdict.TOO_FEW_BEFORE: f": too few before {label} to compare with",
    }
    return series.name + said[change.verdict]


def title(series: Series, chart: ControlChart) -> str:
    """The finding in full, with its numbers."""
    known = [place for place, point in enumerate(chart.points) if point.value is not None]
    if not known:
        return f"{series.name}: nothing is known of any {series.period}, so that there is nothing to draw."
    if len(known) == 1:
        value = figure(chart.points[known[0]].value or 0, series.places, series.unit)
        return f"{series.name}, {series.periods[known[0]].full}: {value}. One {series.period} has no limits."
    latest = _latest(series, chart)
    said = _stand_out(series, chart) if latest is None else _since(series, *latest)
    span = f"{series.periods[known[0]].full} to {series.periods[known[-1]].full}"
    return f"{series.name} by {series.period}, {span}: {said}. The table says the same."


def _verb(count: int, plural: str) -> str:
    return {"are": "is"}.get(plural, f"{plural}s") if count == 1 else plural


def _latest(series: Series, chart: ControlChart) -> tuple[str, ChartChange] | None:
    """The label of the latest publication with points on both sides, without its day, and what came since."""
    for place, label in sorted(series.publications, reverse=True):
        change = change_since(chart, place) if place in chart.publications else None
        if change is not None:
            return label.partition(",")[0], change
    return None


def _stand_out(series: Series, chart: ControlChart) -> str:
    mean = f"mean {figure(chart.bases[-1].centre, series.places, series.unit)}"
    signals = [series.periods[place].full for place, point in enumerate(chart.points) if point.signals]
    if not signals:
        return f"{mean}; no {series.period} gives a signal"
    named = listed([*signals[:3], f"{len(signals) - 3} more"] if len(signals) > 3 else signals)
    return f"{mean}; {counted(len(signals), series.period)} {_verb(len(signals), 'stand')} out ({named})"


def _since(series: Series, label: str, change: ChartChange) -> str:
    basis = change.basis
    to = series.periods[basis.span.held_at - 1].full
    mean = f"mean {figure(basis.centre, series.places, series.unit)} in {counted(basis.points, series.period)} to {to}"
    if change.verdict == Verdict.TOO_FEW_BEFORE:
        return f"{mean}, those since {label} among them, since too few came before it"
    return f"{mean}; {_sides(series, label, change)}{_outside(change)}"


def _sides(series: Series, label: str, change: ChartChange) -> str:
    count = counted(change.points, series.period)
    for side, number in (("below", change.below), ("above", change.above)):
        if number == change.points:
            every = f"the one {series.period} since {label} is" if number == 1 else f"all {count} since {label} are"
            return f"{every} {side} that mean"
    sides = (("below", change.below), ("above", change.above), ("on", change.points - change.below - change.above))
    (first, number), *others = [(side, number) for side, number in sides if number]
    told = [f"{figure(number)} {_verb(number, 'are')} {first} that mean"]
    told += [f"{figure(number)} {side} it" for side, number in others]
    return f"of {count} since {label}, {listed(told)}"


def _outside(change: ChartChange) -> str:
    told = [
        f"{figure(number)} beyond the {side} limit"
        for side, number in (("lower", change.outside_below), ("upper", change.outside_above))
        if number
    ]
    return f", {listed(told)}" if told else ""


def chart_notes(series: Series, chart: ControlChart) -> Iterator[str]:
    """What limits come from, and what is left out of the drawing."""
    for basis in chart.bases:
        yield _limits_from(series, basis)
    lower = [point.limits.lower for point in chart.points if point.limits]
    values = [point.value for point in chart.points if point.value is not None]
    if lower and min(lower) < 0 <= min(values):
        yield "The lower limit lies below zero, where no value can be, and is not drawn."
    if series.better is None and any(point.signals for point in chart.points):
        yield "Neither side is better by itself, so that no signal is called good or bad."


def _limits_from(series: Series, basis: LimitBasis) -> str:
    span, labels = basis.span, dict(series.publications)
    said = f"Limits from {counted(basis.points, series.period)} to {series.periods[span.held_at - 1].full}"
    mean = figure(basis.centre, series.places, series.unit)
    if basis.lower is None or basis.upper is None:
        said += f" (mean {mean})"
    else:
        said += f" (mean {mean}, {figure(basis.lower, series.places)} to {figure(basis.upper, series.places)})"
    if span.first in labels:
        said += f", set anew with {labels[span.first].partition(',')[0]}"
    if span.held_at < span.end:
        said += f", and held since: new criteria set them anew only once {ENOUGH} points have followed"
    if basis.trial:
        said += f": trial limits, since they come from fewer than {ENOUGH} points"
    if basis.left_out:
        verb = "is" if basis.left_out == 1 else "are"
        moves = counted(basis.left_out, "move")
        said += f". {moves} from one {series.period} to the next, far wider than the rest, {verb} left out of them"
    return f"{said}."
