"""How accounts stand, and who may confirm one, print its letter, sign with it: the second pair of eyes.

An account that was made, reset or reopened signs nothing until an administrator or an auditor of the person's site, who
is not the one who did it and is confirmed themselves, has confirmed that the person has it.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from utilization.models import AccountAct, PasswordLetter, SignOnLink, Site, User
from utilization.rules.account_owner import AccountStanding, account_standing, one_hand
from utilization.rules.roles import Permission, roles_with

CONFIRMERS = frozenset({*roles_with(Permission.MANAGE_PEOPLE), *roles_with(Permission.AUDIT)})

NOT_CONFIRMED = (
    "Your account was made or reset, and nobody else has confirmed since that you have it. Ask an administrator or an "
    "auditor of your site, other than who did it, to confirm that you have it."
)
NOT_YOURSELF = "Nobody confirms their own account. Another administrator or an auditor of your site does."
NOT_WHO_DID_IT = (
    "You made or reset this account yourself. Another administrator, or an auditor of the site, must confirm it."
)
NOT_YET_YOU = (
    "Your own account was made or reset and is not confirmed yet, so you confirm nobody and print no letter. Have "
    "yours confirmed first."
)
NOTHING_OPEN = "This account is confirmed already."

ASKED_BY_YOU = "You asked for this letter, so another administrator or an auditor of the site prints it."
FOR_YOURSELF = "This letter is for you. Another administrator, or an auditor of the site, prints it."
LETTER_OVER = "This letter is over: it was asked for too long ago. Reset the password to begin a new one."
NO_LETTER = "No letter waits to be printed for this person."


def standing_of(user: User) -> AccountStanding:
    """How the account of `user` stands now."""
    return account_standing(list(AccountAct.objects.filter(user=user).select_related("by").order_by("pk")))


def standings(users: Iterable[User]) -> dict[int, AccountStanding]:
    """How the accounts of `users` stand, by their keys."""
    deeds: dict[int, list[AccountAct]] = defaultdict(list)
    people = list(users)
    for act in AccountAct.objects.filter(user__in=people).select_related("by").order_by("pk"):
        deeds[act.user_id].append(act)
    return {user.pk: account_standing(deeds[user.pk]) for user in people}


def why_not_sign(user: User) -> str:
    """Why nothing can be signed with the account of `user` now; empty when it can."""
    return "" if standing_of(user).confirmed else NOT_CONFIRMED


def why_not_confirm(user: User, standing: AccountStanding, by: User, own: AccountStanding) -> str:
    """Why `by`, who works where `user` does, may not confirm them; empty when they may.

    `standing` is that of the account of `user`, `own` that of the account of `by`.
    """
    if user.pk == by.pk:
        return NOT_YOURSELF
    if standing.confirmed:
        return NOTHING_OPEN
    if by.pk in standing.hands:
        return NOT_WHO_DID_IT
    return "" if own.confirmed else NOT_YET_YOU


def why_not_print(letter: PasswordLetter | None, by: User, own: AccountStanding, at: datetime) -> str:
    """Why `by`, whose account stands as `own`, may not print `letter` of a colleague now; empty when they may."""
    if letter is None:
        return NO_LETTER
    if at >= letter.ends_at:
        return LETTER_OVER
    if letter.user_id == by.pk:
        return FOR_YOURSELF
    if letter.asked_by_id == by.pk:
        return ASKED_BY_YOU
    return "" if own.confirmed else NOT_YET_YOU


def shown_for_confirmation(standing: AccountStanding, link: SignOnLink | None) -> str:
    """What a page shows of an account to whoever confirms it, as a mark that its form sends along.

    Another deed, or another identity at the provider, gives another mark.
    """
    return f"{standing.last_open or 0}.{link.pk if link else 0}"


def confirmers(user: User, standing: AccountStanding) -> list[User]:
    """Who could confirm `user`, whose account stands so: confirmed administrators and auditors of their sites."""
    sites = Site.objects.filter(memberships__user=user, memberships__ended_at=None)
    people = User.objects.filter(
        memberships__site__in=sites, memberships__role__in=CONFIRMERS, memberships__ended_at=None, is_active=True
    ).exclude(pk__in=[user.pk, *(hand for hand in standing.hands if hand is not None)])
    others = list(people.distinct().order_by("full_name", "pk"))
    stand = standings(others)
    linked = set(SignOnLink.objects.filter(user__in=others).values_list("user_id", flat=True))
    return [
        other for other in others if stand[other.pk].confirmed and (other.has_usable_password() or other.pk in linked)
    ]


def of_one_hand(first: User, second: User, at: datetime) -> bool:
    """Whether one administrator made or reset both accounts lately, one of them without a confirmation since."""
    acts = [list(AccountAct.objects.filter(user=user).order_by("pk")) for user in (first, second)]
    return bool(one_hand(acts[0], acts[1], at))
