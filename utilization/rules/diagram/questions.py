"""What can be read off a restricted diagram: which outcomes are left, which facts still decide, what decides most."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from utilization.rules.diagram.restriction import Branch, Tree
from utilization.rules.language.outcomes import Outcome
from utilization.rules.language.variables import Variable, Way

Outcomes = frozenset[Outcome]


def branches(tree: Tree) -> Sequence[Branch]:
    """Every point of the diagram, once, each after those that it leads to."""
    points: dict[Branch, None] = {}
    if isinstance(tree, Branch):
        _add_from(tree, points)
    return tuple(points)


def _add_from(point: Branch, points: dict[Branch, None]) -> None:
    for _, below in point.ways:
        if isinstance(below, Branch) and below not in points:
            _add_from(below, points)
    points[point] = None


def leaves(tree: Tree) -> Outcomes:
    """Every outcome that some completion comes to."""
    if isinstance(tree, Outcome):
        return frozenset({tree})
    return frozenset(way for point in branches(tree) for _, way in point.ways if isinstance(way, Outcome))


def facts_in_support(tree: Tree) -> dict[str, tuple[str, ...]]:
    """Every variable that matters, with those of its facts that do: of several, those that alone change something."""
    return {point.name: tuple(_that_matter(tree, point.variable)) for point in branches(tree)}


def _that_matter(tree: Tree, variable: Variable) -> Iterable[str]:
    if len(variable.facts) == 1:
        return variable.facts
    points = [[(values, id(below)) for way, below in point.ways for values in way.values]
              for point in branches(tree) if point.name == variable.name]  # fmt: skip
    names = []
    for name in variable.facts:
        for samples_of_point in points:
            by_rest: dict[tuple[Any, ...], set[int]] = {}
            for values, below in samples_of_point:
                rest = tuple(_hashable(value) for other, value in sorted(values.items()) if other != name)
                by_rest.setdefault(rest, set()).add(below)
            if any(len(some) > 1 for some in by_rest.values()):
                names.append(name)
                break
    return names or variable.facts


def _hashable(value: Any) -> Any:
    """The value, a list of entries as one that can be looked up."""
    if isinstance(value, tuple):
        return tuple(tuple(sorted(entry.items())) if isinstance(entry, Mapping) else entry for entry in value)
    return value


def most_decisive_first(tree: Tree, order: Callable[[str], Any]) -> list[str]:
    """The variables that matter, fewest outcomes left on the worst answer first; ties by `order`, then as read."""
    points = list(branches(tree))
    every: dict[Any, Outcomes] = {outcome: frozenset({outcome}) for outcome in Outcome}
    asked: dict[Any, frozenset[str]] = {outcome: frozenset() for outcome in Outcome}
    for point in points:
        every[point] = frozenset().union(*(every[below] for _, below in point.ways))
        asked[point] = frozenset({point.name}).union(*(asked[below] for _, below in point.ways))

    def worst(name: str) -> int:
        left: dict[Way, Outcomes] = {}
        unasked: Outcomes = frozenset()
        for point in _until(tree, name, asked):
            if name not in asked[point]:
                unasked |= every[point]
                continue
            assert isinstance(point, Branch), "an outcome asks for nothing"
            for way, below in point.ways:
                left[way] = left.get(way, frozenset()) | every[below]
        return max(len(outcomes | unasked) for outcomes in left.values())

    names = list(dict.fromkeys(point.name for point in reversed(points)))
    return sorted(names, key=lambda name: (worst(name), order(name)))


def _until(tree: Tree, name: str, asked: Mapping[Any, frozenset[str]]) -> Iterator[Tree]:
    """Where each way down the diagram comes to `name`, or to where it is not asked any more; each place once."""
    left, seen = [tree], {tree}
    while left:
        point = left.pop()
        if not isinstance(point, Branch) or point.name == name or name not in asked[point]:
            yield point
            continue
        for _, below in point.ways:
            if below not in seen:
                seen.add(below)
                left.append(below)
