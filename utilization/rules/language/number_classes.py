"""Value classes of numbers and dates: of one number by itself, and of several that tests compare with each other."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from types import MappingProxyType
from typing import Any

from utilization.rules.facts.catalogue import Fact, Kind
from utilization.rules.facts.date_words import NEVER
from utilization.rules.facts.units import Exact, as_decimal, exact
from utilization.rules.language.node import AS_OF, Test

SUPPOSED_DAY = date(2023, 6, 15)


def marks_of(tests: Iterable[Test], as_of: date) -> list[Any]:
    """Every value at which one of the tests turns over."""
    return [mark for test in tests for mark in test.marks(as_of)]


def points(bounds: Iterable[Exact], possible: tuple[Decimal | None, Decimal | None]) -> list[Exact]:
    """Each bound, a point between any two neighbours, and one beyond either end, within what is possible."""
    low, high = possible
    ends = {Fraction(end) for end in possible if end is not None}
    marks = sorted(ends | {Fraction(b) for b in bounds if _fits(Fraction(b), low, high)}) or [Fraction(0)]
    found = [marks[0]] if low is not None else [marks[0] - 1, marks[0]]
    for mark, after in pairwise(marks):
        found += [(mark + after) / 2, after]
    return [exact(point) for point in (found if high is not None else [*found, marks[-1] + 1])]


def _fits(number: Fraction, low: Decimal | None, high: Decimal | None) -> bool:
    return (low is None or number >= low) and (high is None or number <= high)


def of_kind(fact: Fact, bounds: Iterable[Exact]) -> list[Exact]:
    """The points of `bounds` that the fact can be, whole ones where it is a whole number."""
    found = points(bounds, fact.possible)
    if fact.kind is not Kind.INT:
        return found
    whole = {Fraction(point).__floor__() + step for point in found for step in (-1, 0, 1)}
    return [Decimal(n) for n in sorted(whole) if _fits(Fraction(n), *fact.possible)]


def days_of(name: str, tests: Sequence[Test], chosen: Mapping[str, Any], more: Iterable[date] = ()) -> list[date]:
    """Days of the date `name` on either side of which a test turns over, beside what is `chosen` of the others."""
    return sorted({*_days_followed(name, tests, chosen), *(day for mark in more for day in beside(mark))})


def _days_followed(
    name: str, tests: Sequence[Test], chosen: Mapping[str, Any], after: tuple[str, ...] = ()
) -> set[date]:
    """The days on either side of which a test of the date `name` turns over. A date that is not chosen yet lies
    anywhere among its own such days, so that a chain of dates is followed to its end; `after` are those from which it
    was followed."""
    as_of = chosen.get(AS_OF, SUPPOSED_DAY)
    marks = {as_of}
    for test in tests:
        if test.reads == (name,):
            marks |= set(test.marks(as_of))
        elif name in test.reads:
            other = next(read for read in test.reads if read != name)
            if other not in after:
                days = [chosen[other]] if other in chosen else _days_followed(other, tests, chosen, (*after, name))
                marks |= {mark for day in days for mark in test.days_beside(name, day)}
    return {day for mark in marks for day in beside(mark)}


def beside(day: date) -> Iterator[date]:
    """The day and its neighbours, as far as the calendar goes."""
    yield day
    if day > date.min:
        yield day - timedelta(days=1)
    if day < date.max:
        yield day + timedelta(days=1)


def _alone(name: str, tests: Iterable[Test]) -> list[Test]:
    return [test for test in tests if test.reads == (name,)]


# --- Numbers that a test compares ------------------------------------------------------------------------------------


def samples_together(
    names: Sequence[str],
    tests: Sequence[Test],
    known: Mapping[str, Any],
    catalogue: Mapping[str, Fact],
    more: Mapping[str, Collection[Any]] = MappingProxyType({}),
) -> Iterator[dict[str, Any]]:
    """Values of several numbers or dates that tests compare, those in `known` as they are, beside the request's date.

    Each of them is varied once while the others stay, so that what it alone changes is seen. `more` are further values
    on either side of which a value of each must lie.
    """
    for last in range(len(names)):
        in_order = [*names[:last], *names[last + 1 :], names[last]]
        yield from _together(in_order, tests, dict(known), catalogue, more)


def _together(
    names: list[str],
    tests: Sequence[Test],
    chosen: dict[str, Any],
    catalogue: Mapping[str, Fact],
    more: Mapping[str, Collection[Any]],
) -> Iterator[dict[str, Any]]:
    name = _next(names, tests, chosen)
    if name is None:
        yield {name: chosen[name] for name in names}
        return
    if catalogue[name].kind is Kind.DATE:
        never = [NEVER] if catalogue[name].or_never else []
        for day in (*days_of(name, tests, chosen, more.get(name, ())), *never):
            yield from _together(names, tests, {**chosen, name: day}, catalogue, more)
        return
    bounds: set[Exact] = set(more.get(name, ()))
    for test in tests:
        if test.reads == (name,):
            bounds |= set(test.marks(SUPPOSED_DAY))
    bounds |= _edges(name, tests, chosen)
    for point in of_kind(catalogue[name], bounds):
        yield from _together(names, tests, {**chosen, name: as_decimal(point)}, catalogue, more)


def _next(names: Sequence[str], tests: Sequence[Test], chosen: Mapping[str, Any]) -> str | None:
    """The next of `names` to choose a value of, the last of them at the end; None where each is chosen.

    What is held against a chosen value comes first, else what has a bound of its own: so each value is chosen near what
    the others leave, and a chain is found from whichever end is known.
    """
    open_names = [name for name in names[:-1] if name not in chosen]
    if not open_names:
        return next((name for name in names[-1:] if name not in chosen), None)
    beside = {name for test in tests if not chosen.keys().isdisjoint(test.reads) for name in test.reads}
    bounded = {name for test in tests if len(test.reads) == 1 for name in test.reads}
    return min(open_names, key=lambda name: (name not in beside, name not in bounded))


def _edges(name: str, tests: Sequence[Test], chosen: Mapping[str, Any], after: tuple[str, ...] = ()) -> set[Exact]:
    """Where a comparison turns over for `name`: by the other's chosen value, or by every bound that the other has, of
    its own or by a third number that it is held against, and so on; `after` are those from which it was followed."""
    found: set[Exact] = set()
    for test in (test for test in tests if name in test.reads and len(test.reads) > 1):
        other = next(read for read in test.reads if read != name)
        if other in after:
            continue
        others = [chosen[other]] if other in chosen else [Decimal(0), *_crossings(test, tests), *_bounds(other, tests)]
        if other not in chosen:
            others += map(as_decimal, _edges(other, tests, chosen, (*after, name)))
        found |= {edge for value in dict.fromkeys(others) for edge in test.edges_beside(name, value)}
    return found


def _bounds(name: str, tests: Sequence[Test]) -> list[Decimal]:
    alone = [test for test in _alone(name, tests) if test.is_range]
    return [mark for mark in marks_of(alone, SUPPOSED_DAY) if isinstance(mark, Decimal)]


def _crossings(test: Test, tests: Sequence[Test]) -> Iterator[Decimal]:
    """Values of the number before at which the edge of `test` meets that of another change of the same two numbers."""
    for other in tests:
        if set(other.reads) == set(test.reads):
            for slope, rise in test.lines():
                for slope_2, rise_2 in other.lines():
                    if slope != slope_2:
                        yield (rise_2 - rise) / (slope - slope_2)
