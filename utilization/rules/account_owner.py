"""Whether an account is known to be its owner's: who made or reset it, and who else has confirmed the person since.

Whoever makes or resets an account could hold it themselves. So it signs nothing until somebody else has confirmed that
the person has it: that stands here as a rule over what was done to the account, oldest first.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol


class AccountDeed(StrEnum):
    """What was done to an account. The database keeps these codes."""

    MADE = "made"
    RESET = "reset"
    REOPENED = "reopened"
    LINKED = "linked"
    CONFIRMED = "confirmed"
    BEFORE = "before"


CONFIRMS = frozenset({AccountDeed.CONFIRMED, AccountDeed.BEFORE})
"""After these the account is its owner's; `before` stands for accounts older than this record."""
RESETS = frozenset({AccountDeed.RESET, AccountDeed.REOPENED, AccountDeed.LINKED})
"""After these a way that somebody else made opens the account: a link, or an identity that they entered."""
SHOWN_FOR = timedelta(days=7)
"""How long after a reset a signature is shown with it."""
ONE_HAND = timedelta(days=30)
"""Within this time, two accounts that one administrator made or reset are looked at together."""

LETTER_LASTS = timedelta(days=7)
"""How long after it was asked for a letter is printed and its code is taken; its link lasts a day from the print."""


class Deed(Protocol):
    """One thing done to an account; `by_id` is None for a command on the server."""

    @property
    def pk(self) -> int: ...
    @property
    def kind(self) -> str: ...
    @property
    def by_id(self) -> int | None: ...
    @property
    def by(self) -> Any: ...
    @property
    def at(self) -> datetime: ...


@dataclass(frozen=True, slots=True)
class AccountStanding:
    """How an account stands: `open` are the deeds that nobody has confirmed yet, `confirmation` the last that did."""

    open: tuple[Deed, ...]
    confirmation: Deed | None
    reset: Deed | None

    @property
    def confirmed(self) -> bool:
        """Whether somebody else than who made or reset the account has confirmed the person since."""
        return self.confirmation is not None and not self.open

    @property
    def hands(self) -> frozenset[int | None]:
        """Who did what is not confirmed yet; none of them may confirm it."""
        return frozenset(deed.by_id for deed in self.open)

    @property
    def last_open(self) -> int | None:
        """The key of the last deed that nobody has confirmed: whoever saw it saw all of them."""
        return self.open[-1].pk if self.open else None

    def reset_within(self, at: datetime) -> Deed | None:
        """The last reset, where `at` is at most `SHOWN_FOR` after it."""
        return self.reset if self.reset and at - self.reset.at <= SHOWN_FOR else None


def account_standing(deeds: Sequence[Deed]) -> AccountStanding:
    """How an account stands to which `deeds` were done, oldest first. Where nothing is known, it is not confirmed."""
    open_deeds: list[Deed] = []
    confirmation = reset = None
    for deed in deeds:
        if deed.kind in CONFIRMS:
            open_deeds, confirmation = [], deed
        else:
            open_deeds.append(deed)
            reset = deed if deed.kind in RESETS else reset
    return AccountStanding(tuple(open_deeds), confirmation, reset)


def one_hand(first: Sequence[Deed], second: Sequence[Deed], at: datetime) -> frozenset[int]:
    """Who made or reset both accounts within `ONE_HAND` before `at`, at least one of them unconfirmed since."""
    if account_standing(first).confirmed and account_standing(second).confirmed:
        return frozenset()

    def hands(deeds: Sequence[Deed]) -> set[int]:
        lately = (deed for deed in deeds if deed.kind not in CONFIRMS and at - deed.at <= ONE_HAND)
        return {deed.by_id for deed in lately if deed.by_id is not None}

    return frozenset(hands(first) & hands(second))
