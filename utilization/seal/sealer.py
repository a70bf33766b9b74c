"""The sealer: reads what was committed, adds it to the tree, signs the root, and keeps both.

It runs outside the moves' transactions, so a move waits for nothing and a root that is rolled back is never signed.
What it signs it copies first, to a file beside its key.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.db import transaction

from utilization.models import Checkpoint, Event, LogHead, LogNode
from utilization.rules.canonical_json import canonical
from utilization.seal.ended_logs import is_begun_anew
from utilization.seal.entry_copy import EntryCopy
from utilization.seal.key_folder import LastSigned
from utilization.seal.nodes import MissingNode, kept_node, node_reader
from utilization.seal.witness_client import WitnessClient
from utilization.transparency.checkpoints import TreeHead, open_checkpoint, signed
from utilization.transparency.ed25519 import SigningKey
from utilization.transparency.notes import read_note
from utilization.transparency.tree import GrowingTree, leaf_hash, root_at

_MOST_AT_ONCE = 4096


class LogBroken(Exception):
    """The log is not what was sealed before, or no dense log of canonical entries. Nothing is signed."""


@dataclass(frozen=True, slots=True)
class _Grown:
    """A tree with what was added to it: its nodes, and the root at the size that was signed last."""

    tree: GrowingTree
    nodes: list[tuple[int, int, bytes]]
    root_at_last: bytes


class Sealer:
    """One log's sealer. The caller holds the key's folder (`key_folder.held`)."""

    def __init__(self, key: SigningKey, folder: Path, witness: WitnessClient | None = None) -> None:
        self._key = key
        self._copy = EntryCopy(folder, stored_bodies)
        self._last = LastSigned(folder, key.public.name)
        self._witness = witness
        self._sealed = -1
        self._cosigned = 0

    def seal(self, now: Callable[[], datetime]) -> int | None:
        """Seal what was committed since, at most some thousand entries; return the sealed size, None if nothing is new.

        Raises LogBroken, BadKeyFile, MissingNode, OSError, and what the witness's client raises. Nothing is kept then.
        """
        committed = LogHead.objects.filter(pk=1).values_list("size", flat=True).first() or 0
        if committed == self._sealed:
            return None
        last = self._last.read()
        kept = self._kept_size(last)
        if committed < max(last.size, kept):
            raise LogBroken(
                f"The log holds {committed} entries, but {max(last.size, kept)} were sealed. The database was restored "
                "from an older copy or cut: put the missing entries back before anything is written."
            )
        size = min(committed, max(kept + _MOST_AT_ONCE, last.size))
        with self._copy.open(last.size) as copy:
            if size == kept and last.size <= kept:
                self._hold_last(last, root_at(last.size, kept_node))
                copy.fill(kept)
                copy.sync()
                self._sealed = kept
                return None
            grown = _grow(kept, size, last.size, copy)
            self._hold_last(last, grown.root_at_last)
            copy.sync()
        self._sign_and_keep(grown, now)
        return size

    def _kept_size(self, last: TreeHead) -> int:
        """The size of the last kept checkpoint, which is ours and over the kept nodes; 0 where there is none.

        A log that was begun anew under our name goes on from a checkpoint of the one before.
        """
        checkpoint = Checkpoint.objects.order_by("-size").first()
        if checkpoint is None:
            return 0
        try:
            head, _ = open_checkpoint(read_note(checkpoint.note.encode()), [self._key.public])
            self._cosigned = head.size
        except ValueError as fault:
            if not is_begun_anew(last.origin):
                raise LogBroken(f"The checkpoint over {checkpoint.size} entries is not this log's: {fault}") from None
            head = TreeHead(last.origin, checkpoint.size, bytes(checkpoint.root))
        if (head.size, head.root) != (checkpoint.size, root_at(checkpoint.size, kept_node)):
            raise LogBroken(f"The kept nodes do not lead to the root that was signed over {head.size} entries.")
        return head.size

    @staticmethod
    def _hold_last(last: TreeHead, root: bytes) -> None:
        if root != last.root:
            raise LogBroken(
                f"The first {last.size} entries are not those that were signed. Find out which: `manage.py verify_log`"
            )

    def _sign_and_keep(self, grown: _Grown, now: Callable[[], datetime]) -> None:
        head = TreeHead(self._key.public.name, grown.tree.size, grown.tree.root())
        # On disk before the signature exists: a process that ends anywhere below signs the same root next time.
        self._last.write(head)
        note = signed(head, self._key)
        if self._witness is not None:
            note = self._witness.cosign(note, self._cosigned, node_reader(grown.nodes))
        with transaction.atomic():
            LogNode.objects.bulk_create(
                [LogNode(level=level, number=number, hash=made) for level, number, made in grown.nodes], batch_size=1000
            )
            Checkpoint.objects.create(size=head.size, root=head.root, note=str(note), made_at=now())


def _grow(kept: int, size: int, last: int, copy: EntryCopy) -> _Grown:
    """The tree of `size` entries, from the kept one of `kept` entries on; they are added to the copy."""
    tree, nodes = GrowingTree(kept, kept_node), []
    root_at_last = root_at(last, kept_node) if last <= kept else b""
    for body in stored_bodies(kept, size):
        copy.add(tree.size, body)
        nodes += tree.add(leaf_hash(body))
        if tree.size == last:
            root_at_last = tree.root()
    return _Grown(tree, nodes, root_at_last)


def logged_root(size: int) -> bytes:
    """The root over the first `size` entries of the database: by kept nodes as far as there are, then by entries.

    Raises LogBroken where an entry is not there.
    """
    kept = Checkpoint.objects.filter(size__lte=size).order_by("-size").values_list("size", flat=True).first() or 0
    try:
        tree = GrowingTree(kept, kept_node)
    except MissingNode:
        tree = GrowingTree()
    for body in stored_bodies(tree.size, size):
        tree.add(leaf_hash(body))
    return tree.root()


def stored_bodies(first: int, end: int) -> Iterator[bytes]:
    """The stored bytes of the entries from `first` up to `end`. Raises LogBroken for a gap and for what is no entry."""
    expected = first
    rows = Event.objects.filter(seq__gte=first, seq__lt=end).order_by("seq").values_list("seq", "body")
    for seq, stored in rows.iterator(chunk_size=1000):
        body = bytes(stored)
        if seq != expected or not is_entry(body, seq):
            raise LogBroken(f"Entry {expected} is missing or not in canonical form. Run `manage.py verify_log`.")
        yield body
        expected += 1
    if expected != end:
        raise LogBroken(f"Entry {expected} is missing. Run `manage.py verify_log`.")


def is_entry(body: bytes, seq: int) -> bool:
    """Whether these bytes are the entry with this number, in canonical form."""
    try:
        value = json.loads(body)
        return canonical(value) == body and value["seq"] == seq
    except (ValueError, TypeError, KeyError, RecursionError):
        return False
