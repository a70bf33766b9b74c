"""Which exports a person may see and be handed: those that they asked for, of a site that they still audit."""

from typing import Any

from django.db.models import QuerySet

from utilization.access.fetch import fetch
from utilization.access.membership import sites_where
from utilization.models import Export
from utilization.rules.roles import Permission, roles_with


def visible_exports(actor: Any) -> QuerySet[Export]:
    """Every export that `actor` asked for, of the sites that they audit."""
    return Export.objects.filter(asked_by_id=actor.pk, site__in=sites_where(actor, roles_with(Permission.AUDIT)))


def fetch_export(actor: Any, uid: Any) -> Export:
    """Get the export with this `uid`; raises NotFound alike when there is none and when it is somebody else's."""
    return fetch(visible_exports(actor).select_related("site"), uid)
