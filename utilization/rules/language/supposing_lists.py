"""Lists that an unknown list may turn out to be, and the ways to fill the gaps of one whose entries lack fields.

Lists are put together step by step from entries of every kind that conditions tell apart, on every day that matters,
and from whole runs of them (so many alike, so many apart, so many that rise). Where there would be too many, those
are kept that differ most: some of every way in which the conditions have turned out so far. It ends where every way
was found, or two steps found no new one.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise, product
from types import MappingProxyType
from typing import Any

from utilization.rules.facts.catalogue import Fact, Kind
from utilization.rules.facts.units import as_decimal, before, exact
from utilization.rules.language.criteria import AS_OF, Always, IsDated, Test, all_tests
from utilization.rules.language.records import DATE, VALUE, Entries, EntryChange, Latest, Total, Trend

Entry = Mapping[str, Any]
Samples = Callable[[str, Sequence[Test], Mapping[str, Fact]], Iterable[Any]]
Marks = Callable[[Iterable[Test]], set[Fraction]]
_MOST_AT_ONCE = 150
_LEAST_ALIKE, _MOST_ALIKE = 4, 8
_MOST_TRIED = 6_000
_MOST_ADDED = 12
_QUIET_STEPS = 2
_MOST_STEPS = 6
_MOST_FILLED = 4096
_MOST_BESIDE = 8


def field_catalogue(fact: Fact) -> Mapping[str, Fact]:
    """The fields of a list's entries by name; a plain list of numbers has the one field `value`."""
    return fact.fields or {VALUE: Fact(VALUE, Kind.DEC, fact.group, fact.label, fact.unit, possible=fact.possible)}


def lists(fact: Fact, tests: Sequence[Test], as_of: date, samples: Samples) -> Iterator[tuple[Entry, ...]]:
    """Lists in which `tests`, all of which read this fact alone, differ in every way that they can."""
    dated = DATE in fact.fields
    placed = dated and _days_tell(tests)
    runs = _runs(fact, tests, as_of, samples, placed)
    level: dict[tuple[int, ...], tuple[Entry, ...]] = {(): ()}
    seen: set[tuple[int, ...]] = {()}
    found: dict[tuple[Any, ...], int] = {}
    quiet = 0
    for _ in range(min(_MOST_STEPS, sum(map(_length, tests)) + 1) + 1):
        known = len(found)
        alike: dict[tuple[Any, ...], list[tuple[int, ...]]] = {}
        for chosen, entries in level.items():
            made = _day_by_day(entries, as_of) if dated and not placed else entries
            truths = tuple(test.truth({fact.name: made, AS_OF: as_of}) for test in tests)
            alike.setdefault(truths, []).append(chosen)
            found[truths] = found.get(truths, 0) + 1
            if found[truths] <= _MOST_ALIKE:
                yield made
        quiet = 0 if len(found) > known else quiet + 1
        if quiet == _QUIET_STEPS or sum(None not in truths for truths in found) == 2 ** len(tests):
            return
        each = len(level) if len(level) <= _MOST_AT_ONCE else _MOST_TRIED // (len(runs) * len(alike))
        kept = [chosen for some in alike.values() for chosen in _spread(some, max(each, _LEAST_ALIKE))]
        below, level = level, {}
        for chosen in kept:
            for number, run in enumerate(runs):
                key = tuple(sorted((*chosen, number))) if placed else (*chosen, number)
                if key not in seen:
                    seen.add(key)
                    level[key] = (*below[chosen], *run)


def _days_tell(tests: Sequence[Test]) -> bool:
    """Whether some test asks of the days of entries more than which comes first."""
    return any(
        getattr(test, "within", None) is not None
        or getattr(test, "apart_days", None) is not None
        or any(isinstance(inside, IsDated) for inside in all_tests(getattr(test, "where", Always(True))))
        for test in tests
    )


def _day_by_day(entries: Sequence[Entry], as_of: date) -> tuple[Entry, ...]:
    """The entries as they stand on the days up to the request's, the last of them on that day."""
    return tuple(_on(entry, _back(as_of, len(entries) - 1 - place)) for place, entry in enumerate(entries))


