"""Counts of a report, raw or guarded: no group of 1 to `limit` - 1 patients is shown, nor what would give it.

Guarded, every number is a cell of a partition of a group that is shown itself, and each cell holds no patient or at
least `limit`. Cells with fewer are pooled; the pool obeys the same rule, and takes in the next smallest until it does.
A report with one filter shows a cell only where the same cell of every other group, or of those pooled together, obeys
it too: what is left of the whole is safe as well.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from operator import itemgetter
from typing import Any, NamedTuple

OTHER = "(other)"
"""The key of cells, and of groups, that were put together because they are small."""
ALL = "all"


class Population(NamedTuple):
    """Rows that are counted together: whose each is, and to which group of the report's one filter it belongs."""

    rows: Sequence[Any]
    patients: Sequence[int]
    lines: Sequence[str]

    def where(self, test: Callable[[Any], Any]) -> "Population":
        """Those whose row passes `test`."""
        return self.at([place for place, row in enumerate(self.rows) if test(row)])

    def at(self, places: Sequence[int]) -> "Population":
        """Those at `places`."""
        take = itemgetter(*places) if len(places) > 1 else lambda column: tuple(column[place] for place in places)
        return Population(take(self.rows), take(self.patients), take(self.lines))


@dataclass(frozen=True, slots=True)
class Split:
    """A partition of a population: rows and amounts by key. `shown` is false where it would say too much."""

    rows: Mapping[str, int] = field(default_factory=dict)
    amounts: Mapping[str, int] = field(default_factory=dict)
    pooled: frozenset[str] = frozenset()
    shown: bool = True

    def n(self, *keys: str) -> int | None:
        """Rows under `keys` together; None where that is not shown."""
        return self._sum(self.rows, keys)

    def amount(self, *keys: str) -> int | None:
        """The amount under `keys` together; None where that is not shown."""
        return self._sum(self.amounts, keys)

    @property
    def total(self) -> int | None:
        """All rows; None where that is not shown."""
        return sum(self.rows.values()) if self.shown else None

    def _sum(self, values: Mapping[str, int], keys: Iterable[str]) -> int | None:
        if not self.shown or not self.pooled.isdisjoint(keys):
            return None
        return sum(values.get(key, 0) for key in keys)


HIDDEN = Split(shown=False)


