"""Values and bounds as SQL that means the same on DuckDB and on Spark."""

import re
from decimal import Decimal
from fractions import Fraction
from typing import Any

from utilization.rules.facts.units import Exact

PLACES = 6
"""Decimals that a column of numbers holds."""
_WORD = re.compile(r"\w+", re.ASCII)


def literal(value: Any) -> str:
    """A value as SQL. Raises ValueError for a text that is no code."""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, str) and not _WORD.fullmatch(value):
        raise ValueError(f"{value!r} is no code")
    return f"'{value}'" if isinstance(value, str) else str(value)


def bound_in_sql(sign: str, bound: Exact, is_open: bool) -> str:
    """A bound as SQL: one with more digits than a column has lies between two numbers that a column can hold."""
    parts = Fraction(bound) * 10**PLACES
    if parts.denominator != 1:
        step = parts.__floor__() + (1 if sign == ">" else 0)
        parts, is_open = Fraction(step), False
    return f"{sign}{'' if is_open else '='} {format(Decimal(int(parts)).scaleb(-PLACES), 'f')}"
