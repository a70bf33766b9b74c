"""A diagram as SQL over one row a request: layers of CASE that come to what the judge comes to, exactly.

Each point becomes a column of the outcomes that it can still come to, one bit each: those of the way that a known fact
takes, or of all ways when it is unknown. What lies outside the diagram (a list with half known entries, an unknown age
that settles the dose) is marked as doubtful and left to the judge.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import cached_property
from typing import Any, Protocol

from utilization.rules.diagram.growth import Diagram, Point
from utilization.rules.diagram.levels import Level, Truths, follows_from_order, is_closed
from utilization.rules.diagram.supposition import ALSO_GIVE
from utilization.rules.facts.catalogue import Kind
from utilization.rules.language.node import AS_OF, Test
from utilization.rules.language.outcomes import Outcome
from utilization.rules.language.variables import Variable

CODES: Mapping[Outcome, int] = {
    Outcome.NEEDS_INFORMATION: 0,
    Outcome.MEETS: 1,
    Outcome.DOES_NOT_MEET: 2,
    Outcome.EXCEPTION_REVIEW: 4,
}
REFUSED = 8
"""The code of a request that the pack cannot judge, because its order contradicts itself by the pack's weight rule."""
_DOUBTFUL = 8
_DATED = (Kind.DATE, Kind.LIST_RECORD)
# Days between which months differ in length: what is possible on all of them is taken to be possible on any day.
_DAYS = (date(2023, 6, 15), date(2023, 3, 30), date(2024, 2, 29), date(2024, 3, 31), date(2026, 11, 21))
_WORD = re.compile(r"\w+", re.ASCII)
# (truths, the SQL of where they lead)
_Ways = Sequence[tuple[Truths, str]]


class Writer(Protocol):
    """Writes tests and what is known of facts as SQL; `needs` collects the columns that this reads."""

    needs: dict[str, str]

    def test(self, test: Test) -> str: ...
    def keep(self, kind: str) -> str: ...
    def has(self, fact: str) -> str: ...
    def unknown(self, fact: str) -> str: ...
    def linked(self, giving: Sequence[str], settles: object) -> str: ...


