"""Which people an administrator may see, and one of them fetched."""

from typing import Any

from django.db.models import QuerySet

from utilization.access.fetch import NotFound
from utilization.access.membership import sites_where
from utilization.models import Department, Membership, User
from utilization.rules.roles import Permission, roles_with


def visible_people(actor: Any) -> QuerySet[User]:
    """The people who hold, or once held, a role at a site whose people `actor` manages."""
    managed = sites_where(actor, roles_with(Permission.MANAGE_PEOPLE))
    return User.objects.filter(pk__in=Membership.objects.filter(site__in=managed).values("user"))


def fetch_person(actor: Any, pk: Any) -> User:
    """Get the person with this key; raises NotFound alike when there is none and when another site's."""
    try:
        return visible_people(actor).get(pk=pk)
    except (User.DoesNotExist, ValueError, OverflowError):
        raise NotFound from None


def fetch_department(actor: Any, pk: Any) -> Department:
    """Get the department with this key of a site whose people `actor` manages; raises NotFound alike for none and for
    another site's."""
    managed = sites_where(actor, roles_with(Permission.MANAGE_PEOPLE))
    try:
        return Department.objects.select_related("site").get(pk=pk, site__in=managed)
    except (Department.DoesNotExist, ValueError, OverflowError):
        raise NotFound from None


def visible_colleagues(actor: Any) -> QuerySet[User]:
    """The people of the sites where `actor` manages people or audits: those whom they may confirm."""
    wanted = {*roles_with(Permission.MANAGE_PEOPLE), *roles_with(Permission.AUDIT)}
    sites = sites_where(actor, wanted)
    return User.objects.filter(pk__in=Membership.objects.filter(site__in=sites, ended_at=None).values("user"))


def fetch_colleague(actor: Any, pk: Any) -> User:
    """Get the person with this key whom `actor` may confirm; raises NotFound alike for none and for another site's."""
    try:
        return visible_colleagues(actor).get(pk=pk)
    except (User.DoesNotExist, ValueError, OverflowError):
        raise NotFound from None
