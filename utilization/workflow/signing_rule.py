"""Which roles of a site sign by more than a password: by a passkey, a code of an app, or single sign-on."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from utilization import access, event_log
from utilization.models import Site, User
from utilization.rules.roles import ROLES, Permission, Role
from utilization.workflow.errors import Invalid, Refused
from utilization.workflow.presence import PASSWORD

SIGNING_ROLES = (Role.PHARMACIST, Role.PHYSICIAN, Role.FORMULARY)
"""The roles whose acts are signed."""


@transaction.atomic
def set_strong_roles(site: Site, roles: Iterable[str], *, by: User, at: datetime) -> Site:
    """Let people of `roles` sign at `site` by password alone no more; the site as it is now.

    Where it stands so already, nothing is changed and nothing logged. Raises Refused, Invalid on roles.
    """
    if not access.can(by, Permission.MANAGE_PEOPLE, site=site):
        raise Refused(f"Your roles at {site.name} do not let you say how people sign there.")
    wanted = sorted(set(roles))
    if not set(wanted) <= {role.value for role in SIGNING_ROLES}:
        raise Invalid({"roles": ["Choose roles from the list."]})
    held = Site.objects.select_for_update(no_key=True).get(pk=site.pk)
    if held.strong_roles != wanted:
        event_log.append(
            type="site.signing_rule", at=at, actor=by, site=site, data={"before": held.strong_roles, "now": wanted}
        )
        held.strong_roles = wanted
        held.save(update_fields=["strong_roles"])
    return held


def check_strong(kept: Mapping[str, Any], site: Site, role: Role) -> None:
    """Refuse a signature as `role` at `site` by password alone where the site asks for more. Raises Invalid."""
    if kept["kind"] == PASSWORD and role.value in site.strong_roles:
        who = ROLES[role].word.lower()
        why = (
            f"Nothing was signed: at {site.name}, who signs as {who} uses a passkey, a code of an authenticator app or "
            "single sign-on. Add one under your name, Passkeys and codes."
        )
        raise Invalid({"password": [why]})
