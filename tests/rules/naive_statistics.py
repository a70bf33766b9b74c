"""The statistics of a report once more, the slow way: from their definitions, in floats or by counting every case.

Nothing here is shared with the rules. Values are compared to what six places can tell.
"""

import math
from fractions import Fraction
from itertools import product


def xmr_limits(values, *, screened=True):
    """(mean, lower limit, upper limit) as floats."""
    mean = sum(values) / len(values)
    ranges = [abs(values[i + 1] - values[i]) for i in range(len(values) - 1)]
    average = sum(ranges) / len(ranges)
    if screened and average > 0:
        ranges = [moved for moved in ranges if moved < 3.267 * average]
        average = sum(ranges) / len(ranges)
    return mean, mean - 2.66 * average, mean + 2.66 * average


def p_prime_limits(counts):
    """[(share, lower, upper), …] as floats, not cut off at 0 and 1."""
    share = sum(x for x, _ in counts) / sum(n for _, n in counts)
    sigma = [math.sqrt(share * (1 - share) / n) for _, n in counts]
    z = [(x / n - share) / s for (x, n), s in zip(counts, sigma, strict=True)]
    spread = sum(abs(z[i + 1] - z[i]) for i in range(len(z) - 1)) / (len(z) - 1) / 1.128
    return [(x / n, share - 3 * s * spread, share + 3 * s * spread) for (x, n), s in zip(counts, sigma, strict=True)]


def signals(values, centre, lower, upper):
    """For each place the set of (rule, whether above), by looking at every stretch that holds it."""
    told = [set() for _ in values]
    last = len(values)
    for above, side in ((True, 1), (False, -1)):
        limit = upper if above else lower
        near = centre + (limit - centre) * 2 / 3
        for first in range(last):
            if side * (values[first] - limit) > 0:
                told[first].add(("outside", above))
            seven = values[first : first + 7]
            if len(seven) == 7 and all(side * (value - centre) > 0 for value in seven):
                for place in range(first, first + 7):
                    told[place].add(("row", above))
            if len(seven) == 7 and all(side * (seven[i + 1] - seven[i]) > 0 for i in range(6)):
                for place in range(first, first + 7):
                    told[place].add(("trend", above))
            three = range(first, min(first + 3, last))
            beyond = [place for place in three if side * (values[place] - near) > 0]
            if len(three) == 3 and len(beyond) >= 2:
                for place in beyond:
                    told[place].add(("near", above))
    return told


def binomial_tail(least, size, share):
    """The chance of `least` or more of `size`, exactly."""
    share = Fraction(share)
    return sum(math.comb(size, k) * share**k * (1 - share) ** (size - k) for k in range(least, size + 1))


def binomial_head(most, size, share):
    """The chance of `most` or fewer of `size`, exactly."""
    return 1 - binomial_tail(most + 1, size, share)


def product_limit(observed, day):
    """The share that goes on at the end of `day`: over each single day, those that ended among those still seen."""
    share = Fraction(1)
    for today in range(day + 1):
        seen = [time for time, _ in observed if time >= today]
        ended = [time for time, has_ended in observed if time == today and has_ended]
        if ended:
            share *= 1 - Fraction(len(ended), len(seen))
    return share


def crossings_by_chance(useful):
    """The 5 % quantile of the crossings of `useful` points, by throwing every row of coins."""
    counts = sorted(
        sum(coins[i] != coins[i + 1] for i in range(useful - 1)) for coins in product((0, 1), repeat=useful)
    )
    return next(
        crossings
        for crossings in range(useful)
        if sum(count <= crossings for count in counts) >= Fraction(1, 20) * len(counts)
    )


def smallest_not_exceeded_by(values, percent):
    """The smallest value such that at least `percent` % of all are no larger."""
    return min(
        value for value in values if sum(other <= value for other in values) >= Fraction(percent, 100) * len(values)
    )
