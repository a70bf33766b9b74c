"""Issued documents: the justification of a decided request, kept for good as it was printed and told to the log."""

from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction

from utilization import event_log
from utilization.models import Document, Event, Request, UnmadeDocument

ISSUED = "document.issued"
DECISIONS = frozenset({"decision.approved", "decision.denied", "appeal.upheld", "appeal.overturned"})
FINAL_EVENTS = DECISIONS | {"request.withdrawn"}
"""The moves after which a request may have a justification to keep."""


@dataclass(frozen=True, slots=True)
class Print:
    """What was printed, and of which value. `hole` is where the place for the file's proof begins, if it has one."""

    value_sha256: str
    sha256: str
    content: bytes
    hole: int | None = None


def final_entries(request: Request) -> tuple[int | None, int | None]:
    """The log's entries of the decision on `request`, and of the last move that its document tells of."""
    entries = list(
        Event.objects.filter(request_id=request.pk, type__in=FINAL_EVENTS).order_by("seq").values_list("seq", "type")
    )
    decision = next((seq for seq, kind in reversed(entries) if kind in DECISIONS), None)
    return decision, entries[-1][0] if entries else None


def kept_document(request: Request, *, has_proof: bool, value_sha256: str = "") -> Document | None:
    """The document issued since the request ended; with a hash, the one that printed the value with this hash."""
    kept = Document.objects.filter(request=request, has_proof=has_proof)
    wanted = kept.filter(value_sha256=value_sha256) if value_sha256 else kept.filter(made_at__gte=request.ended_at)
    return wanted.last()


def keep_document(request: Request, printed: Print, *, at: datetime) -> Document:
    """Keep what was printed and tell the log. Of two workers that printed the same at once, the first is kept."""
    has_proof = printed.hole is not None
    try:
        with transaction.atomic():
            return _keep(request, printed, has_proof, at)
    except IntegrityError:
        if kept := kept_document(request, has_proof=has_proof, value_sha256=printed.value_sha256):
            return kept
        raise


def _keep(request: Request, printed: Print, has_proof: bool, at: datetime) -> Document:
    before = Document.objects.filter(request=request).values_list("sha256", flat=True).last()
    said = {
        "value_sha256": printed.value_sha256,
        "sha256": printed.sha256,
        "bytes": len(printed.content),
        "hole": printed.hole,
        "decision_entry": final_entries(request)[0],
        "supersedes": before,
    }
    UnmadeDocument.objects.filter(request=request).delete()
    event = event_log.append(type=ISSUED, at=at, actor=None, request=request, data=said)
    return Document.objects.create(
        request=request,
        value_sha256=printed.value_sha256,
        sha256=printed.sha256,
        content=printed.content,
        made_at=at,
        has_proof=has_proof,
        event_seq=event.seq,
    )


def note_unmade(request: Request, why: str, *, at: datetime) -> None:
    """Keep why the document of `request` could not be made at `at`, until it is. `why` names no patient."""
    UnmadeDocument.objects.update_or_create(request=request, defaults={"why": why[:300], "tried_at": at})
