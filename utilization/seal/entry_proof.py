"""Proof of one entry of the log, from what is kept: the entry, the tree's nodes and the signed checkpoints."""

from datetime import datetime

from django.db.models import Max

from utilization.models import Checkpoint, Event
from utilization.seal.nodes import MissingNode, kept_node
from utilization.transparency.encodings import BadText
from utilization.transparency.log_proofs import LogProof
from utilization.transparency.notes import read_note
from utilization.transparency.proofs import BadProof, inclusion_proof


class LogUnproven(Exception):
    """What is kept of the log does not lead to what was signed: no proof can be made of it. Says what to run."""


def has_seal() -> bool:
    """Whether anything of the log was ever signed, so that a sealer is set up."""
    return Checkpoint.objects.exists()


def unsealed_since() -> datetime | None:
    """When the first entry was written that no checkpoint covers; None where all are covered."""
    size = Checkpoint.objects.aggregate(size=Max("size"))["size"] or 0
    return Event.objects.filter(seq__gte=size).order_by("seq").values_list("at", flat=True).first()


def entry_proof(seq: int) -> LogProof | None:
    """Proof of entry `seq`, with its bytes, under the first checkpoint that covers it; None while none does.

    It is the same at any time, since the first checkpoint that covers an entry stays the first. Raises LogUnproven.
    """
    checkpoint = Checkpoint.objects.filter(size__gt=seq).order_by("size").first()
    if checkpoint is None:
        return None
    body = Event.objects.filter(seq=seq).values_list("body", flat=True).first()
    try:
        if body is None:
            raise BadProof(f"Entry {seq} is missing.")
        hashes = inclusion_proof(seq, checkpoint.size, kept_node)
        proof = LogProof(seq, tuple(hashes), read_note(checkpoint.note.encode()), bytes(body))
        proof.check(bytes(body))
    except (BadProof, BadText, MissingNode) as fault:
        raise LogUnproven(f"Entry {seq} of the log cannot be proven. Run `manage.py verify_log`. {fault}") from None
    return proof
