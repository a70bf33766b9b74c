"""The criteria language: frozen nodes with one meaning, `truth(facts)`: true, false, or None for unknown.

Kleene's logic: all is false as soon as one part is false, any is true as soon as one part is true, and what an unknown
fact leaves open is unknown. `surely` turns unknown into false, for facts that must be known to count.

`facts` maps name to value; what is absent is unknown. Under `AS_OF` it holds the request's date, from which windows of
time count back. Nodes about lists of dated entries stand in `records`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Protocol

from utilization.rules.facts.units import Exact, Quantity, before

Truth = bool | None
AS_OF = "as_of"


class Condition(Protocol):
    """What every node can do."""

    def truth(self, facts: Mapping[str, Any]) -> Truth: ...
    def tests(self) -> Iterator["Test"]: ...


class Test(Condition, Protocol):
    """A node that reads facts: its truth is what completions of the unknown ones differ in."""

    @property
    def reads(self) -> tuple[str, ...]: ...


class Atom:
    """A node that is a test itself."""

    __slots__ = ()

    def tests(self) -> Iterator[Any]:
        yield self


class OfOneFact(Atom):
    """A test that reads one fact."""

    __slots__ = ()
    fact: str

    @property
    def reads(self) -> tuple[str, ...]:
        return (self.fact,)


@dataclass(frozen=True, slots=True)
class Always:
    """The same truth whatever the facts."""

    value: Truth

    def truth(self, facts: Mapping[str, Any]) -> Truth:
        return self.value

    def tests(self) -> Iterator[Test]:
        return iter(())


@dataclass(frozen=True, slots=True)
class AllOf:
    """True when every part is true, false as soon as one is false."""

    parts: tuple[Condition, ...]

    def truth(self, facts: Mapping[str, Any]) -> Truth:
        result: Truth = True
        for part in self.parts:
            truth = part.truth(facts)
            if truth is False:
                return False
            if truth is None:
                result = None
        return result

    def tests(self) -> Iterator[Test]:
        return _tests_of(self.parts)


@dataclass(frozen=True, slots=True)
class AnyOf:
    """True as soon as one part is true, false when every part is false."""

    parts: tuple[Condition, ...]

    def truth(self, facts: Mapping[str, Any]) -> Truth:
        result: Truth = False
        for part in self.parts:
            truth = part.truth(facts)
            if truth is True:
                return True
            if truth is None:
                result = None
        return result

    def tests(self) -> Iterator[Test]:
        return _tests_of(self.parts)


@dataclass(frozen=True, slots=True)
class CountOf:
    """True when at least `low` and at most `high` of the parts are true, whatever the unknown ones are."""

    parts: tuple[Condition, ...]
    low: int = 0
    high: int | None = None

    def truth(self, facts: Mapping[str, Any]) -> Truth:
        truths = [part.truth(facts) for part in self.parts]
        surely = truths.count(True)
        return between(surely, surely + truths.count(None), self.low, self.high)

    def tests(self) -> Iterator[Test]:
        return _tests_of(self.parts)


def between(fewest: int, most: int, low: int, high: int | None) -> Truth:
    """Whether a number known to lie between `fewest` and `most` is at least `low` and at most `high`."""
    if most < low or (high is not None and fewest > high):
        return False
    return True if fewest >= low and (high is None or most <= high) else None


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite; unknown stays unknown."""

    part: Condition

    def truth(self, facts: Mapping[str, Any]) -> Truth:
        truth = self.part.truth(facts)
        return None if truth is None else not truth

    def tests(self) -> Iterator[Test]:
        return self.part.tests()


@dataclass(frozen=True, slots=True)
class Surely:
    """True when the part is true by known facts, else false: a fact that is used when known but never asked for."""

    part: Condition

    def truth(self, facts: Mapping[str, Any]) -> Truth:
        return self.part.truth(facts) is True

    def tests(self) -> Iterator[Test]:
        return iter(())


@dataclass(frozen=True, slots=True)
class IsOneOf(OfOneFact):
    """The fact has one of the values."""

    fact: str
    values: frozenset[Any]

    def truth(self, facts: Mapping[str, Any]) -> Truth:
        value = facts.get(self.fact)
        return None if value is None else value in self.values


@dataclass(frozen=True, slots=True)
class IsWithin(OfOneFact):
    """The number is at least `low` and at most `high`, or above and below where open; None for no bound."""

    fact: str
    low: Exact | None = None
    high: Exact | None = None
    low_open: bool = False
    high_open: bool = False

    def truth(self, facts: Mapping[str, Any]) -> Truth:
        value = facts.get(self.fact)
        if value is None:
            return None
        low, high = self.low, self.high
        if low is not None and (value < low or (self.low_open and value == low)):
            return False
        return high is None or value < high or (value == high and not self.high_open)


