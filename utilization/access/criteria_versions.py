"""Which drafts and published versions of criteria a person may read, and one of them fetched."""

from typing import Any

from django.db.models import QuerySet

from utilization.access.fetch import fetch
from utilization.access.membership import sites_where
from utilization.models import CriteriaDraft, Publication
from utilization.rules.roles import Permission, roles_with

READS_VERSIONS = (
    Permission.KEEP_CRITERIA, Permission.REVIEW, Permission.REVIEW_AS_PHYSICIAN, Permission.AUDIT,
)  # fmt: skip
"""Any of these lets a person read the published versions of a site's criteria."""


def visible_drafts(actor: Any) -> QuerySet[CriteriaDraft]:
    """Every draft of criteria that `actor` may read: those of the sites whose criteria they keep."""
    return CriteriaDraft.objects.filter(site__in=sites_where(actor, roles_with(Permission.KEEP_CRITERIA)))


def visible_publications(actor: Any) -> QuerySet[Publication]:
    """Every published version that `actor` may read: those of the sites where they keep, review or audit."""
    wanted = [role for permission in READS_VERSIONS for role in roles_with(permission)]
    return Publication.objects.filter(site__in=sites_where(actor, wanted))


def fetch_draft(actor: Any, uid: Any) -> CriteriaDraft:
    """Get the draft of criteria with this `uid`; raises NotFound alike when there is none and when another site's."""
    return fetch(visible_drafts(actor).select_related("site", "author", "updated_by", "proposed_by"), uid)


def fetch_publication(actor: Any, uid: Any) -> Publication:
    """Get the published version with this `uid`; raises NotFound alike when there is none and when another site's."""
    return fetch(visible_publications(actor).select_related("site", "pack"), uid)
