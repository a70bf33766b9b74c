"""Funnels: the share of each group beside what chance alone would make of the share of all. No ranking.

Spiegelhalter DJ. Funnel plots for comparing institutional performance. Statistics in Medicine 2005;24:1185-1202.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

from utilization.rules.statistics.exact import WORKING, as_decimal, six_places, total

FEWEST = 10
"""A group of fewer is not placed: next to nothing could be told of it."""
TAILS = (Decimal("0.025"), Decimal("0.0005"))
"""The chance that is left beyond each side of the 95 % and the 99.9 % limits."""
_NOTHING = Decimal("1e-48")
_LAST_DIGITS = Decimal("1e-40")
"""A chance that equals a tail is found to equal it, whatever the last of its 50 digits are."""


class Band(NamedTuple):
    """The fewest and the most of a group that lie within a limit: beyond them chance alone is too small."""

    fewest: int
    most: int


@dataclass(frozen=True, slots=True)
class Group:
    """One group: its `count` of `of`, its share from 0 to 1, and the limits for its size.

    `beyond`: 0 within 95 %, 1 between 95 % and 99.9 %, 2 beyond 99.9 %; `above`: on which side of the share of all.
    """

    name: str
    count: int
    of: int
    share: Decimal
    within_95: Band
    within_999: Band
    beyond: int
    above: bool


@dataclass(frozen=True, slots=True)
class Funnel:
    """The share of all, as counts and from 0 to 1; the groups in the order given; and those too small to be placed."""

    count: int
    of: int
    share: Decimal
    groups: tuple[Group, ...]
    too_small: tuple[str, ...]

    def limits(self, of: int) -> tuple[Band, Band]:
        """The 95 % and the 99.9 % limits of a group of `of`."""
        return bands(self.count, self.of, of)


def funnel(groups: Sequence[tuple[str, int, int]], *, fewest: int = FEWEST) -> Funnel | None:
    """The funnel of `groups` (name, how many, of how many); None where there is nothing to take a share of.

    The share of all counts every group, the small ones too. Raises ValueError for a count below 0 or above its group.
    """
    if any(not 0 <= count <= of for _, count, of in groups):
        raise ValueError("A share is of a count from 0 to all.")
    events, of_all = sum(count for _, count, _ in groups), sum(of for *_, of in groups)
    if not of_all:
        return None
    placed = tuple(_group(group, events, of_all) for group in groups if group[2] >= max(fewest, 1))
    too_small = tuple(name for name, _, of in groups if of < max(fewest, 1))
    return Funnel(events, of_all, six_places(Fraction(events, of_all)), placed, too_small)


def placed(name: str, part: tuple[int, int], whole: tuple[int, int]) -> Funnel:
    """The funnel of all, `whole` (how many, of how many), with one of its groups alone in it."""
    events, of_all = whole
    return Funnel(events, of_all, six_places(Fraction(events, of_all)), (_group((name, *part), events, of_all),), ())


def _group(group: tuple[str, int, int], events: int, of_all: int) -> Group:
    name, count, of = group
    within = bands(events, of_all, of)
    beyond = sum(not band.fewest <= count <= band.most for band in within)
    above = Fraction(count, of) > Fraction(events, of_all)
    return Group(name, count, of, six_places(Fraction(count, of)), *within, beyond, above)


@lru_cache(maxsize=4096)
def bands(count: int, of_all: int, size: int) -> tuple[Band, Band]:
    """The exact binomial limits of a group of `size`, by chance alone, where the share of all is `count` / `of_all`.

    A group of k lies beyond a limit if the chance of k or more, or of k or fewer, is at most that limit's tail.
    """
    first, chances = _chances(Fraction(count, of_all), size)
    narrow, wide = (_band(first, chances, tail) for tail in TAILS)
    return narrow, wide


def _band(first: int, chances: Sequence[Decimal], tail: Decimal) -> Band:
    low, high, below, above = 0, len(chances) - 1, chances[0], chances[-1]
    tail = WORKING.add(tail, _LAST_DIGITS)
    while below <= tail:
        low += 1
        below = WORKING.add(below, chances[low])
    while above <= tail:
        high -= 1
        above = WORKING.add(above, chances[high])
    return Band(first + low, first + high)


def _chances(share: Fraction, size: int) -> tuple[int, list[Decimal]]:
    """The chances of a binomial from the first number that has any to speak of: all but 1e-48 of the likeliest.

    Each follows from its neighbour by one factor, outward from the likeliest, so that a large group takes no longer
    than its spread.
    """
    if share in (0, 1):
        return size * int(share), [Decimal(1)]
    odds = as_decimal(share / (1 - share))
    likeliest = int((size + 1) * share)
    likeliest = min(likeliest, size)
    up, down = [Decimal(1)], [Decimal(1)]
    for k in range(likeliest, size):
        factor = WORKING.divide(WORKING.multiply(odds, Decimal(size - k)), Decimal(k + 1))
        up.append(WORKING.multiply(up[-1], factor))
        if up[-1] < _NOTHING:
            break
    for k in range(likeliest, 0, -1):
        factor = WORKING.divide(Decimal(k), WORKING.multiply(odds, Decimal(size - k + 1)))
        down.append(WORKING.multiply(down[-1], factor))
        if down[-1] < _NOTHING:
            break
    chances = [*reversed(down[1:]), *up]
    whole = total(chances)
    return likeliest - len(down) + 1, [WORKING.divide(chance, whole) for chance in chances]