@dataclass(frozen=True, slots=True)
class IsBeside(Atom):
    """One number is at least, or at most, another fact's; above or below it where `open`."""

    fact: str
    other: str
    least: bool
    is_open: bool = False

    @property
    def reads(self) -> tuple[str, ...]:
        return (self.fact, self.other)

    def truth(self, facts: Mapping[str, Any]) -> Truth:
        one, other = facts.get(self.fact), facts.get(self.other)
        if one is None or other is None:
            return None
        if one == other:
            return not self.is_open
        return bool(one > other) == self.least


@dataclass(frozen=True, slots=True)
class Mentions(OfOneFact):
    """The text holds one of the words; with `whole`, it is one of them; with no words, any text at all is stated.

    Case, spacing, and a low line for a space make no difference.
    """

    fact: str
    words: tuple[str, ...] = ()
    whole: bool = False

    def truth(self, facts: Mapping[str, Any]) -> Truth:
        value = facts.get(self.fact)
        if value is None:
            return None
        text = folded(value)
        if not self.words:
            return bool(text)
        return any(folded(word) == text if self.whole else folded(word) in text for word in self.words)


def folded(text: str) -> str:
    """`text` as texts are compared."""
    return " ".join(text.replace("_", " ").casefold().split())


@dataclass(frozen=True, slots=True)
class IsDated(OfOneFact):
    """The date lies within a span back from the request's date, at least a span ago, or between two days.

    Each part is left out by None. A date after the request's is never `within` nor `ago`.
    """

    fact: str
    within: Quantity | None = None
    ago: Quantity | None = None
    first: date | None = None
    last: date | None = None

    def truth(self, facts: Mapping[str, Any]) -> Truth:
        value = facts.get(self.fact)
        return None if value is None else self.holds(value, facts[AS_OF])

    def holds(self, value: date, as_of: date) -> bool:
        if self.within is not None and not before(as_of, self.within) <= value <= as_of:
            return False
        if self.ago is not None and value > before(as_of, self.ago):
            return False
        return (self.first is None or value >= self.first) and (self.last is None or value <= self.last)


@dataclass(frozen=True, slots=True)
class HasChanged(Atom):
    """From one number to another it fell (or rose) by at least `by`; with `percent`, of the first number's size."""

    before: str
    after: str
    by: Decimal
    rises: bool
    percent: bool = False

    @property
    def reads(self) -> tuple[str, ...]:
        return (self.before, self.after)

    def truth(self, facts: Mapping[str, Any]) -> Truth:
        one, other = facts.get(self.before), facts.get(self.after)
        return None if one is None or other is None else changed(one, other, self.by, self.rises, self.percent)


def changed(one: Decimal, other: Decimal, by: Decimal, rises: bool, percent: bool) -> bool:
    """Whether the way from `one` to `other` is at least `by` up or down, or that many percent of `one`'s size.

    From nothing every step is more than any percentage, but what stays nothing has not changed.
    """
    way = other - one if rises else one - other
    return way > 0 and way * 100 >= by * abs(one) if percent else way >= by


@dataclass(frozen=True, slots=True)
class DoseWithin(OfOneFact):
    """The order stays within `high` and reaches `low`, in the unit of `fact`: an amount that the dose rule derives.

    The amount knows how it was ordered, so that rounding never trips a limit; `tolerance` is a fraction of the limit.
    """

    fact: str
    low: Exact | None = None
    high: Exact | None = None
    tolerance: Decimal = Decimal(0)
    # The interval as it was written, for the limit's words: an amount of a week stands for every interval.
    per: Quantity | None = field(default=None, compare=False)

    def truth(self, facts: Mapping[str, Any]) -> Truth:
        value = facts.get(self.fact)
        if value is None:
            return None
        enough = True if self.low is None else value.reaches(self.low, self.tolerance)
        if enough is False or self.high is None:
            return enough
        within = value.stays_within(self.high, self.tolerance)
        return None if enough is None and within is True else within


def _tests_of(parts: tuple[Condition, ...]) -> Iterator[Test]:
    for part in parts:
        yield from part.tests()


def facts_named(condition: Condition) -> Iterator[str]:
    """Names of every fact that `condition` reads, also under `surely`, in reading order, with repeats."""
    if isinstance(condition, Surely | Not):
        yield from facts_named(condition.part)
    elif isinstance(condition, AllOf | AnyOf | CountOf):
        for part in condition.parts:
            yield from facts_named(part)
    else:
        for test in condition.tests():
            yield from test.reads


def all_tests(condition: Condition) -> Iterator[Test]:
    """Every test that `condition` holds, also under `surely`, in reading order, with repeats."""
    if isinstance(condition, Surely | Not):
        yield from all_tests(condition.part)
    elif isinstance(condition, AllOf | AnyOf | CountOf):
        for part in condition.parts:
            yield from all_tests(part)
    else:
        yield from condition.tests()
