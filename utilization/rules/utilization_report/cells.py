"""Counts of a report, raw or guarded: no group of 1 to `limit` - 1 patients is shown, nor what would give it.

Guarded, every number is a cell of a partition of a group that is shown itself, and each cell holds no patient or at
least `limit`. Cells with fewer are pooled; the pool obeys the same rule, and takes in the next smallest until it does.
A report with one filter shows a cell only where the same cell of every other group, or of those pooled together, obeys
it too: what is left of the whole is safe as well.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple

from utilization.rules.utilization_report.bitmaps import BitmapTable, Parts, Slices, merged

OTHER = "(other)"
"""The key of cells, and of groups, that were put together because they are small."""
ALL = "all"


class Population(NamedTuple):
    """Rows that are counted together, as a bitmap over their table; `lines` are the groups of the report's one filter,
    where there is one."""

    table: BitmapTable
    rows: int
    lines: Parts

    def at(self, rows: int) -> "Population":
        """Those that are of `rows` too."""
        return Population(self.table, self.rows & rows, self.lines)

    def where(self, name: str, value: str) -> "Population":
        """Those that have `value` in the column of that name."""
        return self.at(self.table.parts(name).get(value, 0))

    def parts(self, name: str, group: Callable[[Any], str] = str) -> dict[str, int]:
        """Those by the group of their value in the column of that name."""
        return self.within(self.table.parts(name, group))

    def within(self, parts: Parts) -> dict[str, int]:
        """What of `parts` is of this population."""
        return _shared(self.rows, parts)


class Cell(NamedTuple):
    """The patients of some rows, each as one row of the table."""

    table: BitmapTable
    people: int

    @property
    def patients(self) -> set[int]:
        return set(self.table.picked(self.people, "patient"))


def cell_of(table: BitmapTable, rows: int) -> Cell:
    """The patients of `rows`."""
    return Cell(table, table.people(rows))


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
        self, population: Population, keys: Parts, amounts: str = "", under: tuple[Split, str] | None = None
    ) -> Split:
        """The rows by key. `under` is the cell that `population` is: a part of what is not shown is not shown."""
        if under and under[0].n(under[1]) is None:
            return HIDDEN
        keys = population.within(keys)
        if self.line:
            return self._by(population, population.within(population.lines), keys, amounts).get(self.line, HIDDEN)
        pooled = self.pooled(population, keys)
        return HIDDEN if pooled is None else _counted(population.table, _together(keys, pooled), amounts, pooled)

    def by(
        self,
        population: Population,
        lines: Parts,
        keys: Parts,
        amounts: str = "",
        under: tuple[Mapping[str, Split], str] | None = None,
    ) -> Mapping[str, Split]:
        """The rows of each line by key; lines that are not shown are missing. Nothing where there is a filter.

        `under` is the cell of each line that `population` holds.
        """
        if self.line:
            return {}
        splits = self._by(population, population.within(lines), population.within(keys), amounts)
        if self.limit is None or not under:
            return splits
        return {line: split for line, split in splits.items() if under[0].get(line, HIDDEN).n(under[1]) is not None}

    def groups(self, populations: Iterable[tuple[BitmapTable, Parts]]) -> Callable[[str], str]:
        """How lines are named in every table: small ones, by any of `populations` (lines), are `OTHER`."""
        if self.limit is None:
            return str
        cells: dict[str, dict[str, Cell]] = {}
        for place, (table, lines) in enumerate(populations):
            for line, rows in lines.items():
                if rows:
                    cells.setdefault(line, {})[str(place)] = cell_of(table, rows)
        pooled = _pooled(cells, self.limit)
        return lambda line: OTHER if line in pooled else line

    def centile(self, population: Population, name: str, percent: int = 50) -> Decimal | None:
        """The centile of the known amounts: the median as usual, others by nearest rank. None where not shown."""
        amounts = population.table.amounts(name)
        rows = population.rows & amounts.known
        if self.line:
            rows &= population.lines.get(self.line, 0)
        return self._centile(population.table, amounts, rows, percent) if rows else None

    def medians(self, population: Population, lines: Parts, name: str) -> Mapping[str, Decimal]:
        """The median of each line that may be shown."""
        amounts = population.table.amounts(name)
        known = {line: rows & amounts.known & population.rows for line, rows in lines.items()}
        medians = {line: self._centile(population.table, amounts, rows, 50) for line, rows in known.items() if rows}
        return {line: median for line, median in medians.items() if median is not None}

    def _centile(self, table: BitmapTable, amounts: Slices, rows: int, percent: int) -> Decimal | None:
        """It divides the rows into two groups, each of which obeys the rule."""
        count = rows.bit_count()
        if percent == 50:
            low, high = (count - 1) // 2, count // 2
        else:
            low = high = -(-count * percent // 100) - 1
        lowest, upto = amounts.lowest(rows, low + 1)
        highest, _ = amounts.lowest(rows, high + 1)
        _, before = amounts.lowest(rows, high) if high else (0, 0)
        if self.limit and any(table.people(part).bit_count() < self.limit for part in (upto, rows & ~before)):
            return None
        return Decimal(lowest + highest) / 2

    def pooled(self, population: Population, keys: Parts) -> frozenset[str] | None:
        """The keys of which too few have one, which only go together; None where nothing can be shown."""
        if self.limit is None:
            return frozenset()
        table = population.table
        pooled = _pooled({key: {"": cell_of(table, rows)} for key, rows in keys.items()}, self.limit)
        return None if pooled and pooled.issuperset(keys) else pooled

    def _by(self, population: Population, lines: Parts, keys: Parts, amounts: str) -> Mapping[str, Split]:
        table, hidden = population.table, frozenset[str]()
        pooled = self.pooled(population, keys)
        if pooled is None:
            return {}
        keys = _together(keys, pooled)
        cells = {line: held for line, rows in lines.items() if (held := _shared(rows, keys))}
        if self.limit is not None:
            patients = {line: {key: cell_of(table, rows) for key, rows in held.items()} for line, held in cells.items()}
            hidden = _pooled(patients, self.limit)
        return {line: _counted(table, held, amounts, pooled) for line, held in cells.items() if line not in hidden}


def _shared(rows: int, keys: Parts) -> dict[str, int]:
    return {key: rows & held for key, held in keys.items() if rows & held}


def _together(keys: Parts, pooled: frozenset[str]) -> Parts:
    return merged(keys, lambda key: OTHER if key in pooled else key) if pooled else keys


def _counted(table: BitmapTable, keys: Parts, amounts: str, pooled: frozenset[str]) -> Split:
    slices = table.amounts(amounts) if amounts else None
    sums = {key: slices.sum(rows) for key, rows in keys.items()} if slices else {}
    return Split({key: rows.bit_count() for key, rows in keys.items()}, sums, pooled)


def _pooled(cells: Mapping[str, Mapping[str, Cell]], limit: int) -> frozenset[str]:
    """The lines of `cells` (by line and key) that only go together.

    They are those of which a cell holds 1 to `limit` - 1 patients, and the next smallest until no cell of the pool
    does. Where larger ones were taken in, there are so many that what the small ones hold is not narrowed down.
    """
    counts = {line: [cell.people.bit_count() for cell in held.values()] for line, held in cells.items()}
    small = {line for line, held in counts.items() if min(held) < limit}
    if not small:
        return frozenset()
    larger = sorted(counts.keys() - small, key=lambda line: (-sum(counts[line]), line))
    pool = set(small)
    while True:
        taken_in = len(pool) > len(small)
        if _obeys([cells[line] for line in pool], limit, 2 * limit - 1 if taken_in else limit) or not larger:
            return frozenset(pool)
        pool.add(larger.pop())


def _obeys(lines: Sequence[Mapping[str, Cell]], limit: int, least: int) -> bool:
    """Whether no cell of these lines together holds 1 to `limit` - 1 patients, and all of them at least `least`."""
    together: dict[str, Cell] = {}
    for line in lines:
        for key, cell in line.items():
            held = together.get(key, Cell(cell.table, 0))
            together[key] = Cell(cell.table, held.people | cell.people)
    counts = [cell.people.bit_count() for cell in together.values()]
    if min(counts) < limit:
        return False
    # Few are told apart by who they are, since cells may be of different tables.
    return max(counts) >= least or len(set().union(*(cell.patients for cell in together.values()))) >= least
