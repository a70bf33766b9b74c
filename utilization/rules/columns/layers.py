"""The outcome of requests in columns: an indication's decision diagram as layers of CASE, exact like the judge.

Kleene's NULLs alone would leave open what every completion agrees on, where two clauses read one fact. So the diagram
of every completion is grown once with all facts unknown, and each of its points becomes a column of the outcomes that
it can still come to, one bit each: those of the way that a known fact takes, or of all ways when it is unknown. What
lies outside the diagram (a list with half known entries, an unknown age that settles the dose) is marked as doubtful
and left to the judge.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import product
from typing import Any

from utilization.rules.columns.sql import TYPES, Columns, meaning
from utilization.rules.facts.catalogue import AMOUNTS, DERIVED, Kind
from utilization.rules.judging.completing import ALSO_GIVE, complete
from utilization.rules.judging.diagrams import Branch, Tree, branches
from utilization.rules.language.criteria import AS_OF, Test, all_tests
from utilization.rules.language.outcomes import Outcome
from utilization.rules.language.variables import Variable, Way
from utilization.rules.packs.pack import Clause, Pack, Redirect

CODES: Mapping[Outcome, int] = {
    Outcome.NEEDS_INFORMATION: 0,
    Outcome.MEETS: 1,
    Outcome.DOES_NOT_MEET: 2,
    Outcome.EXCEPTION_REVIEW: 4,
}
REFUSED = 8
"""The code of a request that the pack cannot judge, because its order contradicts itself by the pack's weight rule."""
MOST_BITS = 60
_DOUBTFUL = 8
_MOST_TESTS = 5
_DATED = (Kind.DATE, Kind.LIST_RECORD)
# Days between which months differ in length: what is possible on all of them is taken to be possible on any day.
_DAYS = (date(2023, 6, 15), date(2023, 3, 30), date(2024, 2, 29), date(2024, 3, 31), date(2026, 11, 21))
_WORD = re.compile(r"\w+", re.ASCII)

_Truths = tuple[bool | None, ...]
_Ways = Sequence[tuple[_Truths, str]]
_Taken = Sequence[tuple[bool, Redirect]]


@dataclass(frozen=True, slots=True)
class Bit:
    """Where the result of a clause stands among the kept bits. `key` is the hash of what the clause means."""

    key: str
    id: str
    otherwise: str
    place: int


@dataclass(frozen=True)
class Path:
    """Requests for one indication that are judged as one: which they are, and the SQL of what they come to.

    `where` tells which, `rests_on` hashes what kept bits rest on besides the clauses. The SQL is written when it is
    first asked for, over the rows `{rows}`; `columns` then know what it needs.
    """

    where: str
    columns: Columns
    clauses: tuple[Clause, ...]
    bits: tuple[Bit, ...]
    rests_on: str

    @property
    def judged_as(self) -> str:
        return self.columns.judged_as

    @property
    def asked(self) -> frozenset[str]:
        """Every fact that the clauses which decide may ask for."""
        return frozenset(name for variable in self._variables if variable.decides for name in variable.facts)

    @property
    def surely(self) -> frozenset[str]:
        """Every fact that some clause takes into account only where it is known."""
        return frozenset(name for test in _under_surely(self.clauses) for name in test.reads)

    @property
    def _variables(self) -> tuple[Variable, ...]:
        return self.columns.indication.variables if self.columns.indication else ()

    @cached_property
    def outcome(self) -> str:
        """A query for `n`, `{more}` and the code `outcome`, NULL where the judge must be asked."""
        covered = self.columns.indication is not None
        return _Layers(self.columns, self.clauses, self._variables, covered).written(self.where)

    @cached_property
    def results(self) -> str:
        """A query for `n`, `failing` and `opened`: a bit for each clause that fails, or may; empty for too many."""
        if len(self.bits) > MOST_BITS:
            return ""

        def together(told: str) -> str:
            parts = [f"CASE WHEN {self.fails(bit)} {told} THEN {2**bit.place} ELSE 0 END" for bit in self.bits]
            return f"CAST({' + '.join(parts) or '0'} AS BIGINT)"

        told = f"{together('')} AS failing, {together('IS NULL')} AS opened"
        return f"SELECT n, {told} FROM {{rows}} WHERE {self.where}"

    def fails(self, bit: Bit) -> str:
        """Whether the clause of one bit fails."""
        clause = self.clauses[bit.place]
        applies, required = (
            self.columns.truth(condition, opened=self.asked) for condition in (clause.when, clause.require)
        )  # fmt: skip
        return f"({applies} AND NOT {required})"


