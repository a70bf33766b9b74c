"""The sign-in log of a site: what happened to the ways into its people's accounts, and to names that nobody has."""

from collections.abc import Iterable

from django.db.models import Exists, OuterRef, Q

from utilization.models import Membership, SignInEntry, Site
from utilization.reports.audit_list import PAGE
from utilization.reports.paging import Page, Place, walk


def sign_ins(
    site: Site, *, person: int | None = None, kinds: Iterable[str] = (), after: Place | None, before: Place | None
) -> Page:
    """A page of it, newest first; with `person`, of their account alone, with `kinds`, of these alone.

    A name that nobody has belongs to no site, so that it is shown to the auditors of each.
    """
    entries = SignInEntry.objects.all()
    if person:
        entries = entries.filter(user_id=person)
    else:
        here = Membership.objects.filter(user_id=OuterRef("user_id"), site=site)
        entries = entries.filter(Q(user_id=None) | Exists(here))
    if chosen := list(kinds):
        entries = entries.filter(kind__in=chosen)
    rows, page = walk(entries, "at", PAGE, after, before)
    return Page(rows, page.previous, page.next)
