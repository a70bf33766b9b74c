"""Entries of a list for a worked example, by which a test of the guide holds or does not, as a person types them."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from utilization.rules.facts.catalogue import Fact, Kind
from utilization.rules.facts.units import before, read_quantity
from utilization.rules.facts.values import MOST_ITEMS, plain
from utilization.rules.language.entries import DATE, VALUE, field_catalogue
from utilization.rules.packs.guided_condition import GuidedTest, How
from utilization.web.formulary.guide_fields import LONGEST, NO, YES
from utilization.web.formulary.guide_tests import THERAPY

_DAY = timedelta(days=1)
_NAMES = ("methotrexate", "azathioprine", "prednisolone", "rituximab")
"""Therapies of an entry, where a test asks only how many went so or so."""
_Parts = dict[str, str]


def day(test: GuidedTest, holds: bool, as_of: date) -> str:
    """A date by which a test of a date holds or does not, seen from `as_of`."""
    recent = holds == (test.how is How.WITHIN)
    return as_of.isoformat() if recent else _long_ago(test.span, as_of)


def entries(test: GuidedTest, fact: Fact, holds: bool, as_of: date) -> list[str] | None:
    """Lines of a list by which a test of it holds or does not; None where no list is such, or can be typed."""
    found = _entries(test, fact, holds, as_of)
    if found is None or None in found or len(found) > MOST_ITEMS:
        return None
    lines = [_line(fact, entry) for entry in found if entry is not None]
    return lines if len("\n".join(lines)) <= LONGEST else None


def _entries(test: GuidedTest, fact: Fact, holds: bool, as_of: date) -> list[_Parts | None] | None:
    if test.how is How.NEVER:
        return [_entry(test, fact, 0, _long_ago(test.span, as_of) if holds else as_of.isoformat())]
    if test.how is How.LATEST:
        return [_entry(test, fact, 0, as_of.isoformat(), fits=holds)]
    assert test.number is not None, "a list is counted"
    wanted = int(test.number) + {True: 0, False: -1 if test.how is How.MANY else 1}[holds]
    if wanted < 0:
        return None
    places = range(min(wanted, MOST_ITEMS + 1))
    fitting = [_entry(test, fact, place, _recent(test, place, as_of)) for place in places]
    # Where none fits, one that does not shows what is meant; a list is empty only where there is no such.
    other = _entry(test, fact, wanted, as_of.isoformat(), fits=False) if test.where and not wanted else None
    return [*fitting, *([other] if other else [])]


def _entry(test: GuidedTest, fact: Fact, place: int, on: str, *, fits: bool = True) -> _Parts | None:
    """One entry that fits what is asked of its fields, or does not; None where no value does."""
    fields, asked = field_catalogue(fact), dict(test.where)
    required = {
        name: _anything(name, field, place, on) for name, field in fields.items() if name in (*fact.required, VALUE)
    }
    is_dated = DATE in fact.required or test.span or test.how is How.LATEST
    parts = {**required, **({DATE: on} if DATE in fields and is_dated else {})}
    for name, said in asked.items():
        value = _value(fields[name], said, fits)
        if value is None:
            return None
        parts[name] = value
        if not fits:
            break
    if not fits and not asked:
        return None
    return parts


def _anything(name: str, field: Fact, place: int, on: str) -> str:
    """A value of a field of which nothing is asked and which every entry has."""
    if field.kind is Kind.DATE:
        return on
    if field.kind is Kind.TEXT:
        return _NAMES[place % len(_NAMES)] if name == THERAPY else f"{field.label} {place + 1}"
    if field.kind is Kind.BOOL:
        return YES
    if field.kind is Kind.CHOICE:
        return _chosen(field, next(iter(field.choices)))
    low, high = field.possible
    return plain(low if low is not None else high if high is not None else Decimal(1))


def _value(field: Fact, said: Any, fits: bool) -> str | None:
    """A value of a field for which what is said of it holds, or does not."""
    if field.kind is Kind.BOOL:
        return YES if said == fits else NO
    if field.kind is Kind.CHOICE:
        wanted = said if isinstance(said, list) else [said]
        return next((_chosen(field, code) for code in field.choices if (code in wanted) == fits), None)
    return next(_numbers(field, said, fits), None)


def _numbers(field: Fact, said: Mapping[str, Any], fits: bool) -> Iterator[str]:
    """Numbers on the bounds and beside them, as far as they are possible and fit, or do not."""
    bounds = {key: _number(value) for key, value in said.items()}
    step = 1 if field.kind is Kind.INT else min([Decimal(1), *(bound / 2 for bound in bounds.values() if bound > 0)])
    low, high = field.possible
    for bound in bounds.values():
        for number in (bound, bound - step, bound + step):
            possible = (low is None or number >= low) and (high is None or number <= high)
            if possible and all(_within(number, key, at) for key, at in bounds.items()) == fits:
                yield plain(number)


def _within(number: Decimal, key: str, bound: Decimal) -> bool:
    return number >= bound if key == "at_least" else number <= bound if key == "at_most" else number < bound


def _number(said: Any) -> Decimal:
    """The number of a bound as the language writes it: bare, or with the unit of its field."""
    quantity = read_quantity(str(said))
    assert quantity is not None, "a bound begins with its number"
    return quantity.value


def _chosen(field: Fact, code: str) -> str:
    """The words of a choice, unless they would divide the line."""
    words = field.choices[code]
    return code if ";" in words or words != " ".join(words.split()) else words


def _line(fact: Fact, parts: Mapping[str, str]) -> str:
    """The entry as a line: its parts in the order of the fields, with nothing after the last that is said."""
    return "; ".join(parts.get(name, "") for name in field_catalogue(fact)).rstrip("; ")


def _recent(test: GuidedTest, place: int, as_of: date) -> str:
    """A day for the entry at this place: one day before that of the one before, as far as the span of the test goes."""
    span = read_quantity(test.span)
    return max(as_of - place * _DAY, before(as_of, span) if span else date.min).isoformat()


def _long_ago(span: str, as_of: date) -> str:
    quantity = read_quantity(span)
    assert quantity is not None, "a span begins with its number"
    first = before(as_of, quantity)
    return (first if first == date.min else first - _DAY).isoformat()
