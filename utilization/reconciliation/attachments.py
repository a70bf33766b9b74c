"""The bytes of attachments, held against the entries that tell their hash: one file at a time, since each is large."""

import hashlib
import json
from collections.abc import Iterator
from typing import Any

from utilization.models import AttachmentContent, Event
from utilization.reconciliation.comparison import FAULTS, Expected, RowComparison, Such
from utilization.reconciliation.entries import FollowedLog

CONTENT = "utilization_attachmentcontent"


def hold_contents(comparison: RowComparison, log: FollowedLog) -> None:
    """Hold the bytes of every attachment against the entries of `log`."""
    expected = _expected(log)
    for key in AttachmentContent.objects.order_by("pk").values_list("pk", flat=True).iterator():
        for rows in comparison.portions(CONTENT, pk=key):
            comparison.hold(CONTENT, ("attachment_id",), expected, rows)
    comparison.miss(CONTENT, expected)


def _expected(log: FollowedLog) -> dict[Any, Expected]:
    """The bytes that should be there, by the key of their attachment."""
    expected: dict[Any, Expected] = {}
    for event, said, site, number in _told(log):
        key = said["attachment"]
        if event.type == "attachment.removed":
            expected.pop(key, None)
            continue
        columns = {"attachment_id": key, "content": file_of(said["sha256"])}
        expected[key] = Expected(columns, event.seq, site, number)
    return expected


def _told(log: FollowedLog) -> Iterator[tuple[Event, dict[str, Any], str | None, str | None]]:
    rows = log.events().filter(type__in=("attachment.added", "attachment.removed"))
    for event in rows.iterator(chunk_size=1000):
        try:
            body = json.loads(bytes(event.body))
            request = body["request"]
            yield event, dict(body["data"]), body["site"], request["number"] or request["uid"]
        except FAULTS:
            continue  # What is wrong with an entry itself is told where entries are checked.


def file_of(sha256: str) -> Such:
    """Any bytes of this hash."""
    return Such(lambda kept: hashlib.sha256(kept).hexdigest() == sha256, f"a file of hash {sha256}")
