"""Claims that have stood for longer than their site lets them: each ended by a change of its own, with its event."""

from datetime import datetime, timedelta

from django.db import transaction

from utilization import event_log, notify
from utilization.models import Request, Site
from utilization.rules.lifecycle import IN_REVIEW
from utilization.workflow.transition import reread

LAPSED = "request.claim_lapsed"
MOST_AT_ONCE = 200
"""Claims of a site that one call ends at most; the next call ends the others."""


def lapse_claims(*, at: datetime) -> int:
    """End every claim that is older `at` than its site lets it be; how many were ended.

    A request that somebody moved meanwhile is left as it is. The system is who does it: no person's name stands there.
    """
    return sum(_lapse(request, at) for site in Site.objects.all() for request in _lapsed(site, at))


def _lapsed(site: Site, at: datetime) -> list[Request]:
    # By place of review, along the index of the queue: those that are claimed are few of it.
    held = Request.objects.filter(
        site=site,
        status__in=sorted(IN_REVIEW),
        holder__isnull=False,
        held_at__lte=at - timedelta(hours=site.claim_hours),
    )
    return list(held.order_by("held_at", "pk")[:MOST_AT_ONCE])


@transaction.atomic
def _lapse(request: Request, at: datetime) -> int:
    changed = Request.objects.filter(
        pk=request.pk, version=request.version, status=request.status, holder=request.holder_id
    ).update(version=request.version + 1, updated_at=at, holder=None, held_at=None)
    if changed != 1:
        return 0
    now = reread(request)
    stands = {"from": now.status, "to": now.status, "version": now.version}
    data = {**stands, "holder": None, "holder_before": request.holder_id}
    event_log.append(type=LAPSED, at=at, actor=None, request=now, data=data)
    notify.moved(LAPSED, now.pk)
    return 1
