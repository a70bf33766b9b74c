"""Words for what people read: a tree of lines, and the ways to say bounds, counts, steps and values."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from utilization.rules.facts.catalogue import CATALOGUE, DERIVED, Fact
from utilization.rules.facts.units import Exact, as_decimal
from utilization.rules.facts.values import plain

_MOST_DECIMALS = -12


@dataclass(frozen=True, slots=True)
class Words:
    """One line in `text`, or a heading over `parts`; a leaf has no parts."""

    text: str
    parts: tuple["Words", ...] = ()


def sentence(words: Words) -> str:
    """The tree on one line, with brackets where the lists nest."""
    if not words.parts:
        return words.text
    inner = "; ".join(f"({sentence(part)})" if part.parts else part.text for part in words.parts)
    return f"{words.text}: {inner}"


def label(fact: str, catalogue: Mapping[str, Fact] = CATALOGUE) -> str:
    """What people call a fact, or what the order and the products make of one."""
    if fact in catalogue:
        return catalogue[fact].label
    words = DERIVED.get(fact, fact.replace("_", " ")).removeprefix("whether ")
    return words[:1].upper() + words[1:]


def bounds_in_words(words: tuple[str, str], bounds: tuple[Exact | None, Exact | None], unit: str) -> str:
    """`at least 2 and below 18 years`, from the words for the lower and the upper bound; None for no bound."""
    said = [f"{word} {number_in_words(bound)}" for word, bound in zip(words, bounds, strict=True) if bound is not None]
    return f"{' and '.join(said)} {unit}".rstrip()


def number_in_words(number: Exact) -> str:
    """The number without needless digits."""
    # What no decimal says exactly (5 mL/kg/h in mL/kg/min) is shown to four digits.
    value = as_decimal(number)
    return plain(round(value, 4) if int(value.as_tuple().exponent) < _MOST_DECIMALS else value)


def step_in_words(by: Decimal, rises: bool, percent: bool) -> str:
    """`falls by at least 20 %`."""
    return f"{'rises' if rises else 'falls'} by at least {plain(by)}{' %' if percent else ''}"


def how_many(low: int, high: int | None) -> str:
    """`at least 2`, `exactly 1`, `at most 3`."""
    if high is None:
        return f"at least {low}"
    if low == high:
        return f"exactly {low}"
    return f"at most {high}" if not low else f"at least {low} and at most {high}"


def values_in_words(fact: Fact | None, values: Iterable[Any]) -> list[str]:
    """Each value in words, in the order of the fact's choices."""
    order = list(fact.choices) if fact else []
    ranked = sorted(values, key=lambda value: (order.index(value) if value in order else len(order), str(value)))
    return [_value(fact, value) for value in ranked]


def _value(fact: Fact | None, value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(fact.choices.get(value, value)) if fact else str(value)


def either(words: list[str]) -> str:
    """`mild, moderate or severe`."""
    return " or ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)
