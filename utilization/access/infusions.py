"""One infusion by its random id, of a request that the actor may read."""

from typing import Any

from utilization.access.fetch import fetch
from utilization.access.requests import visible_requests
from utilization.models import Infusion


def fetch_infusion(actor: Any, uid: Any) -> Infusion:
    """The infusion with this `uid`. Raises NotFound alike where there is none and where `actor` may not see it.

    The caller fetches its request next, by which the read is written down.
    """
    return fetch(Infusion.objects.filter(request__in=visible_requests(actor)).select_related("request"), uid)
