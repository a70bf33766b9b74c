"""Values that the fields of an entry may have, enough that every way in which the tests of a list can differ occurs."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise, product
from math import prod
from typing import Any

from utilization.rules.facts.catalogue import Fact, Kind
from utilization.rules.facts.units import as_decimal, exact
from utilization.rules.language.composites import all_tests
from utilization.rules.language.entries import DATE, OfList, field_catalogue
from utilization.rules.language.node import Facts, Test
from utilization.rules.language.number_classes import samples_together

Samples = Callable[[str, Sequence[Test], Mapping[str, Fact]], Iterable[Any]]
_MOST_COMPARED = 20_000
_MOST_KINDS = 20_000


class TooManyLists(Exception):
    """More lists than can be tried in a moment."""


def kinds_of(fact: Fact, tests: Sequence[OfList], case: Facts, samples: Samples) -> list[dict[str, Any]]:
    """Entries without their date, one for each way in which the conditions on fields can differ.

    `case` holds the request's date, and those facts of the case that are known.
    """
    inner = [condition for test in tests for condition in test.of_entries()]
    choices = field_values(fact, tests, case, samples)
    around = all_around(tests, case)
    compared = any(len(test.reads) > 1 for condition in inner for test in all_tests(condition))
    if compared and prod(map(len, choices.values())) > _MOST_KINDS:
        # Of fields that are compared there are many values each.
        raise TooManyLists
    exactly = sorted({test.exact_field for test in tests if test.exact_field})
    found: dict[tuple[Any, ...], dict[str, Any]] = {}
    for values in product(*choices.values()):
        entry = dict(zip(choices, values, strict=True))
        truths = tuple(condition.truth({**entry, **around}) for condition in inner)
        found.setdefault((truths, *(entry[name] for name in exactly)), entry)
    return list(found.values())


def all_around(tests: Iterable[OfList], case: Facts) -> Facts:
    """What the conditions of all these tests read besides the fields of an entry."""
    return {name: value for test in tests for name, value in test.around(case).items()}


def field_values(
    fact: Fact, tests: Sequence[OfList], case: Facts, samples: Samples, entries: Sequence[Any] = ()
) -> dict[str, list[Any]]:
    """Values of every field that a test reads, but the date."""
    catalogue = field_catalogue(fact)
    reading: dict[str, list[Test]] = {}
    for inside in (inside for test in tests for condition in test.of_entries() for inside in all_tests(condition)):
        for name in inside.reads:
            if name in catalogue:
                reading.setdefault(name, []).append(inside)
    compared = _compared(reading)
    alone = reading.keys() - {DATE}.union(*compared)
    values = {name: list(samples(name, of, catalogue)) for name, of in reading.items() if name in alone}
    for names in compared:
        values |= _values_together(names, reading, catalogue, _stated(names, entries), all_around(tests, case))
    exactly: dict[str, list[OfList]] = {}
    for test in sorted(tests, key=lambda test: test.in_order):
        if test.exact_field:
            exactly.setdefault(test.exact_field, []).append(test)
    for name, of_field in exactly.items():
        values[name] = _numbers(catalogue[name], values.get(name, []), of_field, entries)
    return values


def _compared(reading: Mapping[str, Sequence[Test]]) -> list[set[str]]:
    """The fields that tests compare with each other, those in one set that hang together."""
    found: list[set[str]] = []
    several = (test for name, tests in reading.items() if name != DATE for test in tests if len(test.reads) > 1)
    for test in dict.fromkeys(several):
        joined = reading.keys() & set(test.reads)
        joined = joined.union(*(names for names in found if not names.isdisjoint(joined)))
        found = [*(names for names in found if names.isdisjoint(joined)), joined]
    return found


def _stated(names: Collection[str], entries: Sequence[Any]) -> list[Facts]:
    """What each entry states of these fields."""
    whole = [entry for entry in entries if isinstance(entry, Mapping)]
    return [{name: entry[name] for name in names if name in entry} for entry in whole]


def _values_together(
    names: Collection[str],
    reading: Mapping[str, Sequence[Test]],
    catalogue: Mapping[str, Fact],
    stated: Sequence[Facts],
    around: Facts,
) -> dict[str, list[Any]]:
    """Values of fields that are compared, enough for every order in which they can stand, beside those `stated`."""
    in_order = sorted(names)
    tests = list(dict.fromkeys(test for name in in_order for test in reading[name]))
    found: dict[str, set[Any]] = {name: set() for name in in_order}
    tried = 0
    for known in ({}, *(known for known in stated if 0 < len(known) < len(names))):
        for chosen in samples_together(in_order, tests, {**around, **known}, catalogue):
            tried += 1
            if tried > _MOST_COMPARED:
                raise TooManyLists
            for name, value in chosen.items():
                found[name].add(value)
    return {name: sorted(values) for name, values in found.items()}


def _numbers(fact: Fact, marks: Sequence[Any], tests: Sequence[OfList], entries: Sequence[Any]) -> list[Decimal]:
    """`marks` with every number at which a test of the very number turns over, and enough between them."""
    low, high = fact.possible
    numbers = {Fraction(mark) for mark in marks}
    in_order = any(test.in_order for test in tests)
    if in_order:
        numbers |= {Fraction(end) for end in (low, high) if end is not None}
        numbers |= {Fraction(10)} if len(numbers) < 2 else set()
    for test in tests:
        numbers |= set(test.field_marks(fact, sorted(numbers), entries))
    possible = [number for number in sorted(numbers) if _fits(number, low, high)]
    if in_order:
        numbers |= {(number + after) / 2 for number, after in pairwise(possible)}
        for test in tests:
            numbers |= set(test.fillers(possible))
    if fact.kind is Kind.INT:
        numbers = {Fraction(whole) for number in numbers for whole in (number.__floor__(), number.__ceil__())}
    return [as_decimal(exact(number)) for number in sorted(numbers) if _fits(number, low, high)]


def _fits(number: Fraction, low: Decimal | None, high: Decimal | None) -> bool:
    return (low is None or number >= low) and (high is None or number <= high)
