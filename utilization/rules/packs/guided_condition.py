"""Conditions as the guided form builds them: a fact, how it is compared, and with what; several joined, in groups too.

What a form can ask in this way is a part of the criteria language; the rest is written as text.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

from utilization.rules.facts.catalogue import DERIVED, Fact, Kind
from utilization.rules.facts.units import canonical_unit
from utilization.rules.language.entries import DATE, field_catalogue

DOSES: Mapping[str, Fact] = {
    fact.name: fact for fact in (
        Fact("course_g_per_kg", Kind.DEC, "Ordered dose", "Dose of the course", "g/kg"),
        Fact("day_g_per_kg", Kind.DEC, "Ordered dose", "Dose of a day", "g/kg"),
        Fact("course_g", Kind.DEC, "Ordered dose", "Dose of the course", "g"),
        Fact("day_g", Kind.DEC, "Ordered dose", "Dose of a day", "g"),
    )
}  # fmt: skip
"""What an order amounts to, which the language tests by its word `dose`."""
WORKED_OUT: Mapping[str, Fact] = {
    name: Fact(name, Kind.BOOL, "Worked out from the order", f"{words.removeprefix('whether ')[:1].upper()}"
               f"{words.removeprefix('whether ')[1:]}")
    for name, words in DERIVED.items()
}  # fmt: skip
TRIED = "tried"
NAMED: Mapping[str, Fact] = {TRIED: Fact(TRIED, Kind.TEXT, "Prior therapy", "Therapies tried, by name or class")}
"""What was tried before, by the names of the vocabulary, which the language tests by its word `tried`."""
ALL, ANY, OF_EACH, ONE_GROUP = "all", "any", "of_each", "one_group"
"""How several tests are joined: all, any, any one of each group, all of one group."""
_ORDERED = frozenset({"dose_total_g", "dose_total_g_per_kg", "dose_per_day_g", "dose_per_day_g_per_kg"})
ENTRIES = (Kind.LIST_DEC, Kind.LIST_RECORD)


class How(StrEnum):
    """How a fact is compared."""

    IS = "is"
    IS_NOT = "is_not"
    AT_LEAST = "at_least"
    AT_MOST = "at_most"
    ABOVE = "above"
    BELOW = "below"
    BETWEEN = "between"
    EXACTLY = "exactly"
    STATED = "stated"
    MENTIONS = "mentions"
    WITHIN = "within"
    LONGER_AGO = "longer_ago"
    MANY = "many"
    FEW = "few"
    LATEST = "latest"
    NEVER = "never"
    ANY_OF = "any"
    ALL_OF = "all"
    SO_MANY_OF = "of"


_NUMBERS = {
    How.AT_LEAST: "at least", How.AT_MOST: "at most", How.ABOVE: "above", How.BELOW: "below",
    How.BETWEEN: "from … to …", How.EXACTLY: "exactly",
}  # fmt: skip
_NAMED = {
    How.ANY_OF: "any one of them", How.ALL_OF: "each of them", How.SO_MANY_OF: "at least so many of them",
}  # fmt: skip
_COUNTED = {How.MANY: "at least so many entries", How.FEW: "at most so many entries"}
_DATED = {How.LATEST: "the latest entry is as follows", How.NEVER: "never, or at least so long ago"}
_SPANS = {How.WITHIN: "within", How.LONGER_AGO: "at_least_ago", How.NEVER: "never_or_at_least_ago"}
_COMPARISONS: Mapping[Kind, Mapping[How, str]] = {
    Kind.BOOL: {How.IS: "is"},
    Kind.CHOICE: {How.IS: "is one of", How.IS_NOT: "is none of"},
    Kind.INT: _NUMBERS,
    Kind.DEC: _NUMBERS,
    Kind.TEXT: {How.STATED: "is stated", How.MENTIONS: "mentions one of the words"},
    Kind.DATE: {How.WITHIN: "within the last", How.LONGER_AGO: "at least so long ago"},
    Kind.LIST_DEC: _COUNTED,
    Kind.LIST_RECORD: _COUNTED,
}


@dataclass(frozen=True, slots=True)
class GuidedTest:
    """One fact with its comparison. `values` are codes, yes or no, or words; `number` and `to` are bounds, in the unit
    of the fact, or a count; `span` counts back, such as `12 months`. `where` is what is asked of an entry's fields, as
    the language writes it. Of therapies by name, `values` are the names, `span` is how long each was tried, and `where`
    holds the results that count. `group` is the group of the criterion to which it belongs.
    """

    fact: str
    how: How
    values: tuple[str | bool, ...] = ()
    number: Decimal | None = None
    to: Decimal | None = None
    span: str = ""
    where: tuple[tuple[str, Any], ...] = ()
    group: str = ""


def entry_fields(fact: Fact) -> dict[str, Fact]:
    """The fields of an entry of a list by which a guided condition tells entries apart."""
    return {name: field for name, field in field_catalogue(fact).items() if field.kind not in (Kind.TEXT, Kind.DATE)}


def facts_to_compare(catalogue: Mapping[str, Fact]) -> dict[str, Fact]:
    """What a guided condition may test, by name: the facts of `catalogue`, what is ordered, what is worked out."""
    kept = {name: fact for name, fact in catalogue.items() if name not in _ORDERED}
    return {**kept, **NAMED, **DOSES, **WORKED_OUT}


def comparisons(fact: Fact) -> Mapping[How, str]:
    """How a fact can be compared, with the words for it."""
    if fact.name in DOSES:
        return {how: _NUMBERS[how] for how in (How.AT_LEAST, How.AT_MOST, How.BETWEEN)}
    if fact.name in NAMED:
        return _NAMED
    dated = _DATED if DATE in fact.fields and entry_fields(fact) else {}
    if fact.or_never:
        dated = {How.NEVER: _DATED[How.NEVER]}
    return {**_COMPARISONS[fact.kind], **dated}


def condition(tests: Iterable[GuidedTest], joined: str, catalogue: Mapping[str, Fact]) -> Any:
    """The tests as they are `joined`, as the language writes it. At least one."""
    if joined in (OF_EACH, ONE_GROUP):
        within, joined = (ANY, ALL) if joined == OF_EACH else (ALL, ANY)
        groups: dict[str, list[GuidedTest]] = {}
        for test in tests:
            groups.setdefault(test.group, []).append(test)
        return _joined([condition(group, within, catalogue) for group in groups.values()], joined)
    return _joined([_said(test, catalogue) for test in tests], joined)


def _joined(parts: list[Any], joined: str) -> Any:
    if len(parts) == 1:
        return parts[0]
    keys = [key for part in parts for key in part]
    if joined == ALL and len(set(keys)) == len(keys):
        return {key: value for part in parts for key, value in part.items()}
    return {joined: parts}


def _said(test: GuidedTest, catalogue: Mapping[str, Fact]) -> dict[str, Any]:
    if test.fact in NAMED:
        return {TRIED: _tried(test)}
    if test.fact in DOSES:
        return {"dose": {**_bounds(test, DOSES[test.fact].unit), "per": test.fact.partition("_")[0]}}
    if test.how in (How.IS, How.IS_NOT):
        one = {test.fact: test.values[0] if len(test.values) == 1 else list(test.values)}
        return {"not": one} if test.how is How.IS_NOT else one
    return {test.fact: _compared(test, catalogue[test.fact])}


def _tried(test: GuidedTest) -> dict[str, Any]:
    counted = {"at_least": test.number} if test.how is How.SO_MANY_OF else {}
    long = {"for": test.span} if test.span else {}
    return {**counted, test.how.value: list(test.values), **dict(test.where), **long}


def _compared(test: GuidedTest, fact: Fact) -> Any:
    if test.how is How.STATED:
        return "stated"
    if test.how is How.MENTIONS:
        return {"mentions": list(test.values)}
    if fact.kind in ENTRIES:
        return _of_entries(test)
    if test.how in _SPANS:
        return {_SPANS[test.how]: test.span}
    bounds = _bounds(test, canonical_unit(fact.unit))
    return bounds["exactly"] if test.how is How.EXACTLY else bounds


def _of_entries(test: GuidedTest) -> dict[str, Any]:
    where = dict(test.where)
    asked = {"where": where} if where else {}
    if test.how is How.NEVER:
        return {**asked, _SPANS[How.NEVER]: test.span}
    within = {"within": test.span} if test.span else {}
    if test.how is How.LATEST:
        return {"latest": where, **within}
    return {**asked, "at_least" if test.how is How.MANY else "at_most": test.number, **within}


def _bounds(test: GuidedTest, unit: str) -> dict[str, Any]:
    assert test.number is not None, "a comparison of numbers has a number"
    if test.how is How.BETWEEN:
        assert test.to is not None, "a range has two ends"
        return {"at_least": measured(test.number, unit), "at_most": measured(test.to, unit)}
    return {test.how.value: measured(test.number, unit)}


def measured(number: Decimal, unit: str) -> Any:
    """A number with its unit as the language writes it; bare where there is no unit."""
    return f"{number.normalize():f} {unit}" if unit else number
