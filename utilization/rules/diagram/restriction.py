"""A diagram restricted by what is known of one case: what is left of it is what can still change the outcome.

A known fact leaves one way at its points, an unknown one every way in which its tests can turn out, a list with gaps
those that fit what stands in it. Where an unknown fact is asked for that the order is reckoned by (a weight, an age),
each of its ways may settle limits of the dose further down: `supposition` then goes along.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Any

from utilization.rules.diagram.growth import Diagram, Point
from utilization.rules.diagram.levels import Truths
from utilization.rules.diagram.supposition import Derive, Supposition
from utilization.rules.language.node import Test, Truth
from utilization.rules.language.outcomes import Outcome
from utilization.rules.language.variables import Variable, Way


@dataclass(frozen=True, eq=False)
class Branch:
    """A point of a restricted diagram: what decides next, and where each way that is left leads."""

    variable: Variable
    ways: tuple[tuple[Way, "Tree"], ...]

    @property
    def name(self) -> str:
        return self.variable.name


Tree = Branch | Outcome


def restricted(
    diagram: Diagram, facts: Mapping[str, Any], derive: Derive, left_open: frozenset[str] = frozenset()
) -> Tree:
    """What is left of the diagram once `facts` are known.

    `facts` hold the request's date and what follows from the others; `derive` gives what follows from facts. Variables
    named in `left_open` are taken to be unknown, whatever is known of them.
    """
    point: Any = diagram.root
    while isinstance(point, Point) and not left_open:
        level = diagram.levels[point.level]
        truths = level.truths(facts)
        if None in truths and level.variable is not None:
            break
        point = point.to[level.places[truths]]
    if isinstance(point, Point):
        return _Restriction(diagram, facts, derive, left_open).below(point)
    outcome: Outcome = point
    return outcome


class _Restriction:
    """Restricts one diagram. Each point is restricted once, or once for each way of what settles limits below it."""

    def __init__(self, diagram: Diagram, facts: Mapping[str, Any], derive: Derive, left_open: frozenset[str]) -> None:
        self._diagram, self._levels = diagram, diagram.levels
        self._facts, self._derive, self._left_open = facts, derive, left_open
        self._of_order = diagram.of_order
        for name in left_open:
            self._of_order &= ~diagram.of_variable.get(name, 0)
        self._stated = {name: value for name, value in facts.items() if name not in left_open}
        self._truths: dict[int, Truths] = {}
        self._ways: dict[Any, tuple[Way, ...]] = {}
        self._restricted: dict[Any, Tree] = {}
        self._branches: dict[Any, Branch] = {}
        self._points: dict[tuple[int, tuple[Any, ...]], Point] = {}

    def below(self, point: Point) -> Tree:
        """What is left of the diagram from a point on."""
        if self._supposes(point):
            # What known facts leave alike must not be told apart by what is supposed on the way to it.
            return self.of(self._without_known(point, {}), None)
        return self.of(point, None)

    def _supposes(self, point: Point) -> bool:
        """Whether an unknown fact that is asked for may settle what follows from the order."""
        return self._any_open(point.below & self._of_order) and self._any_open(point.below & self._diagram.giving)

    def _any_open(self, places: int) -> bool:
        return any(places >> n & 1 and None in self._truths_at(n, None) for n in range(places.bit_length()))

    def _without_known(self, point: Any, made: dict[Point, Any]) -> Any:
        """The diagram below `point` without the points at which the facts are known."""
        while isinstance(point, Point) and (known := self._known_way(point)) is not None:
            point = known
        if isinstance(point, Point) and point not in made:
            to = tuple(self._without_known(way, made) for way in point.to)
            same = all(way is to[0] for way in to)
            below = reduce(int.__or__, (way.below for way in to if isinstance(way, Point)), 1 << point.level)
            made[point] = to[0] if same else self._points.setdefault((point.level, to), Point(point.level, to, below))
        return made[point] if isinstance(point, Point) else point

    def _known_way(self, point: Point) -> Any:
        level, truths = self._levels[point.level], self._truths_at(point.level, None)
        return None if None in truths and level.variable is not None else point.to[level.places[truths]]

    def of(self, point: Any, supposed: Supposition | None) -> Tree:
        """What is left below `point`, by what was supposed on the way to it."""
        while isinstance(point, Point):
            level, truths = self._levels[point.level], self._truths_at(point.level, supposed)
            if None in truths and level.variable is not None:
                return self._open(point, level.variable, supposed)
            point = point.to[level.places[truths]]
        outcome: Outcome = point
        return outcome

    def _truths_at(self, place: int, supposed: Supposition | None) -> Truths:
        """The truths of a level's tests as far as they are known."""
        if place not in self._truths:
            level = self._levels[place]
            is_open = level.variable is not None and level.variable.name in self._left_open
            self._truths[place] = (None,) * len(level.tests) if is_open else level.truths(self._facts)
        truths = self._truths[place]
        if supposed is not None and None in truths:
            settled = supposed.settled
            return tuple(settled.get(test) if t is None else t
                         for test, t in zip(self._levels[place].tests, truths, strict=True))  # fmt: skip
        return truths

    def _open(self, point: Point, variable: Variable, supposed: Supposition | None) -> Tree:
        key = (point, supposed.chosen if supposed is not None and point.below & self._of_order else ())
        if key not in self._restricted:
            self._restricted[key] = self._branched(point, variable, supposed)
        return self._restricted[key]

    def _branched(self, point: Point, variable: Variable, supposed: Supposition | None) -> Tree:
        gives = self._diagram.giving >> point.level & 1 and point.below & self._of_order
        branched: list[tuple[Way, Tree]] = []
        after = self._diagram.after
        for way in self._ways_of(variable, supposed):
            then = supposed
            if gives and way.values:
                before = supposed or Supposition((self._facts,))
                then = before.with_way(variable, way, self._derive, self._tests_of_order())
            branched.append((way, self.of(after(point, way.truths), then)))
        first = branched[0][1]
        if all(tree is first for _, tree in branched):
            return first
        key = (variable.name, tuple([(way.truths, id(tree)) for way, tree in branched]))
        return self._branches.setdefault(key, Branch(variable, tuple(branched)))

    def _ways_of(self, variable: Variable, supposed: Supposition | None) -> tuple[Way, ...]:
        """The ways of a variable that agree with what is settled of it."""
        settled = self._settled(variable, supposed)
        key = (variable.name, tuple(settled.items()))
        if key not in self._ways:
            self._ways[key] = variable.left(settled, self._stated)
        return self._ways[key]

    def _settled(self, variable: Variable, supposed: Supposition | None) -> dict[Test, bool]:
        if variable.name in self._left_open:
            return {}
        truths: dict[Test, bool] = {}
        for test in variable.tests:
            truth: Truth = test.truth(self._facts)
            if truth is None and supposed is not None:
                truth = supposed.settled.get(test)
            if truth is not None:
                truths[test] = truth
        return truths

    def _tests_of_order(self) -> Iterator[Test]:
        """The tests of what follows from the order, and may do so once more is known."""
        for n, level in enumerate(self._levels):
            if self._of_order >> n & 1:
                yield from level.tests
