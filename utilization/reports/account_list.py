"""Accounts that wait for a second pair of eyes, and what an auditor looks at in the accounts of a site."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import OuterRef, Q, QuerySet, Subquery

from utilization import access
from utilization.models import AccountAct, Decision, Membership, PasswordLetter, Publication, SignOnLink, Site, User
from utilization.reports.people import people_at
from utilization.rules.account_owner import CONFIRMS, LETTER_LASTS, RESETS, SHOWN_FOR, AccountStanding
from utilization.rules.identity import name_parts
from utilization.rules.roles import CLINICAL, Permission, Role
from utilization.rules.sign_in_names import sign_in_key

MOST = 100
"""Accounts that one list shows; the longest waiting first."""
LOOKED_BACK = timedelta(days=90)
"""How far back signatures after a reset are listed; all of them stand on their records."""


@dataclass(frozen=True, slots=True)
class OpenAccount:
    """One account that is not confirmed, or whose letter is still to be printed: what was done to it, and why who asks
    may not confirm or print; else empty.

    `link` is who the person is at the identity provider, `seen` the mark of all that is shown here.
    """

    user: User
    memberships: tuple[Membership, ...]
    standing: AccountStanding
    letter: PasswordLetter | None
    link: SignOnLink | None
    seen: str
    why_not_confirm: str
    why_not_print: str


@dataclass(frozen=True, slots=True)
class SignedAfterReset:
    """A signature within seven days of a reset. `number` is that of its request, or the version of the criteria."""

    act: AccountAct
    signed_at: datetime
    number: str
    decision: Decision | None = None


@dataclass(frozen=True, slots=True)
class AccountFindings:
    """What an auditor looks at in the accounts of `site`."""

    site: Site
    alike: tuple[tuple[str, tuple[User, ...]], ...]
    both: tuple[User, ...]
    signed: tuple[SignedAfterReset, ...]


def open_accounts(actor: User, at: datetime) -> list[OpenAccount]:
    """Accounts that are not confirmed or whose letter is still to be printed, of the people of the sites of `actor`:
    the first `MOST` by name."""
    users = list(_open(access.visible_colleagues(actor), at).order_by("full_name", "pk")[:MOST])
    standings = access.standings(users)
    letters = {letter.user_id: letter for letter in PasswordLetter.objects.filter(user__in=users)}
    links = {link.user_id: link for link in SignOnLink.objects.filter(user__in=users).select_related("linked_by")}
    held: dict[int, list[Membership]] = defaultdict(list)
    for membership in Membership.objects.filter(user__in=users, ended_at=None).select_related("site", "department"):
        held[membership.user_id].append(membership)
    mine = access.standing_of(actor)
    return [
        OpenAccount(
            user=user,
            memberships=tuple(held[user.pk]),
            standing=standings[user.pk],
            letter=letters.get(user.pk),
            link=links.get(user.pk),
            seen=access.shown_for_confirmation(standings[user.pk], links.get(user.pk)),
            why_not_confirm=access.why_not_confirm(user, standings[user.pk], actor, mine),
            why_not_print=access.why_not_print(letters.get(user.pk), actor, mine, at),
        )
        for user in users
    ]


def _open(people: QuerySet[User], at: datetime) -> QuerySet[User]:
    last = AccountAct.objects.filter(user=OuterRef("pk")).order_by("-pk").values("kind")[:1]
    confirms = [kind.value for kind in CONFIRMS]
    confirmed = Q(last__in=confirms, last__isnull=False)
    # Whoever is confirmed, in person or from the server, before their letter was printed still needs it.
    lettered = PasswordLetter.objects.filter(asked_at__gt=at - LETTER_LASTS)
    return (
        people.filter(is_active=True)
        .annotate(last=Subquery(last))
        .filter(~confirmed | Q(pk__in=lettered.values("user")))
    )


def findings(actor: User, at: datetime) -> list[AccountFindings]:
    """What `actor` looks at as an auditor, a site each."""
    return [
        AccountFindings(
            site, tuple(alike(people_at(site).filter(is_active=True))), tuple(_both(site)), _signed(site, at)
        )
        for site in access.sites(actor, Permission.AUDIT).order_by("name", "pk")
    ]


def alike(people: Iterable[User]) -> list[tuple[str, tuple[User, ...]]]:
    """Those of `people` who are taken for one, as (`name`, `mail` or `sign-in`, who they are).

    They share a full name or a mail address, however it is spelt, or one signs in by a name that reads like another's
    username or mail address.
    """
    keyed: dict[tuple[str, str], list[User]] = defaultdict(list)
    usernames = set()
    for user in people:
        keyed["name", name_key(user.full_name)].append(user)
        keyed["mail", mail_key(user.email)].append(user)
        usernames.add(sign_in_key(user.username))
        for key in {sign_in_key(user.username), sign_in_key(user.email)}:
            keyed["sign-in", key].append(user)
    return [
        (kind, tuple(users))
        for (kind, key), users in sorted(keyed.items(), key=str)
        if key and len(users) > 1 and (kind != "sign-in" or key in usernames)
    ]


def name_key(name: str) -> str:
    """A name without case, marks, order and what stands between its words."""
    return " ".join(sorted(name_parts(name)[0]))


def mail_key(address: str) -> str:
    """A mail address without case, without dots in the name of its box, and without what follows a plus sign there."""
    box, _, host = address.strip().casefold().rpartition("@")
    return f"{box.partition('+')[0].replace('.', '')}@{host}" if box else ""


def _both(site: Site) -> QuerySet[User]:
    """Who is an administrator of `site` and holds a clinical role there, as they could before it was refused."""
    held = Membership.objects.filter(site=site, ended_at=None)
    clinical = [role.value for role in CLINICAL]
    return User.objects.filter(
        Q(pk__in=held.filter(role=Role.ADMINISTRATOR).values("user")),
        Q(pk__in=held.filter(role__in=clinical).values("user")),
    ).order_by("full_name", "pk")


def _signed(site: Site, at: datetime) -> tuple[SignedAfterReset, ...]:
    resets = AccountAct.objects.filter(
        kind__in=[kind.value for kind in RESETS], at__gte=at - LOOKED_BACK,
        user__in=Membership.objects.filter(site=site).values("user"),
    ).select_related("user", "by").order_by("-pk")[:MOST]  # fmt: skip
    signed: dict[tuple[str, int], SignedAfterReset] = {}
    for act in resets:
        window = {"signed_by": act.user_id, "signed_at__gte": act.at, "signed_at__lte": act.at + SHOWN_FOR}
        for decision in Decision.objects.filter(request__site=site, **window).select_related("request")[:MOST]:
            number = decision.request.number or ""
            signed.setdefault(("request", decision.pk), SignedAfterReset(act, decision.signed_at, number, decision))
        for version in Publication.objects.filter(site=site, **window).select_related("pack")[:MOST]:
            signed.setdefault(("version", version.pk), SignedAfterReset(act, version.signed_at, str(version.pack)))
    return tuple(sorted(signed.values(), key=lambda one: one.signed_at, reverse=True)[:MOST])
