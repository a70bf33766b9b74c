"""How the diagram of an indication is grown: ordered, reduced and shared, from its leaves upwards.

A condition's diagram is put together from those of its parts, point by point (Bryant 1986), over as many ways a level
as it has classes. Equal points are one, and a point whose every way leads to the same is left out, so that a fact
stands in a diagram exactly when it can make a difference. What clauses come to together is said here alone, by the
order of `WORST_FIRST`; what fails none of them meets.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, reduce
from typing import Any

from utilization.rules.diagram.levels import Decides, Level, Truths, follows_from_order, levels_of, rests_on_case
from utilization.rules.diagram.supposition import ALSO_GIVE
from utilization.rules.language.composites import AllOf, Composite, CountOf, Not, all_tests, between, fold
from utilization.rules.language.node import Condition, Test, Truth
from utilization.rules.language.outcomes import WORST_FIRST, Outcome
from utilization.rules.language.variables import TooManyWays, Variable

MOST_POINTS = 1_000
"""Points of one diagram. Those of the packs that come with the product have 209 at most; with a thousand, a judgement
that asks for everything still takes a fraction of a second."""
MOST_STEPS = 20_000
"""Steps of growing one diagram in one order, about a tenth of a second. The packs that come with the product take at
most 1,450."""
MOST_LEVELS = 200
"""Levels of one diagram, so that walking down it stays within what Python nests."""
MOST_TESTS = 8
"""Tests of one list, of dates that are compared, or of one amount of the order: they may turn out in every way at once,
of which these have 256.
The packs that come with the product have four at most."""


@dataclass(frozen=True, eq=False, slots=True)
class Point:
    """A point of a diagram: which of its ways is taken decides at `level`; `to` is where each class leads.

    `below` holds the levels of the points from here on, one bit each.
    """

    level: int
    to: tuple[Any, ...]
    below: int


Leads = Point | Outcome


class TooLarge(ValueError):
    """The diagram passes a bound; `clauses` are those that make it grow, `why` says which bound."""

    def __init__(self, clauses: Sequence[Decides], why: str) -> None:
        super().__init__(why)
        self.clauses, self.why = tuple(clauses), why


@dataclass(frozen=True, eq=False)
class Diagram:
    """The outcome over the facts that the clauses of an indication ask for. `points` stand after those they lead to."""

    levels: tuple[Level, ...]
    root: Leads
    points: tuple[Point, ...] = field(repr=False)

    @cached_property
    def of_order(self) -> int:
        """The levels of what follows from the order and the product table, one bit each."""
        return _bits(level.variable is not None and follows_from_order(level.variable) for level in self.levels)

    @cached_property
    def giving(self) -> int:
        """The levels of the facts by which the order is reckoned, one bit each."""
        return _bits(
            level.variable is not None and not ALSO_GIVE.isdisjoint(level.variable.facts) for level in self.levels
        )

    @cached_property
    def of_variable(self) -> Mapping[str, int]:
        """The levels of each variable, one bit each."""
        bits: dict[str, int] = {}
        for n, level in enumerate(self.levels):
            if level.variable is not None:
                bits[level.variable.name] = bits.get(level.variable.name, 0) | 1 << n
        return bits

    def after(self, point: Leads, truths: Truths) -> Leads:
        """Where one way of the point's variable leads from it; `truths` are those of all its tests."""
        assert isinstance(point, Point), "an outcome has no ways"
        level = self.levels[point.level]
        variable = level.variable
        assert variable is not None, "what is never asked for has no ways"
        if len(level.tests) == len(variable.tests):
            leads: Leads = point.to[level.places[truths]]
            return leads
        settled = dict(zip(variable.tests, truths, strict=True))
        while isinstance(point, Point) and self.levels[point.level].variable is variable:
            level = self.levels[point.level]
            point = point.to[level.places[tuple(settled[test] for test in level.tests)]]
        return point


def _bits(some: Iterable[bool]) -> int:
    return sum(1 << n for n, is_one in enumerate(some) if is_one)


NOTHING_ASKED = Diagram((), Outcome.MEETS, ())


def grow(clauses: Sequence[Decides], variables: Sequence[Variable]) -> Diagram:
    """The diagram of the clauses that decide. Raises TooLarge.

    Facts stand in the order in which the clauses read them. Where that grows too large, the clauses that read most are
    read first: what they compare then stands together.
    """
    deciding = [clause for clause in clauses if clause.otherwise is not None]
    by_reading = sorted(deciding, key=lambda clause: -len(set(_tests_of(clause))))
    _check_ways(deciding, variables)
    try:
        return _grown(deciding, deciding, variables)
    except TooLarge:
        return _grown(deciding, by_reading, variables)


def _grown(clauses: Sequence[Decides], read: Sequence[Decides], variables: Sequence[Variable]) -> Diagram:
    levels = levels_of(read, variables)
    if len(levels) > MOST_LEVELS:
        raise TooLarge(clauses, f"they read {len(levels)} tests, expected at most {MOST_LEVELS}")
    growth = Growth(levels)
    root: Any = Outcome.MEETS
    for place, clause in enumerate(read):
        try:
            root = growth.joined(_worse(clause.otherwise), root, growth.failing(clause))
        except OutOfSteps:
            alike = [other for other in read[:place] if not set(_tests_of(other)).isdisjoint(_tests_of(clause))]
            raise TooLarge([*alike, clause], "what they ask for together turns out in too many ways") from None
    points = tuple(points_of(root))
    if len(points) > MOST_POINTS:
        raise TooLarge(clauses, f"their decision diagram has {len(points):,} points, expected at most {MOST_POINTS:,}")
    return Diagram(levels, root, points)


