"""Issued documents: the justification of a decided request, kept for good as it was printed."""

from datetime import datetime

from utilization.models import Document, Request


def kept_document(request: Request, value_sha256: str = "") -> Document | None:
    """The document issued since the request ended; with a hash, the one that printed the value with this hash."""
    kept = Document.objects.filter(request=request)
    wanted = kept.filter(value_sha256=value_sha256) if value_sha256 else kept.filter(made_at__gte=request.ended_at)
    return wanted.last()


def keep_document(request: Request, value_sha256: str, *, sha256: str, content: bytes, at: datetime) -> Document:
    """Keep what was printed of the value with this hash. Of two workers that printed it at once, the first is kept."""
    document, _ = Document.objects.get_or_create(
        request=request,
        value_sha256=value_sha256,
        defaults={"sha256": sha256, "content": content, "made_at": at},
    )
    return document
