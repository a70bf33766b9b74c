"""Funnel plots: the share of each group by its size, with what chance alone would make of the share of all."""

from collections.abc import Sequence
from decimal import Decimal

from utilization.plots.canvas import NARROW, WIDE, Canvas, Drawing
from utilization.plots.figures import counted, figure, listed, percent
from utilization.plots.marks import BETTER, COMMON, KINDS, SIGNAL, WORSE, Mark, Sample, legend, marks
from utilization.plots.plot import Plot, PlotTable
from utilization.plots.scale import Scale, round_scale, whole_scale
from utilization.plots.text_width import width
from utilization.rules.statistics.funnel import FEWEST, Band, Funnel, Group

_HEIGHT = 210
_MOST_SIZES = 120
_LIMITS = "Limits: exact binomial, so that they step; by chance alone 1 group of 20 lies beyond 95\u202f% anyway."


def funnel_plot(key: str, subject: str, funnel: Funnel | None, *, of: str, better: str | None = None) -> Plot:
    """The plot of `funnel`. `subject`: "Approved off criteria, by department"; `of`: what is counted, "decisions".

    `better`: "lower", "higher" or None. Groups are written in the order given, which must not be a ranking.
    """
    heads = ("", "Count", f"Of {of}", "Share", "Within 95\u202f% of chance", "Within 99.9\u202f%", "Beyond")
    rows = tuple(_row(group) for group in funnel.groups) if funnel else ()
    table = PlotTable(subject, heads, rows)
    drawn = funnel is not None and funnel.groups
    wide, narrow = (_drawing(funnel, of, better, size) if funnel and drawn else None for size in (WIDE, NARROW))
    return Plot(key, _heading(subject, funnel), _title(subject, funnel, of), wide, narrow, table, _notes(funnel, of))


def _row(group: Group) -> tuple[str, ...]:
    beyond = ("no", "95\u202f%", "99.9\u202f%")[group.beyond]
    side = f"{beyond}, {_side(group)}" if group.beyond else beyond
    bands = (f"{figure(band.fewest)} to {figure(band.most)}" for band in (group.within_95, group.within_999))
    return (group.name, figure(group.count), figure(group.of), percent(group.share), *bands, side)


def _side(group: Group) -> str:
    return "above" if group.above else "below"


def _beyond(funnel: Funnel) -> list[Group]:
    return [group for group in funnel.groups if group.beyond]


def _heading(subject: str, funnel: Funnel | None) -> str:
    if funnel is None or not funnel.groups:
        return f"{subject}: too few to compare"
    beyond = _beyond(funnel)
    if not beyond:
        return f"{subject}: no more apart than by chance"
    return f"{subject}: {figure(len(beyond))} of {figure(len(funnel.groups))} further apart than by chance"


def _title(subject: str, funnel: Funnel | None, of: str) -> str:
    if funnel is None or not funnel.groups:
        return f"{subject}: no group has {FEWEST} {of} or more, so that there is nothing to compare."
    beyond = _beyond(funnel)
    told = [f"{group.name} ({percent(group.share)} of {figure(group.of)}, {_side(group)})" for group in beyond]
    named = f"beyond the 95\u202f% limits: {listed(told)}" if told else "all within the 95\u202f% limits of chance"
    groups = counted(len(funnel.groups), "group")
    of_all = f"{percent(funnel.share)} of all {figure(funnel.of)} {of}"
    return f"{subject}: {of_all}; {groups}, {named}. The table says the same."


def _notes(funnel: Funnel | None, of: str) -> tuple[str, ...]:
    if funnel is None:
        return ()
    notes = []
    if funnel.groups:
        notes.append(_LIMITS)
    if funnel.too_small:
        notes.append(f"Not placed, with fewer than {FEWEST} {of}: {listed(funnel.too_small)}.")
    return tuple(notes)


def _mark(group: Group, better: str | None) -> Mark:
    if not group.beyond:
        return COMMON
    if better is None:
        return SIGNAL
    return BETTER if group.above == (better == "higher") else WORSE


