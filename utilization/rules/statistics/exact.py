"""Exact numbers in, six places out: how every figure of these statistics is rounded."""

from collections.abc import Iterable
from decimal import Context, Decimal
from fractions import Fraction
from functools import reduce

Number = int | Decimal | Fraction

WORKING = Context(prec=50)
"""The digits of what cannot be worked out exactly: roots, and the powers of a binomial."""
_MILLIONTHS = 1_000_000


def six_places(value: Number) -> Decimal:
    """`value` to six places, halves away from zero; the zero has no sign."""
    exact = Fraction(value)
    doubled = abs(exact) * _MILLIONTHS * 2
    millionths = (int(doubled) + 1) // 2
    return Decimal(-millionths if exact < 0 else millionths).scaleb(-6, WORKING)


def exactly(values: Iterable[Number]) -> list[Fraction]:
    """`values` as fractions, in their order."""
    return [Fraction(value) for value in values]


def as_decimal(value: Number) -> Decimal:
    """`value` with the digits of `WORKING`."""
    exact = Fraction(value)
    return WORKING.divide(Decimal(exact.numerator), Decimal(exact.denominator))


def total(values: Iterable[Decimal]) -> Decimal:
    """The sum of `values` with the digits of `WORKING`, whatever the caller's context is."""
    return reduce(WORKING.add, values, Decimal(0))
