"""Conditions over lists: how many entries fit, what the latest says, whether they rise or fall.

An entry is a mapping of fields (a number of a plain list stands under `value`), dated where its list is. A list that is
known is complete: what is not in it did not happen. A field that an entry lacks is unknown, and leaves open only what
depends on it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any

from utilization.rules.facts.units import Exact, Quantity, before
from utilization.rules.facts.values import BadInput
from utilization.rules.language.criteria import AS_OF, Condition, IsWithin, OfOneFact, Truth, between, changed

Entry = Mapping[str, Any]
DATE = "date"
VALUE = "value"


def check_dates(facts: Mapping[str, Any], as_of: date) -> None:
    """Raises BadInput for an entry dated after the request: the latest of a list would be one that never happened."""
    for name, values in facts.items():
        for place, entry in enumerate(values if isinstance(values, tuple) else ()):
            day = entry.get(DATE) if isinstance(entry, Mapping) else None
            if day is not None and day > as_of:
                told = f"{day} is after the date of the request, {as_of}: expected a day up to it; check the year"
                raise BadInput(f"facts.{name}[{place}].{DATE}", told)


def _entries(facts: Mapping[str, Any], fact: str) -> Sequence[Entry] | None:
    values = facts.get(fact)
    if values is None:
        return None
    return [entry if isinstance(entry, Mapping) else {VALUE: entry} for entry in values]


def _recent(entry: Entry, within: Quantity | None, as_of: date) -> Truth:
    """Whether the entry is dated within the span back from `as_of`; nothing after `as_of` ever is."""
    if within is None:
        return True
    day = entry.get(DATE)
    return None if day is None else before(as_of, within) <= day <= as_of


def _both(one: Truth, other: Truth) -> Truth:
    if one is False or other is False:
        return False
    return True if one and other else None


def _in_order(entries: Sequence[Entry]) -> Sequence[Entry] | None:
    """Oldest first: by date, or as they stand where no entry has one; None where some dates are missing."""
    dated = [DATE in entry for entry in entries]
    if all(dated):
        return sorted(entries, key=lambda entry: entry[DATE])
    return None if any(dated) else entries


@dataclass(frozen=True, slots=True)
class Entries(OfOneFact):
    """At least `low` and at most `high` entries fit `where` and are so recent; with `apart`, so far apart."""

    fact: str
    where: Condition
    low: int = 1
    high: int | None = None
    within: Quantity | None = None
    apart_days: Exact | None = None

    def truth(self, facts: Mapping[str, Any]) -> Truth:
        entries = _entries(facts, self.fact)
        if entries is None:
            return None
        as_of = facts.get(AS_OF, date.max)
        fits = [(entry, _both(self._where(entry, as_of), _recent(entry, self.within, as_of))) for entry in entries]
        surely = [entry for entry, fit in fits if fit is True]
        possibly = [entry for entry, fit in fits if fit is not False]
        return between(self._count(surely, False), self._count(possibly, True), self.low, self.high)

    def _where(self, entry: Entry, as_of: date) -> Truth:
        return self.where.truth({**entry, AS_OF: as_of})

    def _count(self, entries: Sequence[Entry], hopeful: bool) -> int:
        if self.apart_days is None:
            return len(entries)
        undated = sum(DATE not in entry for entry in entries)
        chosen = 0
        last: date | None = None
        for day in sorted(entry[DATE] for entry in entries if DATE in entry):
            if last is None or (day - last).days >= self.apart_days:
                chosen, last = chosen + 1, day
        return chosen + (undated if hopeful else int(undated > 0 and not chosen))


@dataclass(frozen=True, slots=True)
class Latest(OfOneFact):
    """There is a latest entry, it fits `where`, and it is so recent. Entries of one day must agree to be known."""

    fact: str
    where: Condition
    within: Quantity | None = None

    def truth(self, facts: Mapping[str, Any]) -> Truth:
        entries = _entries(facts, self.fact)
        if entries is None:
            return None
        if not entries:
            return False
        as_of = facts.get(AS_OF, date.max)
        dates = [entry[DATE] for entry in entries if DATE in entry]
        # Without any date the list stands in its order; else an entry without one may be the latest, an older one not.
        last = max(dates, default=None)
        candidates = [entry for entry in entries if entry.get(DATE, last) == last] if dates else entries[-1:]
        truths = {
            _both(self.where.truth({**entry, AS_OF: as_of}), _recent(entry, self.within, as_of)) for entry in candidates
        }
        return truths.pop() if len(truths) == 1 else None


@dataclass(frozen=True, slots=True)
class Total(OfOneFact):
    """The numbers of one field, over the entries that fit `where` and are so recent, add up to within the bounds.

    An entry that may or may not fit, or that lacks the number, leaves the total unknown.
    """

    fact: str
    field: str
    where: Condition
    low: Exact | None = None
    high: Exact | None = None
    low_open: bool = False
    high_open: bool = False
    within: Quantity | None = None

    def truth(self, facts: Mapping[str, Any]) -> Truth:
        entries = _entries(facts, self.fact)
        if entries is None:
            return None
        as_of = facts.get(AS_OF, date.max)
        total = Decimal(0)
        for entry in entries:
            fits = _both(self.where.truth({**entry, AS_OF: as_of}), _recent(entry, self.within, as_of))
            if fits is None or (fits and self.field not in entry):
                return None
            total += entry[self.field] if fits else 0
        return IsWithin(self.field, self.low, self.high, self.low_open, self.high_open).truth({self.field: total})


@dataclass(frozen=True, slots=True)
class Trend(OfOneFact):
    """The `last` entries rise (`rising`), or do not fall when not `strict`; false where there are fewer."""

    fact: str
    field: str
    rising: bool
    strict: bool
    last: int

    def truth(self, facts: Mapping[str, Any]) -> Truth:
        entries = _entries(facts, self.fact)
        if entries is None:
            return None
        if len(entries) < self.last:
            return False
        ordered = _in_order(entries)
        if ordered is None or _tied(ordered[-self.last - 1 :]):
            return None
        steps: list[Truth] = []
        values = [entry.get(self.field) for entry in ordered[-self.last :]]
        for one, other in pairwise(values):
            steps.append(None if one is None or other is None else self._step(one, other))
        if False in steps:
            return False
        return None if None in steps else True

    def _step(self, one: Decimal, other: Decimal) -> bool:
        way = other - one if self.rising else one - other
        return way > 0 if self.strict else way >= 0


@dataclass(frozen=True, slots=True)
class EntryChange(OfOneFact):
    """From the `first`, `previous`, `highest` or `lowest` entry to the latest it rose or fell by at least `by`.

    With `percent`, of the earlier number's size. False where there are fewer than two entries.
    """

    fact: str
    field: str
    by: Decimal
    rises: bool
    percent: bool = False
    since: str = "first"

    def truth(self, facts: Mapping[str, Any]) -> Truth:
        entries = _entries(facts, self.fact)
        if entries is None:
            return None
        if len(entries) < 2:
            return False
        ordered = _in_order(entries)
        values = [entry[self.field] for entry in ordered or () if self.field in entry]
        if ordered is None or _tied(ordered) or len(values) < len(entries):
            return None
        *earlier, latest = values
        one = {"first": earlier[0], "previous": earlier[-1], "highest": max(earlier), "lowest": min(earlier)}[
            self.since
        ]
        return changed(one, latest, self.by, self.rises, self.percent)


def _tied(ordered: Sequence[Entry]) -> bool:
    """Whether two entries of one day leave their order open."""
    days = [entry[DATE] for entry in ordered if DATE in entry]
    return len(set(days)) < len(days)
