"""Value classes: values that unknown facts may have, enough that every way in which tests can differ occurs.

For truth values and choices these are all values; for numbers the bounds that tests name, and points between and beside
them; for texts, lists and dates, samples built from what the tests ask, on the request's date. A sample is never shown
to people.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import chain, combinations, islice
from typing import Any

from utilization.rules.facts.catalogue import AMOUNTS, DERIVED, Fact, Kind
from utilization.rules.facts.date_words import NEVER
from utilization.rules.facts.units import Exact
from utilization.rules.language.amounts import Exactly
from utilization.rules.language.list_classes import filled, lists
from utilization.rules.language.node import AS_OF, Test
from utilization.rules.language.number_classes import SUPPOSED_DAY, marks_of, of_kind, points

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
        return [Exactly(point) for point in points(marks_of(tests, as_of), (Decimal(0), None))]
    if name in DERIVED or fact is None or fact.kind is Kind.BOOL:
        return _BOTH
    if fact.kind is Kind.CHOICE:
        return fact.choices
    if fact.kind in (Kind.INT, Kind.DEC):
        return _numbers(fact, marks_of(tests, as_of))
    if fact.kind is Kind.TEXT:
        whole = dict.fromkeys(text for test in tests for text in test.texts(as_of))
        return chain(_told_apart(name, whole, tests), _texts(list(dict.fromkeys(marks_of(tests, as_of)))))
    if fact.kind is Kind.DATE:
        return [*sorted(set(marks_of(tests, as_of))), *([NEVER] if fact.or_never else ())]
    return lists(fact, tests, {AS_OF: as_of}, samples)


def fillings(fact: Fact, entries: Sequence[Any], tests: Sequence[Test], as_of: date) -> Iterable[tuple[Any, ...]]:
    """The ways in which a list that is known, but for some fields of its entries, can turn out."""
    return filled(fact, entries, tests, {AS_OF: as_of}, samples)


def _numbers(fact: Fact, bounds: list[Exact]) -> list[Exact]:
    if fact.name in GROW_TOGETHER and fact.kind is Kind.DEC:
        bounds = [*bounds, *(Fraction(bound) + step for bound in bounds for step in (-_CLOSE, _CLOSE))]
    return of_kind(fact, bounds)


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
