"""Conditions as SQL over one row a request, with a typed, nullable column for each fact: NULL is unknown.

The SQL is plain enough to run unchanged on DuckDB and on Spark. Truth values, choices and numbers are compared in SQL.
What SQL has no exact word for (lists, texts, dates, amounts of the order) stands in a column of its own: a *kept test*,
worked out by the same nodes as everywhere else when the row is written, and named by a hash of what it means.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from hashlib import sha256
from typing import Any

from utilization.rules.facts.catalogue import AMOUNTS, CATALOGUE, DERIVED, Fact, Kind
from utilization.rules.facts.date_words import NEVER
from utilization.rules.language.composites import NULL, all_tests, fold, tests_within
from utilization.rules.language.node import Condition, Test
from utilization.rules.language.sql_parts import PLACES, literal
from utilization.rules.packs.pack import Default, Indication, Pack

TYPES: Mapping[Kind, str] = {
    Kind.BOOL: "BOOLEAN",
    Kind.INT: "INTEGER",
    Kind.DEC: "DECIMAL(18,6)",
    Kind.CHOICE: "VARCHAR",
}
WHOLE_DIGITS = 12


@dataclass(frozen=True, slots=True)
class Kept:
    """A column that is worked out when a row is written: a test, or something else about the whole case.

    `kind` is test, derived (a test of what follows from the order), orderly (whether the order can be at all) or linked
    (whether a fact still asked for would settle what follows from the order).
    """

    name: str
    kind: str
    judged_as: str
    test: Test | None = None


def meaning(*values: Any) -> str:
    """A short hash of what nodes, rules and values mean, the same on every machine and in every process."""
    text = json.dumps([_plain(value) for value in values], sort_keys=True)
    return sha256(text.encode()).hexdigest()[:16]


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return [type(value).__name__, *(_plain(getattr(value, part.name)) for part in fields(value))]
    if isinstance(value, frozenset):
        return sorted((_plain(item) for item in value), key=repr)
    if isinstance(value, Mapping):
        return sorted(([key, _plain(item)] for key, item in value.items()), key=repr)
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    if isinstance(value, Decimal | Fraction):
        return str(Fraction(value))
    return value.isoformat() if isinstance(value, date) else value


def column_of(fact: Fact) -> tuple[str, str] | None:
    """Name and SQL type of the column of a fact; None for a kind that only kept tests can read."""
    if fact.kind not in TYPES:
        return None
    own = CATALOGUE.get(fact.name) is not fact
    return (f"own_{fact.kind}_{fact.name}" if own else fact.name), TYPES[fact.kind]


def columns(catalogue: Mapping[str, Fact]) -> dict[str, str]:
    """Every column of facts that a catalogue has, by name, with its type."""
    return dict(found for fact in catalogue.values() if (found := column_of(fact)))


def fits(value: Any) -> bool:
    """Whether a number can stand in its column without losing a digit; "never" has no place among days."""
    if value is NEVER:
        return False
    if not isinstance(value, Decimal):
        return not isinstance(value, int) or abs(value) < 2**31
    return abs(value) < 10**WHOLE_DIGITS and value == round(value, PLACES)


def words_of(pack: Pack) -> frozenset[str]:
    """Every word for which some condition of the pack looks in a text."""
    tests = (test for condition in _conditions(pack) for test in tests_within(condition))
    return frozenset(word for test in tests for word in test.looked_for())


def _conditions(pack: Pack) -> Iterator[Condition]:
    yield from (redirect.when for redirect in pack.redirects)
    yield from (default.when for default in pack.defaults)
    for indication in pack.indications.values():
        for clause in indication.clauses:
            yield from (clause.when, clause.require)


@dataclass
class Columns:
    """Writes conditions of one pack, for requests judged as one indication.

    `have` are the columns that the rows have: any other fact is unknown in all of them. `needs` collects what was read,
    `kept` the kept tests among it. `tables_sha256` is the hash of the product table, on which what follows
    from an order rests.
    Rows that are being written (`fresh`) get every kept column that is asked for.
    """

    pack: Pack
    judged_as: str
    tables_sha256: str
    have: Mapping[str, str]
    fresh: bool = False
    needs: dict[str, str] = field(default_factory=dict)
    kept: dict[str, Kept] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._as: dict[str, str] = {}
        self._setting = ""

    @property
    def indication(self) -> Indication | None:
        return self.pack.indications.get(self.judged_as)

    @property
    def defaults(self) -> tuple[Default, ...]:
        """The defaults that requests judged as this indication may take."""
        return tuple(
            default
            for default in self.pack.defaults
            if default.indications is None or self.judged_as in default.indications
        )

    @property
    def setting(self) -> str:
        """A hash of all that what follows from an order rests on, besides the facts."""
        if not self._setting:
            rule = self.indication.dose if self.indication else None
            defaults = tuple((default.fact, default.value, default.when) for default in self.defaults)
            own = tuple(fact for name, fact in sorted(self.pack.catalogue.items()) if fact is not CATALOGUE.get(name))
            self._setting = meaning(self.judged_as, rule, defaults, own, self.tables_sha256)
        return self._setting

    def keep(self, kind: str, test: Test | None = None) -> str:
        """The name of a kept column, which the rows must have."""
        name = f"{kind}_{meaning(test) if kind == 'test' else meaning(test, self.setting)}"
        self.kept[name] = Kept(name, kind, self.judged_as, test)
        self.needs[name] = "BOOLEAN"
        return name

    def has(self, fact: str) -> str:
        """Whether anything is known of a fact that has no column of its own."""
        name = f"has_{fact}"
        if name not in self.have:
            return "FALSE"
        self.needs[name] = "BOOLEAN"
        return name

    def unknown(self, fact: str) -> str:
        """Whether nothing is known of a fact."""
        if column_of(self.pack.catalogue[fact]) is None:
            return f"COALESCE(NOT {self.has(fact)}, TRUE)"
        return f"{self.fact(fact)} IS NULL"

    def linked(self, giving: Sequence[str], settles: object) -> str:
        """Whether a fact of `giving` that is not known would settle what follows from the order.

        Where no column says so, every row without such a fact is taken to be one. `settles` is what it rests on.
        """
        name = f"linked_{meaning(settles, self.setting)}"
        if self.fresh or name in self.have:
            self.kept[name] = Kept(name, "linked", self.judged_as)
            self.needs[name] = "BOOLEAN"
            return name
        return " OR ".join(self.unknown(fact) for fact in giving)

    def check(self, conditions: Iterable[Condition]) -> None:
        """Raises ValueError where conditions, or a fact of the pack, have no exact word in SQL."""
        for name, fact in self.pack.catalogue.items():
            if name not in CATALOGUE and fact.kind is Kind.CHOICE:
                for code in fact.choices:
                    literal(code)
        defaults = {default.fact for default in self.defaults}
        for condition in conditions:
            for test in all_tests(condition):
                if self._told(test) is None and not defaults.isdisjoint(test.reads):
                    raise ValueError(f"a default for {test.reads[0]} cannot stand in columns")

    def take_defaults(self) -> None:
        """From now on, facts take their defaults where they are unknown."""
        for default in self.defaults:
            fact = self.pack.catalogue[default.fact]
            if column_of(fact) is None:
                raise ValueError(f"a default for {fact.name} cannot stand in columns")
            now, when = self.fact(default.fact), self.truth(default.when, derived=False)
            otherwise = literal(default.value)
            self._as[default.fact] = (
                f"CASE WHEN {now} IS NULL AND COALESCE({when}, FALSE) THEN {otherwise} ELSE {now} END"
            )

    def fact(self, name: str) -> str:
        """The column of a fact, with its default; unknown where the pack does not know the value."""
        if name in self._as:
            return self._as[name]
        fact = self.pack.catalogue[name]
        known = column_of(fact)
        assert known is not None
        column, kind = known
        if column not in self.have:
            self._as[name] = f"CAST(NULL AS {kind})"
        else:
            self.needs[column] = kind
            self._as[name] = column if column == name else _as_known(fact, column)
        return self._as[name]

    def test(self, test: Test, derived: bool = True) -> str:
        """A test; what follows from the order is not known before defaults are taken (`derived` False)."""
        if any(name in AMOUNTS or name in DERIVED for name in test.reads):
            return self.keep("derived", test) if derived else NULL
        return self._told(test) or self.keep("test", test)

    def _told(self, test: Test) -> str | None:
        """The test in SQL; None where it is not of one fact with a column, or SQL cannot tell it."""
        fact = self.pack.catalogue.get(test.reads[0]) if len(test.reads) == 1 else None
        return test.sql(self.fact(fact.name)) if fact is not None and fact.kind in TYPES else None

    def truth(self, condition: Condition, derived: bool = True, opened: frozenset[str] = frozenset()) -> str:
        """Kleene's truth of a condition; NULL is unknown.

        `opened` are facts that may still be asked for: `surely` of them is then unknown too, not false.
        """
        return fold(
            condition,
            lambda test: f"({self.test(test, derived)})",
            lambda composite, inner: composite.sql(tuple(inner), opened),
        )


def _as_known(fact: Fact, column: str) -> str:
    """A pack's own fact, of which another pack may know other choices and numbers."""
    if fact.kind is Kind.CHOICE:
        return f"CASE WHEN {column} IN ({', '.join(literal(code) for code in fact.choices)}) THEN {column} END"
    low, high = fact.possible
    parts = [f"{column} >= {literal(low)}"] if low is not None else []
    parts += [f"{column} <= {literal(high)}"] if high is not None else []
    if fact.kind is Kind.BOOL or not parts:
        return column
    return f"CASE WHEN {' AND '.join(parts)} THEN {column} END"