class Layers:
    """Writes the points of one diagram, those that lead to outcomes first, each layer a query over the one below."""

    def __init__(self, writer: Writer, diagram: Diagram, variables: Iterable[Variable]) -> None:
        self._writer, self._diagram = writer, diagram
        self._variables = [variable for variable in variables if variable.decides]
        self._names = {point: f"p{n}" for n, point in enumerate(diagram.points)}
        self._tests: dict[str, str] = {}
        self._ways: dict[str, frozenset[Truths] | None] = {}

    def written(self, where: str) -> str:
        """The query, of which each layer carries upwards no more than what is still read above it."""
        levels: dict[int, dict[str, str]] = {}
        height: dict[Any, int] = {}
        for point in self._diagram.points:
            below = [height[way] for way in self._reached(point) if isinstance(way, Point)]
            level = height[point] = 1 + max(below, default=0)
            levels.setdefault(level, {})[self._names[point]] = self._point(point)
        orderly, root = self._writer.keep("orderly"), self._at(self._diagram.root)
        doubtful, single = "odd", root
        if isinstance(self._diagram.root, Point):
            doubtful, single = f"odd OR {root} >= {_DOUBTFUL}", f"CASE WHEN {root} IN (1, 2, 4) THEN {root} ELSE 0 END"
        told = f"CASE WHEN {doubtful} THEN NULL WHEN NOT {orderly} THEN {REFUSED} ELSE {single} END"
        return self._nested(levels, told, where)

    def _nested(self, levels: Mapping[int, Mapping[str, str]], told: str, where: str) -> str:
        names = [*self._writer.needs, "odd", *self._tests.values(), *self._names.values()]
        head, wanted = f"SELECT n{{more}}, {told} AS outcome FROM (", _named(told, names)
        tail = ")"
        for level in sorted(levels, reverse=True):
            carried = [name for name in wanted if name not in levels[level]]
            columns = [*carried, *(f"{sql} AS {name}" for name, sql in levels[level].items() if name in wanted)]
            head += f"SELECT n{{more}}, {', '.join(columns)} FROM ("
            tail = f") l{level}{tail}"
            wanted = list(dict.fromkeys([*carried, *_named(" ".join(levels[level].values()), names)]))
        tests = {name: sql for sql, name in self._tests.items()}
        columns = [f"{tests[name]} AS {name}" if name in tests else name for name in wanted]
        return f"{head}SELECT n{{more}}, {', '.join(columns)} FROM {{rows}} WHERE {where}{tail} t"

    def _reached(self, point: Point) -> Iterator[Any]:
        """What the column of a point reads: where its classes lead, and where the ways of an unknown fact do."""
        yield from point.to
        variable = self._level(point).variable
        if variable is not None and not is_closed(variable):
            yield from (self._diagram.after(point, truths) for truths in self._possible(variable) or ())

    def _level(self, point: Point) -> Level:
        return self._diagram.levels[point.level]

    def _at(self, way: Any) -> str:
        return self._names[way] if isinstance(way, Point) else str(CODES[way])

    def _column(self, test: Test) -> str:
        sql = self._writer.test(test)
        return self._tests.setdefault(sql, f"q{len(self._tests)}")

    def _possible(self, variable: Variable) -> frozenset[Truths] | None:
        """The ways in which its tests can turn out while it is not known; None where that rests on the day."""
        if variable.name not in self._ways:
            # One test can always turn out either way; several together may not, and for dates that rests on the day.
            days = _DAYS if len(variable.tests) > 1 and _is_dated(variable) else _DAYS[:1]
            truths = {frozenset(way.truths for way in variable.ways({AS_OF: day})) for day in days}
            self._ways[variable.name] = truths.pop() if len(truths) == 1 else None
        return self._ways[variable.name]

    def _point(self, point: Point) -> str:
        """The outcomes that a point can still come to, as bits."""
        level = self._level(point)
        if level.variable is None:
            return self._classed(level, point.to[:2], self._at(point.to[2]))
        either = self._either(point, level.variable)
        if is_closed(level.variable):
            linked = self._linked if follows_from_order(level.variable) else ""
            either = f"CASE WHEN {linked} THEN {_DOUBTFUL} ELSE {either} END" if linked else either
            return self._classed(level, point.to, either)
        if follows_from_order(level.variable):
            return self._amount(point, level.variable, either)
        column = self._column(level.tests[0])
        known = f"WHEN {column} THEN {self._at(point.to[0])} WHEN NOT {column} THEN {self._at(point.to[1])}"
        compared = _compared(level.variable)
        if compared:
            unknown = [self._writer.unknown(name) for name in compared]
            none, some = (word.join(unknown) for word in (" AND ", " OR "))
            return f"CASE WHEN {none} THEN {either} WHEN {some} THEN {_DOUBTFUL} {known} ELSE {_DOUBTFUL} END"
        return f"CASE {known} WHEN {self._writer.has(level.variable.name)} THEN {_DOUBTFUL} ELSE {either} END"

    def _either(self, point: Point, variable: Variable) -> str:
        """What a point can still come to while nothing is known of its variable."""
        possible = self._possible(variable)
        if possible is None:
            return str(_DOUBTFUL)
        ways = sorted(possible, key=str)
        return " | ".join(dict.fromkeys(self._at(self._diagram.after(point, truths)) for truths in ways))

    @cached_property
    def _linked(self) -> str:
        """Whether a fact that is asked for, and not known, would settle what follows from the order."""
        giving = [variable for variable in self._variables if not ALSO_GIVE.isdisjoint(variable.facts)]
        if not giving:
            return ""
        # Of an age, what follows from the order asks only whether it is that of an adult, whatever the criteria ask.
        settles = [
            (variable.name, () if variable.name == "age_years" else variable.tests)
            for variable in self._variables
            if variable in giving or follows_from_order(variable)
        ]
        return self._writer.linked([name for variable in giving for name in variable.facts], settles)

    def _classed(self, level: Level, to: Sequence[Any], unknown: str) -> str:
        """CASE over the classes of a level, and `unknown` where a test is not known."""
        ways = [(truths, self._at(way)) for truths, way in zip(level.classes, to, strict=False)]
        telling = _telling(ways)
        columns = [self._column(level.tests[i]) for i in telling]
        if len(columns) == 1:
            leads = {truths[telling[0]]: at for truths, at in ways}
            yes, no = leads.get(True, leads.get(False)), leads.get(False, leads.get(True))
            return f"CASE WHEN {columns[0]} THEN {yes} WHEN NOT {columns[0]} THEN {no} ELSE {unknown} END"
        groups: dict[str, dict[Truths, None]] = {}
        for truths, at in ways:
            groups.setdefault(at, {})[tuple(truths[i] for i in telling)] = None
        *others, (last, _) = sorted(groups.items(), key=lambda group: len(group[1]))
        cases = "".join(f" WHEN {_any_of(columns, led)} THEN {at}" for at, led in others)
        missing = " OR ".join(f"{column} IS NULL" for column in columns)
        return f"CASE WHEN {missing} THEN {unknown}{cases} ELSE {last} END"

    def _amount(self, point: Point, variable: Variable, either: str) -> str:
        """CASE over one test of an amount, of whose tests from here on some may be known and others not."""
        column, linked = self._column(self._level(point).tests[0]), self._linked
        known = f"WHEN {column} THEN {self._at(point.to[0])} WHEN NOT {column} THEN {self._at(point.to[1])}"
        linking = f" WHEN {linked} THEN {_DOUBTFUL}" if linked else ""
        if len(variable.tests) == 1:
            return f"CASE {known}{linking} ELSE {either} END"
        columns = [self._column(test) for test in variable.tests]
        rest = [self._column(test) for test in self._tests_from(point, variable)]
        ways = {_fitting(columns, truths): self._at(self._diagram.after(point, truths))
                for truths in sorted(self._possible(variable) or (), key=str)}  # fmt: skip
        left = " | ".join(f"CASE WHEN {fits} THEN {at} ELSE 0 END" for fits, at in ways.items())
        some, none = (
            word.join(f"{column} IS NULL" for column in some)
            for word, some in ((" OR ", rest), (" AND ", columns))
        )  # fmt: skip
        return (
            f"CASE WHEN NOT ({some}) THEN CASE {known} END{linking} WHEN {none} THEN {either}"
            f" WHEN {' OR '.join(ways)} THEN {left} ELSE {_DOUBTFUL} END"
        )

    def _tests_from(self, point: Point, variable: Variable) -> Iterator[Test]:
        """The tests of a variable that are read at a point or below it."""
        for n, level in enumerate(self._diagram.levels):
            if level.variable is variable and point.below >> n & 1:
                yield from level.tests


