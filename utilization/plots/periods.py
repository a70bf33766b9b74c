"""The periods along an axis: what stands under it, the year below that, and the name in a table."""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from utilization.plots.canvas import Canvas
from utilization.plots.text_width import width

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class Period(NamedTuple):
    """One period: `Mar`, `2026` and `Mar 2026`."""

    short: str
    year: str
    full: str


def months(days: Iterable[date]) -> list[Period]:
    """The month of each of `days`."""
    return [_period(_MONTHS[day.month - 1], day.year) for day in days]


def quarters(days: Iterable[date]) -> list[Period]:
    """The quarter of each of `days`."""
    return [_period(f"Q{(day.month + 2) // 3}", day.year) for day in days]


def single_days(days: Iterable[date]) -> list[Period]:
    """Each of `days` itself."""
    return [_period(f"{day.day} {_MONTHS[day.month - 1]}", day.year) for day in days]


def _period(short: str, year: int) -> Period:
    return Period(short, str(year), f"{short} {year}")


def draw_periods(canvas: Canvas, periods: Sequence[Period], at: Sequence[Decimal], y: Decimal) -> None:
    """Writes periods under an axis at the coordinates `at`: as many as have room, the year where it is another."""
    widest = max((width(period.short) for period in periods), default=Decimal(0)) + 10
    step = Decimal(0) if len(at) < 2 else at[1] - at[0]
    every = next((n for n in (1, 2, 3, 6, 12, 24, 48, 96) if step * n >= widest), max(len(at), 1))
    year, free = "", Decimal("-Infinity")
    for period, x in list(zip(periods, at, strict=True))[::every]:
        canvas.text((x, y), period.short, anchor="middle")
        if period.year != year and x - width(period.year) / 2 > free:
            canvas.text((x, y + 14), period.year, anchor="middle")
            year, free = period.year, x + width(period.year) / 2 + 4
