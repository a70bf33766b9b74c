"""The sign-in log of a site: what happened to the ways into its people's accounts, and to names that nobody has."""

from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, Q

from utilization.models import Membership, SignInEntry, Site
from utilization.reports.log_selection import LogSelection, LogTable
from utilization.reports.paging import Page, Place

CSV_HEADER = ("at", "at_local", "account", "what", "detail", "by", "address")


def sign_ins(site: Site, selection: LogSelection, *, after: Place | None, before: Place | None) -> Page:
    """A page of it, newest first. A name that nobody has belongs to no site: it is shown to the auditors of each."""
    return _table(site).page(selection, after=after, before=before)


def sign_in_rows(site: Site, selection: LogSelection) -> Iterator[tuple[Any, ...]]:
    """All that fit as rows of a CSV, in the order of `CSV_HEADER`, read as they go."""
    zone = ZoneInfo(site.time_zone)
    for some in _table(site).all(selection):
        for entry in some:
            yield (
                entry.at, entry.at.astimezone(zone).isoformat(timespec="seconds"), entry.user_name, entry.kind,
                entry.detail, entry.by_name, entry.address,
            )  # fmt: skip


def _table(site: Site) -> LogTable:
    here = Membership.objects.filter(user_id=OuterRef("user_id"), site=site)
    rows = SignInEntry.objects.filter(Q(user_id=None) | Exists(here))
    return LogTable(site, rows, kind="kind", person="user_id")