def _is_dated(variable: Variable) -> bool:
    return any(variable.catalogue[name].kind in _DATED for name in variable.facts if name in variable.catalogue)


def _compared(variable: Variable) -> tuple[str, ...]:
    """The facts that its tests compare with each other."""
    if all(len(test.asks) == 1 for test in variable.tests):
        return ()
    return tuple(dict.fromkeys(name for test in variable.tests for name in test.asks))


def _named(sql: str, names: Sequence[str]) -> list[str]:
    """The columns among `names` that `sql` reads."""
    words = set(_WORD.findall(sql))
    return [name for name in names if name in words]


def _telling(ways: _Ways) -> list[int]:
    """Places of the tests that are enough to tell apart where the ways lead."""
    telling = list(range(len(ways[0][0])))
    for i in range(len(ways[0][0])):
        fewer = [j for j in telling if j != i]
        leads: dict[Truths, set[str]] = {}
        for truths, at in ways:
            leads.setdefault(tuple(truths[j] for j in fewer), set()).add(at)
        if fewer and all(len(ends) == 1 for ends in leads.values()):
            telling = fewer
    return telling


def _any_of(columns: Sequence[str], leading: Mapping[Truths, None]) -> str:
    return " OR ".join(
        "(" + " AND ".join(c if truth else f"NOT {c}" for c, truth in zip(columns, truths, strict=True)) + ")"
        for truths in leading
    )


def _fitting(columns: Sequence[str], truths: Truths) -> str:
    """Whether what is known of some tests fits a way."""
    parts = [
        f"COALESCE({c}, TRUE)" if truth else f"NOT COALESCE({c}, FALSE)"
        for c, truth in zip(columns, truths, strict=True)
    ]
    return f"({' AND '.join(parts)})"
