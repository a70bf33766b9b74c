"""Transfers that a department is asked for: its prescribers see them before the request is theirs, or a request at
their own hospital follows."""

from datetime import datetime
from typing import Any

from django.db.models import Case, Exists, OuterRef, Q, QuerySet, When

from utilization import access_log
from utilization.access.fetch import NotFound
from utilization.access.membership import live
from utilization.access.patients import records_of
from utilization.models import Authorization, AuthorizationChange, Department, Membership, Patient, Request
from utilization.models.authorization_changes import MOVED, TRANSFER_ACCEPTED, TRANSFER_ASKED, TRANSFER_ENDED
from utilization.rules.roles import Role

STANDS = ("live", "future")
"""The states in which something may become of an authorization."""
_LISTED = 200


def departments_to_ask(request: Request, actor: Any) -> QuerySet[Department]:
    """The open departments that may be asked to take over the authorization of `request`: those of its hospital, and
    of every other hospital those for which somebody besides `actor` prescribes. Those of its hospital come first."""
    prescribing = Membership.objects.filter(
        department=OuterRef("pk"), role=Role.PRESCRIBER, ended_at=None, user__is_active=True
    ).exclude(user=actor)
    here = Q(site=request.site_id)
    others = Department.objects.filter(here | Q(Exists(prescribing)), closing=None).exclude(pk=request.department_id)
    return others.select_related("site").order_by(Case(When(here, then=0), default=1), "site__name", "name", "pk")


def offered_transfers(actor: Any, *, at: datetime) -> list[AuthorizationChange]:
    """Transfers of authorizations that stand, which the departments of `actor` are asked for and did not answer."""
    rows = _asked_of(actor).filter(~Exists(_asked_since()), answer=None, request__authorization__voided_at=None)
    return [
        row
        for row in rows.order_by("-pk")[:_LISTED]
        if row.request.authorization.state(row.request.site.date_at(at)) in STANDS
    ]


def fetch_transfer(actor: Any, uid: Any, *, at: datetime) -> AuthorizationChange:
    """The transfer of the request `uid` that the departments of `actor` are or were asked for; the read of one that is
    not answered is written down, at the hospital that asks. Raises NotFound."""
    rows = _asked_of(actor).filter(request__uid=uid).order_by("-pk")
    asked = rows.filter(answer=None).first()
    if asked is None:
        if answered := rows.first():
            return answered
        raise NotFound
    access_log.record(actor=actor, what="authorization", at=at, reads=[(asked.request.patient, asked.request)])
    return asked


def _asked_of(actor: Any) -> QuerySet[AuthorizationChange]:
    departments = live(actor).filter(role=Role.PRESCRIBER).values("department")
    rows = AuthorizationChange.objects.filter(kind=TRANSFER_ASKED, department__in=departments)
    return rows.select_related(
        "request__site", "request__patient__merged_into", "request__department", "request__authorization__site",
        "department__site", "by",
    )  # fmt: skip


def _asked_since() -> QuerySet[AuthorizationChange]:
    """What was asked of another department after a transfer, whose department had been closed by then."""
    return AuthorizationChange.objects.filter(kind=TRANSFER_ASKED, request=OuterRef("request"), pk__gt=OuterRef("pk"))


def open_transfer(request: Request) -> AuthorizationChange | None:
    """The transfer of `request` that is asked for and not answered. A department that was closed meanwhile answers
    none; once another one was asked, it answers none when it is open again either."""
    rows = AuthorizationChange.objects.filter(
        ~Exists(_asked_since()), request=request, kind=TRANSFER_ASKED, answer=None, department__closing=None
    )
    return rows.select_related("department").first()


def begun_elsewhere(request: Request) -> AuthorizationChange | None:
    """The acceptance by another hospital, of this or another authorization of the patient for the same use, by which a
    request is under way there."""
    over = AuthorizationChange.objects.filter(kind__in=(TRANSFER_ENDED, MOVED), replaced_by=OuterRef("replaced_by"))
    rows = AuthorizationChange.objects.filter(
        kind=TRANSFER_ACCEPTED, request__patient__in=_records(request), request__indication=request.indication
    )
    return rows.exclude(Exists(over)).select_related("request", "department__site").order_by("-pk").first()


def transfer_behind(request: Request) -> AuthorizationChange | None:
    """The acceptance by which `request` was begun from an authorization of another hospital."""
    if request.copied_from_id is None:
        return None
    rows = AuthorizationChange.objects.filter(kind=TRANSFER_ACCEPTED, replaced_by=request)
    return rows.select_related("request__site", "request__patient", "request__authorization").first()


def origin_of(request: Request) -> dict[str, str]:
    """Where a request comes from that was transferred from another hospital: "authorization" and "request" by number,
    "hospital" and "department" by name, "accepted", the day. Empty for any other."""
    accepted = transfer_behind(request)
    if accepted is None:
        return {}
    source = accepted.request
    return {
        "authorization": source.authorization.number, "request": source.number or "", "hospital": source.site.name,
        "department": source.department.name, "accepted": request.site.date_at(accepted.at).isoformat(),
    }  # fmt: skip


def moved_away(request: Request, *, since: datetime) -> AuthorizationChange | None:
    """How another hospital took over, at `since` or later, what the patient of `request` had for the same use."""
    rows = AuthorizationChange.objects.filter(
        kind=MOVED, at__gte=since, request__patient__in=_records(request), request__indication=request.indication
    )
    return rows.select_related("replaced_by__site").order_by("-pk").first()


def standing_for_same_use(request: Request) -> QuerySet[Authorization]:
    """The authorizations of the patient of `request` at its hospital for the same use that are not over."""
    return Authorization.objects.filter(
        patient__in=_records(request), indication=request.indication, voided_at=None
    ).order_by("pk")


def _records(request: Request) -> QuerySet[Patient]:
    return records_of(request.patient.merged_into or request.patient)