def paths(pack: Pack, code: str, shelf: str, have: Mapping[str, str], fresh: bool = False) -> tuple[Path, ...]:
    """Every way in which requests for `code` are judged. Raises ValueError where the pack cannot stand in columns.

    `shelf` is the hash of the product table, `have` the columns of the rows; `fresh` rows are being written.
    """
    return tuple(_path(Columns(pack, judged_as, shelf, have, fresh), taken) for judged_as, taken in _led(pack, code))


def _led(pack: Pack, code: str) -> list[tuple[str, _Taken]]:
    """(judged as, whether each redirect that was looked at holds) for every way in which redirects can be followed."""
    found: list[tuple[str, _Taken]] = []

    def follow(at: str, seen: frozenset[str], taken: _Taken) -> None:
        for redirect in pack.redirects:
            if at in redirect.indications and redirect.to not in seen:
                follow(redirect.to, seen | {redirect.to}, [*taken, (True, redirect)])
                taken = [*taken, (False, redirect)]
        found.append((at, taken))

    follow(code, frozenset({code}), [])
    return found


def _path(writing: Columns, taken: _Taken) -> Path:
    parts = []
    for holds, redirect in taken:
        when = f"COALESCE({writing.truth(redirect.when, derived=False)}, FALSE)"
        parts.append(when if holds else f"NOT {when}")
    where = " AND ".join(parts) or "TRUE"
    writing.take_defaults()
    indication = writing.indication
    clauses = tuple(clause for clause in indication.clauses if clause.otherwise) if indication else ()
    writing.check(condition for clause in clauses for condition in (clause.when, clause.require))
    if any(clause.otherwise is Outcome.NEEDS_INFORMATION for clause in clauses):
        # A code tells what is awaited from what is not known, and the bits of an outcome have none for the former.
        raise ValueError("evidence that may still come cannot stand in columns")
    return Path(
        where=where,
        columns=writing,
        clauses=clauses,
        bits=tuple(Bit(meaning(one.when, one.require), one.id, str(one.otherwise), i) for i, one in enumerate(clauses)),
        rests_on=meaning(writing.setting, where, None if indication else writing.pack.unlisted),
    )


def _under_surely(clauses: Sequence[Clause]) -> Iterator[Test]:
    for clause in clauses:
        for condition in (clause.when, clause.require):
            open_ones = set(condition.tests())
            yield from (test for test in all_tests(condition) if test not in open_ones)


@dataclass(frozen=True)
class _Asked:
    """A variable of the diagram with all ways that it may take: `possible` when it is unknown, others when it is known.

    `never` marks a test that stands only under `surely`: that it is unknown is a way of its own.
    """

    name: str
    tests: tuple[Test, ...]
    ways: tuple[Way, ...]
    possible: frozenset[_Truths] | None
    variable: Variable | None = None
    # What else a diagram asks of its variables: all of these decide, and no value of theirs gives other facts.
    decides: bool = True
    facts: tuple[str, ...] = ()

    def left(self, settled: Mapping[Test, bool], facts: Mapping[str, Any]) -> tuple[Way, ...]:
        """Every way: nothing is settled while a diagram for all rows is grown."""
        return self.ways

    @property
    def compared(self) -> tuple[str, ...]:
        """The facts that its conditions compare with each other."""
        tests = self.tests if self.variable else ()
        compared = any(len(test.reads) > 1 for test in tests)
        return tuple(dict.fromkeys(name for test in tests for name in test.reads)) if compared else ()

    @property
    def scalar(self) -> bool:
        """Whether it has a column of its own, so that its ways are all that there are."""
        fact = self.variable.catalogue.get(self.name) if self.variable else None
        return self.variable is None or self.name in DERIVED or (fact is not None and fact.kind in TYPES)


def _asked(variable: Variable) -> _Asked:
    # One test can always turn out either way; several together may not, and for dates that may depend on the day.
    days = _DAYS if len(variable.tests) > 1 and any(one in _DATED for one in _kinds(variable)) else _DAYS[:1]
    found = [frozenset(way.truths for way in variable.ways({AS_OF: day})) for day in days]
    possible = found[0] if len(set(found)) == 1 else None
    every = list(dict.fromkeys(truths for one in found for truths in sorted(one, key=str)))
    asked = _Asked(variable.name, variable.tests, (), possible, variable)
    if (asked.compared or not asked.scalar) and len(variable.tests) <= _MOST_TESTS:
        every += product((True, False), repeat=len(variable.tests))
    ways = tuple(Way(truths) for truths in dict.fromkeys(every))
    return _Asked(variable.name, variable.tests, ways, possible, variable)


def _kinds(variable: Variable) -> Iterator[Kind]:
    return (variable.catalogue[name].kind for name in variable.facts if name in variable.catalogue)


