"""The logo of a site, for everybody who works there. No patient stands in it: who looks is not written down."""

from typing import Any

from django.db.models import QuerySet

from utilization.access.membership import live
from utilization.models import SiteLogo


def visible_logos(actor: Any) -> QuerySet[SiteLogo]:
    """The logos of the sites where `actor` has a role now."""
    return SiteLogo.objects.filter(site__in=live(actor).values("site"))
