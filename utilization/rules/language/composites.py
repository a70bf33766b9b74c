"""Conditions put together: all, any, not, a count, surely; and the one fold by which everything walks through them.

Kleene's logic: all is false as soon as one part is false, any is true as soon as one part is true, and what an unknown
fact leaves open is unknown. `surely` turns unknown into false, for facts that must be known to count.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import ClassVar, TypeVar

from utilization.rules.facts.catalogue import CATALOGUE
from utilization.rules.language.node import Catalogue, Condition, Facts, Test, Truth
from utilization.rules.language.quantities import read_counts
from utilization.rules.language.reader import ConditionReader, Word
from utilization.rules.language.schema_parts import CONDITION, CONDITIONS, COUNT, TEXT, obj
from utilization.rules.language.words import Words, how_many
from utilization.rules.yaml_lines import Node

T = TypeVar("T")
ALL, EITHER, NOT = "all of these hold", "one of these holds", "this does not hold"
KNOWN = "only if known"
NULL = "CAST(NULL AS BOOLEAN)"


class Composite(Condition):
    """A condition over others. `asks` is false where unknown facts under it are not asked for."""

    __slots__ = ()
    asks: ClassVar[bool] = True

    @property
    def inner(self) -> tuple[Condition, ...]:
        """The conditions that it puts together."""
        return ()

    def truth(self, facts: Facts) -> Truth:
        return self.joined(part.truth(facts) for part in self.inner)

    def tests(self) -> Iterator[Test]:
        return chain.from_iterable(part.tests() for part in self.inner if self.asks)

    def joined(self, truths: Iterable[Truth]) -> Truth:
        """Its truth, from those of its parts."""
        raise NotImplementedError

    def over(self, parts: tuple[Condition, ...]) -> Condition:
        """The same over other parts."""
        return self

    def said(self, inner: Sequence[Words]) -> Words:
        """It in words, from those of its parts."""
        raise NotImplementedError

    def sql(self, inner: Sequence[str], opened: frozenset[str]) -> str:
        """It in SQL, from that of its parts; `opened` are facts that may still be asked for."""
        raise NotImplementedError


def fold(condition: Condition, of_test: Callable[[Test], T], of_composite: Callable[[Composite, Iterator[T]], T]) -> T:
    """What `of_test` makes of each test, put together by `of_composite(composite, what its parts came to)`."""
    if isinstance(condition, Composite):
        return of_composite(condition, (fold(part, of_test, of_composite) for part in condition.inner))
    assert isinstance(condition, Test), "a condition is a test, or others put together"
    return of_test(condition)


def all_tests(condition: Condition) -> Iterator[Test]:
    """Every test that `condition` holds, also under `surely`, in reading order, with repeats."""
    return (test for test, _ in _asked(condition))


def tests_under_surely(condition: Condition) -> Iterator[Test]:
    """The tests whose facts count when known and are not asked for."""
    return (test for test, asks in _asked(condition) if not asks)


def _asked(condition: Condition) -> tuple[tuple[Test, bool], ...]:
    """Every test, and whether an unknown fact of it is asked for."""

    def of_test(test: Test) -> tuple[tuple[Test, bool], ...]:
        return ((test, True),)

    return fold(
        condition,
        of_test,
        lambda composite, inner: tuple((test, asks and composite.asks) for part in inner for test, asks in part),
    )


def tests_within(condition: Condition) -> Iterator[Test]:
    """Every test of a condition, and of what it asks of the entries of lists."""
    for test in all_tests(condition):
        yield test
        for inside in test.of_entries():
            yield from tests_within(inside)


def facts_named(condition: Condition) -> Iterator[str]:
    """Names of every fact that `condition` asks for, also under `surely`, in reading order, with repeats."""
    return (name for test in all_tests(condition) for name in test.asks)


def in_words(condition: Condition, catalogue: Catalogue = CATALOGUE) -> Words:
    """`condition` as a tree: leaves name a fact with its values, branches say how the parts join."""
    return fold(condition, lambda test: test.said(catalogue), lambda composite, inner: composite.said(tuple(inner)))


# --- The composites ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Always(Composite):
    """The same truth whatever the facts."""

    value: Truth

    def truth(self, facts: Facts) -> Truth:
        return self.value

    def joined(self, truths: Iterable[Truth]) -> Truth:
        return self.value

    def said(self, inner: Sequence[Words]) -> Words:
        return Words("not known" if self.value is None else "always" if self.value else "never")

    def sql(self, inner: Sequence[str], opened: frozenset[str]) -> str:
        return NULL if self.value is None else str(self.value).upper()


ALWAYS = Always(True)


@dataclass(frozen=True, slots=True)
class OfSeveral(Composite):
    """A condition over several others."""

    parts: tuple[Condition, ...]

    def truth(self, facts: Facts) -> Truth:
        return self.joined([part.truth(facts) for part in self.parts])

    @property
    def inner(self) -> tuple[Condition, ...]:
        return self.parts

    def over(self, parts: tuple[Condition, ...]) -> Condition:
        return replace(self, parts=parts)


@dataclass(frozen=True, slots=True)
class AllOf(OfSeveral):
    """True when every part is true, false as soon as one is false."""

    def joined(self, truths: Iterable[Truth]) -> Truth:
        result: Truth = True
        for truth in truths:
            if truth is False:
                return False
            if truth is None:
                result = None
        return result

    def said(self, inner: Sequence[Words]) -> Words:
        return _listed(ALL, inner)

    def sql(self, inner: Sequence[str], opened: frozenset[str]) -> str:
        return f"({' AND '.join(inner)})" if inner else "TRUE"


@dataclass(frozen=True, slots=True)
class AnyOf(OfSeveral):
    """True as soon as one part is true, false when every part is false."""

    def joined(self, truths: Iterable[Truth]) -> Truth:
        result: Truth = False
        for truth in truths:
            if truth is True:
                return True
            if truth is None:
                result = None
        return result

    def said(self, inner: Sequence[Words]) -> Words:
        return _listed(EITHER, inner)

    def sql(self, inner: Sequence[str], opened: frozenset[str]) -> str:
        return f"({' OR '.join(inner)})" if inner else "FALSE"


@dataclass(frozen=True, slots=True)
class CountOf(OfSeveral):
    """True when at least `low` and at most `high` of the parts are true, whatever the unknown ones are."""

    low: int = 0
    high: int | None = None

    def joined(self, truths: Iterable[Truth]) -> Truth:
        found = list(truths)
        surely = found.count(True)
        return between(surely, surely + found.count(None), self.low, self.high)

    def said(self, inner: Sequence[Words]) -> Words:
        return Words(f"{how_many(self.low, self.high)} of these hold", tuple(inner))

    def sql(self, inner: Sequence[str], opened: frozenset[str]) -> str:
        least = " + ".join(f"CASE WHEN {part} THEN 1 ELSE 0 END" for part in inner) or "0"
        most = " + ".join(f"CASE WHEN NOT {part} THEN 0 ELSE 1 END" for part in inner) or "0"
        high = len(inner) if self.high is None else self.high
        return (
            f"(CASE WHEN {most} < {self.low} OR {least} > {high} THEN FALSE"
            f" WHEN {least} >= {self.low} AND {most} <= {high} THEN TRUE END)"
        )


def between(fewest: int, most: int, low: int, high: int | None) -> Truth:
    """Whether a number known to lie between `fewest` and `most` is at least `low` and at most `high`."""
    if most < low or (high is not None and fewest > high):
        return False
    return True if fewest >= low and (high is None or most <= high) else None


@dataclass(frozen=True, slots=True)
class OfOne(Composite):
    """A condition over one other."""

    part: Condition

    def truth(self, facts: Facts) -> Truth:
        return self.joined((self.part.truth(facts),))

    @property
    def inner(self) -> tuple[Condition, ...]:
        return (self.part,)

    def over(self, parts: tuple[Condition, ...]) -> Condition:
        return type(self)(*parts)


@dataclass(frozen=True, slots=True)
class Not(OfOne):
    """The opposite; unknown stays unknown."""

    def joined(self, truths: Iterable[Truth]) -> Truth:
        (truth,) = truths
        return None if truth is None else not truth

    def said(self, inner: Sequence[Words]) -> Words:
        (part,) = inner
        return Words(NOT, (part,)) if part.parts else Words(f"not {part.text[:1].lower()}{part.text[1:]}")

    def sql(self, inner: Sequence[str], opened: frozenset[str]) -> str:
        return f"(NOT {inner[0]})"


@dataclass(frozen=True, slots=True)
class Surely(OfOne):
    """True when the part is true by known facts, else false: a fact that is used when known but never asked for."""

    asks: ClassVar[bool] = False

    def joined(self, truths: Iterable[Truth]) -> Truth:
        (truth,) = truths
        return truth is True

    def said(self, inner: Sequence[Words]) -> Words:
        (part,) = inner
        return Words(f"{part.text} ({KNOWN})", part.parts)

    def sql(self, inner: Sequence[str], opened: frozenset[str]) -> str:
        # What another clause still asks for is unknown here too, and not false.
        return inner[0] if not opened.isdisjoint(facts_named(self.part)) else f"COALESCE({inner[0]}, FALSE)"


def _listed(heading: str, inner: Sequence[Words]) -> Words:
    found: list[Words] = []
    for words in inner:
        # One list inside another of the same kind says nothing more.
        found += words.parts if words.text == heading else (words,)
    return found[0] if len(found) == 1 else Words(heading, tuple(found))


# --- From marked text ------------------------------------------------------------------------------------------------


def _parts(reader: ConditionReader, node: Node) -> tuple[Condition, ...]:
    parts = tuple(reader.condition(item) for item in node.items())
    if not parts:
        node.fail("expected at least one condition")
    return parts


def _count(reader: ConditionReader, node: Node) -> Condition:
    keys = node.mapping(("of",), ("at_least", "at_most", "exactly"))
    parts = _parts(reader, keys["of"])
    low, high = read_counts(node, keys, None)
    if low > len(parts):
        node.fail(f"at_least {low} of {len(parts)} conditions can never hold")
    return CountOf(parts, low, high)


WORDS = (
    Word("all", lambda reader, node: AllOf(_parts(reader, node)), CONDITIONS),
    Word("any", lambda reader, node: AnyOf(_parts(reader, node)), CONDITIONS),
    Word("not", lambda reader, node: Not(reader.condition(node)), CONDITION),
    Word("surely", lambda reader, node: Surely(reader.condition(node)), CONDITION),
    Word("count", _count, obj(("of",), {"of": CONDITIONS, "at_least": COUNT, "at_most": COUNT, "exactly": COUNT})),
    Word("use", lambda reader, node: reader.shared(node), TEXT, of_request=True),
)
