"""Entries that a database lost, taken from the sealer's copy: only once the copy has proved to be what was signed."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from utilization.models import Event
from utilization.seal.entry_copy import copied
from utilization.seal.sealer import is_entry
from utilization.transparency.checkpoints import TreeHead
from utilization.transparency.tree import GrowingTree, leaf_hash

_AT_ONCE = 1000


class CannotPutBack(Exception):
    """The copy is not what was signed, or the database holds something else; nothing was written. Says what to do."""


@dataclass(frozen=True, slots=True)
class LostEntry:
    """An entry that is in the copy and not in the database: its exact bytes, and what they say."""

    seq: int
    body: bytes
    said: dict[str, Any]


def hold_copy(copy: Path, head: TreeHead) -> None:
    """Hold the first entries of the copy against what was signed. Raises CannotPutBack."""
    tree = GrowingTree()
    try:
        for body in copied(copy):
            if tree.size == head.size:
                break
            tree.add(leaf_hash(body))
    except OSError as error:
        raise CannotPutBack(f"The copy {copy} cannot be read ({error.__class__.__name__}).") from None
    if tree.size < head.size:
        raise CannotPutBack(f"The copy {copy} holds {tree.size} entries, but {head.size} were signed.")
    if tree.root() != head.root:
        raise CannotPutBack(f"The copy {copy} is not what was signed as {head.origin} over {head.size} entries.")


def lost_entries(copy: Path, size: int) -> Iterator[LostEntry]:
    """Those of the first `size` entries of a copy that the database lacks. The copy was held against what was signed.

    Raises CannotPutBack where the database holds another entry in the place of one.
    """
    rows = _stored(size)
    seq, stored = next(rows, (None, b""))
    for number, body in enumerate(copied(copy)):
        if number == size:
            return
        if seq != number:
            yield _lost(number, body)
            continue
        if stored != body:
            raise CannotPutBack(
                f"Entry {number} of the database is not the one that was signed, so the log went on without what was "
                "lost, or was changed. Nothing was put back. Find out which: `manage.py verify_log`"
            )
        seq, stored = next(rows, (None, b""))


def _stored(size: int) -> Iterator[tuple[int, bytes]]:
    """The entries of the database below `size`, portion by portion: others are written in between."""
    first = 0
    while some := list(Event.objects.filter(seq__gte=first, seq__lt=size).order_by("seq")[:_AT_ONCE]):
        yield from ((event.seq, bytes(event.body)) for event in some)
        first = some[-1].seq + 1


def _lost(number: int, body: bytes) -> LostEntry:
    if not is_entry(body, number):
        raise CannotPutBack(f"Line {number + 1} of the copy is no entry of the log.")
    return LostEntry(number, body, json.loads(body))
