"""What a condition is, and what every test offers: its truth, words, marks, edges and SQL stand in the test's own file.

A condition has one meaning, `truth(facts)`: true, false, or None for unknown. `facts` maps name to value; what is
absent is unknown. Under `AS_OF` it holds the request's date, from which windows of time count back.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

from utilization.rules.facts.catalogue import Fact
from utilization.rules.facts.units import Exact
from utilization.rules.language.words import Words

Truth = bool | None
Facts = Mapping[str, Any]
Catalogue = Mapping[str, Fact]
AS_OF = "as_of"
OF_CASE = "case "
"""Before the name of a fact of the case where a test of an entry reads it: its fields go by their names alone."""


class Condition:
    """A test, or other conditions put together (`composites.py`)."""

    __slots__ = ()

    def truth(self, facts: Facts) -> Truth:
        """True, false, or None where an unknown fact leaves it open."""
        raise NotImplementedError

    def tests(self) -> Iterator["Test"]:
        """Its tests, but those under `surely`, in reading order, with repeats."""
        raise NotImplementedError


class Test(Condition):
    """A condition that reads facts itself: its truth is what completions of the unknown facts differ in.

    A new test is one file: a subclass with what stands here, and how it is read, with its schema (`registry.py`).
    """

    __slots__ = ()
    # Whether its truth splits the numbers of its fact at bounds, so that what makes it hold is said as a range.
    is_range: ClassVar[bool] = False
    # Whether too many ways to turn out are possible beside other tests to try them all, so that it is taken as free.
    is_free: ClassVar[bool] = False

    @property
    def reads(self) -> tuple[str, ...]:
        """The facts that it reads: one, or several that it compares."""
        raise NotImplementedError

    @property
    def asks(self) -> tuple[str, ...]:
        """Those of them that are asked for where they are not known; the others count when they are known."""
        return self.reads

    def tests(self) -> Iterator["Test"]:
        yield self

    def said(self, catalogue: Catalogue) -> Words:
        """The test as people read it; `catalogue` holds the facts that it may name."""
        raise NotImplementedError

    def marks(self, as_of: date) -> Iterable[Any]:
        """The values of its fact at which its truth turns over: bounds, days, words of a text."""
        return ()

    def texts(self, as_of: date) -> Iterable[str]:
        """Texts that are each tried as they stand, alone, to see it turn over."""
        return ()

    def looked_for(self) -> Iterable[str]:
        """The words, or whole texts, by which it knows what a text says."""
        return ()

    def edges(self) -> Iterable[tuple[Exact, bool | None]]:
        """(bound, whether it belongs to what lies below it) of a number; None for a value that stands by itself."""
        return ()

    def edges_beside(self, name: str, other: Decimal) -> Iterable[Exact]:
        """Where the truth turns over for the number `name`, beside one value of the number compared with it."""
        return ()

    def days_beside(self, name: str, other: date) -> Iterable[date]:
        """Where the truth turns over for the date `name`, beside one day of the date compared with it."""
        return ()

    def lines(self) -> Iterable[tuple[Decimal, Decimal]]:
        """(slope, rise) of each edge of a test that compares two numbers, the one over the other."""
        return ()

    def sql(self, column: str) -> str | None:
        """The test as SQL over the fact's column; None where SQL has no exact word for it."""
        return None

    def of_entries(self) -> tuple[Condition, ...]:
        """The conditions that it asks of the entries of its list."""
        return ()

    def when_never(self) -> bool:
        """Its truth where no entry can ever fit those."""
        return False


class OfOneFact(Test):
    """A test that reads one fact."""

    __slots__ = ()
    fact: str

    @property
    def reads(self) -> tuple[str, ...]:
        return (self.fact,)
