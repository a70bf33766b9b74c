"""Value classes: values that unknown facts may have, enough that every way in which tests can differ occurs.

For truth values and choices these are all values; for numbers the bounds that tests name, and points between and beside
them; for texts, lists and dates, samples built from what the tests ask, on the request's date. A sample is never shown
to people.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import chain, combinations, islice, pairwise
from typing import Any

from utilization.rules.facts.catalogue import AMOUNTS, DERIVED, Fact, Kind
from utilization.rules.facts.units import Exact, as_decimal, exact
from utilization.rules.language.amounts import Exactly
from utilization.rules.language.list_classes import filled, lists
from utilization.rules.language.node import Test

SUPPOSED_DAY = date(2023, 6, 15)
# Of these an amount grows or shrinks with the number alone, so that the least and the greatest stand for all between.
GROW_TOGETHER = frozenset({
    "weight_kg", "pre_pregnancy_weight_kg", "dose_total_g", "dose_total_g_per_kg", "dose_per_day_g",
    "dose_per_day_g_per_kg", "course_days", "interval_weeks", "concentration_g_per_ml",
    "max_infusion_rate_ml_per_kg_min",
})  # fmt: skip
_CLOSE = Fraction(1, 1_000_000)
_BOTH = (True, False)
_MOST_TOGETHER = 4
_MOST_TEXTS = 1000
_SEPARATED = " \N{MIDDLE DOT} "


def samples(
    name: str, tests: Sequence[Test], catalogue: Mapping[str, Fact], as_of: date = SUPPOSED_DAY
) -> Iterable[Any]:
    """Values of one fact in which `tests`, all of which read it alone, differ in every way that they can."""
    fact = catalogue.get(name)
    if name in AMOUNTS:
        return [Exactly(point) for point in points(_marks(tests, as_of), (Decimal(0), None))]
    if name in DERIVED or fact is None or fact.kind is Kind.BOOL:
        return _BOTH
    if fact.kind is Kind.CHOICE:
        return fact.choices
    if fact.kind in (Kind.INT, Kind.DEC):
        return _numbers(fact, _marks(tests, as_of))
    if fact.kind is Kind.TEXT:
        whole = dict.fromkeys(text for test in tests for text in test.texts(as_of))
        return chain(_told_apart(name, whole, tests), _texts(list(dict.fromkeys(_marks(tests, as_of)))))
    if fact.kind is Kind.DATE:
        return sorted(set(_marks(tests, as_of)))
    return lists(fact, tests, as_of, samples)


def fillings(fact: Fact, entries: Sequence[Any], tests: Sequence[Test], as_of: date) -> Iterable[tuple[Any, ...]]:
    """The ways in which a list that is known, but for some fields of its entries, can turn out."""
    return filled(fact, entries, tests, as_of, samples)


def _marks(tests: Iterable[Test], as_of: date) -> list[Any]:
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


def _numbers(fact: Fact, bounds: list[Exact]) -> list[Exact]:
    if fact.name in GROW_TOGETHER and fact.kind is Kind.DEC:
        bounds = [*bounds, *(Fraction(bound) + step for bound in bounds for step in (-_CLOSE, _CLOSE))]
    return _of_kind(fact, bounds)


def _of_kind(fact: Fact, bounds: Iterable[Exact]) -> list[Exact]:
    found = points(bounds, fact.possible)
    if fact.kind is not Kind.INT:
        return found
    whole = {Fraction(point).__floor__() + step for point in found for step in (-1, 0, 1)}
    return [Decimal(n) for n in sorted(whole) if _fits(Fraction(n), *fact.possible)]


def _told_apart(name: str, texts: Iterable[str], tests: Sequence[Test]) -> Iterator[str]:
    """One text of each kind that the tests tell apart, of those whose meaning is known."""
    found = {tuple(test.truth({name: text}) for test in tests): text for text in texts}
    return (text for truths, text in found.items() if None not in truths)


def _texts(words: list[str]) -> Iterator[str]:
    yield ""
    chosen = [words, *(words[:n] + words[n + 1 :] for n in range(len(words)))]
    for size in range(1, min(len(words), _MOST_TOGETHER) + 1):
        chosen += map(list, islice(combinations(words, size), _MOST_TEXTS))
    for several in chosen:
        # With a word that nobody looks for beside them, for what is one of the words and nothing else.
        yield from (_SEPARATED.join(several), _SEPARATED.join([*several, "\N{MIDDLE DOT}"]))


# --- Facts that a test compares ---------------------------------------------------------------------------------------


def samples_together(
    names: Sequence[str], tests: Sequence[Test], known: Mapping[str, Any], catalogue: Mapping[str, Fact]
) -> Iterator[dict[str, Any]]:
    """Values of several numbers that tests compare, those in `known` as they are.

    Each of them is varied once while the others stay, so that what it alone changes is seen.
    """
    for last in range(len(names)):
        in_order = [*names[:last], *names[last + 1 :], names[last]]
        yield from _together(in_order, tests, dict(known), catalogue)


def _together(
    names: list[str], tests: Sequence[Test], chosen: dict[str, Any], catalogue: Mapping[str, Fact]
) -> Iterator[dict[str, Any]]:
    name = next((name for name in names if name not in chosen), None)
    if name is None:
        yield {name: chosen[name] for name in names}
        return
    bounds: set[Exact] = set()
    for test in tests:
        if test.reads == (name,):
            bounds |= set(test.marks(SUPPOSED_DAY))
        elif name in test.reads:
            bounds |= _edges(test, name, tests, chosen)
    for point in _of_kind(catalogue[name], bounds):
        yield from _together(names, tests, {**chosen, name: as_decimal(point)}, catalogue)


def _edges(test: Test, name: str, tests: Sequence[Test], chosen: Mapping[str, Any]) -> set[Exact]:
    """Where `test` turns over for `name`, for the other's chosen value or for every bound that the other has."""
    other = next(read for read in test.reads if read != name)
    others = [chosen[other]] if other in chosen else [Decimal(0), *_crossings(test, tests), *_bounds(other, tests)]
    return {edge for value in others for edge in test.edges_beside(name, value)}


def _bounds(name: str, tests: Sequence[Test]) -> list[Decimal]:
    alone = [test for test in tests if test.reads == (name,) and test.is_range]
    return [mark for mark in _marks(alone, SUPPOSED_DAY) if isinstance(mark, Decimal)]


def _crossings(test: Test, tests: Sequence[Test]) -> Iterator[Decimal]:
    """Values of the number before at which the edge of `test` meets that of another change of the same two numbers."""
    for other in tests:
        if set(other.reads) == set(test.reads):
            for slope, rise in test.lines():
                for slope_2, rise_2 in other.lines():
                    if slope != slope_2:
                        yield (rise_2 - rise) / (slope - slope_2)
