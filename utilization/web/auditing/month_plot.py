"""Columns a month, part of a whole, with the days from which criteria hold; `_month_plot.html` draws them as SVG."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from utilization.models import Publication
from utilization.reports.audit_answer import MOST_MONTHS, MonthCount

_TOP, _FOOT = 24, 22


@dataclass(frozen=True, slots=True)
class PlotSize:
    """How large a plot is drawn, in its own units, and whether names of months are short."""

    css: str
    width: int
    height: int
    short: bool


WIDE = PlotSize("only-desk", 1200, 150, short=False)
NARROW = PlotSize("only-phone", 340, 170, short=True)


@dataclass(frozen=True, slots=True)
class Column:
    """One month: where its column stands, how high the whole and the part are, from above, and its words."""

    of: MonthCount
    x: str
    middle: str
    width: str
    whole_y: str
    whole_height: str
    part_y: str
    part_height: str
    label_y: str
    name: str
    told: str


@dataclass(frozen=True, slots=True)
class PublicationMark:
    """Where a version of the criteria came into force."""

    x: str
    words: str


@dataclass(frozen=True, slots=True)
class MonthPlot:
    """The columns, the marks, the foot line, and what the plot says in a sentence."""

    size: PlotSize
    columns: list[Column]
    marks: list[PublicationMark]
    base: int
    name_y: int
    said: str


def month_plot(months: Sequence[MonthCount], published: Sequence[Publication], size: PlotSize) -> MonthPlot:
    """The plot of `months`, in order and without gaps between, marked where `published` came into force."""
    shown = _without_gaps(months)
    step, base = Decimal(size.width) / len(shown), size.height - _FOOT
    highest = max(count.whole for count in shown) or 1
    columns = [_column(place, count, step, base, highest, size) for place, count in enumerate(shown)]
    first = shown[0].month
    marks = [
        PublicationMark(
            _short(step * (_months_between(first, row.effective_from) + Decimal(row.effective_from.day - 1) / 31)),
            f"{row.effective_from.day} {row.effective_from:%b}: criteria {row.pack.version}",
        )
        for row in published
    ]
    part, whole = sum(count.part for count in shown), sum(count.whole for count in shown)
    said = f"{part:,} of {whole:,} in {len(shown)} months, a column a month. The table below says the same."
    return MonthPlot(size, columns, marks, base, size.height - 6, said)


def _column(place: int, count: MonthCount, step: Decimal, base: int, highest: int, size: PlotSize) -> Column:
    room = Decimal(base - _TOP)
    whole, part = room * count.whole / highest, room * count.part / highest
    width = min(step * Decimal("0.7"), Decimal(44))
    middle = step * place + step / 2
    told = f"{count.part:,}" if size.short else f"{count.part:,} of {count.whole:,}"
    return Column(
        count, _short(middle - width / 2), _short(middle), _short(width), _short(base - whole), _short(whole),
        _short(base - part), _short(part), _short(base - whole - 5),
        f"{count.month:%b}"[:1] if size.short else f"{count.month:%b} {count.month:%y}", told,
    )  # fmt: skip


def _without_gaps(months: Sequence[MonthCount]) -> list[MonthCount]:
    """The months with those between in which nothing happened."""
    by_month = {(count.month.year, count.month.month): count for count in months}
    shown, month = [], months[0].month
    while month <= months[-1].month:
        shown.append(by_month.get((month.year, month.month), MonthCount(month, 0, 0)))
        month = (month + timedelta(days=32)).replace(day=1)
    return shown[-MOST_MONTHS:]


def _months_between(first: date, later: date) -> int:
    return (later.year - first.year) * 12 + later.month - first.month


def _short(value: Decimal) -> str:
    return f"{value:.1f}"
