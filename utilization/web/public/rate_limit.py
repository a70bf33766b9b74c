"""How often one address may ask: a polite limit that holds over all server processes and hosts together.

Each process draws some times at once from what the database still has for the address in this minute, and spends them
from its own memory: so most requests cost no write.
"""

import ipaddress
import time

import structlog
from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError
from django.http import HttpRequest

from utilization import workflow

A_MINUTE = 60
MOST_A_MINUTE = 240
"""Pages and live checks of one address in a minute: a whole ward behind one address types on, a script does not."""
DRAWS = 20
"""In so many draws the times of a minute are given out. What one process has drawn and not spent, no other can."""

log = structlog.stdlib.get_logger("utilization.requests")


def seconds_to_wait(request: HttpRequest, what: str = "public-check", most: int | None = None) -> int:
    """0 while the address asks for `what` at most `most` times a minute, else the seconds until it may ask again.

    Counts this time. `most` is `MOST_A_MINUTE` unless told.
    """
    most = MOST_A_MINUTE if most is None else most
    now = int(time.time())
    return 0 if _may_ask(what, address(request), now // A_MINUTE, most) else A_MINUTE - now % A_MINUTE


def _may_ask(what: str, whose: str, minute: int, most: int) -> bool:
    """Spend one of the times that this process has drawn for the address; draw some where none is left.

    `purse` counts those drawn less those spent: it is below 0 for as long as threads that have spent are drawing.
    """
    purse = f"{what}:{minute}:{whose}:{most}"
    if _add(purse, -1) >= 0:
        return True
    if cache.get(f"{purse}:none"):
        return False
    drawn = _draw(what, whose, minute, most)
    if drawn:
        _add(purse, drawn)
    else:
        # Nothing is left to anybody: until the minute is over, this process asks the database no more.
        cache.set(f"{purse}:none", True, timeout=2 * A_MINUTE)
    return drawn > 0


def _add(purse: str, number: int) -> int:
    cache.add(purse, 0, timeout=2 * A_MINUTE)
    try:
        return cache.incr(purse, number)
    except ValueError:  # thrown out by newer entries between the two lines
        return -1


def _draw(what: str, whose: str, minute: int, most: int) -> int:
    wanted = max(1, most // DRAWS)
    try:
        return workflow.shared_limits.draw(what, whose, minute, wanted=wanted, most=most)
    except DatabaseError as failure:
        # A page that only reads is not refused because nothing can be written now.
        log.warning("limit not counted", error=type(failure).__qualname__)
        return wanted


def address(request: HttpRequest) -> str:
    """Whose turn it is: an IPv4 address, or the /64 network that one subscriber holds of IPv6."""
    told = request.META.get("REMOTE_ADDR", "")
    if settings.BEHIND_PROXY:
        # The last one is what our own proxy saw; those before it are what the client claims.
        told = request.headers.get("X-Forwarded-For", told).rpartition(",")[2].strip()
    try:
        parsed = ipaddress.ip_address(told)
    except ValueError:
        return "unknown"
    if isinstance(parsed, ipaddress.IPv6Address):
        return str(parsed.ipv4_mapped or ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)
