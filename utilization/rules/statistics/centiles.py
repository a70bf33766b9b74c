"""Mean, median and centiles of a list of numbers; None of an empty one."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from utilization.rules.statistics.exact import Number, exactly, six_places


def mean(values: Sequence[Number]) -> Decimal | None:
    """The sum over the count."""
    return six_places(sum(exactly(values), Fraction(0)) / len(values)) if values else None


def median(values: Sequence[Number]) -> Decimal | None:
    """The middle one in order, or the mean of the middle two."""
    if not values:
        return None
    ordered = sorted(exactly(values))
    half = len(ordered) // 2
    return six_places((ordered[half] + ordered[~half]) / 2)


def centile(values: Sequence[Number], percent: int) -> Decimal | None:
    """The smallest of the values that at least `percent` of them do not exceed (nearest rank; SQL's percentile_disc).

    It is a value that occurred: "90 % were decided within 41 hours" is then true as it stands.
    Raises ValueError unless `percent` is from 1 to 100.
    """
    if not 1 <= percent <= 100:
        raise ValueError("A centile is from 1 to 100.")
    if not values:
        return None
    rank = -(-percent * len(values) // 100)
    return six_places(sorted(values)[rank - 1])
