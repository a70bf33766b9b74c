"""The clauses of an indication as one flat function: the Kleene truth of every node, and the outcome where it is known.

It says what `Condition.truth` says, node for node, some fifteen times as fast. The function is written as source, of
which a pack decides the shape alone: every name in it is a letter with a number, and every word, value and bound of
the pack is handed to it as a value under such a name. Equal nodes are one, worked out once.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from utilization.rules.language.criteria import (
    AllOf,
    Always,
    AnyOf,
    Condition,
    CountOf,
    IsOneOf,
    IsWithin,
    Not,
    Surely,
    Truth,
    between,
    facts_named,
)
from utilization.rules.language.outcomes import Outcome

Truths = tuple[Truth, ...]
Run = Callable[[Mapping[str, Any]], tuple[Truths, Truths, Outcome | None]]


@dataclass(frozen=True, slots=True)
class Compiled:
    """Clauses, compiled.

    `run(facts)` gives the truth of every node of `nodes`, whether each clause is met (false only where it applies and
    is not), and the outcome, None where unknown facts leave it open in Kleene's logic. A known outcome is that of
    every completion. `applies` and `requires` are the places in `nodes` of each clause's two conditions, `reads` the
    facts that the clause names, in order.
    """

    nodes: tuple[Condition, ...]
    applies: tuple[int, ...]
    requires: tuple[int, ...]
    reads: tuple[tuple[str, ...], ...]
    run: Run
    source: str


_LETTERS = {"D": Outcome.DOES_NOT_MEET, "N": Outcome.NEEDS_INFORMATION, "E": Outcome.EXCEPTION_REVIEW}
"""What clauses can come to, by its name in the source, in the order of `WORST_FIRST`."""


def compile_clauses(clauses: Sequence[Any]) -> Compiled:
    """The clauses of one indication, compiled."""
    writing = _Writing()
    applies = tuple(writing.place(clause.when) for clause in clauses)
    requires = tuple(writing.place(clause.require) for clause in clauses)
    traced = len(writing.nodes)
    met = [writing.either(f"t{when}", f"t{require}") for when, require in zip(applies, requires, strict=True)]
    deciding = [clause for clause in clauses if clause.otherwise is not None]
    asked = {name for clause in deciding for part in (clause.when, clause.require) for test in part.tests()
             for name in test.reads}  # fmt: skip
    decides = []
    for clause, truth in zip(clauses, met, strict=True):
        when, require = _answerable(clause.when, asked), _answerable(clause.require, asked)
        if (when, require) != (clause.when, clause.require):
            truth = writing.either(f"t{writing.place(when)}", f"t{writing.place(require)}")
        decides.append((clause.otherwise, truth))
    for letter, outcome in _LETTERS.items():
        writing.outcome(letter, [truth for otherwise, truth in decides if otherwise is outcome])
    writing.otherwise("M")
    truths = "".join(f"t{place}, " for place in range(traced))
    source = writing.finished(f"({truths}), ({''.join(f'{name}, ' for name in met)}), o")
    names: dict[str, Any] = {"between": between, "M": Outcome.MEETS, **_LETTERS}
    names |= writing.values
    exec(compile(source, "<clauses>", "exec"), names)  # noqa: S102 - of a pack the source holds nothing but counts
    reads = tuple(tuple(dict.fromkeys([*facts_named(clause.when), *facts_named(clause.require)])) for clause in clauses)
    return Compiled(tuple(writing.nodes)[:traced], applies, requires, reads, names["run"], source)


def _answerable(condition: Condition, asked: set[str]) -> Condition:
    """`condition` with `surely` opened where an answer may still change it: it then counts as unknown, not as false."""
    if isinstance(condition, Surely):
        part = _answerable(condition.part, asked)
        return part if asked & set(facts_named(condition.part)) else Surely(part)
    if isinstance(condition, Not):
        return Not(_answerable(condition.part, asked))
    if isinstance(condition, AllOf | AnyOf):
        return type(condition)(tuple(_answerable(part, asked) for part in condition.parts))
    if isinstance(condition, CountOf):
        parts = tuple(_answerable(part, asked) for part in condition.parts)
        return CountOf(parts, condition.low, condition.high)
    return condition


class _Writing:
    """Source, a line for each node. `values` are the pack's values by the names under which the source knows them."""

    def __init__(self) -> None:
        self.nodes: dict[Condition, int] = {}
        self.values: dict[str, Any] = {}
        self._facts: dict[str, str] = {}
        self._lines: list[str] = []
        self._ways: list[str] = []
        self._made = 0

    def place(self, condition: Condition) -> int:
        """Where the node stands, written at its first use, after its parts."""
        if condition not in self.nodes:
            written = self._written(condition)
            self.nodes[condition] = len(self.nodes)
            self._lines.append(f"t{self.nodes[condition]} = {written}")
        return self.nodes[condition]

    def _written(self, condition: Condition) -> str:
        if isinstance(condition, Always):
            return repr(condition.value) if condition.value in (True, False) else "None"
        if isinstance(condition, AllOf | AnyOf | CountOf):
            parts = [f"t{self.place(part)}" for part in condition.parts]
            return self._counted(condition, parts) if isinstance(condition, CountOf) else _joined(condition, parts)
        if isinstance(condition, Not):
            part = f"t{self.place(condition.part)}"
            return f"None if {part} is None else not {part}"
        if isinstance(condition, Surely):
            return f"t{self.place(condition.part)} is True"
        if isinstance(condition, IsOneOf):
            value = self._fact(condition.fact)
            return f"None if {value} is None else {value} in {self._value(condition.values)}"
        if isinstance(condition, IsWithin):
            value = self._fact(condition.fact)
            return f"None if {value} is None else {self._bounded(condition, value)}"
        return f"{self._value(condition.truth)}(facts)"

    def _bounded(self, condition: IsWithin, value: str) -> str:
        low = "" if condition.low is None else f"{self._value(condition.low)} {'<' if condition.low_open else '<='} "
        high = (
            "" if condition.high is None else f" {'<' if condition.high_open else '<='} {self._value(condition.high)}"
        )
        return f"{low}{value}{high}" if low or high else "True"

    def _counted(self, condition: CountOf, parts: list[str]) -> str:
        name = self._next("c")
        self._lines.append(f"{name} = ({''.join(f'{part}, ' for part in parts)}).count")
        most = f"{len(parts)} - {name}(False)"
        return f"between({name}(True), {most}, {int(condition.low)}, {self._value(condition.high)})"

    def either(self, when: str, require: str) -> str:
        """The name of whether a clause is met: unless it applies and its requirement does not hold."""
        name = self._next("m")
        self._lines.append(
            f"{name} = True if {when} is False or {require} is True"
            f" else None if {when} is None or {require} is None else False"
        )
        return name

    def outcome(self, letter: str, names: list[str]) -> None:
        """What clauses come to that fail, unless worse ones do; what is open leaves it open."""
        if names:
            self._ways += [f"{letter} if {_some(names, 'False')} else", f"None if {_some(names, 'None')} else"]

    def otherwise(self, letter: str) -> None:
        """The outcome as `o`, where no clause fails."""
        self._lines.append(" ".join(["o =", *self._ways, letter]))

    def finished(self, result: str) -> str:
        read = [f"{name} = get({self._value(fact)})" for fact, name in self._facts.items()]
        return "\n    ".join(["def run(facts):", "get = facts.get", *read, *self._lines, f"return {result}\n"])

    def _fact(self, fact: str) -> str:
        return self._facts.setdefault(fact, f"f{len(self._facts)}")

    def _value(self, value: Any) -> str:
        name = self._next("k")
        self.values[name] = value
        return name

    def _next(self, letter: str) -> str:
        self._made += 1
        return f"{letter}{self._made}"


def _joined(condition: AllOf | AnyOf, parts: list[str]) -> str:
    decides, otherwise = ("False", "True") if isinstance(condition, AllOf) else ("True", "False")
    if not parts:
        return otherwise
    return f"{decides} if {_some(parts, decides)} else None if {_some(parts, 'None')} else {otherwise}"


def _some(names: list[str], truth: str) -> str:
    return " or ".join(f"{name} is {truth}" for name in names)
