"""What a log sends to a witness (c2sp.org/tlog-witness, `add-checkpoint`): from where on, a proof, and a checkpoint."""

from dataclasses import dataclass

from utilization.transparency.encodings import BadText, lines_of, number_of, to_base64
from utilization.transparency.log_proofs import hashes_until_empty
from utilization.transparency.notes import MOST_BYTES as MOST_NOTE_BYTES
from utilization.transparency.notes import SignedNote, read_note

MOST_BYTES = MOST_NOTE_BYTES + 4_000
_MOST_HASHES = 63


@dataclass(frozen=True, slots=True)
class CheckpointSubmission:
    """A checkpoint, and the proof that it extends the tree of `old` entries, which the witness cosigned last."""

    old: int
    proof: tuple[bytes, ...]
    checkpoint: SignedNote

    def __str__(self) -> str:
        """The body of the request."""
        lines = [f"old {self.old}", *map(to_base64, self.proof), ""]
        return "".join(f"{line}\n" for line in lines) + str(self.checkpoint)


def read_submission(raw: bytes) -> CheckpointSubmission:
    """The submission that the body of a request spells. Raises BadText."""
    lines = lines_of(raw, MOST_BYTES, "Request")
    first = lines.pop(0)
    if not first.startswith("old "):
        raise BadText("Request: expected a first line 'old' with the size cosigned last.")
    old = number_of(first.removeprefix("old "), "Request: old size")
    proof, rest = hashes_until_empty(lines, _MOST_HASHES, "Request")
    return CheckpointSubmission(old, proof, read_note(rest))
