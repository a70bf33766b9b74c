"""The smallest changes after which a case meets, read off its restricted diagram."""

from collections.abc import Callable, Mapping

from utilization.rules.diagram.questions import branches
from utilization.rules.diagram.restriction import Branch, Tree
from utilization.rules.language.outcomes import Outcome
from utilization.rules.language.variables import Way

Assignment = frozenset[tuple[str, Way]]
_MOST_ASSIGNMENTS = 2000


def ways_to_meet(tree: Tree, current: Mapping[str, Way], changeable: frozenset[str]) -> list[Assignment]:
    """The smallest sets of (variable, way) after which it meets, whatever the unchangeable ones turn out to be.

    `tree` must have been completed with the changeable variables left open; `current` holds their present ways, which
    cost nothing to keep.
    """
    found: dict[int, set[Assignment]] = {}

    def of(point: Tree) -> set[Assignment]:
        if isinstance(point, Outcome):
            return {frozenset()} if point is Outcome.MEETS else set()
        return found[id(point)]

    for point in branches(tree):
        found[id(point)] = _meeting(point, current, changeable, of)
    kept = frozenset(current.items())
    return sorted(_smallest({one - kept for one in of(tree)}), key=lambda one: (len(one), sorted(map(str, one))))


def _meeting(
    point: Branch, current: Mapping[str, Way], changeable: frozenset[str], of: Callable[[Tree], set[Assignment]]
) -> set[Assignment]:
    found: set[Assignment] = set()
    if point.name in changeable:
        for way, tree in point.ways:
            # What is kept is noted as well: it must not be kept on one side of an unknown fact and changed on another.
            found |= {one | {(point.name, way)} for one in of(tree)}
    if point.name not in current:
        # Left unknown: every value must be provided for.
        together: set[Assignment] = {frozenset()}
        for _, tree in point.ways:
            together = {a | b for a in together for b in of(tree) if _consistent(a, b)}
            if len(together) > _MOST_ASSIGNMENTS:
                together = _smallest(together)
        found |= together
    return _smallest(found)


def _consistent(one: Assignment, other: Assignment) -> bool:
    names = dict(one)
    return all(names.get(name, value) == value for name, value in other)


def _smallest(assignments: set[Assignment]) -> set[Assignment]:
    return {a for a in assignments if not any(b < a for b in assignments)}
