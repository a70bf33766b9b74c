"""Lists that an unknown list may turn out to be, and the ways to fill the gaps of one whose entries lack fields.

Lists are put together step by step from entries of every kind that tests tell apart, on every day that matters, and
from whole runs of them (so many alike, so many apart, so many that rise). Where there would be too many, those are kept
that differ most: some of every way in which the tests have turned out so far. It ends where every way was found, or two
steps found no new one.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import product
from typing import Any, cast

from utilization.rules.facts.catalogue import Fact
from utilization.rules.language.dated import back
from utilization.rules.language.entries import DATE, SEEN, Entry, OfList, on_day
from utilization.rules.language.entry_classes import Samples, TooManyLists, field_values, kinds_of
from utilization.rules.language.node import AS_OF, Facts, Test
from utilization.rules.language.number_classes import beside

_MOST_AT_ONCE = 150
_LEAST_ALIKE, _MOST_ALIKE = 4, 8
_MOST_TRIED = 6_000
MOST_TESTED = 40_000
"""Tests of lists before the search is given up, about half a second; the lists of the packs that come with the product
take at most 30,000."""
_QUIET_STEPS = 2
_MOST_STEPS = 6
_MOST_FILLED = 4096


def lists(
    fact: Fact, of_fact: Sequence[Test], case: Facts, samples: Samples, among: int = 1
) -> Iterator[tuple[Entry, ...]]:
    """Lists in which the tests, all of which read this list, differ in every way that they can.

    `case` holds the request's date, and those facts of the case against which entries are held, where they are known.
    Raises TooManyLists, after those found so far, where too many would have to be tried; `among` as many searches share
    what may be tried.
    """
    tests, as_of = cast(Sequence[OfList], of_fact), case[AS_OF]
    case = {**case, SEEN: {}}
    dated = DATE in fact.fields
    placed = dated and any(test.days_tell for test in tests)
    runs = _runs(fact, tests, case, samples, placed)
    level: dict[tuple[int, ...], tuple[Entry, ...]] = {(): ()}
    seen: set[tuple[int, ...]] = {()}
    found: dict[tuple[Any, ...], int] = {}
    on_days: dict[tuple[int, int], Entry] = {}
    quiet = tested = 0
    for _ in range(min(_MOST_STEPS, sum(test.needs for test in tests) + 1) + 1):
        known = len(found)
        alike: dict[tuple[Any, ...], list[tuple[int, ...]]] = {}
        for chosen, entries in level.items():
            made = _day_by_day(entries, as_of, on_days) if dated and not placed else entries
            truths = tuple(test.truth({**case, fact.name: made}) for test in tests)
            tested += len(tests)
            if tested > MOST_TESTED // among:
                raise TooManyLists
            alike.setdefault(truths, []).append(chosen)
            found[truths] = found.get(truths, 0) + 1
            if found[truths] <= _MOST_ALIKE:
                yield made
            if found[truths] == 1 and sum(None not in truths for truths in found) == 2 ** len(tests):
                return
        quiet = 0 if len(found) > known else quiet + 1
        if quiet == _QUIET_STEPS:
            return
        each = len(level) if len(level) <= _MOST_AT_ONCE else _MOST_TRIED // (len(runs) * len(alike))
        kept = [chosen for some in alike.values() for chosen in _spread(some, max(each, _LEAST_ALIKE))]
        below, level = level, {}
        for chosen in kept:
            for number, run in enumerate(runs):
                key = tuple(sorted((*chosen, number))) if placed else (*chosen, number)
                if key not in seen and len(level) < MOST_TESTED:
                    seen.add(key)
                    level[key] = (*below[chosen], *run)


def _day_by_day(entries: Sequence[Entry], as_of: date, made: dict[tuple[int, int], Entry]) -> tuple[Entry, ...]:
    """The entries as they stand on the days up to the request's, the last of them on that day.

    `made` keeps those that were made before, by the entry and the days back; the entries themselves outlive it.
    """
    found = []
    for days, entry in enumerate(reversed(entries)):
        key = (id(entry), days)
        if key not in made:
            made[key] = on_day(entry, back(as_of, days))
        found.append(made[key])
    return tuple(reversed(found))


def _spread(some: Sequence[Any], most: int) -> Sequence[Any]:
    """At most so many of these, from end to end, since neighbours differ least."""
    return some[:: -(-len(some) // most) or 1]


def filled(fact: Fact, entries: Sequence[Any], of_fact: Sequence[Test], case: Facts, samples: Samples) -> Iterator[Any]:
    """The list with every field that an entry lacks and a test reads filled in, in every way; nothing if too many."""
    tests = cast(Sequence[OfList], of_fact)
    values = field_values(fact, tests, case, samples, entries)
    if DATE in fact.fields:
        values[DATE] = _days_beside(entries, tests, case)
    gaps = [(place, name) for place, entry in enumerate(entries) if isinstance(entry, Mapping)
            for name in values if name not in entry]  # fmt: skip
    ways = 1
    for _, name in gaps:
        ways *= len(values[name])
    if ways > _MOST_FILLED:
        return
    for chosen in product(*(values[name] for _, name in gaps)):
        made = [dict(entry) if isinstance(entry, Mapping) else entry for entry in entries]
        for (place, name), value in zip(gaps, chosen, strict=True):
            made[place][name] = value
        yield tuple(made)


# --- What lists are put together from ----------------------------------------------------------------------------


def _runs(fact: Fact, tests: Sequence[OfList], case: Facts, samples: Samples, placed: bool) -> list[tuple[Entry, ...]]:
    """Single entries, and runs of them that turn some test over."""
    kinds, as_of = kinds_of(fact, tests, case, samples), case[AS_OF]
    days = _entry_days(tests, case) if placed else [None]
    found: list[tuple[Entry, ...]] = [(on_day(kind, day),) for day in days for kind in kinds]
    for test in tests:
        found += test.runs(kinds, as_of if placed else None)
    return found


# --- Days -----------------------------------------------------------------------------------------------------------


def _entry_days(tests: Sequence[OfList], case: Facts) -> list[date]:
    """Days up to the request's on either side of every window, and a step of `apart` from each other."""
    as_of = case[AS_OF]
    several = min(_MOST_STEPS, sum(test.needs for test in tests)) + 1 if any(test.in_order for test in tests) else 2
    days = {back(as_of, n) for n in range(several)}
    days |= {day for test in tests for day in test.entry_days(as_of)}
    days |= {day for test in tests for mark in test.days_of_case(case) for day in beside(mark)}
    return sorted((day for day in days if day <= as_of), reverse=True)


def _days_beside(entries: Sequence[Any], tests: Sequence[OfList], case: Facts) -> list[date]:
    """The days of `_entry_days` with those before, after and a step of `apart` from each entry that has one."""
    days = set(_entry_days(tests, case))
    steps = {1} | {test.days_apart for test in tests if test.days_apart is not None}
    for entry in entries:
        if isinstance(entry, Mapping) and DATE in entry:
            for step in steps | {step - 1 for step in steps}:
                days |= {back(entry[DATE], step), entry[DATE] + timedelta(days=step)}
    return sorted(day for day in days if day <= case[AS_OF])
