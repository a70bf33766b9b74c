"""What a look-up shows: the patients meant, and the requests, each with the page on which the reader opens it."""

from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any

from utilization import access
from utilization.models import Patient, Request
from utilization.reports.queue import IndicationName, indication
from utilization.rules.request_clock import is_overdue
from utilization.rules.roles import Permission

LOOK_UP = (Permission.FILE, Permission.REVIEW, Permission.REVIEW_AS_PHYSICIAN, Permission.AUDIT)
"""Any of these lets a person look up."""
_REVIEWS = frozenset({Permission.REVIEW, Permission.REVIEW_AS_PHYSICIAN})


@dataclass(frozen=True, slots=True)
class FoundRequest:
    """A request that a look-up names; `door` names the page on which the reader opens it."""

    request: Request
    indication: IndicationName
    overdue: bool
    door: str


@dataclass(frozen=True, slots=True)
class Findings:
    """What a text may mean; `more` says that not all requests are shown, `most_patients` that patients are cut off."""

    requests: tuple[FoundRequest, ...]
    patients: tuple[Patient, ...]
    more: bool

    @property
    def most_patients(self) -> bool:
        return len(self.patients) == access.MAX_FOUND


def findings(actor: Any, text: str, *, at: datetime) -> Findings:
    """What `actor` may see of what `text` names, each written down as read."""
    looked = access.look_up(actor, text, at=at)
    arms = access.prescriber_arms(actor)
    keys = [request.pk for request in looked.requests]
    mine = (
        Request.objects.filter(reduce(or_, arms), pk__in=keys).order_by() if arms and keys else Request.objects.none()
    )
    own = set(mine.values_list("pk", flat=True))
    reviewed = {site.pk for permission in _REVIEWS for site in access.sites(actor, permission)}
    rows = tuple(
        FoundRequest(
            request,
            indication(request.indication),
            is_overdue(request.due_at, at=at),
            _door(request, request.pk in own, request.site_id in reviewed),
        )
        for request in looked.requests
    )
    return Findings(rows, looked.patients, looked.more)


def _door(request: Request, own: bool, reviewed: bool) -> str:
    if reviewed and request.submitted_at is not None:
        return "review-case"
    return "request-page" if own else "audit-request"
