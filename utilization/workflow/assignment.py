"""A request that comes to a stage, given to whoever of its reviewers has waited longest for one."""

from datetime import datetime, timedelta

from django.db.models import F

from utilization import access, event_log, notify
from utilization.models import Membership, Request
from utilization.rules.lifecycle import Status
from utilization.rules.roles import Role

ASSIGNED = "request.assigned"
PRESENT = timedelta(hours=12)
"""Whoever signed in within these hours counts as present: a session lasts no longer."""
MOST_ASKED = 50
"""Reviewers who are looked at for one request at most."""
_REVIEWER = {Status.PHARMACIST_REVIEW.value: Role.PHARMACIST, Status.PHYSICIAN_REVIEW.value: Role.PHYSICIAN}


def assign(request: Request, *, at: datetime, answered: bool = False) -> None:
    """Give `request`, which has come to a stage in the transaction of the caller, to a reviewer who is present and may
    decide it, where its site does so; with its event. Where there is nobody, it awaits whoever takes it.

    What was `answered` goes back to whoever asked, while they are not away and may decide it there, else to who covers
    for them.
    """
    role = _REVIEWER.get(request.status)
    if role is None or not request.site.assigns_in_turn or request.holder_id is not None:
        return
    held = (_asker(request, role, at) if answered else None) or next_in_turn(request, role, at)
    if held is None:
        return
    Request.objects.filter(pk=request.pk).update(holder=held.user_id, held_at=at, version=F("version") + 1)
    Membership.objects.filter(pk=held.pk).update(assigned_at=at)
    request.refresh_from_db(fields=["holder", "held_at", "version"])
    data = {
        "from": request.status, "to": request.status, "version": request.version, "holder": held.user_id,
        "holder_before": None, "role": role.value,
    }  # fmt: skip
    event_log.append(type=ASSIGNED, at=at, actor=None, request=request, data=data)
    notify.moved(ASSIGNED, request.pk)


def next_in_turn(request: Request, role: Role, at: datetime) -> Membership | None:
    """The membership of who is next: who never had one, then who had one longest ago, of those who may decide it."""
    live = Membership.objects.filter(
        site=request.site, role=role, ended_at=None, user__is_active=True, user__last_login__gt=at - PRESENT
    )
    here = live.exclude(user__in=access.away_people(request.site_id, at)).select_related("user")
    turn = here.order_by(F("assigned_at").asc(nulls_first=True), "pk")[:MOST_ASKED]
    return next((held for held in turn if access.may_take(held.user, request, at)), None)


def _asker(request: Request, role: Role, at: datetime) -> Membership | None:
    """Who asked what was answered last, or who covers for them; None where neither may decide it here now."""
    asked = request.questions.order_by("pk").last()
    if asked is None:
        return None
    for key in (asked.asked_by_id, access.cover_of(asked.asked_by_id, request.site_id, at)):
        held = Membership.objects.filter(site=request.site, role=role, ended_at=None, user=key).first()
        if held is not None and access.may_take(held.user, request, at):
            return held
    return None
