"""Reads of records in batches: an entry `access.closed` vouches for a batch of rows of the access log.

A batch is the rows that are seen now and that no batch before holds, never "all up to the greatest key": on PostgreSQL
keys are given before rows are committed, so that a row may come to light after one with a greater key.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from utilization.models import AccessEntry
from utilization.rules.canonical_json import canonical
from utilization.transparency.tree import GrowingTree, leaf_hash

COLUMNS = ("id", "at", "site_id", "actor_id", "actor_name", "patient_id", "request_id", "what")
LONGEST_WRITE = timedelta(minutes=10)
"""No transaction is open for longer: what a batch did not see that was begun so much earlier, is not there."""

Spans = Sequence[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows of the access log: their keys in spans, how many they are, and the root (RFC 6962) over their bytes."""

    spans: Spans
    count: int
    root: str


def row_bytes(row: Mapping[str, Any]) -> bytes:
    """The bytes of one row, by which it stands in the tree of its batch."""
    return canonical({column: row[column] for column in COLUMNS})


def settled(batches: Iterable[tuple[Any, Spans]]) -> int:
    """The greatest key of the batches, given as (time, spans), that were closed so long before the last one that no
    row below it can come to light any more; 0 where there is none."""
    closed = sorted(batches, key=lambda batch: batch[0])
    if not closed:
        return 0
    old = [spans for at, spans in closed if at <= closed[-1][0] - LONGEST_WRITE]
    return max((last for spans in old for _, last in spans), default=0)


def open_rows(batches: Sequence[tuple[Any, Spans]]) -> Iterator[dict[str, Any]]:
    """The rows that none of `batches` holds, which reach back to a settled one, in the order of their keys."""
    taken = sorted(span for _, spans in batches for span in spans)
    rows = AccessEntry.objects.filter(pk__gt=settled(batches)).order_by("pk").values(*COLUMNS)
    place = 0
    for row in rows.iterator(chunk_size=1000):
        while place < len(taken) and taken[place][1] < row["id"]:
            place += 1
        if place == len(taken) or row["id"] < taken[place][0]:
            yield row


def batch_of(rows: Iterable[Mapping[str, Any]]) -> Batch:
    """The batch of `rows`, which come in the order of their keys."""
    tree, spans = GrowingTree(), list[tuple[int, int]]()
    for row in rows:
        tree.add(leaf_hash(row_bytes(row)))
        if spans and spans[-1][1] == row["id"] - 1:
            spans[-1] = (spans[-1][0], row["id"])
        else:
            spans.append((row["id"], row["id"]))
    return Batch(spans, tree.size, tree.root().hex())
