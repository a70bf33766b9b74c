"""Limits that hold for all server processes, on however many hosts, over their one database.

Each is one guarded update, so that of two processes at the same moment one gets what is left and the other nothing. No
event is written: nothing here is evidence, and strangers cause it. The tables cannot grow beyond their places.
"""

from datetime import datetime, timedelta

from django.db.models import F, Q
from django.utils.crypto import salted_hmac

from utilization.models import AskedInMinute, PasswordTurn

PLACES = 65_536
"""On so many places addresses fall, by a digest that only this installation can make; two on one share its limit."""
TURN_LASTS = timedelta(seconds=20)
"""After so long a turn counts as given back: its process ended in the midst of it."""
MINUTES_AHEAD = 5
TURN_AHEAD = 5 * TURN_LASTS
"""What lies further ahead was written by a host whose clock was wrong, and counts as over: else it would close the door
until then."""


def draw(what: str, address: str, minute: int, *, wanted: int, most: int) -> int:
    """How many of the `wanted` times `address` may ask for `what` in this `minute`: all of them, 1 or 0.

    All processes together are given at most `most` a minute.
    """
    place = _place(what, address)
    for number in dict.fromkeys((wanted, 1)):
        if number <= most and _counted(place, minute, number, most):
            return number
    return 0


def take_turn(account: str, *, at: datetime) -> datetime | None:
    """Take the turn of `account` for one check of its password; None while a check of it is under way anywhere.

    What comes back is for `give_back_turn`.
    """
    place, until = _place("turn", account), at + TURN_LASTS
    over = Q(until__lte=at) | Q(until__gt=at + TURN_AHEAD)
    if PasswordTurn.objects.filter(over, place=place).update(until=until):
        return until
    return until if PasswordTurn.objects.get_or_create(place=place, defaults={"until": until})[1] else None


def give_back_turn(account: str, until: datetime) -> None:
    """Let the next check of the password of `account` begin; a turn that was taken over meanwhile stays as it is.

    The row goes, so that no clock that is ahead of another keeps it taken.
    """
    PasswordTurn.objects.filter(place=_place("turn", account), until=until).delete()


def _counted(place: int, minute: int, number: int, most: int) -> bool:
    """Whether `number` were left at `place` in `minute`, and are counted now."""
    row = AskedInMinute.objects.filter(place=place)
    # Of a host whose clock is a little behind, what it asks counts in the minute of the others.
    this_minute = row.filter(minute__range=(minute, minute + MINUTES_AHEAD), asked__lte=most - number)
    over = Q(minute__lt=minute) | Q(minute__gt=minute + MINUTES_AHEAD)
    return bool(
        this_minute.update(asked=F("asked") + number)
        or row.filter(over).update(minute=minute, asked=number)
        or AskedInMinute.objects.get_or_create(place=place, defaults={"minute": minute, "asked": number})[1]
        # Another process began the minute between the first line and the last.
        or this_minute.update(asked=F("asked") + number)
    )


def _place(what: str, whose: str) -> int:
    digest = salted_hmac("utilization.shared_limits", f"{what}:{whose}", algorithm="sha256").digest()
    return int.from_bytes(digest[:8]) % PLACES
