"""The access log, and the sign-in log, held against the entries that vouch for batches of them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from utilization.access_batches import BatchedTable, row_bytes, settled
from utilization.reconciliation.comparison import FAULTS
from utilization.reconciliation.entries import ToldEntry
from utilization.reconciliation.findings import ALTERED, MISSING, UNKNOWN, UNREADABLE, Discrepancy, RowPlace, Tally
from utilization.transparency.tree import GrowingTree, leaf_hash


@dataclass(slots=True)
class _Batch:
    entry: ToldEntry
    table: str
    tree: GrowingTree = field(default_factory=GrowingTree)
    unread: bool = False

    @property
    def place(self) -> RowPlace:
        spans = self.entry.data["spans"]
        return RowPlace(self.table, f"rows {spans[0][0]} to {spans[-1][1]}", self.entry.seq)


@dataclass(slots=True)
class BatchReplay:
    """Gathers the batches of one table that entries tell of, some hundred bytes each; reads the rows of all once."""

    of: BatchedTable
    batches: list[_Batch] = field(default_factory=list)

    @property
    def table(self) -> str:
        """The table's name in the database."""
        return str(self.of.model._meta.db_table)

    def take(self, entry: ToldEntry) -> None:
        """Note a batch. Raises one of `FAULTS` where it makes no sense."""
        if entry.type == self.of.closed:
            if not all(first <= last for first, last in entry.data["spans"]) or not entry.data["spans"]:
                raise ValueError("A batch of no rows.")
            self.batches.append(_Batch(entry, self.table))

    def hold(self, tally: Tally) -> None:
        """Hold every row against its batch."""
        closed = settled((batch.entry.at, batch.entry.data["spans"]) for batch in self.batches)
        spans = sorted(
            (first, last, place)
            for place, batch in enumerate(self.batches)
            for first, last in batch.entry.data["spans"]
        )
        wanted = iter(spans)
        span = next(wanted, None)
        due = span[0] if span else 0
        for row in _rows(self.of):
            while span and span[1] < row["id"]:
                self._miss(tally, span, due)
                span = next(wanted, None)
                due = span[0] if span else 0
            if span and span[0] <= row["id"]:
                self._miss(tally, (due, row["id"] - 1, span[2]), due)
                self._add(tally, self.batches[span[2]], row)
                due = row["id"] + 1
            elif row["id"] <= closed:
                tally.add(Discrepancy(UNKNOWN, RowPlace(self.table, str(row["id"]))))
            else:
                tally.unclosed += 1
        while span:
            self._miss(tally, span, due)
            span = next(wanted, None)
            due = span[0] if span else 0
        for batch in self.batches:
            _compare(tally, batch)

    def _miss(self, tally: Tally, span: tuple[int, int, int], due: int) -> None:
        """Report the rows of a span from `due` on: they are gone."""
        if due <= span[1]:
            batch = self.batches[span[2]]
            name = str(due) if due == span[1] else f"{due} to {span[1]}"
            tally.add(Discrepancy(MISSING, RowPlace(self.table, name, batch.entry.seq)))
            batch.unread = True

    def _add(self, tally: Tally, batch: _Batch, row: dict[str, Any]) -> None:
        tally.rows += 1
        try:
            batch.tree.add(leaf_hash(row_bytes(self.of, row)))
        except FAULTS:
            batch.unread = True
            tally.add(Discrepancy(UNREADABLE, RowPlace(self.table, str(row["id"]), batch.entry.seq)))


def _compare(tally: Tally, batch: _Batch) -> None:
    said = batch.entry.data
    if not batch.unread and (batch.tree.size, batch.tree.root().hex()) != (said["count"], said["root"]):
        tally.add(Discrepancy(ALTERED, batch.place))


def _rows(table: BatchedTable) -> Iterator[dict[str, Any]]:
    """The rows in the order of their keys. One that cannot be read comes with its key alone."""
    after = 0
    rows = table.model.objects.order_by("pk")
    while keys := list(rows.filter(pk__gt=after).values_list("pk", flat=True)[:1000]):
        after = keys[-1]
        try:
            yield from list(rows.filter(pk__in=keys).values(*table.columns))
        except FAULTS:
            for key in keys:
                yield _one(table, key)


def _one(table: BatchedTable, key: int) -> dict[str, Any]:
    try:
        return dict(table.model.objects.values(*table.columns).get(pk=key))
    except FAULTS:
        return {"id": key}
