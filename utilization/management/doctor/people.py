"""Sites and people: whether somebody can work."""

from collections.abc import Iterator
from datetime import datetime

from utilization import access, workflow
from utilization.management.doctor.lines import FAIL, OK, WARN, DoctorLine
from utilization.models import Site, User
from utilization.rules.roles import ROLES, Role

_NEEDED = (Role.PRESCRIBER, Role.PHARMACIST, Role.PHYSICIAN)
_LETTERS = "Send their links anew on the page People; without mail another prints their letter (Accounts to confirm)"
_CONFIRM = "Somebody else than who invited them confirms them on the page People (Accounts to confirm)"


def lines(at: datetime) -> Iterator[DoctorLine]:
    """Each site that lacks somebody without whom a request cannot be filed and decided."""
    sites = list(Site.objects.order_by("code"))
    if not sites:
        yield DoctorLine(FAIL, "sites", "there is none yet", "Run manage.py first_account")
    for site in sites:
        told = [*_administrators(site, at), *_needed(site)]
        yield from told or [DoctorLine(OK, f"site {site.code}", "has everybody whom a request needs")]


def _administrators(site: Site, at: datetime) -> Iterator[DoctorLine]:
    if workflow.restored_administrator.able_administrators(site):
        return
    awaited = workflow.restored_administrator.awaited_administrators(site, at)
    for person, until in awaited:
        yield DoctorLine(
            WARN, f"site {site.code}", f"waits for its administrator {person.username} to set a password",
            "Open the path that first_account, further_site or restore_administrator printed for them; it holds until "
            f"{until:%Y-%m-%d %H:%M} UTC",
        )  # fmt: skip
    if not awaited:
        yield DoctorLine(
            FAIL, f"site {site.code}", "has no administrator who can sign in",
            f"Run manage.py restore_administrator {site.code} USERNAME: see docs/operations.md, lost access",
        )  # fmt: skip


def _needed(site: Site) -> Iterator[DoctorLine]:
    """A line for the roles that nobody holds, one for those whose holders cannot sign in yet, one for those whose
    holders nobody confirmed."""
    none, outside, unconfirmed = list[str](), list[str](), list[str]()
    for role in _NEEDED:
        word = ROLES[role].word.lower()
        people = User.objects.filter(
            memberships__site=site, memberships__ended_at=None, memberships__role=role.value, is_active=True
        ).distinct()
        inside = workflow.restored_administrator.who_can_sign_in(people)
        if not people:
            none.append(word)
        elif not inside:
            outside.append(word)
        elif not any(standing.confirmed for standing in access.standings(inside).values()):
            unconfirmed.append(word)
    about = f"site {site.code}"
    if none:
        yield DoctorLine(WARN, about, f"has no {', no '.join(none)}", "Invite them on the page People")
    if outside:
        yield DoctorLine(WARN, about, f"has no {', no '.join(outside)} who has set a password yet", _LETTERS)
    if unconfirmed:
        yield DoctorLine(WARN, about, f"has no {', no '.join(unconfirmed)} whom anybody confirmed", _CONFIRM)
