"""An administrator for a site that has none who can sign in, made by a command on the server.

Whoever has the server could write into its database. This way is the one that the log tells, and the people of the site
are told of: it is refused while somebody could do the same on the pages, unless a reason is given why they cannot.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction

from utilization import access, event_log, sign_in_log
from utilization.digests import PERSON, of_row, salted
from utilization.models import AccountAct, Membership, SignOnLink, Site, User
from utilization.rules.account_owner import AccountDeed
from utilization.rules.roles import Role, is_everybody
from utilization.sign_in_log import SignInKind
from utilization.workflow.account_confirmation import note_deed
from utilization.workflow.account_log import note_role
from utilization.workflow.errors import Invalid, Refused
from utilization.workflow.new_account import NewPerson, new_user
from utilization.workflow.password_letter import one_time_path
from utilization.workflow.people import BOTH, lock_administrators, open_again, stop_ways_in, take_second_step
from utilization.workflow.text_input import clean_text

OTHERS_CAN = (
    "{who} can sign in as administrator of {site}, and gives roles and links on the page People. Nothing was done. If "
    "nobody reaches them any more, say why: it is written into the log."
)
ROLES_ELSEWHERE = (
    "{who} has roles at {sites} too, and would sign in there in the new way as well. Nothing was done. If that is "
    "meant, say why: it is written into the log."
)
MOST_REASON = 400
_PRINTS = (AccountDeed.MADE, AccountDeed.RESET, AccountDeed.REOPENED)
"""After these a path for a password is on its way to the person."""


@dataclass(frozen=True, slots=True)
class RestoredAdministrator:
    """Who is administrator now. `path` is where they choose a password, empty for who can sign in as before.

    `confirmers` are those who can confirm on the pages that the person has the account; it signs nothing until then.
    `elsewhere` are the other sites at which they have roles, and sign in by that path as well.
    """

    user: User
    path: str
    confirmers: tuple[User, ...]
    elsewhere: tuple[Site, ...]


@transaction.atomic
def restore_administrator(
    site: Site, person: User | NewPerson, *, at: datetime, reason: str = ""
) -> RestoredAdministrator:
    """Make `person` administrator of `site`: an account that there is, or a new one.

    An account that is closed is opened again. One that is administrator already gets a new way in, and loses those that
    it had. Where no `reason` is given, raises Refused while another administrator can sign in, and where that changes
    how the person signs in at other sites. Raises Invalid for who files or reviews at the site, and for what was typed.
    """
    Site.objects.select_for_update(no_key=True).get(pk=site.pk)
    lock_administrators([site])
    reason = clean_text("reason", reason, required="", most=MOST_REASON, one_line=True)
    others = [other for other in able_administrators(site) if not (isinstance(person, User) and other.pk == person.pk)]
    if others and not reason:
        raise Refused(OTHERS_CAN.format(who=", ".join(other.signature_name for other in others), site=site.name))
    said: dict[str, Any] = {"although": [other.pk for other in others], "reason": reason, "made": False}
    if isinstance(person, NewPerson):
        user = new_user(person, {})
        path, elsewhere = one_time_path(user), list[Site]()
        said |= {"made": True, "identity": salted(of_row(user, PERSON)), "account": [AccountDeed.MADE.value]}
        note_deed(user, AccountDeed.MADE, by=None, at=at)
        sign_in_log.note(SignInKind.INVITED, user=user, at=at, detail="command on the server")
    else:
        user = User.objects.select_for_update(no_key=True).get(pk=person.pk)
        path, elsewhere = _way_in(user, site, at, reason)
    given = _give(user, site, at)
    event_log.append(
        type="administrator.restored", at=at, actor=None, site=site,
        data={"person": user.pk, "role": Role.ADMINISTRATOR.value, "given": given, "how": "command", **said},
    )  # fmt: skip
    return RestoredAdministrator(user, path, tuple(access.confirmers(user, access.standing_of(user))), tuple(elsewhere))


def able_administrators(site: Site) -> list[User]:
    """Who could sign in as administrator of `site`, as far as the database knows."""
    held = Membership.objects.filter(site=site, role=Role.ADMINISTRATOR, ended_at=None, user__is_active=True)
    return who_can_sign_in(User.objects.filter(pk__in=held.values("user")).order_by("full_name", "pk"))


def who_can_sign_in(people: Iterable[User]) -> list[User]:
    """Those of `people` who have set a password, or are linked to single sign-on."""
    people = list(people)
    linked = set(SignOnLink.objects.filter(user__in=people).values_list("user_id", flat=True))
    return [person for person in people if person.has_usable_password() or person.pk in linked]


def awaited_administrators(site: Site, at: datetime) -> list[tuple[User, datetime]]:
    """Administrators of `site` without a way in for whom a command on the server printed a path that still works
    `at` this moment, each with the moment at which it ends."""
    held = Membership.objects.filter(site=site, role=Role.ADMINISTRATOR, ended_at=None, user__is_active=True)
    people = list(User.objects.filter(pk__in=held.values("user")).order_by("full_name", "pk"))
    able = {person.pk for person in who_can_sign_in(people)}
    awaited = []
    for person in people:
        deed = AccountAct.objects.filter(user=person, kind__in=_PRINTS).order_by("pk").last()
        # What somebody did on the pages went by mail or letter: no path was printed on the server.
        if person.pk in able or deed is None or deed.by_id is not None:
            continue
        until = deed.at + timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT)
        if at < until:
            awaited.append((person, until))
    return awaited


def _way_in(user: User, site: Site, at: datetime, reason: str) -> tuple[str, list[Site]]:
    """The path by which `user` chooses a password, and the other sites where they have roles and it counts too.

    No path for who can sign in and is not administrator yet: nothing of theirs changes.
    """
    if user.is_active and not _holds(user, site) and _has_way_in(user):
        return "", []
    held = user.memberships.filter(ended_at=None).exclude(site=site)
    elsewhere = list(Site.objects.filter(pk__in=held.values("site")).order_by("name"))
    if elsewhere and not reason:
        sites = ", ".join(other.name for other in elsewhere)
        raise Refused(ROLES_ELSEWHERE.format(who=user.signature_name, sites=sites))
    path = (stop_ways_in if user.is_active else open_again)(user, by=None, at=at)
    # Who lost their telephone with their password has neither the app nor the recovery codes.
    take_second_step(user, by=None, at=at)
    return path, elsewhere


def _give(user: User, site: Site, at: datetime) -> bool:
    """Give the role, where `user` does not hold it; whether it was given."""
    if _holds(user, site):
        return False
    held = user.memberships.filter(site=site, ended_at=None).values_list("role", flat=True)
    if is_everybody({Role.ADMINISTRATOR.value, *held}):
        raise Invalid({"username": [f"{BOTH} Name somebody else, or make a new account."]})
    Membership.objects.create(user=user, site=site, role=Role.ADMINISTRATOR.value, started_at=at)
    note_role(SignInKind.ROLE_GIVEN, user, None, at, site, Role.ADMINISTRATOR.value)
    return True


def _holds(user: User, site: Site) -> bool:
    return user.memberships.filter(site=site, role=Role.ADMINISTRATOR, ended_at=None).exists()


def _has_way_in(user: User) -> bool:
    return user.has_usable_password() or SignOnLink.objects.filter(user=user).exists()
