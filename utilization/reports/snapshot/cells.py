"""Small cells made large enough: which values to put in place of those that too few patients share."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping

OTHER = "other"
Cell = tuple[str | None, ...]


def guarded_cells(patients: Iterable[tuple[Cell, Hashable]], least: int) -> dict[Cell, Cell]:
    """Each cell of `patients` (cell, patient) with the cell in its place, which at least `least` patients share.

    From the last value to the first, one more becomes None in the cells that are too small, until they are large
    enough. What is too small even then takes along the smallest cell that was large enough; where there is none,
    everything is None.
    """
    waiting: dict[Cell, set[Hashable]] = defaultdict(set)
    for cell, patient in patients:
        waiting[cell].add(patient)
    placed: dict[Cell, Cell] = {}
    members: dict[Cell, set[Hashable]] = {}
    for kept in range(len(next(iter(waiting), ())), -1, -1):
        groups = _groups(waiting, kept)
        for cell in list(waiting):
            coarse = _coarse(cell, kept)
            if len(groups[coarse]) >= least:
                placed[cell] = coarse
                members[coarse] = groups[coarse]
                del waiting[cell]
    _take_along(waiting, placed, members, least)
    return placed


def _take_along(
    left: Mapping[Cell, set[Hashable]], placed: dict[Cell, Cell], members: dict[Cell, set[Hashable]], least: int
) -> None:
    """Place the cells that are `left` together with the smallest others, until enough patients are there."""
    if not left:
        return
    together = set().union(*left.values())
    nothing: Cell = (None,) * len(next(iter(left)))
    joined = [nothing]
    for coarse in sorted(members, key=lambda coarse: len(members[coarse])):
        if len(together) >= least:
            break
        together |= members[coarse]
        joined.append(coarse)
    placed.update({cell: nothing for cell, coarse in placed.items() if coarse in joined})
    placed.update(dict.fromkeys(left, nothing))


def _groups(cells: Mapping[Cell, set[Hashable]], kept: int) -> dict[Cell, set[Hashable]]:
    groups: dict[Cell, set[Hashable]] = defaultdict(set)
    for cell, who in cells.items():
        groups[_coarse(cell, kept)] |= who
    return groups


def _coarse(cell: Cell, kept: int) -> Cell:
    return (*cell[:kept], *(None for _ in cell[kept:]))


def frequent_values(patients: Iterable[tuple[str, Hashable]], least: int) -> frozenset[str]:
    """The values of `patients` (value, patient) that may be told: the others become `OTHER`, which at least `least`
    patients then have, or nobody. Who has `OTHER` already counts with them.
    """
    having: dict[str, set[Hashable]] = defaultdict(set)
    for value, patient in patients:
        having[value].add(patient)
    others = having.pop(OTHER, set())
    ordered = sorted(having, key=lambda value: (-len(having[value]), value))
    told = [value for value in ordered if len(having[value]) >= least]
    others = others.union(*(having[value] for value in ordered[len(told) :]))
    while told and 0 < len(others) < least:
        others |= having[told.pop()]
    return frozenset(told)
