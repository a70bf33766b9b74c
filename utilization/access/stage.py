"""Who may act on a request where it stands in review, and who of them is there."""

from datetime import datetime

from utilization.access.absences import away_people
from utilization.access.accounts import standings, why_not_sign
from utilization.access.membership import roles
from utilization.access.permission import independent
from utilization.access.requesters import requesters
from utilization.models import Membership, Request, User
from utilization.models.decisions import RECOMMENDATION
from utilization.rules.lifecycle import Status
from utilization.rules.roles import Role

STAGE_ROLES = {
    Status.PHARMACIST_REVIEW: Role.PHARMACIST,
    Status.PHYSICIAN_REVIEW: Role.PHYSICIAN,
    Status.APPEAL_REVIEW: Role.PHYSICIAN,
}
"""Who acts at each place of review."""


def able_reviewers(request: Request, *, at: datetime) -> list[User]:
    """Who holds the role of the stage where `request` stands and may act on it there, by name, away or not."""
    role = STAGE_ROLES.get(Status(request.status))
    if role is None:
        return []
    held = Membership.objects.filter(site=request.site_id, role=role, ended_at=None, user__is_active=True)
    involved = set(requesters(request, at=at))
    if role == Role.PHYSICIAN:
        signed = request.decisions.all()
        if request.status != Status.APPEAL_REVIEW:
            signed = signed.filter(kind=RECOMMENDATION)
        else:
            involved |= set(request.opinions.values_list("by_id", flat=True))
        involved |= set(signed.values_list("signed_by_id", flat=True))
    people = User.objects.filter(pk__in=held.values("user")).exclude(pk__in=involved).order_by("full_name", "pk")
    known = standings(people)
    return [person for person in people if known[person.pk].confirmed]


def free_reviewers(request: Request, *, at: datetime) -> list[User]:
    """Those of them who are not away `at` this moment."""
    gone = away_people(request.site_id, at)
    return [person for person in able_reviewers(request, at=at) if person.pk not in gone]


def may_take(person: User, request: Request, at: datetime) -> bool:
    """Whether `person` is there `at` this moment, holds the role of the stage of `request`, and may decide it."""
    role = STAGE_ROLES.get(Status(request.status))
    if role is None or role not in roles(person, request.site) or person.pk in away_people(request.site_id, at):
        return False
    return bool(independent(person, request, deciding=True, at=at)) and not why_not_sign(person)
