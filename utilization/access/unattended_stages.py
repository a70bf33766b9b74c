"""Stages of review at which nobody is there who could act: everybody is away, or nobody may."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from utilization.access.absences import away
from utilization.access.accounts import standings
from utilization.access.membership import sites
from utilization.access.stage import STAGE_ROLES
from utilization.models import Absence, Request, Site, User
from utilization.rules.roles import Permission, Role

MOST_COUNTED = 999


@dataclass(frozen=True, slots=True)
class UnattendedStage:
    """A role of a site that nobody can act in now: who is away of those who could, and how many requests wait.

    Where `away` is empty, nobody holds the role there whose account may sign.
    """

    site: Site
    role: Role
    away: tuple[Absence, ...]
    waiting: int

    @property
    def back_at(self) -> datetime | None:
        """When the first of them is back; None where nobody is away."""
        return min((absence.ends_at for absence in self.away), default=None)


def unattended_stages(site: Site, at: datetime) -> list[UnattendedStage]:
    """The stages of `site` at which nobody can act `at` this moment and that somebody is away from, or waits at."""
    gone = {absence.person_id: absence for absence in away(site, at).select_related("person", "cover")}
    told: list[UnattendedStage] = []
    for role in dict.fromkeys(STAGE_ROLES.values()):
        able = _able(site, role)
        if any(person not in gone for person in able):
            continue
        statuses = [status.value for status, acts in STAGE_ROLES.items() if acts == role]
        waiting = Request.objects.filter(site=site, status__in=statuses).order_by()[:MOST_COUNTED].count()
        if able or waiting:
            told.append(UnattendedStage(site, role, tuple(gone[person] for person in able), waiting))
    return told


def unattended_for(actor: Any, *permissions: Permission, at: datetime) -> list[UnattendedStage]:
    """The same for every site where `actor` holds one of `permissions`, by site."""
    named = {site.pk: site for permission in permissions for site in sites(actor, permission)}
    return [stage for key in sorted(named) for stage in unattended_stages(named[key], at)]


def _able(site: Site, role: Role) -> list[int]:
    """Who holds `role` at `site` and may sign, whether they are there or not."""
    people = User.objects.filter(
        is_active=True, memberships__site=site, memberships__role=role, memberships__ended_at=None
    )
    known = standings(people)
    return sorted(person for person, standing in known.items() if standing.confirmed)
