"""A condition of the criteria in words: a tree of lines that a template prints as nested lists."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from utilization.rules.catalogue import CATALOGUE, DERIVED
from utilization.rules.criteria import AllOf, Always, AnyOf, Condition, IsOneOf, IsWithin, Not, Surely
from utilization.rules.facts import plain

ALL, EITHER, NOT = "all of these hold", "one of these holds", "this does not hold"
KNOWN = "only if known"


@dataclass(frozen=True, slots=True)
class Words:
    """One line in `text`, or a heading over `parts`; a leaf has no parts."""

    text: str
    parts: tuple["Words", ...] = ()


def in_words(condition: Condition) -> Words:
    """`condition` as a tree: leaves name a fact with its values, branches say how the parts join."""
    match condition:
        case Always(value=value):
            return Words("always" if value else "never")
        case IsOneOf(fact=fact, values=values):
            return Words(f"{label(fact)}: {_either([_value(fact, one) for one in _ordered(fact, values)])}")
        case IsWithin(fact=fact, low=low, high=high):
            bounds = [
                f"{word} {plain(bound)}" for word, bound in (("at least", low), ("at most", high)) if bound is not None
            ]
            unit = CATALOGUE[fact].unit if fact in CATALOGUE else ""
            return Words(f"{label(fact)}: {' and '.join(bounds)} {unit}".rstrip())
        case Surely(part=part):
            inner = in_words(part)
            return Words(f"{inner.text} ({KNOWN})", inner.parts)
        case Not(part=part):
            inner = in_words(part)
            return Words(NOT, (inner,)) if inner.parts else Words(f"not {inner.text[:1].lower()}{inner.text[1:]}")
        case AllOf(parts=parts):
            return _joined(ALL, parts)
        case AnyOf(parts=parts):
            return _joined(EITHER, parts)
    raise TypeError(f"{type(condition).__name__} is no node of the criteria language.")


def label(fact: str) -> str:
    """What people call a fact, or what the order and the products make of one."""
    if fact in CATALOGUE:
        return CATALOGUE[fact].label
    words = DERIVED[fact].removeprefix("whether ")
    return words[:1].upper() + words[1:]


def _joined(heading: str, parts: Iterable[Condition]) -> Words:
    inner: list[Words] = []
    for part in parts:
        words = in_words(part)
        # One list inside another of the same kind says nothing more.
        inner += words.parts if words.text == heading else (words,)
    return inner[0] if len(inner) == 1 else Words(heading, tuple(inner))


def _ordered(fact: str, values: Iterable[Any]) -> list[Any]:
    known = CATALOGUE.get(fact)
    order = list(known.choices) if known else []
    return sorted(values, key=lambda value: order.index(value) if value in order else len(order))


def _value(fact: str, value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    known = CATALOGUE.get(fact)
    return str(known.choices.get(value, value)) if known else str(value)


def _either(words: list[str]) -> str:
    return " or ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)
