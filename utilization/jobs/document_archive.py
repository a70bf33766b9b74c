"""The files of a batch of documents as they are handed out: those that are kept, and an index of all.

Nothing is laid out here and nothing is written to the log: once a byte is sent, a fault could be told to nobody. What
is missing stands in the index with the reason.
"""

import hashlib
from collections.abc import Iterator, Mapping

import structlog

from utilization.documents.exports import csv_pieces
from utilization.jobs.documents import AwaitsSeal, already_made, content_of, why_unmade
from utilization.models import Request
from utilization.reports.document_batch import DocumentBatch

log = structlog.stdlib.get_logger("utilization.documents")

INDEX = "index.csv"
_HEADER = ("request", "file", "sha256", "missing_because")
_NOT_TRIED, _AWAITS = "It is not laid out yet. Prepare the batch first.", "It waits for its seal."


def files(batch: DocumentBatch) -> Iterator[tuple[str, bytes]]:
    """Each document of `batch` that is ready, as (name, content), and at last the index of all of them."""
    rows = []
    for request in batch.requests:
        name, content, why = _file(request, batch.ready, batch.unmade)
        if content is not None:
            yield name, content
        sha256 = hashlib.sha256(content).hexdigest() if content is not None else ""
        rows.append((request.number, name, sha256, why))
    yield INDEX, b"".join(csv_pieces(_HEADER, rows))


def _file(request: Request, ready: frozenset[int], unmade: Mapping[int, str]) -> tuple[str, bytes | None, str]:
    """Name and content of the document of `request`, or no name, None and why there is none."""
    try:
        document = already_made(request)
        if document is None:
            return "", None, unmade.get(request.pk, _NOT_TRIED)
        if request.pk not in ready:
            return "", None, _AWAITS
        return f"{request.number}.pdf", content_of(document), ""
    except AwaitsSeal:
        return "", None, _AWAITS
    except Exception as error:
        # The others are still sent: a broken stream would tell nobody what is missing.
        log.error("document.left_out", request=request.pk, failure=type(error).__name__)
        return "", None, why_unmade(error)
