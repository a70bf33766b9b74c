"""What is settled together: one fact, or several that a condition compares, with every way in which it can turn out."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from itertools import product
from types import MappingProxyType
from typing import Any

from utilization.rules.dosing.weights import ADULT_YEARS
from utilization.rules.facts.catalogue import AMOUNTS, Fact, Kind
from utilization.rules.language.composites import all_tests
from utilization.rules.language.entry_classes import TooManyLists
from utilization.rules.language.joint_classes import is_list, samples_with_lists
from utilization.rules.language.node import AS_OF, Test
from utilization.rules.language.number_classes import SUPPOSED_DAY, samples_together
from utilization.rules.language.value_classes import fillings, samples
from utilization.rules.language.within import IsWithin

_DATED = (Kind.DATE, Kind.LIST_DEC, Kind.LIST_RECORD)


MOST_TRIED = 40_000
"""Samples of one variable: about a second of trying how its tests turn out."""
MOST_TRIED_LISTS = 4_000
"""Samples of one variable with a list or compared dates: beyond so many their tests may turn out in any way."""


class TooManyWays(ValueError):
    """The tests of a variable can turn out in more ways than can be tried."""

    def __init__(self, variable: "Variable") -> None:
        facts = ", ".join(variable.facts)
        super().__init__(f"what is asked of {facts} turns out in more ways than can be tried")


@dataclass(frozen=True)
class Way:
    """Values that no condition tells apart: the truth of each test of the variable, and the values for each fact."""

    truths: tuple[bool | None, ...]
    values: tuple[Any, ...] = field(default=(), compare=False)


@dataclass(frozen=True)
class Variable:
    """What is settled together: one fact, or several that a condition compares, with every test that reads them."""

    name: str
    facts: tuple[str, ...]
    tests: tuple[Test, ...]
    catalogue: Mapping[str, Fact] = field(compare=False, repr=False)
    # Whether a clause that decides asks for it; what is read for a warning's sake alone is never asked for.
    decides: bool = True
    _kept: dict[date | None, tuple[Way, ...]] = field(default_factory=dict, compare=False, repr=False)

    @cached_property
    def reads(self) -> frozenset[str]:
        """Its facts, and those that a condition compares with them but that are never asked for."""
        return frozenset([*self.facts, *(name for test in self.tests for name in test.reads)])

    @cached_property
    def _compared(self) -> frozenset[str]:
        """What it reads, but for facts that count beside a known value of it alone."""
        return frozenset([*self.facts, *(name for test in self.tests for name in test.asks)])

    def ways(self, known: Mapping[str, Any]) -> tuple[Way, ...]:
        """Every way in which the tests can turn out, beside what is `known`. Kept where nothing known bears on it."""
        as_of = known.get(AS_OF, SUPPOSED_DAY)
        if not self._compared.isdisjoint(known):
            return self._sampled(known, as_of)
        kept = as_of if self.has_dates else None
        if kept not in self._kept:
            # One day's at a time, so that what is kept does not grow with the days.
            self._kept.clear()
            self._kept[kept] = self._sampled({}, as_of)
        return self._kept[kept]

    @cached_property
    def has_dates(self) -> bool:
        """Whether it has a date or a list, so that what it can turn out to be rests on the day."""
        return any(self.catalogue[name].kind in _DATED for name in self.facts if name in self.catalogue)

    @cached_property
    def _has_lists(self) -> bool:
        return any(is_list(name, self.catalogue) for name in self.reads)

    def _sampled(self, known: Mapping[str, Any], as_of: date) -> tuple[Way, ...]:
        settled = [name for name in self.facts if name in known]
        beside = {name: known[name] for name in (self.reads if settled else self._compared) if name in known}
        alone = len(self.facts) == 1
        every: Iterable[dict[str, Any]]
        if self._has_lists and any(len(test.asks) > 1 for test in self.tests):
            every = samples_with_lists(self.facts, self.tests, {**beside, AS_OF: as_of}, self.catalogue)
        elif any(len(test.asks) > 1 for test in self.tests):
            every = samples_together(self.facts, self.tests, {**beside, AS_OF: as_of}, self.catalogue)
        elif settled:
            every = ({self.name: value} for value in self._given(beside[self.name], as_of))
        else:
            every = ({self.name: value} for value in samples(self.name, self.tests, self.catalogue, as_of))
        found: dict[tuple[Any, ...], list[Any]] = {}
        try:
            for tried, values in enumerate(every):
                if tried == (MOST_TRIED_LISTS if self.has_dates else MOST_TRIED):
                    raise TooManyLists if self.has_dates else TooManyWays(self)
                view = MappingProxyType({**beside, **values, AS_OF: as_of})
                truths = tuple(test.truth(view) for test in self.tests)
                if all(truth is not None or set(test.asks) - set(view)
                       for test, truth in zip(self.tests, truths, strict=True)):  # fmt: skip
                    found.setdefault(truths, []).append(values[self.name] if alone else values)
        except TooManyLists:
            # What was not tried may be so as well: a fact is then asked for that might have been spared. What was tried
            # of several facts does not tell which of them matter.
            found = found if alone else {}
            for truths in product((True, False), repeat=len(self.tests)):
                found.setdefault(truths, [])
        return tuple(Way(truths, tuple(values)) for truths, values in found.items())

    def _given(self, value: Any, as_of: date) -> Iterable[Any]:
        """What a known value can still turn out to be: a list may lack fields of its entries."""
        fact = self.catalogue.get(self.name)
        if fact is not None and fact.kind in (Kind.LIST_DEC, Kind.LIST_RECORD):
            return fillings(fact, value, self.tests, as_of)
        return samples(self.name, self.tests, self.catalogue, as_of) if self.name in AMOUNTS else (value,)

    def left(self, settled: Mapping[Test, bool], facts: Mapping[str, Any]) -> tuple[Way, ...]:
        """The ways that agree with the tests already settled and with those of the facts that are known."""
        every = self.ways(facts)
        if every and not settled:
            return every
        known = [(i, settled[test]) for i, test in enumerate(self.tests) if test in settled]
        fitting = tuple(way for way in every if all(way.truths[i] == truth for i, truth in known))
        if fitting:
            return fitting
        # No sample agrees with what is known of an incomplete list: what is open may then turn out in any way.
        fixed = dict(known)
        open_ones = [(fixed[i],) if i in fixed else (True, False) for i in range(len(self.tests))]
        return tuple(Way(truths) for truths in product(*open_ones))

    def _settles(self, test: Test, facts: Mapping[str, Any]) -> bool:
        """Whether an open test waits for facts of this variable, and not for one alone that is never asked for."""
        missing = set(test.asks) - set(facts)
        return not missing or not missing.isdisjoint(self.facts)

    def way_of(self, facts: Mapping[str, Any]) -> Way | None:
        """The way that the known `facts` take; None while a test is open that its own facts can settle."""
        truths = tuple([test.truth(facts) for test in self.tests])
        if None in truths and any(
            truth is None and self._settles(test, facts) for test, truth in zip(self.tests, truths, strict=True)
        ):
            return None
        beside = {name: facts[name] for name in (AS_OF, *self.reads) if name in facts and name not in self.facts}
        return next((way for way in self.ways(beside) if way.truths == truths), Way(truths))


def variables_of(criteria: Sequence[Any], catalogue: Mapping[str, Fact]) -> tuple[Variable, ...]:
    """What the clauses ask for, in the order in which they first read it; compared facts are one variable."""
    asked: dict[str, None] = {}
    for_warnings: dict[str, None] = {}
    together: dict[str, set[str]] = {}
    tests: dict[Test, None] = {}
    for criterion in criteria:
        for condition in (criterion.when, criterion.require):
            reads = (asked if criterion.otherwise is not None else for_warnings).update
            for test in condition.tests():
                reads(dict.fromkeys(test.asks))
            if criterion.otherwise is not None:
                tests.update(dict.fromkeys(all_tests(condition)))
    for test in tests:
        if len(test.asks) > 1 and all(name in asked for name in test.asks):
            joined = set().union(*(together.get(name, {name}) for name in test.asks))
            together.update(dict.fromkeys(joined, joined))
    if "age_years" in asked and any(name in AMOUNTS or name == "dose_within_ceiling" for name in asked):
        # The dosing weight differs by age as well, so its bound tells values apart too.
        tests[IsWithin("age_years", ADULT_YEARS)] = None
    found: dict[frozenset[str], Variable] = {}
    for name in asked:
        names = tuple(n for n in asked if n in together.get(name, {name}))
        # A test that compares with a fact that is never asked for counts where that fact is known.
        reading = tuple(test for test in tests if not asked.keys().isdisjoint(test.asks) and
                        {n for n in test.asks if n in asked} <= set(names))  # fmt: skip
        found.setdefault(frozenset(names), Variable("+".join(names), names, reading, catalogue))
    warned = [Variable(name, (name,), (), catalogue, decides=False) for name in for_warnings if name not in asked]
    return (*found.values(), *warned)
