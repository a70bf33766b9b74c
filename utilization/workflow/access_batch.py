"""Closes a batch of the access log, or of the sign-in log: from then on an entry vouches for who read what, came in."""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db import transaction

from utilization import event_log
from utilization.access_batches import LONGEST_WRITE, READS, SIGN_INS, Batch, BatchedTable, Spans, batch_of, open_rows
from utilization.models import Event, LogHead


def close_access(*, at: datetime) -> Batch | None:
    """Close what was read since the last batch; the batch, None where nobody read anything."""
    return _close(READS, at)


def close_sign_ins(*, at: datetime) -> Batch | None:
    """Close what happened to ways into accounts since the last batch; the batch, None where nothing did."""
    return _close(SIGN_INS, at)


def _close(table: BatchedTable, at: datetime) -> Batch | None:
    """The rows are read before the transaction, so that no move waits for them."""
    before = list(_late_batches(table))
    batch = batch_of(table, open_rows(table, [(moment, spans) for _, moment, spans in before]))
    if not batch.count:
        return None
    with transaction.atomic():
        # Two who close at once would take the same rows: the second finds that there is a newer batch, and leaves.
        list(LogHead.objects.select_for_update(no_key=True).filter(pk=1))
        if _last_seq(table) != (before[0][0] if before else None):
            return None
        event_log.append(
            type=table.closed, at=at, actor=None,
            data={"spans": batch.spans, "count": batch.count, "root": batch.root},
        )  # fmt: skip
    return batch


def _last_seq(table: BatchedTable) -> int | None:
    closed = Event.objects.filter(site_id=None, type=table.closed)
    return closed.order_by("-seq").values_list("seq", flat=True).first()


def _late_batches(table: BatchedTable) -> Iterator[tuple[int, datetime, Spans]]:
    """The batches, newest first, back to one that is settled: (seq, time, spans)."""
    newest: datetime | None = None
    events = Event.objects.filter(site_id=None, type=table.closed).order_by("-seq")
    for event in events.iterator(chunk_size=20):
        said: Any = json.loads(bytes(event.body))["data"]
        yield event.seq, event.at, [(first, last) for first, last in said["spans"]]
        newest = newest or event.at
        if event.at <= newest - LONGEST_WRITE:
            return
