"""What can be read off a restricted diagram: which outcomes are left, which facts still decide, what decides most."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from utilization.rules.diagram.restriction import Branch, Tree
from utilization.rules.language.outcomes import Outcome
from utilization.rules.language.variables import Variable, Way

Outcomes = frozenset[Outcome]


def branches(tree: Tree) -> Iterator[Branch]:
    """Every point of the diagram, once, each after those that it leads to."""
    seen: set[int] = set()

    def below(point: Tree) -> Iterator[Branch]:
        if isinstance(point, Branch) and id(point) not in seen:
            seen.add(id(point))
            for _, way in point.ways:
                yield from below(way)
            yield point

    return below(tree)


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
    found = []
    for name in variable.facts:
        for samples_of_point in points:
            by_rest: dict[tuple[Any, ...], set[int]] = {}
            for values, below in samples_of_point:
                rest = tuple(value for other, value in sorted(values.items()) if other != name)
                by_rest.setdefault(rest, set()).add(below)
            if any(len(some) > 1 for some in by_rest.values()):
                found.append(name)
                break
    return found or variable.facts


def most_decisive_first(tree: Tree, order: Callable[[str], Any]) -> list[str]:
    """The variables that matter: fewest outcomes left on the worst answer first, ties by `order`."""
    points = list(branches(tree))
    every = {id(point): leaves(point) for point in points}

    def worst(name: str) -> int:
        left: dict[int, dict[Way | None, Outcomes]] = {}
        for point in points:
            left[id(point)] = _left_of(point, name, left, every)
        return max(len(outcomes) for outcomes in left[id(tree)].values())

    return sorted({point.name for point in points}, key=lambda name: (worst(name), order(name)))


def _left_of(
    point: Branch, name: str, left: Mapping[int, Mapping[Way | None, Outcomes]], every: Mapping[int, Outcomes]
) -> dict[Way | None, Outcomes]:
    """The outcomes left below a point by the answer to `name`; under None where it is not asked there."""

    def of(tree: Tree) -> Mapping[Way | None, Outcomes]:
        return {None: frozenset({tree})} if isinstance(tree, Outcome) else left[id(tree)]

    if point.name == name:
        return {way: every[id(tree)] if isinstance(tree, Branch) else frozenset({tree}) for way, tree in point.ways}
    below = [of(tree) for _, tree in point.ways]
    answers = {answer for found in below for answer in found if answer is not None}
    if not answers:
        return {None: frozenset().union(*(found[None] for found in below))}
    return {
        answer: frozenset().union(
            *(found[answer] if answer in found else found.get(None, frozenset()) for found in below)
        )
        for answer in answers
    }
