"""Runs and crossings about the median: a series read without limits, as a cross-check of a control chart.

Anhoej J, Olesen AV. Run charts revisited. PLoS ONE 2014;9:e113825.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import comb

from utilization.rules.statistics.control_chart import rows
from utilization.rules.statistics.exact import Number, exactly


@dataclass(frozen=True, slots=True)
class Runs:
    """`useful` points lie off the median. `longest` run on one side of it, at most `longest_by_chance`; `crossings` of
    it, at least `crossings_by_chance`."""

    useful: int
    longest: int
    longest_by_chance: int
    crossings: int
    crossings_by_chance: int

    @property
    def shifted(self) -> bool:
        """Whether the series changed its place: a run too long, or too few crossings, for chance alone."""
        return self.longest > self.longest_by_chance or self.crossings < self.crossings_by_chance


def crossings_and_runs(values: Sequence[Number]) -> Runs:
    """The runs of `values` about their median; points on the median count on neither side and end no run."""
    exact = exactly(values)
    ordered = sorted(exact)
    half = len(ordered) // 2
    middle = (ordered[half] + ordered[~half]) / 2 if ordered else Fraction(0)
    sides = [1 if value > middle else -1 for value in exact if value != middle]
    lengths = [end - first for first, end, _ in rows(sides)]
    useful = len(sides)
    return Runs(
        useful=useful,
        longest=max(lengths, default=0),
        longest_by_chance=_nearest_log2(useful) + 3 if useful else 0,
        crossings=max(len(lengths) - 1, 0),
        crossings_by_chance=_fewest_crossings(useful),
    )


def _nearest_log2(count: int) -> int:
    """The whole number nearest to log2 of `count`: half a step up is the root of two, which no count meets."""
    down = count.bit_length() - 1
    return down + (count * count > 2 << (2 * down))


def _fewest_crossings(useful: int) -> int:
    """The smallest number of which at least 5 % of series by chance have as many crossings or fewer."""
    tries, ways = useful - 1, 0
    for crossings in range(max(tries, 0) + 1):
        ways += comb(max(tries, 0), crossings)
        if ways * 20 >= 1 << max(tries, 0):
            return crossings
    raise AssertionError("every series has at most that many")
