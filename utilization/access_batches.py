"""Reads of records, and sign-ins, in batches: an entry vouches for a batch of rows of their log.

A batch is the rows that are seen now and that no batch before holds, never "all up to the greatest key": on PostgreSQL
keys are given before rows are committed, so that a row may come to light after one with a greater key.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from utilization.models import AccessEntry, SignInEntry
from utilization.rules.canonical_json import canonical
from utilization.transparency.tree import GrowingTree, leaf_hash

LONGEST_WRITE = timedelta(minutes=10)
"""No transaction is open for longer: what a batch did not see that was begun so much earlier, is not there."""

Spans = Sequence[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class BatchedTable:
    """A table whose rows are vouched for in batches: its model, the type of the entries, and the columns that count."""

    model: Any
    closed: str
    columns: tuple[str, ...]


READS = BatchedTable(
    AccessEntry,
    "access.closed",
    ("id", "at", "site_id", "actor_id", "actor_name", "patient_id", "request_id", "what"),
)
SIGN_INS = BatchedTable(
    SignInEntry,
    "sign_ins.closed",
    ("id", "at", "kind", "user_id", "user_name", "by_id", "by_name", "address", "detail"),
)


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows of one table: their keys in spans, how many they are, and the root (RFC 6962) over their bytes."""

    spans: Spans
    count: int
    root: str


def row_bytes(table: BatchedTable, row: Mapping[str, Any]) -> bytes:
    """The bytes of one row, by which it stands in the tree of its batch."""
    return canonical({column: row[column] for column in table.columns})


def settled(batches: Iterable[tuple[Any, Spans]]) -> int:
    """The greatest key of the batches, given as (time, spans), that were closed so long before the last one that no
    row below it can come to light any more; 0 where there is none."""
    closed = sorted(batches, key=lambda batch: batch[0])
    if not closed:
        return 0
    old = [spans for at, spans in closed if at <= closed[-1][0] - LONGEST_WRITE]
    return max((last for spans in old for _, last in spans), default=0)


def open_rows(table: BatchedTable, batches: Sequence[tuple[Any, Spans]]) -> Iterator[dict[str, Any]]:
    """The rows of `table` that none of `batches` holds, by their keys. `batches` reach back to a settled one."""
    taken = sorted(span for _, spans in batches for span in spans)
    rows = table.model.objects.filter(pk__gt=settled(batches)).order_by("pk").values(*table.columns)
    place = 0
    for row in rows.iterator(chunk_size=1000):
        while place < len(taken) and taken[place][1] < row["id"]:
            place += 1
        if place == len(taken) or row["id"] < taken[place][0]:
            yield row


def batch_of(table: BatchedTable, rows: Iterable[Mapping[str, Any]]) -> Batch:
    """The batch of `rows` of `table`, which come in the order of their keys."""
    tree, spans = GrowingTree(), list[tuple[int, int]]()
    for row in rows:
        tree.add(leaf_hash(row_bytes(table, row)))
        if spans and spans[-1][1] == row["id"] - 1:
            spans[-1] = (spans[-1][0], row["id"])
        else:
            spans.append((row["id"], row["id"]))
    return Batch(spans, tree.size, tree.root().hex())
