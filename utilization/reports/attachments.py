"""The files that hang on a request, without their bytes."""

from utilization.models import Attachment, Request


def attached_to(request: Request, *, removed: bool = False) -> tuple[Attachment, ...]:
    """What hangs on `request`, oldest first; with `removed` also what was taken away while it was a draft."""
    rows = request.attachments.select_related("by", "removed_by")
    return tuple(rows if removed else rows.filter(removed_at=None))
