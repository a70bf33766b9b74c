"""The confirmation that a person has their account, and what a signature keeps of it: see `access.accounts`."""

from datetime import datetime
from typing import Any

from django.db import transaction

from utilization import access, sign_in_log
from utilization.models import AccountAct, SignOnLink, User
from utilization.rules.account_owner import AccountDeed
from utilization.sign_in_log import SignInKind
from utilization.workflow.account_log import account_event
from utilization.workflow.errors import AccountChanged, Refused

CHANGED = (
    "Nothing was confirmed: something else was done to the account of {who} since you opened this page. Look at what "
    "stands here now, and confirm then."
)
OTHERS_CAN = "{who} can confirm this account on the pages of the product, so the command on the server does not."


def note_deed(user: User, kind: AccountDeed, *, by: User | None, at: datetime) -> None:
    """Write down what was done to the account of `user`, in the transaction in which it is done."""
    # Its confirmation waits for this, so that it never confirms what it did not see.
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    AccountAct.objects.create(user=user, kind=kind, by=by, at=at)


@transaction.atomic
def confirm(user: User, *, by: User, at: datetime, seen: str | None = None) -> None:
    """Say that `user` has their account: seen in person, or called at a number known from elsewhere.

    `seen` is the mark of what `by` was shown (`access.shown_for_confirmation`); None where no page showed anything.
    Raises NotFound for somebody of another site, Refused to the person, to who made or reset the account, to who is
    not confirmed, and for an account that needs no confirmation; AccountChanged for one that was seen otherwise.
    """
    person = access.fetch_colleague(by, user.pk)
    # One at a time about an account: a reset and its confirmation must see each other.
    User.objects.select_for_update(no_key=True).get(pk=person.pk)
    standing = access.standing_of(person)
    if why := access.why_not_confirm(person, standing, by, access.standing_of(by)):
        raise Refused(why)
    link = SignOnLink.objects.filter(user=person).first()
    if seen is not None and seen != access.shown_for_confirmation(standing, link):
        raise AccountChanged(CHANGED.format(who=person.signature_name))
    note_deed(person, AccountDeed.CONFIRMED, by=by, at=at)
    _tell(person, by, at, "person")


@transaction.atomic
def confirm_by_command(user: User, *, at: datetime) -> None:
    """Confirm `user` from the server, while nobody at their sites could: a new site has one administrator.

    Raises Refused where somebody could, and for an account that needs no confirmation.
    """
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    standing = access.standing_of(user)
    if standing.confirmed:
        raise Refused(access.NOTHING_OPEN)
    if others := access.confirmers(user, standing):
        raise Refused(OTHERS_CAN.format(who=others[0].signature_name))
    note_deed(user, AccountDeed.CONFIRMED, by=None, at=at)
    _tell(user, None, at, "command")


def account_at_signing(user: User, at: datetime) -> dict[str, Any]:
    """What a signature of `user` at `at` keeps of the account: who confirmed it and when, and a reset shortly before.

    `confirmed` is person, command, or before (this was kept).
    """
    standing = access.standing_of(user)
    deed, reset = standing.confirmation, standing.reset_within(at)
    said: dict[str, Any] = {"confirmed": "", "confirmed_by": "", "confirmed_at": None}
    if deed is not None:
        known = deed.kind == AccountDeed.CONFIRMED
        said = {
            "confirmed": ("person" if deed.by else "command") if known else "before",
            "confirmed_by": deed.by.signature_name if deed.by else "",
            "confirmed_at": deed.at.isoformat() if known else None,
        }
    if reset is not None:
        said |= {"reset_by": reset.by.signature_name if reset.by else "", "reset_at": reset.at.isoformat()}
    return said


def _tell(user: User, by: User | None, at: datetime, how: str) -> None:
    sign_in_log.note(SignInKind.CONFIRMED, user=user, by=by, at=at, detail="" if by else "command on the server")
    account_event("person.confirmed", user, by, at, {"how": how, "account": [AccountDeed.CONFIRMED.value]})
