"""After how many hours a claim lapses at a site, and whether requests are given to its reviewers in turn."""

from datetime import datetime

from django.db import transaction

from utilization import access, event_log
from utilization.models import Site, User
from utilization.rules.roles import Permission
from utilization.workflow.errors import Invalid, Refused

MOST_CLAIM_HOURS = 72


@transaction.atomic
def set_claim_settings(site: Site, *, by: User, at: datetime, claim_hours: int, assigns_in_turn: bool) -> Site:
    """Let claims at `site` lapse after `claim_hours`, and give what comes to a stage to its reviewers in turn or not;
    the site as it is now.

    Where it stands so already, nothing is changed and nothing logged. Raises Refused, Invalid.
    """
    if not access.can(by, Permission.MANAGE_PEOPLE, site=site):
        raise Refused(f"Your roles at {site.name} do not let you say how its claims lapse.")
    if not 1 <= claim_hours <= MOST_CLAIM_HOURS:
        raise Invalid({"claim_hours": [f"Give whole hours from 1 to {MOST_CLAIM_HOURS}."]})
    held = Site.objects.select_for_update(no_key=True).get(pk=site.pk)
    now = {"claim_hours": claim_hours, "assigns_in_turn": assigns_in_turn}
    before = {name: getattr(held, name) for name in now}
    if before != now:
        event_log.append(type="site.claims", at=at, actor=by, site=site, data={"before": before, "now": now})
        for name, value in now.items():
            setattr(held, name, value)
        held.save(update_fields=list(now))
    return held
