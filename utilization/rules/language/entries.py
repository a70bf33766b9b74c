"""Lists and their entries, and what every test of a list offers beside what every test does.

An entry is a mapping of fields (a number of a plain list stands under `value`), dated where its list is. A list that is
known is complete: what is not in it did not happen. A field that an entry lacks is unknown, and leaves open only what
depends on it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction
from types import MappingProxyType
from typing import Any, ClassVar

from utilization.rules.facts.catalogue import Fact, Kind
from utilization.rules.facts.units import Quantity, before
from utilization.rules.facts.values import BadInput
from utilization.rules.language.composites import ALWAYS, all_tests, in_words, tests_within
from utilization.rules.language.date_beside import IsDatedBeside
from utilization.rules.language.dated import back
from utilization.rules.language.editions import SECOND
from utilization.rules.language.node import AS_OF, OF_CASE, Catalogue, Condition, Facts, OfOneFact, Truth
from utilization.rules.language.quantities import read_span
from utilization.rules.language.reader import ConditionReader
from utilization.rules.language.words import Words
from utilization.rules.yaml_lines import Node

Entry = Mapping[str, Any]
DATE = "date"
VALUE = "value"
SEEN = "entries seen"
"""Among facts: whether entries fit, of those that were looked at before. For a search that puts the same ones together
over and over, beside one and the same case."""
# What entries are kept in: asked for by name, since asking for any mapping takes ten times as long.
_ENTRIES = (dict, MappingProxyType)


class OfList(OfOneFact):
    """A test of the entries of one list."""

    # What it reads of the case is worked out once: a search for lists asks for it thousands of times.
    __slots__ = ("_of_case",)
    _of_case: tuple[str, ...]
    is_free: ClassVar[bool] = True
    # Whether the order of the entries tells, so that days are needed to tell them apart.
    in_order: ClassVar[bool] = False
    # Whether dates alone tell the order, so that one that is missing leaves it open.
    by_date: ClassVar[bool] = False

    @property
    def reads(self) -> tuple[str, ...]:
        return (self.fact, *self.of_case)

    @property
    def of_case(self) -> tuple[str, ...]:
        """The facts of the case against which it holds fields of entries."""
        try:
            return self._of_case
        except AttributeError:
            names = (name for where in self.of_entries() for test in all_tests(where) for name in test.reads)
            found = tuple(dict.fromkeys(name.removeprefix(OF_CASE) for name in names if name.startswith(OF_CASE)))
            object.__setattr__(self, "_of_case", found)
            return found

    def around(self, facts: Facts) -> Facts:
        """What conditions on an entry read besides its fields: the request's date, and the facts `of_case`."""
        known = {OF_CASE + name: facts[name] for name in self.of_case if name in facts}
        if SEEN in facts:
            known[SEEN] = facts[SEEN]
        return {**known, AS_OF: facts.get(AS_OF, date.max)}

    @property
    def needs(self) -> int:
        """How many entries it takes to see it turn over, at most three."""
        return 1

    @property
    def exact_field(self) -> str:
        """The field whose very number counts, and not only which conditions it fits; none as an empty text."""
        return ""

    def runs(self, kinds: Sequence[Entry], as_of: date | None) -> Iterable[tuple[Entry, ...]]:
        """Runs of entries, of these kinds, in which it turns over; `as_of` is None for a list without dates."""
        return ()

    def entry_days(self, as_of: date) -> Iterator[date]:
        """Days on either side of which it turns over."""
        for inside in self.of_entries():
            for test in tests_within(inside):
                if test.reads == (DATE,):
                    yield from test.marks(as_of)
        within = self.window
        if within is not None:
            edge = before(as_of, within)
            yield from (edge, back(edge, 1), back(edge, 2))

    def days_of_case(self, case: Facts) -> Iterator[date]:
        """Days of entries at which it turns over, beside the dates of the case against which they are held."""
        for test in self.held_by_day:
            if test.fact != DATE:
                continue
            other = case.get(test.other.removeprefix(OF_CASE))
            yield from () if other is None else test.days_beside(DATE, other)

    @property
    def held_by_day(self) -> tuple[IsDatedBeside, ...]:
        """The tests that hold a date of an entry against a date of the case."""
        inside = (test for one in self.of_entries() for test in tests_within(one))
        return tuple(test for test in inside if isinstance(test, IsDatedBeside))

    @property
    def window(self) -> Quantity | None:
        """The span back from the request's date in which entries count."""
        return None

    @property
    def days_apart(self) -> int | None:
        """The days that entries must lie from each other."""
        return None

    @property
    def days_tell(self) -> bool:
        """Whether it asks of the days of entries more than which comes first."""
        inside = any(DATE in test.reads for one in self.of_entries() for test in tests_within(one))
        return inside or self.window is not None or self.days_apart is not None

    def field_marks(self, field: Fact, marks: Sequence[Any], entries: Sequence[Any]) -> Iterable[Fraction]:
        """Numbers of `exact_field` at which it turns over, beside the `marks` found so far and the known `entries`."""
        return ()

    def fillers(self, marks: Sequence[Fraction]) -> Iterable[Fraction]:
        """Further numbers of `exact_field`, where there are too few to tell it."""
        return ()


