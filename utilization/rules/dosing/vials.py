"""Amounts in grams and whole vials: rounded to a step, filled with the least waste, or shared out over the days."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal
from functools import lru_cache
from math import ceil, gcd
from typing import NamedTuple

MOST_G_A_DAY = 2000
ROUNDING_WITHIN = Decimal("0.1")
"""How far grams may be rounded, as a fraction of the exact grams: a local parameter that a pack may set.

HOPA's recommendation on dose rounding (2017) names 10 % for biologics.
"""
SMALLEST_STEP = Decimal("0.1")
"""The grams to which a dose is written where no larger step fits: a local parameter."""
FIVE = Decimal(5)
"""The step, in grams, to which doses are rounded and against which limits are held, unless a pack sets its own."""


class Rounding(NamedTuple):
    """How grams are rounded: by how much of the exact grams at most, a fraction, and to which step in grams."""

    within: Decimal = ROUNDING_WITHIN
    step: Decimal = FIVE


TO_5_G = Rounding()
"""How grams are rounded where a pack does not say it otherwise."""

_HUNDREDTH = Decimal("0.01")
_PLACES = tuple(Decimal(1).scaleb(-places) for places in range(10))
_MOST_DAYS_FOR_VIALS = 31
# Sizes with odd thousandths (7.333 g) make tables that no pharmacy needs: these amounts are shared out evenly instead.
_MOST_STEPS, _MOST_STEPS_APART = 50_000, 100

Vials = tuple[tuple[Decimal, int], ...]
"""(grams in a vial, how many), largest first."""


def round_half_up(value: Decimal, places: int) -> Decimal:
    """`value` to `places` decimals, halves up."""
    return value.quantize(_PLACES[places], rounding=ROUND_HALF_UP)


def nearest_step(grams: Decimal, step: Decimal = FIVE) -> Decimal:
    """`grams` to the nearest `step`, halves up."""
    return (grams / step).quantize(Decimal(1), rounding=ROUND_HALF_UP) * step


def nearest_5_g(grams: Decimal) -> Decimal:
    """`grams` to the nearest 5 g, halves up."""
    return nearest_step(grams)


def near(rounded: Decimal, exact: Decimal, within: Decimal) -> bool:
    """Whether `rounded` grams lie within the fraction `within` of the `exact` ones."""
    return abs(rounded - exact) <= within * exact


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


def vials_up_to(grams: Decimal, most: Decimal, sizes: Sequence[Decimal]) -> Vials | None:
    """Whole vials that come closest to `grams` without passing `most`; None where even the smallest one passes it."""
    if not sizes or grams > MOST_G_A_DAY or not (table := _table(tuple(sizes), _reach(grams, sizes))):
        return None
    fitting = [amount for amount in table.fewest if 0 < amount * table.step <= most]
    if grams <= 0 or not fitting:
        return None
    return table.vials(min(fitting, key=lambda amount: (abs(amount * table.step - grams), -amount)))


class Day(NamedTuple):
    """One day of a course: the grams given and the whole vials opened for them, None where no sizes are known."""

    grams: Decimal
    vials: Vials | None = None


def share_out(grams: Decimal, days: int, sizes: Sequence[Decimal], step: Decimal = SMALLEST_STEP) -> tuple[Day, ...]:
    """The course of `grams` over `days`, the larger days first; the days add up to `grams` exactly.

    With vial `sizes` every day takes whole vials and the days differ by at most the smallest size, for the fewest
    vials; what the last of them hold beyond `grams` is left in them. Where that cannot be (a day would be without a
    vial) and where no sizes are known, the days are as even as `step` allows.
    """
    return _share_out(grams, days, tuple(sorted({size for size in sizes if size > 0})), step)


def share_evenly(grams: Decimal, days: int, sizes: Sequence[Decimal]) -> tuple[Day, ...]:
    """The course of `grams` over `days` as even as a tenth of a gram allows, whatever is left in vials."""
    return tuple(Day(amount, fill_vials(amount, sizes)) for amount in _even(grams, days, SMALLEST_STEP))


@lru_cache(maxsize=2048)
def _share_out(grams: Decimal, days: int, sizes: tuple[Decimal, ...], step: Decimal) -> tuple[Day, ...]:
    if sizes and days <= _MOST_DAYS_FOR_VIALS and 0 < grams / days <= MOST_G_A_DAY:
        in_vials = _in_whole_vials(grams, days, sizes)
        if in_vials is not None:
            return in_vials
        step = SMALLEST_STEP
    return tuple(Day(amount, fill_vials(amount, sizes)) for amount in _even(grams, days, step))


def _even(grams: Decimal, days: int, step: Decimal) -> Iterator[Decimal]:
    """Days as even as whole steps allow; exactly even where the grams are no whole steps, or a day would be empty."""
    steps = grams / step
    if steps != steps.to_integral_value() or steps < days:
        if step != SMALLEST_STEP:
            yield from _even(grams, days, SMALLEST_STEP)
            return
        each = grams / days
        if each != round(each, 6):
            each = each.quantize(_HUNDREDTH, rounding=ROUND_FLOOR)
        yield grams - each * (days - 1)
        yield from [each] * (days - 1)
        return
    least, more = divmod(int(steps), days)
    yield from [(least + 1) * step] * more
    yield from [least * step] * (days - more)


@dataclass(frozen=True, slots=True)
class _Table:
    """Amounts that whole vials give, in steps of `step` grams: the fewest vials for each, and the last one's place."""

    sizes: tuple[Decimal, ...]
    units: tuple[int, ...]
    step: Decimal
    fewest: dict[int, tuple[int, int]]

    def vials(self, amount: int) -> Vials:
        chosen = [0] * len(self.sizes)
        while amount:
            last = self.fewest[amount][1]
            chosen[last] += 1
            amount -= self.units[last]
        return tuple((size, count) for size, count in zip(self.sizes, chosen, strict=True) if count)