def _drawing(funnel: Funnel, of: str, better: str | None, size: int) -> Drawing:
    canvas = Canvas(size)
    x_scale = whole_scale(max(group.of for group in funnel.groups), most_ticks=4 if size == NARROW else 8)
    sizes = _sizes(min(group.of for group in funnel.groups), int(x_scale.high))
    curves = [(at, funnel.limits(at)) for at in sizes]
    shares = [group.share * 100 for group in funnel.groups]
    highest = max([*shares, *(_edge(bands[0].most, at, 1) for at, bands in curves)])
    y_scale = round_scale([Decimal(0), min(highest, Decimal(100))], from_zero=True)
    left = max(width(figure(tick, y_scale.places)) for tick in y_scale.ticks) + 8
    label = percent(funnel.share)
    x, y = x_scale.on(left, size - width(label) - 10), y_scale.on(_HEIGHT + 20, 20)
    canvas.text((Decimal(0), Decimal(10)), "%")
    _axes(canvas, x, y, of)
    for tail, dash in ((0, "6 4"), (1, "2 3")):
        _curve(canvas, [(at, bands[tail]) for at, bands in curves], (x, y), dash)
    middle = y.at(funnel.share * 100)
    canvas.line([(x.start, middle), (x.end, middle)], "ink", "1.2")
    canvas.text((x.end + 6, middle + 4), label, "ink", bold=True)
    _groups(canvas, funnel.groups, (x, y), better)
    return canvas.finished(y.start + 42 + legend(canvas, _samples(funnel, better), y.start + 42))


def _sizes(least: int, most: int) -> list[int]:
    """Sizes at which the limits are worked out: each, or so many that a curve looks like one."""
    step = max((most - 1) // _MOST_SIZES, 1)
    return sorted({*range(max(min(least, 10), 1), most + 1, step), most})


def _edge(count: int, of: int, side: int) -> Decimal:
    """Where a limit is drawn, in percent: halfway between the last count within it and the first beyond."""
    share = (Decimal(count) + Decimal(side) / 2) * 100 / of
    return min(max(share, Decimal(0)), Decimal(100))


def _axes(canvas: Canvas, x: Scale, y: Scale, of: str) -> None:
    for tick in y.ticks:
        canvas.line([(x.start, y.at(tick)), (x.end, y.at(tick))], "line")
        canvas.text((x.start - 6, y.at(tick) + 4), figure(tick, y.places), anchor="end")
    for tick in x.ticks:
        canvas.text((x.at(tick), y.start + 17), figure(tick), anchor="middle")
    canvas.text((x.end, y.start + 33), of, anchor="end")


def _curve(canvas: Canvas, bands: Sequence[tuple[int, Band]], scales: tuple[Scale, Scale], dash: str) -> None:
    x, y = scales
    upper = [(x.at(of), _edge(band.most, of, 1)) for of, band in bands]
    lower = [(x.at(of), _edge(band.fewest, of, -1)) for of, band in bands]
    for edge in (upper, lower):
        canvas.line([(at, y.at(share)) for at, share in edge if 0 < share <= y.high], "strong", "1", dash)


def _groups(canvas: Canvas, groups: Sequence[Group], scales: tuple[Scale, Scale], better: str | None) -> None:
    x, y = scales
    taken: list[tuple[Decimal, Decimal, Decimal]] = []
    for kind in KINDS:
        alike = [group for group in groups if _mark(group, better) == kind]
        marks(canvas, kind, [(x.at(group.of), y.at(group.share * 100)) for group in alike], Decimal(4))
    for group in (group for group in groups if group.beyond):
        at, level, room = x.at(group.of), y.at(group.share * 100) + 4, width(group.name)
        begins = at + 9 if at + 9 + room <= canvas.width else at - 9 - room
        clear = all(abs(level - line) >= 13 or begins > end or begins + room < begin for begin, end, line in taken)
        if begins >= 0 and clear:
            canvas.text((begins, level), group.name, "ink")
            taken.append((begins, begins + room, level))


def _samples(funnel: Funnel, better: str | None) -> list[Sample]:
    words = {COMMON: "within 95\u202f%", BETTER: "beyond, better", WORSE: "beyond, worse", SIGNAL: "beyond 95\u202f%"}
    used = {_mark(group, better) for group in funnel.groups}
    samples = [Sample(words[each], each) for each in KINDS if each in used]
    lines = (Sample("95\u202f%", dash="6 4", paint="strong"), Sample("99.9\u202f%", dash="2 3", paint="strong"))
    return [*samples, Sample("all"), *lines]
