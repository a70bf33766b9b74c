"""Live memberships, and what their roles permit: read from the database at each question, so that an ended role or a
deactivated account counts for nothing from the next question on.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple

from django.db.models import QuerySet

from utilization.models import Department, Membership, Site
from utilization.rules.roles import ROLES, Permission, Role, roles_with


def live(actor: Any) -> QuerySet[Membership]:
    """The memberships that count for `actor` now."""
    pk: Any = getattr(actor, "pk", None)
    return Membership.objects.filter(user_id=pk, user__is_active=True, ended_at=None)


class Held(NamedTuple):
    """A live membership: the role, and the keys of its site and department."""

    role: Role
    site: int
    department: int | None


def held_by(actor: Any) -> tuple[Held, ...]:
    """The live memberships of `actor`, read now."""
    # Their usual order would join the people and the sites for nothing.
    rows = live(actor).order_by().values_list("role", "site", "department")
    return tuple(Held(Role(role), site, department) for role, site, department in rows)


def roles(actor: Any, site: Site | None = None) -> frozenset[Role]:
    """The roles that `actor` holds now at `site`; at any site when `site` is None."""
    return frozenset(held.role for held in held_by(actor) if site is None or held.site == site.pk)


def permissions(actor: Any, site: Site | None = None) -> frozenset[Permission]:
    """What the roles of `actor` at `site` (at any site when None) permit."""
    return permitted_by(held_by(actor), site)


def permitted_by(memberships: Iterable[Held], site: Site | None) -> frozenset[Permission]:
    """What the roles of these memberships at `site` (at any site when None) permit."""
    here = [held for held in memberships if site is None or held.site == site.pk]
    return frozenset().union(*(ROLES[held.role].permissions for held in here))


def sites(actor: Any, permission: Permission) -> QuerySet[Site]:
    """The sites where `actor` holds `permission` now."""
    return Site.objects.filter(pk__in=sites_where(actor, roles_with(permission)))


def department(actor: Any, site: Site) -> Department | None:
    """The department for which `actor` prescribes at `site`; None where they do not prescribe."""
    held = live(actor).filter(site=site, role=Role.PRESCRIBER).select_related("department").first()
    return held.department if held else None


def sites_where(actor: Any, wanted: Iterable[Role]) -> QuerySet[Membership, Any]:
    return places_where(actor, wanted)[0]


def places_where(actor: Any, wanted: Iterable[Role], memberships: Iterable[Held] | None = None) -> tuple[Any, Any]:
    """(sites, departments) where `actor` holds one of the roles: by `memberships`, where they were read already; else
    for the database to look up in the query that asks."""
    if memberships is None:
        rows = live(actor).filter(role__in=wanted)
        return rows.values("site"), rows.values("department")
    fitting = [held for held in memberships if held.role in wanted]
    return {held.site for held in fitting}, {held.department for held in fitting if held.department is not None}
