"""The record of ways into accounts: sign-ins, failures, locks, links, resets, roles, second factors; never changed.

What strangers can cause is bounded, so that nobody fills the disk by knocking: of names that nobody has, one entry an
address and hour and at most `MOST_UNKNOWN` an hour from everywhere; of one account, `MOST_FAILURES` failures and locks
a day, then one entry that says that more are left out. What was typed is never kept: people type passwords as names.
"""

import logging
from collections.abc import Callable
from contextvars import ContextVar
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from django.db import transaction

from utilization.models import SignInEntry, User

MOST_UNKNOWN = 200
MOST_FAILURES = 100
HOUR, DAY = timedelta(hours=1), timedelta(days=1)

Listener = Callable[[int, str], None]
"""Called with the key of an entry and its kind, in the transaction of the entry."""

log = logging.getLogger(__name__)
_listeners: list[Listener] = []

ADDRESS: ContextVar[str] = ContextVar("address", default="")
"""Where the request that is being answered comes from, set by a middleware; empty in jobs and commands."""
ASKED_BY: ContextVar[Callable[[], Any]] = ContextVar("asked_by", default=lambda: None)
"""Who asks for it, likewise, looked up when somebody wants to know."""


class SignInKind(StrEnum):
    """What happened. The database keeps these codes."""

    SIGNED_IN = "signed_in"
    SIGNED_OUT = "signed_out"
    WRONG_PASSWORD = "wrong_password"
    UNKNOWN_NAME = "unknown_name"
    DOOR_LOCKED = "door_locked"
    LEFT_OUT = "left_out"
    WRONG_SIGNATURE = "wrong_signature"
    SIGNATURE_LOCKED = "signature_locked"
    LOCK_LIFTED = "lock_lifted"
    INVITED = "invited"
    RESET = "reset"
    REOPENED = "reopened"
    DEACTIVATED = "deactivated"
    CONFIRMED = "confirmed"
    LINK_MAILED = "link_mailed"
    LETTER_BEGUN = "letter_begun"
    LETTER_PRINTED = "letter_printed"
    PASSWORD_SET = "password_set"
    PASSWORD_CHANGED = "password_changed"
    ROLE_GIVEN = "role_given"
    ROLE_ENDED = "role_ended"
    SIGN_ON_LINKED = "sign_on_linked"
    SIGN_ON_UNLINKED = "sign_on_unlinked"
    FACTOR_ADDED = "factor_added"
    FACTOR_REMOVED = "factor_removed"
    RECOVERY_CODE_USED = "recovery_code_used"


_FAILURES = (SignInKind.WRONG_PASSWORD, SignInKind.DOOR_LOCKED)


def note(kind: SignInKind, *, at: datetime, user: User | None = None, by: Any = None, detail: str = "") -> None:
    """Write one entry about the account of `user`, done by `by` where that is somebody else."""
    other = by if by is not None and (user is None or by.pk != user.pk) else None
    with transaction.atomic(savepoint=False):
        entry = SignInEntry.objects.create(
            at=at,
            kind=kind,
            user_id=user.pk if user else None,
            user_name=user.signature_name[:200] if user else "",
            by_id=other.pk if other else None,
            by_name=other.signature_name[:200] if other else "",
            address=ADDRESS.get(),
            detail=detail[:200],
        )
        for listener in _listeners:
            _tell(listener, entry.pk, kind)


def listen(listener: Listener) -> Listener:
    """Have `listener` called with every entry, in its transaction; registering it again changes nothing."""
    if listener not in _listeners:
        _listeners.append(listener)
    return listener


def _tell(listener: Listener, entry_pk: int, kind: str) -> None:
    try:
        listener(entry_pk, kind)
    except Exception as failure:
        # What was done stands. The text of a failure may hold an address.
        log.error("listener failed", extra={"kind": kind, "failure": type(failure).__name__})


def note_failure(user: User | None, *, at: datetime) -> None:
    """A wrong password for the account of `user`; None where nobody has the name that was typed."""
    if user is None:
        _note_unknown(at)
    elif _room_for(user, at):
        note(SignInKind.WRONG_PASSWORD, user=user, at=at)


def note_closed_door(user: User, *, at: datetime, lasts: timedelta) -> None:
    """Sign-in to the account of `user` is locked from this address: once for as long as it `lasts`."""
    said = SignInEntry.objects.filter(
        user_id=user.pk, kind=SignInKind.DOOR_LOCKED, address=ADDRESS.get(), at__gt=at - lasts
    )
    if not said.exists() and _room_for(user, at):
        note(SignInKind.DOOR_LOCKED, user=user, at=at)


def _note_unknown(at: datetime) -> None:
    lately = SignInEntry.objects.filter(kind=SignInKind.UNKNOWN_NAME, at__gt=at - HOUR)
    if lately.filter(address=ADDRESS.get()).exists() or lately.count() >= MOST_UNKNOWN:
        return
    note(SignInKind.UNKNOWN_NAME, at=at)


def _room_for(user: User, at: datetime) -> bool:
    """Whether one more failure of this account is written today; the first that is not leaves an entry that says so."""
    today = SignInEntry.objects.filter(user_id=user.pk, at__gt=at - DAY)
    if today.filter(kind__in=_FAILURES).count() < MOST_FAILURES:
        return True
    if not today.filter(kind=SignInKind.LEFT_OUT).exists():
        note(SignInKind.LEFT_OUT, user=user, at=at)
    return False