@dataclass(frozen=True, slots=True)
class Scope:
    """What a report may show: everything where `limit` is None; else groups of `limit` patients or more.

    `line` is the one group that a guarded report is about; empty, it is about the whole site. A raw report is narrowed
    by leaving rows out before.
    """

    limit: int | None = None
    line: str = ""

    def split(
        self,
        population: Population,
        keys: Sequence[str],
        amounts: Sequence[int] | None = None,
        under: tuple[Split, str] | None = None,
    ) -> Split:
        """The rows by key. `under` is the cell that `population` is: a part of what is not shown is not shown."""
        if under and under[0].n(under[1]) is None:
            return HIDDEN
        if self.line:
            return self._by(population, population.lines, keys, amounts).get(self.line, HIDDEN)
        return self._whole(population.patients, keys, amounts)

    def by(
        self,
        population: Population,
        lines: Sequence[str],
        keys: Sequence[str],
        amounts: Sequence[int] | None = None,
        under: tuple[Mapping[str, Split], str] | None = None,
    ) -> Mapping[str, Split]:
        """The rows of each line by key; lines that are not shown are missing. Nothing where there is a filter.

        `under` is the cell of each line that `population` holds.
        """
        if self.line:
            return {}
        splits = self._by(population, lines, keys, amounts)
        if self.limit is None or not under:
            return splits
        return {line: split for line, split in splits.items() if under[0].get(line, HIDDEN).n(under[1]) is not None}

    def groups(self, populations: Iterable[tuple[Sequence[str], Sequence[int]]]) -> Callable[[str], str]:
        """How lines are named in every table: small ones, by any of `populations` (lines, patients), are `OTHER`."""
        if self.limit is None:
            return str
        seen = {
            (line, str(place), patient)
            for place, (lines, patients) in enumerate(populations)
            for line, patient in zip(lines, patients, strict=True)
        }
        pooled = _pooled(seen, self.limit)
        return lambda line: OTHER if line in pooled else line

    def centile(self, population: Population, values: Sequence[int | None], percent: int = 50) -> Decimal | None:
        """The centile of the known `values`: the median as usual, others by nearest rank. None where not shown."""
        pairs = self._valued(population, values)
        return None if pairs is None else self._centile(pairs, percent)

    def medians(
        self, population: Population, lines: Sequence[str], values: Sequence[int | None]
    ) -> Mapping[str, Decimal]:
        """The median of each line that may be shown."""
        pairs: dict[str, list[tuple[int, int]]] = {}
        for line, value, patient in zip(lines, values, population.patients, strict=True):
            if value is not None:
                pairs.setdefault(line, []).append((value, patient))
        medians = {line: self._centile(sorted(found), 50) for line, found in pairs.items()}
        return {line: median for line, median in medians.items() if median is not None}

    def _valued(self, population: Population, values: Sequence[int | None]) -> list[tuple[int, int]] | None:
        triples = zip(values, population.patients, population.lines, strict=True)
        pairs = sorted(
            (value, patient)
            for value, patient, line in triples
            if value is not None and (not self.line or line == self.line)
        )
        return pairs or None

    def _centile(self, pairs: Sequence[tuple[int, int]], percent: int) -> Decimal | None:
        """Of sorted (value, patient): it divides them into two groups, each of which obeys the rule."""
        count = len(pairs)
        if percent == 50:
            low, high = (count - 1) // 2, count // 2
        else:
            low = high = -(-count * percent // 100) - 1
        parts = (pairs[: low + 1], pairs[high:])
        if self.limit and any(len({patient for _, patient in part}) < self.limit for part in parts):
            return None
        return Decimal(pairs[low][0] + pairs[high][0]) / 2

    def _whole(self, patients: Sequence[int], keys: Sequence[str], amounts: Sequence[int] | None) -> Split:
        pooled: frozenset[str] = frozenset()
        if self.limit is not None:
            pooled = _pooled(((key, "", patient) for key, patient in set(zip(keys, patients, strict=True))), self.limit)
            if pooled and pooled.issuperset(keys):
                return HIDDEN
        return _counted([OTHER if key in pooled else key for key in keys] if pooled else keys, amounts, pooled)

    def _by(
        self, population: Population, lines: Sequence[str], keys: Sequence[str], amounts: Sequence[int] | None
    ) -> Mapping[str, Split]:
        pooled, hidden = frozenset[str](), frozenset[str]()
        if self.limit is not None:
            whole = self._whole(population.patients, keys, None)
            if not whole.shown:
                return {}
            if pooled := whole.pooled:
                keys = [OTHER if key in pooled else key for key in keys]
            hidden = _pooled(set(zip(lines, keys, population.patients, strict=True)), self.limit)
        return _lines(lines, keys, amounts, pooled, hidden)


def _counted(keys: Sequence[str], amounts: Sequence[int] | None, pooled: frozenset[str]) -> Split:
    sums: dict[str, int] = {}
    if amounts is not None:
        for key, amount in zip(keys, amounts, strict=True):
            sums[key] = sums.get(key, 0) + amount
    return Split(Counter(keys), sums, pooled)


def _lines(
    lines: Sequence[str],
    keys: Sequence[str],
    amounts: Sequence[int] | None,
    pooled: frozenset[str],
    hidden: frozenset[str],
) -> Mapping[str, Split]:
    """The split of each line that is not `hidden`."""
    rows: dict[str, dict[str, int]] = {}
    for (line, key), count in Counter(zip(lines, keys, strict=True)).items():
        rows.setdefault(line, {})[key] = count
    sums: dict[str, dict[str, int]] = {line: {} for line in rows}
    if amounts is not None:
        for line, key, amount in zip(lines, keys, amounts, strict=True):
            sums[line][key] = sums[line].get(key, 0) + amount
    return {line: Split(counts, sums[line], pooled) for line, counts in rows.items() if line not in hidden}


def _pooled(seen: Iterable[tuple[str, str, int]], limit: int) -> frozenset[str]:
    """The lines of `seen` (line, key, patient; each once) that only go together.

    They are those of which a cell holds 1 to `limit` - 1 patients, and the next smallest until no cell of the pool
    does. Where larger ones were taken in, there are so many that what the small ones hold is not narrowed down.
    """
    seen = list(seen)
    counts: dict[str, dict[str, int]] = {}
    for (line, key), count in Counter((line, key) for line, key, _ in seen).items():
        counts.setdefault(line, {})[key] = count
    small = {line for line, cells in counts.items() if min(cells.values()) < limit}
    if not small:
        return frozenset()
    held: dict[str, dict[str, set[int]]] = {line: {} for line in counts}
    for line, key, patient in seen:
        held[line].setdefault(key, set()).add(patient)
    larger = sorted(counts.keys() - small, key=lambda line: (-sum(counts[line].values()), line))
    pool = Counter(dict.fromkeys(small, 1)).keys() | set()
    while True:
        taken_in = len(pool) > len(small)
        if _obeys([held[line] for line in pool], limit, 2 * limit - 1 if taken_in else limit) or not larger:
            return frozenset(pool)
        pool.add(larger.pop())


def _obeys(cells: Sequence[Mapping[str, set[int]]], limit: int, least: int) -> bool:
    """Whether no cell of these lines together holds 1 to `limit` - 1 patients, and all of them at least `least`."""
    together: dict[str, set[int]] = {}
    for line in cells:
        for key, patients in line.items():
            together.setdefault(key, set()).update(patients)
    everybody = set().union(*together.values())
    return len(everybody) >= least and all(len(patients) >= limit for patients in together.values())
