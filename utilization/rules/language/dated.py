"""A date lies so far back from the request's date, or between two days: `{within: 12 months}`; or it never was."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from utilization.rules.facts.catalogue import Fact
from utilization.rules.facts.date_words import NEVER, day_words
from utilization.rules.facts.units import Quantity, before
from utilization.rules.language import date_beside
from utilization.rules.language.composites import AllOf
from utilization.rules.language.node import AS_OF, Catalogue, Condition, Facts, OfOneFact, Truth
from utilization.rules.language.quantities import ANY_DAY, read_span
from utilization.rules.language.reader import ConditionReader, FactForm
from utilization.rules.language.schema_parts import DAY, QUANTITY, obj
from utilization.rules.language.words import Words, label
from utilization.rules.yaml_lines import Node


@dataclass(frozen=True, slots=True)
class IsDated(OfOneFact):
    """The date lies within a span back from the request's date, at least a span ago, or between two days.

    Each part is left out by None. A date after the request's is never `within` nor `ago`. What never happened fits
    where `or_never` says so, and no other part.
    """

    fact: str
    within: Quantity | None = None
    ago: Quantity | None = None
    first: date | None = None
    last: date | None = None
    or_never: bool = False

    @property
    def by_day(self) -> bool:
        """Whether it holds the date against a day of the calendar."""
        return self.first is not None or self.last is not None

    @property
    def by_request(self) -> bool:
        """Whether it holds the date against the request's."""
        return self.within is not None or self.ago is not None

    def truth(self, facts: Facts) -> Truth:
        value = facts.get(self.fact)
        return None if value is None else self.holds(value, facts[AS_OF])

    def holds(self, value: date, as_of: date) -> bool:
        """Whether a known date fits."""
        if value is NEVER:
            return self.or_never
        if self.within is not None and not before(as_of, self.within) <= value <= as_of:
            return False
        if self.ago is not None and value > before(as_of, self.ago):
            return False
        return (self.first is None or value >= self.first) and (self.last is None or value <= self.last)

    def said(self, catalogue: Catalogue) -> Words:
        parts = (
            f"within {self.within}" if self.within else "",
            f"{'never, or ' if self.or_never else ''}at least {self.ago} ago" if self.ago else "",
            f"from {day_words(self.first)}" if self.first else "",
            f"until {day_words(self.last)}" if self.last else "",
        )
        return Words(f"{label(self.fact, catalogue)}: {', '.join(filter(None, parts))}")

    def marks(self, as_of: date) -> Iterator[date]:
        """The days at which it turns over, each with its neighbours."""
        marks = [before(as_of, span) for span in (self.within, self.ago) if span is not None]
        for mark in (as_of, *marks, *(day for day in (self.first, self.last) if day is not None)):
            yield from (mark, back(mark, 1))
            if mark < date.max:
                yield mark + timedelta(days=1)


def back(day: date, days: int) -> date:
    """The day so many days before, not before the calendar begins."""
    return day - timedelta(days=days) if days < day.toordinal() else date.min


def read(reader: ConditionReader, fact: Fact, node: Node) -> Condition:
    """Spans back from the request, days of the calendar, or other dates."""
    if not isinstance(node.value, dict):
        node.fail("expected within: 12 months, at_least_ago: 3 months, or from and until with dates")
    keys = node.mapping((), ("within", "at_least_ago", "from", "until", _OR_NEVER))
    if not keys:
        node.fail(f"expected within, at_least_ago, {_OR_NEVER}, from or until")
    if _OR_NEVER in keys:
        return _or_never(fact, node, keys)
    given = {key: keys.pop(key) for key in ("from", "until") if key in keys and isinstance(keys[key].value, dict)}
    parts = [date_beside.read(reader, fact, key, bound) for key, bound in given.items()]
    if keys:
        parts.append(_by_days(fact, node, keys))
    return parts[0] if len(parts) == 1 else AllOf(tuple(parts))


def _or_never(fact: Fact, node: Node, keys: Mapping[str, Node]) -> Condition:
    """It never happened, or so long ago: stands alone, and asks of a date that may be never."""
    if len(keys) > 1:
        node.fail(f"{_OR_NEVER} stands alone: put it under all, beside what else is asked of the date")
    if not fact.or_never:
        node.fail(f"{fact.name} is never stated as never: give the fact 'or_never: true', or write at_least_ago")
    return IsDated(fact.name, ago=read_span(keys[_OR_NEVER]), or_never=True)


def _by_days(fact: Fact, node: Node, keys: Mapping[str, Node]) -> Condition:
    """Spans back from the request, and days of the calendar."""
    first = keys["from"].day() if "from" in keys else None
    last = keys["until"].day() if "until" in keys else None
    if first is not None and last is not None and first > last:
        node.fail(f"from {first} is after until {last}")
    within = read_span(keys["within"]) if "within" in keys else None
    ago = read_span(keys["at_least_ago"]) if "at_least_ago" in keys else None
    if within is not None and ago is not None and before(ANY_DAY, within) > before(ANY_DAY, ago):
        node.fail(f"at_least_ago {ago} lies before within {within}: no date fits")
    return IsDated(fact.name, within, ago, first, last)


_OR_NEVER = "never_or_at_least_ago"
_END = {"anyOf": [DAY, date_beside.BOUND]}
FORM = FactForm(
    read, obj((), {"within": QUANTITY, "at_least_ago": QUANTITY, _OR_NEVER: QUANTITY, "from": _END, "until": _END})
)
