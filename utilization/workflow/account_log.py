"""What is written to the logs about a person's account."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

from utilization import event_log, sign_in_log
from utilization.models import Site, User
from utilization.rules import words
from utilization.sign_in_log import SignInKind


def account_event(
    kind: str, user: User, by: User | None, at: datetime, data: Mapping[str, Any] = MappingProxyType({})
) -> None:
    """One event at each site where the person works, so that each site's log tells it."""
    sites: Any = Site.objects.filter(memberships__user=user, memberships__ended_at=None).distinct()
    for site in sites or [None]:
        event_log.append(type=kind, at=at, actor=by, site=site, data={"person": user.pk, **data})


def note_role(kind: SignInKind, user: User, by: User | None, at: datetime, site: Site, role: str) -> None:
    """A role that was given or ended, for the sign-in log."""
    sign_in_log.note(kind, user=user, by=by, at=at, detail=f"{words.ROLES[role]}, {site.name}")
