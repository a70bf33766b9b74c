"""A peer-to-peer call: the times that a reviewer offers, read as local times of the site, and what a call came to."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

MOST_TIMES, WITHIN_DAYS = 5, 14
"""So many times are offered at once, and so many days ahead: local parameters without a source."""

FACTS_TO_ADD, ORDER_TO_CHANGE, STANDS, NOT_REACHED = "facts_to_add", "order_to_change", "stands", "not_reached"
CALL_OUTCOMES: Mapping[str, str] = {
    FACTS_TO_ADD: "Facts are to be added",
    ORDER_TO_CHANGE: "The order is to be changed",
    STANDS: "The position stands",
    NOT_REACHED: "Nobody was reached",
}

DECLINED, CANCELLED, HELD, ENDED = "declined", "cancelled", "held", "ended"
CALL_ENDS: Mapping[str, str] = {
    DECLINED: "No time fits",
    CANCELLED: "Cancelled",
    HELD: "Held",
    ENDED: "Ended with the request",
}


class NoSuchTime(ValueError):
    """A time as typed that cannot be offered; its text says why, for whoever typed it."""


def read_times(typed: Sequence[str], zone: str, now: datetime) -> list[datetime]:
    """The instants that `typed` says, local times of `zone` as "2026-03-02T14:30", in order; blanks are left out.

    Raises NoSuchTime for one that cannot be read, that the clocks leave out or repeat, that is over, that is too far
    ahead or there twice, and for none or too many.
    """
    given = [text.strip() for text in typed if text.strip()]
    if not given:
        raise NoSuchTime("Offer at least one time.")
    if len(given) > MOST_TIMES:
        raise NoSuchTime(f"Offer at most {MOST_TIMES} times.")
    instants = sorted(_instant(text, ZoneInfo(zone), now) for text in given)
    if len(set(instants)) < len(instants):
        raise NoSuchTime("Two of the times are the same. Change one or leave it out.")
    return instants


def _instant(text: str, zone: ZoneInfo, now: datetime) -> datetime:
    local = _local(text)
    today = now.astimezone(zone).replace(tzinfo=None)
    # Asked of the local time first: an instant cannot be made of every year that can be typed.
    if not today - timedelta(days=1) <= local <= today + timedelta(days=WITHIN_DAYS + 1):
        raise _out_of_reach(text, over=local < today)
    first, second = (local.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    if first != second:
        there = first.astimezone(zone).replace(tzinfo=None) == local
        why = "comes twice on that day, since the clocks go back" if there else "is left out on that day by the clocks"
        raise NoSuchTime(f"{_words(local)} {why}. Choose another time.")
    if not now < first <= now + timedelta(days=WITHIN_DAYS):
        raise _out_of_reach(text, over=first <= now)
    return first


def _local(text: str) -> datetime:
    shape = "%Y-%m-%dT%H:%M"
    try:
        local = datetime.strptime(text[:16], shape)  # noqa: DTZ007 - a local time: its zone is the site's
    except ValueError:
        local = None
    # A browser may send seconds, which are none of the minutes that people choose.
    if local is None or text[16:] not in ("", ":00") or not text.isascii():
        raise NoSuchTime("Choose day and time of each, as in 2026-03-02 14:30.")
    return local


def _out_of_reach(text: str, *, over: bool) -> NoSuchTime:
    words = text.replace("T", " ")
    if over:
        return NoSuchTime(f"{words} is over. Choose a time that is still to come.")
    return NoSuchTime(f"{words} is too far ahead. Choose a time within {WITHIN_DAYS} days.")


def _words(local: datetime) -> str:
    return local.strftime("%Y-%m-%d %H:%M")
