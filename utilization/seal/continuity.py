"""Whether the log in the database still begins with what was signed: asked before a move is written.

A database that was restored from an older copy, cut or exchanged would give numbers a second time, to other entries,
and the log would fork. What was signed is told from outside the database: by `last.json` beside the sealer's key, and
by the notes that a witness keeps, where the application can read them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from utilization.key_files import BadKeyFile, read_public_keys
from utilization.models import Checkpoint, LogHead
from utilization.seal.ended_logs import RECOVERED, ended_logs, is_begun_anew
from utilization.seal.key_folder import last_signed
from utilization.seal.sealer import LogBroken, logged_root
from utilization.seal.witness_notes import last_cosigned
from utilization.transparency.checkpoints import TreeHead
from utilization.transparency.keys import PublicKey

__all__ = ["RECOVERED", "LogCut", "ended_logs", "fault", "hold"]

_held: dict[Path, TreeHead] = {}
"""By the sealer's folder, what this process has held the whole log against: later moves compare lengths alone."""


class LogCut(Exception):
    """The database does not hold what was signed; nothing is written to it. The message says what is wrong."""


def hold(size: int) -> None:
    """Hold the log of `size` entries, to which a move is about to add, against what was signed. Raises LogCut.

    It costs the reading of one small file; the first move of a process, and the first after the sealer's folder was
    exchanged, compares the roots as well. The caller holds the lock of the log's head.
    """
    _compare(_claims(), size)


def fault(*, anew: bool = False) -> str:
    """What is wrong with the log as it is; empty where nothing is, or nothing is known. `anew` compares roots too."""
    if anew:
        _held.pop(settings.EVIDENCE_DIR, None)
    # In this order: what is committed, and signed, in between must not look as if it were missing.
    claims = _claims()
    size = LogHead.objects.filter(pk=1).values_list("size", flat=True).first() or 0
    try:
        _compare(claims, size)
    except LogCut as cut:
        return str(cut)
    return ""


@dataclass(frozen=True, slots=True)
class _Claims:
    """What was signed: `known` was compared whole before; `new` is to be."""

    known: TreeHead | None
    new: tuple[TreeHead, ...]


def _claims() -> _Claims:
    beside = last_signed(settings.EVIDENCE_DIR)
    before = _held.get(settings.EVIDENCE_DIR)
    if before and (beside is None or (beside.origin == before.origin and beside.size >= before.size)):
        return _Claims(beside or before, ())
    return _Claims(None, tuple(head for head in (beside, _from_witness(beside)) if head))


def _compare(claims: _Claims, size: int) -> None:
    if claims.known:
        _hold_length(size, claims.known)
    for head in claims.new:
        _hold_length(size, head)
        _hold_root(head)
    if claims.new:
        _held[settings.EVIDENCE_DIR] = max(claims.new, key=lambda head: head.size)


def _from_witness(beside: TreeHead | None) -> TreeHead | None:
    try:
        keys: Sequence[PublicKey] = read_public_keys(settings.EVIDENCE_KEYS)
    except BadKeyFile:
        return None
    return last_cosigned(settings.WITNESS_NOTES, keys, beside.origin if beside else None)


def _hold_length(size: int, head: TreeHead) -> None:
    if size < head.size:
        raise LogCut(
            f"The log holds {size} entries, but {head.size} were signed. The database was restored from an older copy, "
            "or cut."
        )


def _hold_root(head: TreeHead) -> None:
    if not head.size and Checkpoint.objects.exists() and not is_begun_anew(head.origin):
        raise LogCut(
            f"Nothing was signed as {head.origin} yet, but this log was sealed by another key before. Two people begin "
            "it anew: `manage.py begin_log_anew`."
        )
    try:
        same = logged_root(head.size) == head.root
    except LogBroken as broken:
        raise LogCut(str(broken)) from None
    if not same:
        raise LogCut(f"The first {head.size} entries of the log are not those that were signed: it is another log.")
