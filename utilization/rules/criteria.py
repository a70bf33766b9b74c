"""The criteria language: a handful of frozen nodes over facts, three-valued (Kleene) throughout.

`node.truth(facts)` is True, False, or None where the known facts do not decide. Facts are any mapping from name to
value in which unknown facts are absent.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol

Truth = bool | None


class Condition(Protocol):
    """What every node can do."""

    def truth(self, facts: Mapping[str, Any]) -> Truth: ...
    def tests(self) -> Iterator["Test"]: ...


class Test(Condition, Protocol):
    """A node about one fact."""

    @property
    def fact(self) -> str: ...

    def holds(self, value: Any) -> bool: ...


@dataclass(frozen=True, slots=True)
class Always:
    """The same truth whatever the facts."""

    value: bool

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
        for part in self.parts:
            yield from part.tests()


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
        for part in self.parts:
            yield from part.tests()


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite; unknown stays unknown."""

    part: Condition

    def truth(self, facts: Mapping[str, Any]) -> Truth:
        truth = self.part.truth(facts)
        return None if truth is None else not truth

    def tests(self) -> Iterator[Test]:
        yield from self.part.tests()


@dataclass(frozen=True, slots=True)
class Surely:
    """True when the part is true by known facts, else false: a fact that is used when known but never asked for."""

    part: Condition

    def truth(self, facts: Mapping[str, Any]) -> Truth:
        return self.part.truth(facts) is True

    def tests(self) -> Iterator[Test]:
        return iter(())


@dataclass(frozen=True, slots=True)
class IsOneOf:
    """The fact has one of the values."""

    fact: str
    values: frozenset[Any]

    def holds(self, value: Any) -> bool:
        return value in self.values

    def truth(self, facts: Mapping[str, Any]) -> Truth:
        value = facts.get(self.fact)
        return None if value is None else value in self.values

    def tests(self) -> Iterator[Test]:
        yield self


@dataclass(frozen=True, slots=True)
class IsWithin:
    """The number is at least `low` and at most `high`; either may be None for no bound."""

    fact: str
    low: Decimal | None = None
    high: Decimal | None = None

    def holds(self, value: Any) -> bool:
        return (self.low is None or value >= self.low) and (self.high is None or value <= self.high)

    def truth(self, facts: Mapping[str, Any]) -> Truth:
        value = facts.get(self.fact)
        return None if value is None else self.holds(value)

    def tests(self) -> Iterator[Test]:
        yield self


def facts_named(condition: Condition) -> Iterator[str]:
    """Names of every fact that `condition` reads, also under `surely`, in reading order, with repeats."""
    if isinstance(condition, Surely | Not):
        yield from facts_named(condition.part)
    elif isinstance(condition, AllOf | AnyOf):
        for part in condition.parts:
            yield from facts_named(part)
    elif isinstance(condition, IsOneOf | IsWithin):
        yield condition.fact
