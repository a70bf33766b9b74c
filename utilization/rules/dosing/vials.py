"""Amounts in grams and whole vials: to the nearest 5 g, up to the least waste, or to the nearest whole vials."""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from math import ceil, gcd

MOST_G_A_DAY = 2000
_FIVE = Decimal(5)

Vials = tuple[tuple[Decimal, int], ...]
"""(grams in a vial, how many), largest first."""


def round_half_up(value: Decimal, places: int) -> Decimal:
    """`value` to `places` decimals, halves up."""
    return value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


def nearest_5_g(grams: Decimal) -> Decimal:
    """`grams` to the nearest 5 g, halves up."""
    return (grams / _FIVE).quantize(Decimal(1), rounding=ROUND_HALF_UP) * _FIVE


def given_by(vials: Vials) -> Decimal:
    """The grams that whole vials hold."""
    return sum((size * count for size, count in vials), Decimal(0))


def fill_vials(grams: Decimal, sizes: Sequence[Decimal]) -> Vials | None:
    """Whole vials that give at least `grams` with the least waste, then the fewest vials; largest first.

    None when there are no sizes or the amount is beyond 2,000 g a day.
    """
    return _fill(grams, sizes, nearest=False)


def nearest_vials(grams: Decimal, sizes: Sequence[Decimal]) -> Vials | None:
    """Whole vials that come closest to `grams`, the larger amount of two as close; at least one vial.

    None when there are no sizes or the amount is beyond 2,000 g.
    """
    return _fill(grams, sizes, nearest=True)


def _fill(grams: Decimal, sizes: Sequence[Decimal], *, nearest: bool) -> Vials | None:
    usable = sorted({size for size in sizes if size > 0}, reverse=True)
    if not usable or grams <= 0 or grams > MOST_G_A_DAY:
        return None
    thousandths = [int(size * 1000) for size in usable]
    step = gcd(*thousandths)
    units = [size // step for size in thousandths]
    wanted = grams * 1000 / step
    need = ceil(wanted)
    # fewest[amount] is (vials, the last one's index) for amounts that whole vials give exactly.
    fewest: dict[int, tuple[int, int]] = {0: (0, -1)}
    for amount in range(1, need + units[0]):
        ways = [(fewest[amount - unit][0] + 1, i) for i, unit in enumerate(units) if amount - unit in fewest]
        if ways:
            fewest[amount] = min(ways)
    amount = min(a for a in fewest if a >= need)
    if nearest:
        amount = min((a for a in fewest if a > 0), key=lambda a: (abs(a - wanted), -a))
    chosen = [0] * len(usable)
    while amount:
        last = fewest[amount][1]
        chosen[last] += 1
        amount -= units[last]
    return tuple((size, count) for size, count in zip(usable, chosen, strict=True) if count)
