"""Value classes of lists together with the numbers and dates of the case against which their entries are held."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction
from itertools import product
from typing import Any

from utilization.rules.facts.catalogue import Fact, Kind
from utilization.rules.facts.units import Exact
from utilization.rules.language.composites import all_tests
from utilization.rules.language.entries import Entry, OfList
from utilization.rules.language.entry_classes import TooManyLists
from utilization.rules.language.list_classes import MOST_TESTED, filled, lists
from utilization.rules.language.node import AS_OF, OF_CASE, Facts, Test
from utilization.rules.language.number_classes import marks_of, samples_together
from utilization.rules.language.value_classes import samples

_ALIKE = 2
_MOST_BESIDE = 24
# Tests of what entries are held against take twice as long as others.
_AMONG = 2
_MOST_NUMBERS = 400
"""Values of the numbers, each of which takes a search for lists of its own."""
_LISTS = (Kind.LIST_DEC, Kind.LIST_RECORD)
# Values of the numbers, by name, beside lists as they are.
_Numbers = Callable[[Facts], list[dict[str, Any]]]


def is_list(name: str, catalogue: Mapping[str, Fact]) -> bool:
    """Whether a fact is a list."""
    return name in catalogue and catalogue[name].kind in _LISTS


def samples_with_lists(
    names: Sequence[str], tests: Sequence[Test], known: Facts, catalogue: Mapping[str, Fact]
) -> Iterator[dict[str, Any]]:
    """Values of numbers and lists in which `tests`, which hold the ones against the others, differ in every way.

    `known` holds the request's date, and what is known of them. For each value of the numbers there are lists of every
    way in which their tests then differ; beside some of these lists each number is varied, so that what it alone
    changes is seen. Raises TooManyLists.
    """
    of_list: dict[str, list[OfList]] = {}
    for test in tests:
        if isinstance(test, OfList):
            of_list.setdefault(test.fact, []).append(test)
    # A list that is never asked for stays as it is known.
    open_lists = [name for name in names if name in of_list]
    numbers = [name for name in names if name not in of_list]
    of_numbers = [test for test in tests if not isinstance(test, OfList)]

    def numbers_beside(stated: Facts) -> list[dict[str, Any]]:
        if not numbers:
            return [{}]
        more = {name: set((_days if catalogue[name].kind is Kind.DATE else _marks)(name, of_list, stated, known))
                for name in numbers}  # fmt: skip
        every = _few(samples_together(numbers, of_numbers, known, catalogue, more), _MOST_NUMBERS)
        found = {tuple(chosen[name] for name in numbers): chosen for chosen in every}
        return list(found.values())

    found: list[dict[str, Any]] = []
    every = numbers_beside(known)
    for chosen in every:
        case = {**known, **chosen}
        told_apart = [_told_apart(catalogue[name], of_list[name], case, _AMONG * len(every)) for name in open_lists]
        for some in product(*told_apart):
            found.append(dict(zip(open_lists, some, strict=True)))
            yield {**chosen, **found[-1]}
    if not all(name in known for name in numbers):
        yield from _with_each_number(found, numbers_beside)


def _few(every: Iterable[Any], most: int) -> Iterator[Any]:
    """These. Raises TooManyLists beyond `most`."""
    for tried, some in enumerate(every):
        if tried == most:
            raise TooManyLists
        yield some


def _with_each_number(found: Sequence[dict[str, Any]], numbers_beside: _Numbers) -> Iterator[dict[str, Any]]:
    """Some of the lists, each beside every value of the numbers that its entries tell apart."""
    for stated in found[:: -(-len(found) // _MOST_BESIDE) or 1]:
        for chosen in numbers_beside(stated):
            yield {**chosen, **stated}


def _told_apart(fact: Fact, tests: Sequence[OfList], case: Facts, among: int) -> list[tuple[Entry, ...]]:
    """Lists beside the facts of the case, a few for each way in which the tests differ."""
    if fact.name in case:
        every = filled(fact, case[fact.name], tests, case, samples)
    else:
        every = lists(fact, tests, case, samples, among)
    found: dict[tuple[Any, ...], list[tuple[Entry, ...]]] = {}
    for entries in _few(every, MOST_TESTED // (among * len(tests))):
        truths = tuple(test.truth({**case, fact.name: entries}) for test in tests)
        found.setdefault(truths, []).append(entries)
    return [entries for alike in found.values() for entries in alike[:_ALIKE]]


def _marks(name: str, of_list: Mapping[str, Sequence[OfList]], stated: Facts, known: Facts) -> Iterator[Exact]:
    """The numbers at which a fact of the case turns a test of a list over: what its entries hold, and what is asked."""
    for listed, tests in of_list.items():
        inside = [one for test in tests for where in test.of_entries() for one in all_tests(where)]
        fields = {field for one in inside if OF_CASE + name in one.reads for field in one.reads} - {OF_CASE + name}
        yield from marks_of([one for one in inside if fields.issuperset(one.reads)], known[AS_OF])
        for entry in stated.get(listed, ()):
            whole = entry if isinstance(entry, Mapping) else dict.fromkeys(fields, entry)
            yield from (Fraction(whole[field]) for field in fields if field in whole)


def _days(name: str, of_list: Mapping[str, Sequence[OfList]], stated: Facts, known: Facts) -> Iterator[date]:
    """The days at which a date of the case turns a test of a list over: by the days of its entries, and what is asked.

    Where the list is not known, an entry may lie on the day of the request, and where its other tests turn over.
    """
    for listed, tests in of_list.items():
        marks = [known[AS_OF], *(day for test in tests for day in test.entry_days(known[AS_OF]))]
        for held in (inside for test in tests for inside in test.held_by_day if inside.other == OF_CASE + name):
            days = [entry[held.fact] for entry in stated.get(listed, ()) if held.fact in entry]
            yield from (mark for day in (*days, *marks) for mark in held.days_beside(held.other, day))
