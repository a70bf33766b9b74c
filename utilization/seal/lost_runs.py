"""Runs of entries that a database had lost and that were put back, as entries of the log tell it."""

import json
from collections.abc import Iterator

from utilization.models import Event

RESTORED = "log.restored"
"""Tells of it: "entries", [first, last] of each run, and "size", how many entries had been signed by then."""

Run = tuple[int, int]
"""The numbers of its first and of its last entry."""


def runs_put_back(head: int) -> Iterator[tuple[Run, int]]:
    """Each run that was put back into the log of `head` entries, with how many entries had been signed by then."""
    for body in Event.objects.filter(type=RESTORED, seq__lt=head).order_by("seq").values_list("body", flat=True):
        try:
            said = json.loads(bytes(body))["data"]
            yield from [((int(first), int(last)), int(said["size"])) for first, last in said["entries"]]
        except (ValueError, TypeError, KeyError, RecursionError):
            continue  # What it says is no run. Its own faults are told in its place.


def undone(head: int) -> tuple[Run, ...]:
    """The runs that a database had lost at its end, since it was restored from an older copy: what they did is not in
    its rows. One from the middle was only deleted, and its rows are there."""
    return tuple(run for run, signed in runs_put_back(head) if run[1] == signed - 1)
