"""The sentence of each criterion beside the rule by which it judges, with the numbers of the sentence that no number of
the rule says: "at least 12 weeks" beside a rule of 6 weeks.

A number is said by the rule in another unit of the same measure too (12 months, 1 year), and by what a day's amount
comes to over the days that are named. What is left is worth a look and no fault: a sentence may tell more than a rule.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import chain, islice
from typing import Any

from utilization.rules.dosing.orders import DoseRule
from utilization.rules.facts.units import Quantity, UnitError, canonical_unit, convert, known_unit
from utilization.rules.facts.values import plain
from utilization.rules.language.composites import Always, facts_named, in_words
from utilization.rules.language.node import Catalogue, Condition
from utilization.rules.language.words import Words
from utilization.rules.packs.pack import Cap, Clause, Indication, Pack

_QUANTITY = re.compile(
    r"(?<![\w.\-/^])([0-9]{1,12}(?:\.[0-9]{1,12})?)(?![\w]|\.[0-9]|-[a-zA-Z])(?: ?([^\W\d_%][\w/]*))?"
)
MOST = 200
"""Criteria of one file that are told: the longest file that is shipped has 132."""
_DAYS = frozenset({"days", "doses", "infusions", "dose", "infusion"})
_JOINED = ("and", "to", "or")
_INCH = "in"
"""A word before it is a unit: no criterion counts inches."""
_MOST_NUMBERS = 40
_MOST_DAYS, _MOST_COUNTS = 31, 3
_ROUNDED = Fraction(1, 1000)
"""By what part a number may differ that is shown with four decimals, as a day in weeks."""


@dataclass(frozen=True, slots=True)
class SentencePart:
    """A piece of a sentence; `unsaid` where it is a number that no number of the rule says."""

    text: str
    unsaid: bool = False


@dataclass(frozen=True, slots=True)
class SaidBeside:
    """A criterion's sentence in pieces, beside its rule in words. `line` is 0 where it has none of its own.

    `limits` are those of the dose rule, where an order is held against them.
    """

    id: str
    line: int
    says: tuple[SentencePart, ...]
    when: Words | None
    requires: Words
    limits: tuple[str, ...] = ()

    @property
    def unsaid(self) -> tuple[str, ...]:
        """The numbers that no number of the rule says."""
        return tuple(dict.fromkeys(part.text for part in self.says if part.unsaid))


def beside(pack: Pack, file: str) -> list[SaidBeside]:
    """The criteria that stand in `file`, at most `MOST`; after those of an indication, the limits of its approval."""
    return list(islice(_beside(pack, file), MOST))


def _beside(pack: Pack, file: str) -> Iterator[SaidBeside]:
    for indication in pack.indications.values():
        clauses = [clause for clause in indication.clauses if clause.file == file]
        yield from (_of_clause(clause, indication, pack.catalogue) for clause in clauses)
        yield from (_of_cap(cap, pack.catalogue) for cap in indication.caps if clauses)


def _of_clause(clause: Clause, indication: Indication, catalogue: Catalogue) -> SaidBeside:
    """The sentence of a clause beside what it requires."""
    requires = in_words(clause.require, catalogue)
    limits = tuple(_limits(clause.require, indication.dose))
    says = _parts(clause.says, [*_texts(requires), *_texts(in_words(clause.when, catalogue)), *limits])
    return SaidBeside(clause.id, clause.line, says, _unless_always(clause.when, catalogue), requires, limits)


def _of_cap(cap: Cap, catalogue: Catalogue) -> SaidBeside:
    texts = [cap.most, *_texts(in_words(cap.when, catalogue))]
    return SaidBeside(cap.id, 0, _parts(cap.says, texts), _unless_always(cap.when, catalogue), Words(cap.most))


def _unless_always(when: Condition, catalogue: Catalogue) -> Words | None:
    return None if isinstance(when, Always) else in_words(when, catalogue)


def _limits(require: Condition, rule: DoseRule) -> Iterator[str]:
    """The limits of the dose rule, where the clause holds an order against them."""
    if "dose_within_ceiling" in facts_named(require):
        amounts = (rule.ceiling, *(phase.ceiling for phase in rule.phases))
        yield from (f"{plain(amount)} g/kg" for amount in amounts if amount is not None)


def _texts(words: Words) -> Iterator[str]:
    yield words.text
    for part in words.parts:
        yield from _texts(part)


def _parts(says: str, rule: Iterable[str]) -> tuple[SentencePart, ...]:
    """The sentence in pieces, held against the texts of its rule."""
    ruled = _Ruled(islice(chain.from_iterable(map(_found, rule)), _MOST_NUMBERS))
    named = _found(says)
    days = [one.value for one, _ in named if one.unit in _DAYS and 1 < one.value <= _MOST_DAYS][:_MOST_COUNTS]
    # A day's amount, and the days over which it comes to what the rule says.
    over = {(one, count) for one, _ in named for count in days if ruled.says(Quantity(one.value * count, one.unit))}
    said = {one for one, _ in over} | {Quantity(count, unit) for _, count in over for unit in _DAYS}
    found: list[SentencePart] = []
    end = 0
    for quantity, (start, stop) in named:
        if quantity not in said and not ruled.says(quantity):
            found += [SentencePart(says[end:start]), SentencePart(says[start:stop], unsaid=True)]
            end = stop
    return tuple(part for part in (*found, SentencePart(says[end:])) if part.text)


class _Ruled:
    """The numbers of a rule, each told in the units in which a sentence asks for it."""

    def __init__(self, found: Iterable[tuple[Quantity, Any]]) -> None:
        self._all = list(dict.fromkeys(quantity for quantity, _ in found))
        self._in: dict[str, list[Fraction]] = {}

    def says(self, number: Quantity) -> bool:
        """Whether the number is one of them: as it stands, or in a unit of its measure but for rounding."""
        if number.unit not in self._in:
            self._in[number.unit] = [value for one in self._all if (value := _told_in(number.unit, one)) is not None]
        value = Fraction(number.value)
        return any(abs(value - one) <= _ROUNDED * value for one in self._in[number.unit])


def _told_in(unit: str, quantity: Quantity) -> Fraction | None:
    """The number in a unit; None where it measures something else. A number without a unit is one of any."""
    if not (known_unit(unit) and known_unit(quantity.unit)):
        return Fraction(quantity.value)
    try:
        return Fraction(convert(quantity, unit))
    except UnitError:
        return None


def _found(text: str) -> list[tuple[Quantity, tuple[int, int]]]:
    """The first numbers of a text, each with its unit where it has one, and where the number stands.

    The first of two numbers, as in "2 to 5 days" and "at least 1 and at most 4 weeks", has the unit of the second.
    """
    found: list[tuple[Quantity, tuple[int, int]]] = []
    unit = ""
    for match in reversed(list(islice(_QUANTITY.finditer(text), _MOST_NUMBERS))):
        word = match[2] or ""
        if word not in _JOINED:
            unit = canonical_unit(word) if word != _INCH else ""
        found.append((Quantity(Decimal(match[1]), unit), match.span(1)))
    return found[::-1]
