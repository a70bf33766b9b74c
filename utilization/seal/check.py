"""The entries of the log against what was signed over them.

The tree is built anew from the stored bytes, in memory of one hash a level, and its root held against each checkpoint
by keys that come from outside the database. Kept nodes are believed in nothing but to locate a difference, and there
only where they lead to the signed root themselves.
"""

import heapq
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from django.db.models import Max

from utilization.models import Checkpoint, Event, LogNode
from utilization.seal.claims import Claims
from utilization.transparency.checkpoints import TreeHead
from utilization.transparency.keys import PublicKey
from utilization.transparency.tree import GrowingTree, leaf_hash


@dataclass(frozen=True, slots=True)
class SealReport:
    """Up to which size the log is as it was signed, what is wrong, and what is worth knowing."""

    sealed: int
    problems: tuple[str, ...]
    remarks: tuple[str, ...]


def check_seal(
    size: int,
    keys: Sequence[PublicKey],
    notes: Sequence[bytes] = (),
    ended: Mapping[str, int] = MappingProxyType({}),
    leaves: Iterable[bytes] | None = None,
) -> SealReport:
    """Hold the first `size` entries against every kept checkpoint, and against `notes` that others kept.

    `keys` are those of the log and of its witnesses; with a witness's key, each checkpoint needs a cosignature. Of
    the logs `ended`, by origin, entries beyond a size were lost: notes from outside that tell of them are remarked on.
    `leaves` are the hashes of the entries from the first on, up to one that is not there, where somebody has read
    them already.
    """
    claims = Claims(keys)
    walk = _Walk(leaves_of(size) if leaves is None else leaves)
    fault = None
    outside = claims.outside(notes, ended)
    for head in heapq.merge(claims.kept(), outside, key=lambda claimed: claimed.size):
        fault = fault or walk.fault(head)
    problems = list(claims.problems)
    if fault:
        problems.append(fault)
    elif walk.other_node:
        level, number = walk.other_node
        problems.append(
            f"The entries are as signed, but the kept node {number} of level {level} is missing or altered."
        )
    if size and not walk.sealed and not problems:
        problems.append("There is no checkpoint: nobody has signed anything of this log.")
    return SealReport(walk.sealed, tuple(problems), claims.remarks)


def leaves_of(size: int) -> Iterator[bytes]:
    """The hashes of the first `size` entries, up to one that is not there."""
    rows = Event.objects.filter(seq__lt=size).order_by("seq").values_list("seq", "body")
    for place, (seq, body) in enumerate(rows.iterator(chunk_size=1000)):
        if seq != place:
            return
        yield leaf_hash(bytes(body))


class _Walk:
    """The tree as it grows along the log, with a copy of it as it was at the last right checkpoint."""

    def __init__(self, leaves: Iterable[bytes]) -> None:
        self._leaves = iter(leaves)
        self._tree = GrowingTree()
        self._right = GrowingTree()
        self._nodes: dict[int, Iterator[tuple[int, Any]]] = {}
        self._next: dict[int, tuple[int, Any] | None] = {}
        self._kept_size = Checkpoint.objects.aggregate(size=Max("size"))["size"] or 0
        self.other_node: tuple[int, int] | None = None
        self.other_entry: int | None = None

    @property
    def sealed(self) -> int:
        """The size of the last checkpoint whose root is that of the entries."""
        return self._right.size

    def fault(self, head: TreeHead) -> str | None:
        """What is wrong between the last right checkpoint and this one; None where the roots are the same."""
        while self._tree.size < head.size:
            if not self._grow():
                return self._say(f"{head.size} entries were signed, but entry {self._tree.size} is not there.", head)
        if self._tree.root() != head.root:
            return self._say(f"The first {head.size} entries are not those that were signed.", head)
        self._right, self.other_entry = self._tree.copy(), None
        return None

    def _grow(self) -> bool:
        leaf = next(self._leaves, None)
        if leaf is None:
            return False
        nodes = self._tree.add(leaf)
        if self._tree.size <= self._kept_size:
            self._compare(nodes)
        return True

    def _compare(self, nodes: list[tuple[int, int, bytes]]) -> None:
        for level, number, made in nodes:
            if self._kept(level, number) != made:
                self.other_node = self.other_node or (level, number)
                if level == 0 and self.other_entry is None:
                    self.other_entry = number

    def _kept(self, level: int, number: int) -> bytes | None:
        """A kept node. They are asked for in the order of their numbers, so that each level is read once."""
        if level not in self._nodes:
            rows = LogNode.objects.filter(level=level).order_by("number").values_list("number", "hash")
            self._nodes[level] = rows.iterator(chunk_size=1000)
            self._next[level] = next(self._nodes[level], None)
        while (row := self._next[level]) is not None and row[0] < number:
            self._next[level] = next(self._nodes[level], None)
        return bytes(row[1]) if row is not None and row[0] == number else None

    def _say(self, what: str, head: TreeHead) -> str:
        first, last = self._right.size, head.size - 1
        entry = self.other_entry if self.other_entry is not None else self._tree.size
        if self._is_signed_by_kept_leaves(head):
            return f"{what} The first that is not as it was signed is entry {entry}."
        return f"{what} The difference lies from entry {first} to entry {last}."

    def _is_signed_by_kept_leaves(self, head: TreeHead) -> bool:
        """Whether the kept hashes of the entries are those that were signed, so that they locate a difference."""
        tree = self._right.copy()
        rows = LogNode.objects.filter(level=0, number__gte=tree.size, number__lt=head.size).order_by("number")
        for kept in rows.values_list("hash", flat=True).iterator(chunk_size=1000):
            tree.add(bytes(kept))
        return (tree.size, tree.root()) == (head.size, head.root)
