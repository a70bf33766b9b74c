"""Claims of somebody who may not act on them any more: passed on to who covers for them, or freed."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from utilization import access, event_log, notify
from utilization.models import Absence, Request, Site, User
from utilization.rules.lifecycle import IN_REVIEW
from utilization.workflow.transition import reread

FREED = "request.freed"
AWAY, ROLE_ENDED, ACCOUNT_CLOSED, REQUESTER = "away", "role_ended", "account_closed", "requester"


def hold_claims(*people: User) -> None:
    """Lock what `people` hold until the transaction ends: before its first entry is written, since whoever moves one of
    these has locked that request and waits for the log."""
    _lock(Request.objects.filter(holder__in=people, status__in=sorted(IN_REVIEW)))


def free_claims(
    person: User, *, by: User | None, at: datetime, because: str, site: Site | None = None, role: str = ""
) -> int:
    """Free what `person` holds in the transaction of the caller, at `site` and in `role` where they are named; how many
    claims there were."""
    held = _held_by(person)
    if site is not None:
        held = held.filter(site=site)
    if role:
        held = held.filter(status__in=[status.value for status, acts in access.STAGE_ROLES.items() if acts == role])
    return sum(_hand_on(request, None, by=by, at=at, because=because) for request in held)


def pass_claims(absence: Absence, *, by: User | None, at: datetime) -> int:
    """Pass what the absent person held when their absence began to who covers for them, where that one may review it,
    and free the rest; how many claims there were."""
    held = _held_by(absence.person).filter(site=absence.site, held_at__lte=absence.begins_at)
    cover = access.cover_of(absence.person_id, absence.site_id, at) if held else None
    heir = User.objects.get(pk=cover) if cover else None
    return sum(
        _hand_on(request, heir if heir and access.may_take(heir, request, at) else None, by=by, at=at, because=AWAY)
        for request in held
    )


@transaction.atomic
def begin_absences(*, at: datetime) -> int:
    """Pass on or free the claims of everybody whose absence has begun by now; how many there were. Asked by
    `manage.py tick`."""
    begun = Absence.objects.filter(begins_at__lte=at, ends_at__gt=at, person__in=_holders())
    hold_claims(*User.objects.filter(pk__in=begun.order_by().values("person")))
    return sum(pass_claims(absence, by=None, at=at) for absence in begun.select_related("person", "site"))


@transaction.atomic
def free_requesters(*, at: datetime) -> int:
    """Free the claims of everybody who by now stands in the chain of those who ask for what they hold: who wrote a
    message for the department meanwhile, say, or began to cover for its author; how many there were. Asked by
    `manage.py tick`."""
    held = [
        request
        for person in User.objects.filter(pk__in=_holders()).order_by("pk")
        for request in _held_by(person).filter(access.in_chain(person, at=at))
    ]
    _lock(Request.objects.filter(pk__in=[request.pk for request in held]))
    return sum(_hand_on(request, None, by=None, at=at, because=REQUESTER) for request in held)


def _lock(requests: QuerySet[Request]) -> None:
    list(requests.select_for_update(no_key=True).order_by("pk").values_list("pk"))


def _holders() -> QuerySet[Request, Any]:
    return Request.objects.filter(status__in=sorted(IN_REVIEW), holder__isnull=False).order_by().values("holder")


def _held_by(person: User) -> QuerySet[Request]:
    return Request.objects.filter(holder=person, status__in=sorted(IN_REVIEW)).select_related("site").order_by("pk")


def _hand_on(request: Request, heir: User | None, *, by: User | None, at: datetime, because: str) -> int:
    changed = Request.objects.filter(
        pk=request.pk, version=request.version, status=request.status, holder=request.holder_id
    ).update(version=request.version + 1, updated_at=at, holder=heir, held_at=at if heir else None)
    if changed != 1:
        return 0
    now = reread(request)
    kind = access.PASSED if heir else FREED
    data = {
        "from": now.status, "to": now.status, "version": now.version, "holder": heir.pk if heir else None,
        "holder_before": request.holder_id, "because": because,
    }  # fmt: skip
    event_log.append(type=kind, at=at, actor=by, request=now, data=data)
    notify.moved(kind, now.pk)
    return 1
