"""A condition of the criteria in words: a tree of lines that a page prints as nested lists, or one sentence of it.

`catalogue` holds the facts that a condition may name: the vocabulary's, with those that its pack brings itself.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from decimal import Decimal
from typing import Any

from utilization.rules.facts.catalogue import AMOUNTS, CATALOGUE, DERIVED, Fact
from utilization.rules.facts.date_words import day_words
from utilization.rules.facts.units import Exact, as_decimal, days_of, ratio
from utilization.rules.facts.values import plain
from utilization.rules.language.criteria import (
    AllOf,
    Always,
    AnyOf,
    Condition,
    CountOf,
    DoseWithin,
    HasChanged,
    IsBeside,
    IsDated,
    IsOneOf,
    IsWithin,
    Mentions,
    Not,
    Surely,
)
from utilization.rules.language.records import Entries, EntryChange, Latest, Total, Trend

ALL, EITHER, NOT = "all of these hold", "one of these holds", "this does not hold"
KNOWN = "only if known"

Catalogue = Mapping[str, Fact]


@dataclass(frozen=True, slots=True)
class Words:
    """One line in `text`, or a heading over `parts`; a leaf has no parts."""

    text: str
    parts: tuple["Words", ...] = ()


def in_words(condition: Condition, catalogue: Catalogue = CATALOGUE) -> Words:
    """`condition` as a tree: leaves name a fact with its values, branches say how the parts join."""
    say = _SAYS.get(type(condition))
    return say(condition, catalogue) if say else _spelled_out(condition)


def sentence(words: Words) -> str:
    """The tree on one line, with brackets where the lists nest."""
    if not words.parts:
        return words.text
    inner = "; ".join(f"({sentence(part)})" if part.parts else part.text for part in words.parts)
    return f"{words.text}: {inner}"


def label(fact: str, catalogue: Catalogue = CATALOGUE) -> str:
    """What people call a fact, or what the order and the products make of one."""
    if fact in catalogue:
        return catalogue[fact].label
    words = DERIVED.get(fact, fact.replace("_", " ")).removeprefix("whether ")
    return words[:1].upper() + words[1:]


# --- Branches -----------------------------------------------------------------------------------------------------


def _always(node: Always, catalogue: Catalogue) -> Words:
    return Words("not known" if node.value is None else "always" if node.value else "never")


def _surely(node: Surely, catalogue: Catalogue) -> Words:
    inner = in_words(node.part, catalogue)
    return Words(f"{inner.text} ({KNOWN})", inner.parts)


def _not(node: Not, catalogue: Catalogue) -> Words:
    inner = in_words(node.part, catalogue)
    return Words(NOT, (inner,)) if inner.parts else Words(f"not {inner.text[:1].lower()}{inner.text[1:]}")


def _count(node: CountOf, catalogue: Catalogue) -> Words:
    parts = tuple(in_words(part, catalogue) for part in node.parts)
    return Words(f"{_how_many(node.low, node.high)} of these hold", parts)


def _joined(heading: str, parts: Iterable[Condition], catalogue: Catalogue) -> Words:
    inner: list[Words] = []
    for part in parts:
        words = in_words(part, catalogue)
        # One list inside another of the same kind says nothing more.
        inner += words.parts if words.text == heading else (words,)
    return inner[0] if len(inner) == 1 else Words(heading, tuple(inner))


# --- Tests of one fact --------------------------------------------------------------------------------------------


def _one_of(node: IsOneOf, catalogue: Catalogue) -> Words:
    fact = catalogue.get(node.fact)
    return Words(
        f"{label(node.fact, catalogue)}: {_either([_value(fact, one) for one in _ordered(fact, node.values)])}"
    )


def _within(node: IsWithin, catalogue: Catalogue) -> Words:
    unit = catalogue[node.fact].unit if node.fact in catalogue else ""
    words = ("above" if node.low_open else "at least", "below" if node.high_open else "at most")
    return Words(f"{label(node.fact, catalogue)}: {_bounds(words, (node.low, node.high), unit)}")


def _dose(node: DoseWithin, catalogue: Catalogue) -> Words:
    name, bounds = _AMOUNTS.get(node.fact, node.fact), (node.low, node.high)
    if node.per is not None:
        # A limit is held as one of a week; people read the interval in which it was written.
        name = f"{name.removesuffix(' of a week')} per {node.per}"
        week = ratio(_WEEK, days_of(node.per))
        low, high = (None if bound is None else ratio(bound, week) for bound in bounds)
        bounds = (low, high)
    said = f"{name}: {_bounds(('at least', 'at most'), bounds, AMOUNTS.get(node.fact, ''))}"
    return Words(f"{said}, with a tolerance of {plain(node.tolerance * 100)} %" if node.tolerance else said)


def _beside(node: IsBeside, catalogue: Catalogue) -> Words:
    way = ("above" if node.is_open else "at least") if node.least else ("below" if node.is_open else "at most")
    return Words(f"{label(node.fact, catalogue)}: {way} “{label(node.other, catalogue)}”")


def _mentions(node: Mentions, catalogue: Catalogue) -> Words:
    verb = "is" if node.whole else "mentions"
    return Words(f"{label(node.fact, catalogue)}: {f'{verb} {_either(list(node.words))}' if node.words else 'stated'}")


def _dated(node: IsDated, catalogue: Catalogue) -> Words:
    parts = (
        f"within {node.within}" if node.within else "",
        f"at least {node.ago} ago" if node.ago else "",
        f"from {day_words(node.first)}" if node.first else "",
        f"until {day_words(node.last)}" if node.last else "",
    )
    return Words(f"{label(node.fact, catalogue)}: {', '.join(filter(None, parts))}")


def _changed(node: HasChanged, catalogue: Catalogue) -> Words:
    names = f"From “{label(node.before, catalogue)}” to “{label(node.after, catalogue)}”"
    return Words(f"{names}: {_step(node)}")


def _bounds(words: tuple[str, str], bounds: tuple[Exact | None, Exact | None], unit: str) -> str:
    said = [f"{word} {_number(bound)}" for word, bound in zip(words, bounds, strict=True) if bound is not None]
    return f"{' and '.join(said)} {unit}".rstrip()


def _number(number: Exact) -> str:
    # What no decimal says exactly (5 mL/kg/h in mL/kg/min) is shown to four digits.
    value = as_decimal(number)
    return plain(round(value, 4) if int(value.as_tuple().exponent) < _MOST_DECIMALS else value)


def _step(node: HasChanged | EntryChange) -> str:
    return f"{'rises' if node.rises else 'falls'} by at least {plain(node.by)}{' %' if node.percent else ''}"


def _how_many(low: int, high: int | None) -> str:
    if high is None:
        return f"at least {low}"
    if low == high:
        return f"exactly {low}"
    return f"at most {high}" if not low else f"at least {low} and at most {high}"


# --- Tests of lists -----------------------------------------------------------------------------------------------


def _entries(node: Entries, catalogue: Catalogue) -> Words:
    apart = f", each at least {_number(node.apart_days)} days from the next" if node.apart_days is not None else ""
    within = f", within {node.within}" if node.within else ""
    head = f"{label(node.fact, catalogue)}: {_how_many(node.low, node.high)}{apart}{within}"
    return _where(head, node, catalogue)


def _latest(node: Latest, catalogue: Catalogue) -> Words:
    within = f", within {node.within}" if node.within else ""
    return _where(f"{label(node.fact, catalogue)}: the latest{within}", node, catalogue)


def _total(node: Total, catalogue: Catalogue) -> Words:
    fields = catalogue[node.fact].fields if node.fact in catalogue else {}
    field = fields.get(node.field)
    words = ("above" if node.low_open else "at least", "below" if node.high_open else "at most")
    said = _bounds(words, (node.low, node.high), field.unit if field else "")
    within = f", within {node.within}" if node.within else ""
    return _where(f"{label(node.fact, catalogue)}: together {said}{within}", node, catalogue)


def _where(head: str, node: Entries | Latest | Total, catalogue: Catalogue) -> Words:
    if isinstance(node.where, Always) and node.where.value is True:
        return Words(head)
    inner = in_words(node.where, catalogue[node.fact].fields if node.fact in catalogue else {})
    return Words(f"{head}, of which {inner.text}", inner.parts)


def _trend(node: Trend, catalogue: Catalogue) -> Words:
    way = {(True, True): "rising", (False, True): "falling", (True, False): "not falling", (False, False): "not rising"}
    return Words(f"{label(node.fact, catalogue)}: the last {node.last} {way[node.rising, node.strict]}")


def _entry_change(node: EntryChange, catalogue: Catalogue) -> Words:
    return Words(f"{label(node.fact, catalogue)}: from the {node.since} to the latest it {_step(node)}")


def _spelled_out(condition: Any) -> Words:
    """A node that has no words of its own here: its name with its fields, so that nothing is hidden."""
    name = type(condition).__name__
    if not is_dataclass(condition):
        return Words(name)
    said = [f"{one.name.replace('_', ' ')} {getattr(condition, one.name)}" for one in fields(condition)]
    return Words(f"{name}: {', '.join(said)}")


def _ordered(fact: Fact | None, values: Iterable[Any]) -> list[Any]:
    order = list(fact.choices) if fact else []
    return sorted(values, key=lambda value: (order.index(value) if value in order else len(order), str(value)))


def _value(fact: Fact | None, value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(fact.choices.get(value, value)) if fact else str(value)


def _either(words: list[str]) -> str:
    return " or ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)


_WEEK = Decimal(7)
_MOST_DECIMALS = -12
_AMOUNTS = {
    "course_g_per_kg": "Dose of a course",
    "day_g_per_kg": "Dose of a day",
    "week_g_per_kg": "Dose of a week",
    "course_g": "Grams of a course",
    "day_g": "Grams of a day",
    "week_g": "Grams of a week",
    "rate_ml_per_kg_min": "Infusion rate",
    "rate_mg_per_kg_min": "Infusion rate",
}
_SAYS: Mapping[type, Callable[[Any, Catalogue], Words]] = {
    Always: _always,
    AllOf: lambda node, catalogue: _joined(ALL, node.parts, catalogue),
    AnyOf: lambda node, catalogue: _joined(EITHER, node.parts, catalogue),
    Not: _not,
    Surely: _surely,
    CountOf: _count,
    IsOneOf: _one_of,
    IsWithin: _within,
    IsDated: _dated,
    Mentions: _mentions,
    HasChanged: _changed,
    IsBeside: _beside,
    DoseWithin: _dose,
    Entries: _entries,
    Latest: _latest,
    Total: _total,
    Trend: _trend,
    EntryChange: _entry_change,
}
