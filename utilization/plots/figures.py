"""Figures as a plot writes them: thousands set apart, a real minus, a unit that never parts from its number."""

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal, localcontext

NARROW_SPACE = "\u202f"
_MILLION = 10**6


def figure(value: Decimal | int, places: int = 0, unit: str = "") -> str:
    """`value` to `places` decimals, halves up, with its unit: `5 568 g`."""
    with localcontext(prec=60):
        exact = Decimal(value).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    text = f"{abs(exact):,f}".replace(",", NARROW_SPACE)
    sign = "−" if exact < 0 and exact else ""
    return f"{sign}{text}{NARROW_SPACE + unit if unit else ''}"


def percent(share: Decimal, places: int = 1) -> str:
    """A share from 0 to 1 in percent: `14.2 %`."""
    return figure(share * 100, places, "%")


def short(value: Decimal | int, places: int = 0) -> str:
    """`value` for a label; in millions (M) where its digits would take the room of the drawing."""
    exact = Decimal(value)
    size = abs(exact)
    if size < 10 * _MILLION:
        return figure(exact, places)
    return figure(exact / _MILLION, int(size < 100 * _MILLION), "M") if size < _MILLION**2 else f"{exact:.2e}"


def listed(names: Iterable[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last


def counted(count: int, one: str, more: str = "") -> str:
    """A count with its word: `1 month`, `2 months`."""
    return f"{figure(count)} {one if count == 1 else more or one + 's'}"
