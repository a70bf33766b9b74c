"""Rows by whether something holds, does not, or is not known; and the shares that are read from that."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from utilization.rules.utilization_report.cells import ALL, Population, Scope, Split
from utilization.rules.utilization_report.groups import UNKNOWN

YES, NO, REST = "yes", "no", "rest"
MEETS = "meets"
APPROVE, DENY, OVERTURNED = "approve", "deny", "overturned"
Under = tuple[Split, str] | None


class Part(NamedTuple):
    """`n` of `of`; None where not shown. `known` is false where `of` counts those too of whom it is not known."""

    n: int | None
    of: int | None
    known: bool = True


def truth_keys(truths: Sequence[bool | None]) -> list[str]:
    """yes, no or unknown for each."""
    return [UNKNOWN if truth is None else YES if truth else NO for truth in truths]


def known_keys(values: Sequence[Any]) -> list[str]:
    """yes where a value is known, else no."""
    return [NO if value is None else YES for value in values]


def off_keys(rows: Sequence[Any]) -> list[str]:
    """yes where what was decided on did not meet the criteria."""
    return [NO if row.outcome_decided == MEETS else YES for row in rows]


def part(scope: Scope, population: Population, truths: Sequence[bool | None], under: Under = None) -> Part:
    """How many are true of those that are known; of all, where that would show too few that are not known.

    Whether the first is shown is asked of one partition for every group, so that what is left of all groups is safe.
    """
    keys = truth_keys(truths)
    split = scope.split(population, [key if key == YES else REST for key in keys], under=under)
    n = split.n(YES)
    if n is None:
        return Part(None, None)
    known = scope.split(population, keys, under=under)
    of = known.n(YES, NO)
    return Part(n, of) if known.n(YES) is not None and of is not None else Part(n, split.total, known=False)


def amount(scope: Scope, population: Population, values: Sequence[int | None], under: Under = None) -> int | None:
    """The sum of the known `values`; None where too few have one. How many have one is not said."""
    known = population.at([place for place, value in enumerate(values) if value is not None])
    if not known.rows:
        return 0
    whole = scope.split(known, [ALL] * len(known.rows), [value for value in values if value is not None], under)
    return whole.amount(ALL)