def _reach(grams: Decimal, sizes: Sequence[Decimal]) -> Decimal:
    return grams + max(sizes, default=Decimal(0))


@lru_cache(maxsize=512)
def _table(sizes: tuple[Decimal, ...], up_to: Decimal) -> _Table | None:
    usable = tuple(sorted({size for size in sizes if size > 0}, reverse=True))
    if not usable:
        return None
    thousandths = [int(size * 1000) for size in usable]
    step = gcd(*thousandths)
    if up_to * 1000 > _MOST_STEPS * step:
        return None
    units = tuple(size // step for size in thousandths)
    fewest: dict[int, tuple[int, int]] = {0: (0, -1)}
    for amount in range(1, int(up_to * 1000 / step) + 1):
        ways = [(fewest[amount - unit][0] + 1, i) for i, unit in enumerate(units) if amount - unit in fewest]
        if ways:
            fewest[amount] = min(ways)
    return _Table(usable, units, Decimal(step) / 1000, fewest)


def _fill(grams: Decimal, sizes: Sequence[Decimal], *, nearest: bool) -> Vials | None:
    if not sizes or grams <= 0 or grams > MOST_G_A_DAY or not (table := _table(tuple(sizes), _reach(grams, sizes))):
        return None
    wanted = grams / table.step
    if nearest:
        return table.vials(min((a for a in table.fewest if a > 0), key=lambda a: (abs(a - wanted), -a)))
    return table.vials(min(amount for amount in table.fewest if amount >= ceil(wanted)))


def _in_whole_vials(grams: Decimal, days: int, sizes: tuple[Decimal, ...]) -> tuple[Day, ...] | None:
    """The days in whole vials, of which the last one opened may not be given whole; None where a day is left empty."""
    smallest = sizes[0]
    table = _table(sizes, grams / days + smallest + sizes[-1])
    if table is None or smallest > _MOST_STEPS_APART * table.step:
        return None
    wanted, apart = ceil(grams / table.step), int(smallest / table.step)
    for opened in range(wanted, wanted + apart):
        amounts = _amounts_by_day(table, opened, days, apart)
        if amounts is not None:
            left = opened * table.step - grams
            shares = [Day(amount * table.step, table.vials(amount)) for amount in amounts]
            shares[0] = Day(shares[0].grams - left, shares[0].vials)
            return tuple(sorted(shares, key=lambda day: -day.grams))
    return None


def _amounts_by_day(table: _Table, total: int, days: int, apart: int) -> list[int] | None:
    """Amounts that vials give, `days` of them with the sum `total`, at most `apart` from each other; largest first.

    The least apart, and of these the fewest vials; two amounts first, and more only where no two add up.
    """
    low = total // days
    lows = [amount for amount in range(low, max(low - apart, 0), -1) if amount in table.fewest]
    for wide in range(apart + 1):
        candidates = []
        for least in lows:
            rest = total - least * days
            more = least + wide
            if more not in table.fewest or (rest != 0 if wide == 0 else rest % wide or not 0 <= rest // wide <= days):
                continue
            count = rest // wide if wide else 0
            candidates.append([more] * count + [least] * (days - count))
        if candidates:
            return min(candidates, key=lambda amounts: sum(table.fewest[amount][0] for amount in amounts))
    for least in lows:
        steps = [more for more in range(1, apart + 1) if least + more in table.fewest]
        counted = _coins(total - least * days, steps)
        if counted is not None and len(counted) <= days:
            above = sorted((least + more for more in counted), reverse=True)
            return above + [least] * (days - len(counted))
    return None


def _coins(total: int, coins: Sequence[int]) -> list[int] | None:
    """The fewest of `coins` that make `total`; None where none do."""
    fewest: list[list[int] | None] = [[]]
    for amount in range(1, total + 1):
        ways = [[*way, coin] for coin in coins if coin <= amount and (way := fewest[amount - coin]) is not None]
        fewest.append(min(ways, key=len, default=None))
    return fewest[total]
