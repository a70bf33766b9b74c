"""The clock of a site, in versions in force from a day on: set by an administrator, asked by moves that need it."""

from collections.abc import Mapping
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db import transaction

from utilization import access, event_log
from utilization.models import ClockVersion, Membership, Site, User
from utilization.rules.roles import Permission
from utilization.rules.site_clock import ClockFault, SiteClocks, clock_of, read_clock
from utilization.workflow.errors import Invalid, Refused

PERSON = "person:"


def clocks_of(site: Site) -> SiteClocks | None:
    """Every version of the clock of `site`; None where it has set none."""
    versions = tuple(
        (since, clock_of(rules)) for since, rules in site.clock_versions.order_by("since").values_list("since", "rules")
    )
    return SiteClocks(ZoneInfo(site.time_zone), versions) if versions else None


def colleagues(site: Site) -> dict[str, str]:
    """The people who may be named to be told of what is late, "person:KEY" to name."""
    people = User.objects.filter(
        pk__in=Membership.objects.filter(site=site, ended_at=None, user__is_active=True).order_by().values("user")
    )
    return {f"{PERSON}{person.pk}": person.full_name for person in people.order_by("full_name", "pk")}


@transaction.atomic
def set_clock(site: Site, *, since: date | None, typed: Mapping[str, str], by: User, at: datetime) -> ClockVersion:
    """Let the clock of `site` go by what was `typed` from the day `since` on, for requests filed from then.

    Raises Refused, Invalid by field: for gaps and overlaps of hours, and a day that is past or before a kept version.
    """
    if not access.can(by, Permission.MANAGE_PEOPLE, site=site):
        raise Refused(f"Your roles at {site.name} do not let you set its clock.")
    # One at a time: two versions of a day, or of days in the wrong order, must not pass each other.
    held = Site.objects.select_for_update(no_key=True).get(pk=site.pk)
    errors = {}
    today, last = held.date_at(at), held.clock_versions.order_by("-since").first()
    if since is None or since < today:
        errors["since"] = [f"Write the day from which it holds, {today.isoformat()} or later."]
    elif last is not None and since <= last.since:
        errors["since"] = [f"A clock from {last.since.isoformat()} on is kept already. Choose a later day."]
    try:
        rules = read_clock(typed, colleagues(held))
    except ClockFault as fault:
        raise Invalid(errors | fault.errors) from None
    if errors or since is None:
        raise Invalid(errors)
    version = ClockVersion.objects.create(site=held, since=since, rules=rules.as_json(), at=at, by=by)
    event_log.append(
        type="site.clock", at=at, actor=by, site=held,
        data={"clock": version.pk, "since": since, "rules": version.rules},
    )  # fmt: skip
    return version
