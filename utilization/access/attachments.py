"""An attachment, by its random id, for everybody who may read its request; every read is written down."""

from datetime import datetime
from typing import Any

from utilization.access.fetch import fetch
from utilization.access.requests import fetch_request, visible_requests
from utilization.models import Attachment


def fetch_attachment(actor: Any, uid: Any, *, what: str, at: datetime, lock: bool = False) -> Attachment:
    """Get the attachment with this `uid`, and write down that `actor` read its request `at` this time for `what`.

    With `lock` nobody else writes to its request until the transaction of the caller ends. Raises NotFound alike for
    one that does not exist, was removed, or hangs on a request that `actor` may not see.
    """
    rows = Attachment.objects.filter(removed_at=None, request__in=visible_requests(actor))
    attachment = fetch(rows.select_related("request"), uid)
    attachment.request = fetch_request(actor, attachment.request.uid, what=what, at=at, lock=lock)
    return attachment
