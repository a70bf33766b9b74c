"""Rows by whether something holds, does not, or is not known; and the shares that are read from that."""

from typing import NamedTuple

from utilization.rules.utilization_report.bitmaps import Parts, merged
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


def truths(population: Population, name: str) -> dict[str, int]:
    """`population` by yes, no or unknown in the column of that name."""
    return population.parts(name, truth_key)


def truth_key(truth: bool | None) -> str:
    """yes, no or unknown."""
    return UNKNOWN if truth is None else YES if truth else NO


def yes_or_no(population: Population, rows: int) -> dict[str, int]:
    """`population` by yes, where of `rows`, else no."""
    return population.within({YES: rows, NO: population.rows & ~rows})


def by_knowledge(population: Population, name: str) -> dict[str, int]:
    """`population` by whether the amount in the column of that name is known."""
    return yes_or_no(population, population.table.amounts(name).known)


def by_off_criteria(population: Population) -> dict[str, int]:
    """`population` by whether what was decided on did not meet the criteria."""
    return yes_or_no(population, ~meeting(population))


def meeting(population: Population) -> int:
    """Those whose order, as decided on, met the criteria."""
    return population.where("outcome_decided", MEETS).rows


def part(scope: Scope, population: Population, keys: Parts, under: Under = None) -> Part:
    """How many are true of those that are known; of all, where that would show too few that are not known.

    Whether the first is shown is asked of one partition for every group, so that what is left of all groups is safe.
    """
    split = scope.split(population, merged(keys, lambda key: key if key == YES else REST), under=under)
    n = split.n(YES)
    if n is None:
        return Part(None, None)
    known = scope.split(population, keys, under=under)
    of = known.n(YES, NO)
    return Part(n, of) if known.n(YES) is not None and of is not None else Part(n, split.total, known=False)


def amount(scope: Scope, population: Population, name: str, under: Under = None) -> int | None:
    """The sum of the known amounts; None where too few have one. How many have one is not said."""
    known = population.at(population.table.amounts(name).known)
    return scope.split(known, {ALL: known.rows}, name, under).amount(ALL) if known.rows else 0