def _check_ways(clauses: Sequence[Decides], variables: Sequence[Variable]) -> None:
    """Raises TooLarge where a list, a text or compared facts can turn out in too many ways."""
    for variable in variables:
        if len(variable.facts) == 1 and len(variable.tests) <= MOST_TESTS:
            continue
        reading = [clause for clause in clauses if not set(_tests_of(clause)).isdisjoint(variable.tests)]
        if rests_on_case(variable) or (variable.has_dates and len(variable.facts) > 1):
            if len(variable.tests) > MOST_TESTS:
                names = ", ".join(variable.facts)
                raise TooLarge(reading, f"{len(variable.tests)} tests of {names}, expected at most {MOST_TESTS}")
            continue
        try:
            variable.ways({})
        except TooManyWays as error:
            raise TooLarge(reading, str(error)) from None


def _tests_of(clause: Decides) -> Iterator[Test]:
    yield from all_tests(clause.when)
    yield from all_tests(clause.require)


def _worse(otherwise: Outcome | None) -> Callable[[Any, Any], Any]:
    """What an outcome becomes beside a clause that fails or not."""

    def worse(outcome: Outcome, fails: Truth) -> Outcome:
        return min(outcome, otherwise or outcome, key=WORST_FIRST.index) if fails else outcome

    return worse


def points_of(root: Any) -> Iterator[Point]:
    """Every point of the diagram, once, each after those that it leads to."""
    seen: set[int] = set()

    def below(point: Any) -> Iterator[Point]:
        if isinstance(point, Point) and id(point) not in seen:
            seen.add(id(point))
            for way in point.to:
                yield from below(way)
            yield point

    return below(root)


class OutOfSteps(Exception):
    """Growing takes more steps than it may."""


class Growth:
    """Puts diagrams together over given levels. A diagram without points is a value by itself."""

    def __init__(self, levels: Sequence[Level]) -> None:
        self._levels, self._steps = levels, MOST_STEPS
        self._at = {test: (n, i) for n, level in enumerate(levels) for i, test in enumerate(level.tests)}
        self._points: dict[tuple[int, tuple[Any, ...]], Point] = {}
        self._of: dict[Condition, Any] = {}

    def failing(self, clause: Decides) -> Any:
        """Where a clause applies and its requirement does not hold."""
        return self.of(AllOf((clause.when, Not(clause.require))))

    def of(self, condition: Condition) -> Any:
        """The diagram of a condition over truths."""
        if condition not in self._of:
            self._of[condition] = fold(condition, self._test, self._composite)
        return self._of[condition]

    def _test(self, test: Test) -> Any:
        level, place = self._at[test]
        return self._point(level, tuple(truths[place] for truths in self._levels[level].classes))

    def _composite(self, composite: Composite, inner: Iterable[Any]) -> Any:
        if isinstance(composite, CountOf):
            # How many surely hold, and how many may: truths alone cannot be added up one after the other.
            pairs = reduce(lambda pair, part: self.joined(_counted, pair, part), inner, (0, 0))
            return self._mapped(lambda pair: between(pair[0], pair[1], composite.low, composite.high), pairs)
        parts = list(inner)
        if len(parts) < 2:
            return self._mapped(lambda truth: composite.joined((truth,)), parts[0]) if parts else composite.joined(())
        return reduce(lambda whole, part: self.joined(lambda *two: composite.joined(two), whole, part), parts)

    def _point(self, level: int, to: tuple[Any, ...]) -> Any:
        if all(way is to[0] or (way == to[0] and type(way) is tuple) for way in to):
            return to[0]
        key = (level, to)
        if key not in self._points:
            below = reduce(int.__or__, (way.below for way in to if isinstance(way, Point)), 1 << level)
            self._points[key] = Point(level, to, below)
        return self._points[key]

    def joined(self, operation: Callable[[Any, Any], Any], one: Any, other: Any) -> Any:
        """Two diagrams as one, of which each value is the operation's on theirs."""
        known: dict[tuple[Any, Any], Any] = {}

        def join(one: Any, other: Any) -> Any:
            if not isinstance(one, Point) and not isinstance(other, Point):
                return operation(one, other)
            key = (one, other)
            if key not in known:
                self._spend()
                level = min(part.level for part in key if isinstance(part, Point))
                ways = range(len(self._levels[level].classes))
                known[key] = self._point(level, tuple(join(_at(one, level, n), _at(other, level, n)) for n in ways))
            return known[key]

        return join(one, other)

    def _mapped(self, operation: Callable[[Any], Any], diagram: Any) -> Any:
        return self.joined(lambda value, _: operation(value), diagram, None)

    def _spend(self) -> None:
        self._steps -= 1
        if self._steps < 0:
            raise OutOfSteps


def _at(part: Any, level: int, way: int) -> Any:
    return part.to[way] if isinstance(part, Point) and part.level == level else part


def _counted(fewest_most: tuple[int, int], truth: Truth) -> tuple[int, int]:
    fewest, most = fewest_most
    return fewest + (truth is True), most + (truth is not False)
