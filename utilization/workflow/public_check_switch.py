"""Opens and closes a site's public eligibility check, by its administrators and its committee."""

from datetime import datetime

from django.db import transaction

from utilization import access, event_log
from utilization.models import Site, User
from utilization.rules.roles import Permission
from utilization.workflow.errors import Refused

MAY_OPEN = (Permission.MANAGE_PEOPLE, Permission.KEEP_CRITERIA)
"""Either of these at a site lets a person open and close its check."""


@transaction.atomic
def set_public_check(site: Site, *, by: User, at: datetime, wanted: bool) -> Site:
    """Let everybody check eligibility by the criteria of `site` without signing in, or nobody; the site as it is now.

    Where it stands so already, nothing is changed and nothing logged. Raises Refused.
    """
    if not any(access.can(by, permission, site=site) for permission in MAY_OPEN):
        raise Refused(f"Your roles at {site.name} do not let you open or close its public check.")
    if Site.objects.filter(pk=site.pk, public_check=not wanted).update(public_check=wanted):
        event_log.append(type="check.opened" if wanted else "check.closed", at=at, actor=by, site=site, data={})
    return Site.objects.get(pk=site.pk)
