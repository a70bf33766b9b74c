"""The levels of a diagram: in which order facts decide, and into which classes their values fall.

The values of one number, choice or truth value fall into few classes that no condition tells apart, so all tests of it
are one level (`age_years < 18`, `>= 65`: three classes, not four). How the tests of a list, a text, a date, an amount
of the order or of compared facts can turn out together rests on the case, so each of those is a level of its own.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

from utilization.rules.facts.catalogue import AMOUNTS, DERIVED, Kind
from utilization.rules.language.composites import all_tests
from utilization.rules.language.joint_classes import is_list
from utilization.rules.language.node import Condition, Test, Truth
from utilization.rules.language.number_classes import SUPPOSED_DAY, points
from utilization.rules.language.outcomes import Outcome
from utilization.rules.language.variables import Variable

Truths = tuple[Truth, ...]
_SCALAR = (Kind.BOOL, Kind.CHOICE, Kind.INT, Kind.DEC)
_EITHER: tuple[Truths, ...] = ((True,), (False,))
_NEVER_ASKED: tuple[Truths, ...] = (*_EITHER, (None,))


class Decides(Protocol):
    """A clause as a diagram sees it: where `when` holds and `require` does not, it comes to `otherwise`.

    `file` and `line` say where it stands.
    """

    @property
    def id(self) -> str: ...
    @property
    def when(self) -> Condition: ...
    @property
    def require(self) -> Condition: ...
    @property
    def otherwise(self) -> Outcome | None: ...
    @property
    def file(self) -> str: ...
    @property
    def line(self) -> int: ...


@dataclass(frozen=True)
class Level:
    """Tests that are settled at once, and the `classes` of truths that they can have.

    `variable` asks for their facts; None where the test stands under `surely` alone: it is never asked for, and that it
    is not known is a class of its own.
    """

    tests: tuple[Test, ...]
    classes: tuple[Truths, ...]
    variable: Variable | None = None

    @cached_property
    def places(self) -> Mapping[Truths, int]:
        """The place of each class."""
        return {truths: place for place, truths in enumerate(self.classes)}

    def truths(self, facts: Mapping[str, Any]) -> Truths:
        """The truths of its tests, each None where it is not known."""
        if len(self.tests) == 1:
            return (self.tests[0].truth(facts),)
        return tuple([test.truth(facts) for test in self.tests])


def follows_from_order(variable: Variable) -> bool:
    """Whether its value follows from the order and the product table."""
    return variable.name in AMOUNTS or variable.name in DERIVED


def levels_of(clauses: Sequence[Decides], variables: Sequence[Variable]) -> tuple[Level, ...]:
    """The levels in the order in which the clauses, as they are given, first read what they ask for."""
    of = {test: variable for variable in variables if variable.decides for test in variable.tests}
    by_test: dict[Variable | Test, tuple[Level, ...]] = {}
    for test in _in_reading_order(clauses):
        variable = of.get(test)
        if (variable or test) not in by_test:
            by_test[variable or test] = tuple(_levels(variable)) if variable else (Level((test,), _NEVER_ASKED),)
    return tuple(level for levels in by_test.values() for level in levels)


def _in_reading_order(clauses: Sequence[Decides]) -> Iterator[Test]:
    """What is asked for, then what stands under `surely` alone."""
    parts = [part for clause in clauses for part in (clause.when, clause.require)]
    for part in parts:
        yield from part.tests()
    for part in parts:
        yield from all_tests(part)


def _levels(variable: Variable) -> Iterator[Level]:
    if is_closed(variable):
        yield Level(variable.tests, _classes(variable), variable)
    else:
        for test in variable.tests:
            # Held against a fact that is never asked for, it can stay unknown.
            classes = _EITHER if set(test.asks) <= set(variable.facts) else _NEVER_ASKED
            yield Level((test,), classes, variable)


def is_closed(variable: Variable) -> bool:
    """Whether the classes of its values are the same in every case."""
    if len(variable.facts) > 1 or any(len(test.reads) > 1 for test in variable.tests):
        return False
    fact = variable.catalogue.get(variable.name)
    return variable.name in DERIVED or (fact is not None and fact.kind in _SCALAR)


def rests_on_case(variable: Variable) -> bool:
    """Whether it is an amount or has a list, of which some tests may be known and others not."""
    return variable.name in AMOUNTS or any(is_list(name, variable.catalogue) for name in variable.facts)


def _classes(variable: Variable) -> tuple[Truths, ...]:
    """The classes of a fact's possible values, then those of others: an older catalogue may have known more."""
    classes = dict.fromkeys(way.truths for way in variable.ways({}))
    for value in _beyond(variable):
        classes[tuple(test.truth({variable.name: value}) for test in variable.tests)] = None
    return tuple(classes)


def _beyond(variable: Variable) -> Iterator[Any]:
    fact = variable.catalogue.get(variable.name)
    if fact is not None and fact.kind is Kind.CHOICE:
        yield object()
    elif fact is not None and fact.kind is not Kind.BOOL:
        marks = [mark for test in variable.tests for mark in test.marks(SUPPOSED_DAY)]
        yield from points(marks, (None, None))
