"""Sites and people: whether somebody can work."""

from collections.abc import Iterator
from datetime import datetime

from utilization import workflow
from utilization.management.doctor.lines import FAIL, OK, WARN, DoctorLine
from utilization.models import Membership, Site
from utilization.rules.roles import ROLES, Role

_NEEDED = (Role.PRESCRIBER, Role.PHARMACIST, Role.PHYSICIAN)


def lines(at: datetime) -> Iterator[DoctorLine]:
    """Each site that lacks somebody without whom a request cannot be filed and decided."""
    sites = list(Site.objects.order_by("code"))
    if not sites:
        yield DoctorLine(FAIL, "sites", "there is none yet", "Run manage.py first_account")
    for site in sites:
        held = set(
            Membership.objects.filter(site=site, ended_at=None, user__is_active=True).values_list("role", flat=True)
        )
        missing = [ROLES[role].word.lower() for role in _NEEDED if role.value not in held]
        able = workflow.restored_administrator.able_administrators(site)
        if not able:
            yield DoctorLine(
                FAIL, f"site {site.code}", "has no administrator who can sign in",
                f"Run manage.py restore_administrator {site.code} USERNAME: see docs/operations.md, lost access",
            )  # fmt: skip
        if missing:
            yield DoctorLine(
                WARN, f"site {site.code}", f"has no {', no '.join(missing)}", "Invite them on the page People"
            )
        elif able:
            yield DoctorLine(OK, f"site {site.code}", "has everybody whom a request needs")
