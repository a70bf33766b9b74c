"""The smallest changes after which a case meets, read off its restricted diagram."""

from collections.abc import Iterable, Mapping

from utilization.rules.diagram.questions import branches
from utilization.rules.diagram.restriction import Branch, Tree
from utilization.rules.language.outcomes import Outcome
from utilization.rules.language.variables import Way

Assignment = frozenset[tuple[str, Way]]
MOST_COMPARED = 300_000
"""Pairs of assignments that are put together or compared before fewer are kept, about a tenth of a second."""
_FEW = 10


def ways_to_meet(tree: Tree, current: Mapping[str, Way], changeable: frozenset[str]) -> list[Assignment]:
    """The smallest sets of (variable, way) after which it meets, whatever the unchangeable ones turn out to be.

    `tree` must have been restricted with the changeable variables left open; `current` holds their present ways, which
    cost nothing to keep. Where there are too many to compare, some of the smallest.
    """
    try:
        ways = _Changes(current, changeable).of(tree)
    except _TooMany:
        ways = _Changes(current, changeable, _FEW).of(tree)
    kept = frozenset(current.items())
    return sorted(_smallest(changes - kept for changes in ways), key=_by_size)


def _by_size(changes: Assignment) -> tuple[int, list[str]]:
    return len(changes), sorted(str((name, way.truths)) for name, way in changes)


class _TooMany(Exception):
    """More assignments than may be compared."""


class _Changes:
    """Works upwards through a diagram. With `most`, no more assignments are kept at each point, the smallest ones."""

    def __init__(self, current: Mapping[str, Way], changeable: frozenset[str], most: int = 0) -> None:
        self._current, self._changeable, self._most = current, changeable, most
        self._left = MOST_COMPARED
        self._found: dict[Tree, set[Assignment]] = {outcome: set() for outcome in Outcome}
        self._found[Outcome.MEETS] = {frozenset()}

    def of(self, tree: Tree) -> set[Assignment]:
        """The assignments after which what is left in `tree` meets."""
        for point in branches(tree):
            self._found[point] = self._at(point)
        return self._found[tree]

    def _at(self, point: Branch) -> set[Assignment]:
        ways: set[Assignment] = set()
        if point.name in self._changeable:
            for way, below in point.ways:
                # What is kept is noted as well: it must not be kept on one side of an unknown fact and changed on
                # another.
                ways |= {changes | {(point.name, way)} for changes in self._found[below]}
        if point.name not in self._current:
            ways |= self._whatever(point)
        return self._few(ways)

    def _whatever(self, point: Branch) -> set[Assignment]:
        """What meets although the point is left unknown: every way of it must be provided for."""
        together: set[Assignment] = {frozenset()}
        for _, below in point.ways:
            self._spend(len(together) * len(self._found[below]))
            together = {a | b for a in together for b in self._found[below] if _consistent(a, b)}
            together = self._few(together)
        return together

    def _few(self, ways: set[Assignment]) -> set[Assignment]:
        if len(ways) < 2:
            return ways
        self._spend(len(ways) ** 2 // 4)
        few = _smallest(ways)
        return set(sorted(few, key=_by_size)[: self._most]) if self._most else few

    def _spend(self, pairs: int) -> None:
        self._left -= pairs
        if self._left < 0 and not self._most:
            raise _TooMany


def _consistent(one: Assignment, other: Assignment) -> bool:
    names = dict(one)
    return all(names.get(name, value) == value for name, value in other)


def _smallest(assignments: Iterable[Assignment]) -> set[Assignment]:
    """Those of which no part is among them."""
    smallest: list[Assignment] = []
    for assignment in sorted(set(assignments), key=len):
        if not any(smaller < assignment for smaller in smallest):
            smallest.append(assignment)
    return set(smallest)
