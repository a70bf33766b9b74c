"""How often one address may ask: a polite limit, counted in the memory of this server process and nowhere else."""

import ipaddress
import time

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest

A_MINUTE = 60
MOST_A_MINUTE = 240
"""Pages and live checks of one address in a minute: a whole ward behind one address types on, a script does not."""


def seconds_to_wait(request: HttpRequest, what: str = "public-check", most: int | None = None) -> int:
    """0 while the address asks for `what` at most `most` times a minute, else the seconds until it may ask again.

    Counts this time. `most` is `MOST_A_MINUTE` unless told.
    """
    most = MOST_A_MINUTE if most is None else most
    now = int(time.time())
    key = f"{what}:{now // A_MINUTE}:{address(request)}"
    cache.add(key, 0, timeout=2 * A_MINUTE)
    try:
        asked = cache.incr(key)
    except ValueError:  # thrown out by newer entries between the two lines
        asked = 1
    return A_MINUTE - now % A_MINUTE if asked > most else 0


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