def _spread(some: Sequence[Any], most: int) -> Sequence[Any]:
    """At most so many of these, from end to end, since neighbours differ least."""
    return some[:: -(-len(some) // most) or 1]


def filled(fact: Fact, entries: Sequence[Any], tests: Sequence[Test], as_of: date, samples: Samples) -> Iterator[Any]:
    """The list with every field that an entry lacks and a test reads filled in, in every way; nothing if too many."""
    values = _field_values(fact, tests, samples, entries)
    if DATE in fact.fields:
        values[DATE] = _days_beside(entries, tests, as_of)
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


def _length(test: Test) -> int:
    if isinstance(test, Entries):
        return min(3, max(test.low, 0 if test.high is None else test.high + 1))
    if isinstance(test, Trend):
        return min(3, test.last)
    return 2 if isinstance(test, EntryChange) else 1


# --- What lists are put together from ----------------------------------------------------------------------------


def _runs(fact: Fact, tests: Sequence[Test], as_of: date, samples: Samples, dated: bool) -> list[tuple[Entry, ...]]:
    """One entry of each kind on each day, then runs of entries by which a condition turns over at one step."""
    kinds = _kinds(fact, tests, as_of, samples)
    days = _entry_days(tests, as_of) if dated else [None]
    found: list[tuple[Entry, ...]] = [(_on(kind, day),) for day in days for kind in kinds]
    for test in tests:
        if isinstance(test, Entries):
            step = 0 if test.apart_days is None else -(-Fraction(test.apart_days) // 1)
            for many in {test.low, 0 if test.high is None else test.high + 1} - {0, 1}:
                for kind in kinds:
                    found.append(tuple(_on(kind, _back(as_of, int(step) * n) if dated else None) for n in range(many)))
        elif isinstance(test, Total):
            found += [(_on(kind, as_of if dated else None),) * many for kind in kinds for many in _reaching(test, kind)]
        elif isinstance(test, Trend):
            found += _spread(list(_trends(test, kinds, as_of if dated else None)), _MOST_ALIKE)
    return found


def _reaching(test: Total, kind: Mapping[str, Any]) -> set[int]:
    """How many entries alike just fall short of each bound of a total, and just reach or pass it."""
    number = Fraction(kind[test.field])
    bounds = [Fraction(bound) for bound in (test.low, test.high) if bound is not None]
    most = {int(bound / number) for bound in bounds} if number > 0 else set()
    return {many for least in most for many in (least, least + 1) if 1 < many <= _MOST_ADDED}


def _on(kind: Mapping[str, Any], day: date | None) -> Entry:
    return MappingProxyType(dict(kind) if day is None else {**kind, DATE: day})


def _back(day: date, days: int) -> date:
    return day - timedelta(days=days) if days < day.toordinal() else date.min


def _trends(test: Trend, kinds: Sequence[Mapping[str, Any]], as_of: date | None) -> Iterator[tuple[Entry, ...]]:
    """Runs that rise, fall and stay, through each kind, over the days up to the request's."""
    ranked = sorted((kind for kind in kinds if test.field in kind), key=lambda kind: kind[test.field])
    for first in range(len(ranked)):
        for way in (1, 0, -1):
            places = [first + way * n for n in range(test.last)]
            if min(places) >= 0 and max(places) < len(ranked):
                days = [None if as_of is None else _back(as_of, test.last - 1 - n) for n in range(test.last)]
                yield tuple(_on(ranked[place], day) for place, day in zip(places, days, strict=True))


def _kinds(fact: Fact, tests: Sequence[Test], as_of: date, samples: Samples) -> list[dict[str, Any]]:
    """Entries without their date, one for each way in which the conditions on fields can differ."""
    inner = [test.where for test in tests if isinstance(test, Entries | Latest | Total)]
    choices = _field_values(fact, tests, samples)
    exactly = sorted({test.field for test in tests if isinstance(test, Trend | EntryChange | Total)})
    found: dict[tuple[Any, ...], dict[str, Any]] = {}
    for values in product(*choices.values()):
        entry = dict(zip(choices, values, strict=True))
        truths = tuple(condition.truth({**entry, AS_OF: as_of}) for condition in inner)
        found.setdefault((truths, *(entry[name] for name in exactly)), entry)
    return list(found.values())


def _field_values(
    fact: Fact, tests: Sequence[Test], samples: Samples, entries: Sequence[Any] = ()
) -> dict[str, list[Any]]:
    """Values of every field that a test reads, but the date."""
    catalogue = field_catalogue(fact)
    reading: dict[str, list[Test]] = {}
    for test in tests:
        for inside in all_tests(test.where) if isinstance(test, Entries | Latest | Total) else ():
            for name in inside.reads:
                reading.setdefault(name, []).append(inside)
    values = {name: list(samples(name, of, catalogue)) for name, of in reading.items() if name != DATE}
    for test in tests:
        if isinstance(test, Total):
            values[test.field] = sorted({*values.get(test.field, []), *_addends(catalogue[test.field], test, entries)})
    stepping: dict[str, list[Trend | EntryChange]] = {}
    for test in tests:
        if isinstance(test, Trend | EntryChange):
            stepping.setdefault(test.field, []).append(test)
    for name, of_field in stepping.items():
        values[name] = _steps(catalogue[name], values.get(name, []), of_field)
    return values


def _addends(fact: Fact, test: Total, entries: Sequence[Any]) -> Iterator[Decimal]:
    """Numbers that fall short of each bound, reach it and pass it: alone, together, and beside those of `entries`."""
    low, high = fact.possible
    beside = {Fraction(0)}
    for entry in entries[:_MOST_BESIDE]:
        number = Fraction(entry.get(test.field, 0) if isinstance(entry, Mapping) else entry)
        beside |= {start + number for start in beside}
    numbers = {Fraction(end) for end in (0, low, high) if end is not None}
    for bound in (test.low, test.high):
        for start in beside if bound is not None else ():
            rest = Fraction(bound or 0) - start
            numbers |= {rest / 2, rest / 3, rest - 1, rest, rest + 1}
    for number in sorted(numbers):
        whole = Fraction(number.__floor__()) if fact.kind is Kind.INT else number
        if _fits(whole, low, high):
            yield as_decimal(exact(whole))


def _steps(fact: Fact, marks: Sequence[Any], tests: Sequence[Trend | EntryChange]) -> list[Any]:
    """`marks` with what lies a step of a change above and below each, and enough between them to rise and fall."""
    low, high = fact.possible
    numbers = {Fraction(mark) for mark in marks} | {Fraction(end) for end in (low, high) if end is not None}
    if len(numbers) < 2:
        numbers |= {Fraction(10)}
    for test in tests:
        if isinstance(test, EntryChange):
            by = Fraction(test.by)
            for number in sorted(numbers):
                step = abs(number) * by / 100 if test.percent else by
                numbers |= {number - step, number + step}
    possible = [number for number in sorted(numbers) if _fits(number, low, high)]
    for one, other in pairwise(possible):
        numbers.add((one + other) / 2)
    if len(possible) < 3 and any(isinstance(test, Trend) for test in tests):
        numbers |= {possible[0] + (possible[-1] - possible[0]) * part / 4 for part in (1, 3)}
    decimals = (as_decimal(exact(number)) for number in sorted(numbers) if _fits(number, low, high))
    if fact.kind is Kind.INT:
        return sorted({number.to_integral_value() for number in decimals})
    return list(decimals)


def _fits(number: Fraction, low: Decimal | None, high: Decimal | None) -> bool:
    return (low is None or number >= low) and (high is None or number <= high)


# --- Days -----------------------------------------------------------------------------------------------------------


def _entry_days(tests: Sequence[Test], as_of: date) -> list[date]:
    """Days up to the request's on either side of every window, and a step of `apart` from each other."""
    in_order = any(isinstance(test, Latest | Trend | EntryChange) for test in tests)
    days = {_back(as_of, n) for n in range(min(_MOST_STEPS, sum(map(_length, tests))) + 1 if in_order else 2)}
    for test in tests:
        if isinstance(test, Entries | Latest | Total):
            if test.within is not None:
                edge = before(as_of, test.within)
                days |= {edge, _back(edge, 1), _back(edge, 2)}
            for inside in all_tests(test.where):
                if isinstance(inside, IsDated):
                    days |= set(around(inside, as_of))
        if isinstance(test, Entries) and test.apart_days is not None:
            step = int(-(-Fraction(test.apart_days) // 1))
            days |= {_back(as_of, step * n) for n in range(1, min(test.low, 3) + 1)}
    return sorted((day for day in days if day <= as_of), reverse=True)


def _days_beside(entries: Sequence[Any], tests: Sequence[Test], as_of: date) -> list[date]:
    """The days of `_entry_days` with those before, after and a step of `apart` from each entry that has one."""
    days = set(_entry_days(tests, as_of))
    steps = {1} | {int(-(-Fraction(test.apart_days) // 1)) for test in tests
                   if isinstance(test, Entries) and test.apart_days is not None}  # fmt: skip
    for entry in entries:
        if isinstance(entry, Mapping) and DATE in entry:
            for step in steps | {step - 1 for step in steps}:
                days |= {_back(entry[DATE], step), entry[DATE] + timedelta(days=step)}
    return sorted(day for day in days if day <= as_of)


def around(test: IsDated, as_of: date) -> Iterator[date]:
    """The days at which a condition on a date turns over, each with its neighbours."""
    marks = [before(as_of, span) for span in (test.within, test.ago) if span is not None]
    for mark in (as_of, *marks, *(day for day in (test.first, test.last) if day is not None)):
        yield from (mark, _back(mark, 1))
        if mark < date.max:
            yield mark + timedelta(days=1)
