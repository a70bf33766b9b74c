"""Who works where, for the pages of administrators: plain values, and of the sites that they manage alone."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from utilization import access
from utilization.models import Department, Membership, Site, User
from utilization.rules.lifecycle import Permission


@dataclass(frozen=True, slots=True)
class Staff:
    """One person at one site with the roles that they hold there now."""

    user: User
    memberships: tuple[Membership, ...]
    invited: bool


@dataclass(frozen=True, slots=True)
class Roster:
    """The people of one site by name, and its departments."""

    site: Site
    staff: tuple[Staff, ...]
    departments: tuple[Department, ...]


@dataclass(frozen=True, slots=True)
class Card:
    """One person as an administrator of theirs sees them.

    `whole` says that the administrator manages every site where the person works, `own` that it is their own account,
    `invited` that nobody has set a password yet.
    """

    user: User
    held: tuple[Membership, ...]
    ended: tuple[Membership, ...]
    whole: bool
    own: bool
    invited: bool


def rosters(actor: Any) -> list[Roster]:
    """One roster for each site whose people `actor` manages; three queries, however many people there are."""
    sites = list(access.sites(actor, Permission.MANAGE_PEOPLE).prefetch_related("departments"))
    by_site: dict[int, dict[User, list[Membership]]] = defaultdict(lambda: defaultdict(list))
    for membership in _memberships(site__in=sites):
        held = by_site[membership.site_id][membership.user]
        if membership.ended_at is None:
            held.append(membership)
    return [
        Roster(
            site=site,
            staff=tuple(
                Staff(user, tuple(held), _invited(user))
                for user, held in sorted(by_site[site.pk].items(), key=lambda one: one[0].full_name.casefold())
            ),
            departments=tuple(site.departments.all()),
        )
        for site in sites
    ]


def card(actor: Any, user: User) -> Card:
    """What `actor` may know of `user`: roles at the sites that `actor` manages, and whether there are others."""
    managed = set(access.sites(actor, Permission.MANAGE_PEOPLE).values_list("pk", flat=True))
    memberships = list(_memberships(user=user))
    here = [membership for membership in memberships if membership.site_id in managed]
    live = [membership for membership in memberships if membership.ended_at is None]
    return Card(
        user=user,
        held=tuple(membership for membership in here if membership.ended_at is None),
        ended=tuple(membership for membership in here if membership.ended_at is not None),
        whole=all(membership.site_id in managed for membership in live),
        own=user.pk == actor.pk,
        invited=_invited(user),
    )


def _memberships(**of: Any) -> Any:
    found = Membership.objects.filter(**of).select_related("user", "site", "department")
    return found.order_by("site__name", "role", "started_at", "pk")


def _invited(user: User) -> bool:
    return user.is_active and not user.has_usable_password()
