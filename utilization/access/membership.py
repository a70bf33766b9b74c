"""Live memberships, and what their roles permit: read from the database at each question, so that an ended role or a
deactivated account counts for nothing from the next question on.
"""

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet

from utilization.models import Department, Membership, Site
from utilization.rules.roles import ROLES, Permission, Role, roles_with


def live(actor: Any) -> QuerySet[Membership]:
    """The memberships that count for `actor` now."""
    pk: Any = getattr(actor, "pk", None)
    return Membership.objects.filter(user_id=pk, user__is_active=True, ended_at=None)


def roles(actor: Any, site: Site | None = None) -> frozenset[Role]:
    """The roles that `actor` holds now at `site`; at any site when `site` is None."""
    held = live(actor)
    if site is not None:
        held = held.filter(site=site)
    return frozenset(Role(role) for role in held.values_list("role", flat=True))


def permissions(actor: Any, site: Site | None = None) -> frozenset[Permission]:
    """What the roles of `actor` at `site` (at any site when None) permit."""
    return frozenset().union(*(ROLES[role].permissions for role in roles(actor, site)))


def sites(actor: Any, permission: Permission) -> QuerySet[Site]:
    """The sites where `actor` holds `permission` now."""
    return Site.objects.filter(pk__in=sites_where(actor, roles_with(permission)))


def department(actor: Any, site: Site) -> Department | None:
    """The department for which `actor` prescribes at `site`; None where they do not prescribe."""
    held = live(actor).filter(site=site, role=Role.PRESCRIBER).select_related("department").first()
    return held.department if held else None


def sites_where(actor: Any, wanted: Iterable[Role]) -> QuerySet[Membership, Any]:
    return live(actor).filter(role__in=wanted).values("site")