def _never_asked(clauses: Sequence[Clause], asked: Sequence[_Asked]) -> list[_Asked]:
    known = {test for one in asked for test in one.tests}
    ways = tuple(Way((truth,)) for truth in (True, False, None))
    found = dict.fromkeys(test for test in _under_surely(clauses) if test not in known)
    return [_Asked(f"surely {i}", (test,), ways, None) for i, test in enumerate(found)]


class _Layers:
    """Writes the points of one diagram, those that lead to outcomes first, each layer a query over the one below."""

    def __init__(
        self, writing: Columns, clauses: Sequence[Clause], variables: Sequence[Variable], covered: bool
    ) -> None:
        self._writing, self._variables = writing, [one for one in variables if one.decides]
        asked = [_asked(variable) for variable in self._variables]
        asked += _never_asked(clauses, asked)
        self._asked = {one.name: one for one in asked}
        self._tree: Tree = writing.pack.unlisted
        if covered:
            self._tree = complete(clauses, asked, {}, lambda values: {})  # type: ignore[arg-type]  # as a variable
        self._points = list(branches(self._tree))
        self._names = {id(point): f"p{i}" for i, point in enumerate(self._points)}
        self._tests: dict[str, str] = {}

    def written(self, where: str) -> str:
        """The query, of which each layer carries upwards no more than what is still read above it."""
        levels: dict[int, dict[str, str]] = {}
        height: dict[int, int] = {}
        for point in self._points:
            below = [height[id(tree)] for _, tree in point.ways if isinstance(tree, Branch)]
            level = height[id(point)] = 1 + max(below, default=0)
            levels.setdefault(level, {})[self._names[id(point)]] = self._point(point)
        orderly, root = self._writing.keep("orderly"), self._at(self._tree)
        doubtful, single = "odd", root
        if isinstance(self._tree, Branch):
            doubtful, single = f"odd OR {root} >= {_DOUBTFUL}", f"CASE WHEN {root} IN (1, 2, 4) THEN {root} ELSE 0 END"
        told = f"CASE WHEN {doubtful} THEN NULL WHEN NOT {orderly} THEN {REFUSED} ELSE {single} END"
        names = [*self._writing.needs, "odd", *self._tests.values(), *self._names.values()]
        head, wanted = f"SELECT n{{more}}, {told} AS outcome FROM (", _named(told, names)
        tail = ")"
        for level in sorted(levels, reverse=True):
            carried = [name for name in wanted if name not in levels[level]]
            columns = [*carried, *(f"{sql} AS {name}" for name, sql in levels[level].items())]
            head += f"SELECT n{{more}}, {', '.join(columns)} FROM ("
            tail = f") l{level}{tail}"
            wanted = list(dict.fromkeys([*carried, *_named(" ".join(levels[level].values()), names)]))
        tests = {name: sql for sql, name in self._tests.items()}
        columns = [f"{tests[name]} AS {name}" if name in tests else name for name in wanted]
        return f"{head}SELECT n{{more}}, {', '.join(columns)} FROM {{rows}} WHERE {where}{tail} t"

    def _at(self, tree: Tree) -> str:
        return str(CODES[tree]) if isinstance(tree, Outcome) else self._names[id(tree)]

    def _column(self, test: Test) -> str:
        sql = self._writing.test(test)
        return self._tests.setdefault(sql, f"q{len(self._tests)}")

    def _point(self, point: Branch) -> str:
        """The outcomes that a point can still come to, as bits."""
        asked = self._asked[point.name]
        ways = [(way.truths, self._at(tree)) for way, tree in point.ways]
        if asked.variable is None:
            return self._known(asked, ways[:2], ways[2][1])
        either = str(_DOUBTFUL)
        if asked.possible is not None:
            either = " | ".join(dict.fromkeys(at for truths, at in ways if truths in asked.possible))
        if asked.compared:
            return self._compared(asked, [way for way in ways if None not in way[0]], either)
        if asked.name in AMOUNTS or asked.name in DERIVED:
            return self._derived(asked, ways, either)
        if not asked.scalar:
            either = f"CASE WHEN {self._writing.has(asked.name)} THEN {_DOUBTFUL} ELSE {either} END"
        return self._known(asked, ways, either)

    def _compared(self, asked: _Asked, ways: _Ways, either: str) -> str:
        unknown = [self._writing.unknown(name) for name in asked.compared]
        none, some = (word.join(unknown) for word in (" AND ", " OR "))
        known = self._known(asked, ways, str(_DOUBTFUL))
        return f"CASE WHEN {none} THEN {either} WHEN {some} THEN {_DOUBTFUL} ELSE {known} END"

    def _derived(self, asked: _Asked, ways: _Ways, either: str) -> str:
        linked = self._linked()
        if asked.name in DERIVED or len(asked.tests) == 1:
            either = f"CASE WHEN {linked} THEN {_DOUBTFUL} ELSE {either} END" if linked else either
            return self._known(asked, ways, either)
        return self._partly(asked, ways, either, linked)

    def _linked(self) -> str:
        """Whether a fact that is asked for, and not known, would settle what follows from the order."""
        giving = [variable for variable in self._variables if not ALSO_GIVE.isdisjoint(variable.facts)]
        if not giving:
            return ""
        # Of an age, what follows from the order asks only whether it is that of an adult, whatever the criteria ask.
        settles = [
            (one.name, () if one.name == "age_years" else one.tests)
            for one in self._variables
            if one in giving or _follows(one)
        ]
        return self._writing.linked([name for one in giving for name in one.facts], settles)

    def _known(self, asked: _Asked, ways: _Ways, unknown: str) -> str:
        """CASE over the ways of a variable all of whose tests are known, and `unknown` where one is not."""
        telling = _telling(ways)
        columns = [self._column(asked.tests[i]) for i in telling]
        if len(columns) == 1:
            to = {truths[telling[0]]: at for truths, at in ways}
            yes, no = to.get(True, to.get(False)), to.get(False, to.get(True))
            return f"CASE WHEN {columns[0]} THEN {yes} WHEN NOT {columns[0]} THEN {no} ELSE {unknown} END"
        groups: dict[str, dict[_Truths, None]] = {}
        for truths, at in ways:
            groups.setdefault(at, {})[tuple(truths[i] for i in telling)] = None
        ordered = sorted(groups.items(), key=lambda pair: len(pair[1]))
        # Of a number or a choice, the samples come to every way that there is; of a text or a list they may not.
        last = ordered.pop()[0] if asked.scalar and not asked.compared else str(_DOUBTFUL)
        cases = "".join(f" WHEN {_any_of(columns, found)} THEN {at}" for at, found in ordered)
        missing = " OR ".join(f"{column} IS NULL" for column in columns)
        return f"CASE WHEN {missing} THEN {unknown}{cases} ELSE {last} END"

    def _partly(self, asked: _Asked, ways: _Ways, either: str, linked: str) -> str:
        """CASE over the ways of an amount, of which some tests may be known and others not."""
        columns = [self._column(test) for test in asked.tests]
        sampled = [(truths, at) for truths, at in ways if truths in (asked.possible or ())]
        possible = {truths: _possible(columns, truths) for truths, _ in sampled}
        left = " | ".join(f"CASE WHEN {possible[truths]} THEN {at} ELSE 0 END" for truths, at in sampled)
        some, none = (word.join(f"{column} IS NULL" for column in columns) for word in (" OR ", " AND "))
        linking = f" WHEN {linked} THEN {_DOUBTFUL}" if linked else ""
        return (
            f"CASE WHEN NOT ({some}) THEN {self._known(asked, ways, '0')}{linking} WHEN {none} THEN {either}"
            f" WHEN {' OR '.join(possible.values())} THEN {left} ELSE {_DOUBTFUL} END"
        )


