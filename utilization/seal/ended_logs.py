"""Logs that ended because entries were lost for good, and went on under another name: what their entries say."""

import json
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from utilization.models import Event

RECOVERED = "log.recovered"
"""Tells that a log goes on under a new origin from here on, signed by two people: "origin", the new one; "old", the
origin, size and root that were cosigned last; "restored", the size and root of what is left of it.
"""


def _told() -> Iterator[dict[str, Any]]:
    for body in Event.objects.filter(type=RECOVERED).order_by("seq").values_list("body", flat=True):
        try:
            yield json.loads(bytes(body))["data"]
        except (ValueError, TypeError, KeyError, RecursionError):
            continue  # A body that cannot be read is told as a fault of its entry.


def is_begun_anew(origin: str) -> bool:
    """Whether the log says of itself that it goes on as `origin`."""
    return any(data.get("origin") == origin for data in _told())


def ended_logs() -> dict[str, int]:
    """The origins that ended, each with the size of what is left of it."""
    ended = {}
    for data in _told():
        with suppress(ValueError, TypeError, KeyError):
            ended[str(data["old"]["origin"])] = int(data["restored"]["size"])
    return ended
