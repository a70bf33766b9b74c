"""Whose notices and mails somebody may see: their own, and of the people of a site, who could not be reached."""

from typing import Any

from django.db.models import QuerySet

from utilization.access.fetch import NotFound
from utilization.access.membership import live, sites_where
from utilization.models import Delivery, Membership, Notice
from utilization.rules.roles import Permission, roles_with


def visible_notices(actor: Any) -> QuerySet[Notice]:
    """The notices of `actor`, from the sites where they work now."""
    return Notice.objects.filter(recipient_id=actor.pk, site__in=live(actor).values("site"))


def fetch_notice(actor: Any, pk: int) -> Notice:
    """Get the notice of `actor` with this key. Raises NotFound alike for none and for another's."""
    try:
        return visible_notices(actor).select_related("request__site").get(pk=pk)
    except (Notice.DoesNotExist, OverflowError):
        raise NotFound from None


def own_deliveries(actor: Any) -> QuerySet[Delivery]:
    """The mails to `actor`."""
    return Delivery.objects.filter(recipient_id=actor.pk)


def managed_deliveries(actor: Any) -> QuerySet[Delivery]:
    """The mails to people who work where `actor` manages people."""
    sites = sites_where(actor, roles_with(Permission.MANAGE_PEOPLE))
    people = Membership.objects.filter(site__in=sites, ended_at=None, user__is_active=True).order_by()
    return Delivery.objects.filter(recipient__in=people.values("user"))


def fetch_delivery(actor: Any, pk: int) -> Delivery:
    """Get the mail with this key to one of the people whom `actor` manages. Raises NotFound."""
    try:
        return managed_deliveries(actor).get(pk=pk)
    except (Delivery.DoesNotExist, OverflowError):
        raise NotFound from None