def _follows(variable: Variable) -> bool:
    """Whether the order and the product table give it."""
    return variable.name in AMOUNTS or variable.name in DERIVED


def _named(sql: str, names: Sequence[str]) -> list[str]:
    """The columns among `names` that `sql` reads."""
    words = set(_WORD.findall(sql))
    return [name for name in names if name in words]


def _telling(ways: _Ways) -> list[int]:
    """Places of the tests that are enough to tell apart where the ways lead."""
    telling = list(range(len(ways[0][0])))
    for i in range(len(ways[0][0])):
        fewer = [j for j in telling if j != i]
        leads: dict[_Truths, set[str]] = {}
        for truths, at in ways:
            leads.setdefault(tuple(truths[j] for j in fewer), set()).add(at)
        if fewer and all(len(found) == 1 for found in leads.values()):
            telling = fewer
    return telling


def _any_of(columns: Sequence[str], found: Mapping[_Truths, None]) -> str:
    return " OR ".join(
        "(" + " AND ".join(c if truth else f"NOT {c}" for c, truth in zip(columns, truths, strict=True)) + ")"
        for truths in found
    )


def _possible(columns: Sequence[str], truths: _Truths) -> str:
    parts = [
        f"COALESCE({c}, TRUE)" if truth else f"NOT COALESCE({c}, FALSE)"
        for c, truth in zip(columns, truths, strict=True)
    ]
    return f"({' AND '.join(parts)})"