def entries_of(facts: Facts, fact: str) -> Sequence[Entry] | None:
    """The entries of a list; None where it is not known."""
    values = facts.get(fact)
    if values is None:
        return None
    return [entry if isinstance(entry, _ENTRIES) else {VALUE: entry} for entry in values]


def fits(entry: Entry, where: Condition, within: Quantity | None, around: Facts) -> Truth:
    """Whether an entry fits `where`, beside what is `around` it, and is dated within the span back from the request."""
    seen = around.get(SEEN)
    key = (id(entry), id(where), id(within))
    if seen is None or key not in seen:
        truth = _both(where.truth({**entry, **around}), is_recent(entry, within, around[AS_OF]))
        if seen is None:
            return truth
        # They are kept beside it, so that nothing else takes their place in memory.
        seen[key] = (truth, entry, where, within)
    fitting: Truth = seen[key][0]
    return fitting


def is_recent(entry: Entry, within: Quantity | None, as_of: date) -> Truth:
    """Whether the entry is dated within the span; nothing after `as_of` ever is."""
    if within is None:
        return True
    day = entry.get(DATE)
    return None if day is None else before(as_of, within) <= day <= as_of


def _both(one: Truth, other: Truth) -> Truth:
    if one is False or other is False:
        return False
    return True if one and other else None


def ordered(entries: Sequence[Entry], by_date: bool) -> Sequence[Entry] | None:
    """Oldest first, None where dates are missing; where no entry has one, as they stand unless it goes `by_date`."""
    dated = [DATE in entry for entry in entries]
    if all(dated):
        return sorted(entries, key=lambda entry: entry[DATE])
    return None if any(dated) or by_date else entries


def tied(entries: Sequence[Entry]) -> bool:
    """Whether two entries of one day leave their order open."""
    days = [entry[DATE] for entry in entries if DATE in entry]
    return len(set(days)) < len(days)


def check_dates(facts: Facts, as_of: date) -> None:
    """Raises BadInput for an entry dated after the request: the latest of a list would be one that never happened."""
    for name, values in facts.items():
        for place, entry in enumerate(values if isinstance(values, tuple) else ()):
            day = entry.get(DATE) if isinstance(entry, Mapping) else None
            if day is not None and day > as_of:
                told = f"{day} is after the date of the request, {as_of}: expected a day up to it; check the year"
                raise BadInput(f"facts.{name}[{place}].{DATE}", told)


def field_catalogue(fact: Fact) -> Mapping[str, Fact]:
    """The fields of a list's entries by name; a plain list of numbers has the one field `value`."""
    return fact.fields or {VALUE: Fact(VALUE, Kind.DEC, fact.group, fact.label, fact.unit, possible=fact.possible)}


def on_day(entry: Entry, day: date | None) -> Entry:
    """The entry on that day, without one where None."""
    return MappingProxyType(dict(entry) if day is None else {**entry, DATE: day})


def where_said(head: str, fact: str, where: Condition, catalogue: Catalogue) -> Words:
    """`head`, with what is asked of the entries."""
    if where == ALWAYS:
        return Words(head)
    fields = catalogue[fact].fields if fact in catalogue else {}
    inner = in_words(where, {**{OF_CASE + name: catalogue[name] for name in catalogue}, **fields})
    return Words(f"{head}, of which {inner.text}", inner.parts)


def within_said(within: Quantity | None) -> str:
    """`, within 12 months`."""
    return f", within {within}" if within else ""


# --- From marked text ------------------------------------------------------------------------------------------------


def read_where(reader: ConditionReader, fact: Fact, keys: Mapping[str, Node]) -> Condition:
    """What is asked of the entries."""
    return reader.of_entry(fact, keys["where"]) if "where" in keys else ALWAYS


def read_window(fact: Fact, keys: Mapping[str, Node]) -> Quantity | None:
    """The span back from the request's date in which entries count."""
    if "within" not in keys:
        return None
    needs_dates(fact, keys["within"])
    return read_span(keys["within"])


def asks_dates(reader: ConditionReader, fact: Fact) -> bool:
    """Whether entries may lack their date, and are then never taken in the order in which they stand."""
    return reader.edition >= SECOND and DATE in fact.fields and DATE not in fact.required


def needs_dates(fact: Fact, node: Node) -> None:
    """Fails at `node` where the entries have no date."""
    if DATE not in fact.fields:
        node.fail(f"the entries of {fact.name} have no date")


def numbers_of(fact: Fact) -> tuple[str, ...]:
    """The fields that are numbers."""
    return tuple(name for name, field in field_catalogue(fact).items() if field.kind in (Kind.INT, Kind.DEC))


def read_field(fact: Fact, node: Node, keys: Mapping[str, Node]) -> str:
    """The number that is looked at: the one named, or the only one."""
    numbers = numbers_of(fact)
    if "field" in keys:
        return keys["field"].one_of(numbers)
    if len(numbers) != 1:
        node.fail(f"expected field: one of {', '.join(numbers) or 'none, for it holds no number'}")
    return numbers[0]
