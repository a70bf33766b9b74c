"""Proof of one entry as one text (c2sp.org/tlog-proof): its place, the way to the root, and a signed checkpoint."""

from dataclasses import dataclass, replace

from utilization.transparency.checkpoints import read_head
from utilization.transparency.encodings import BadText, from_base64, hash_of, lines_of, number_of, to_base64
from utilization.transparency.notes import SignedNote, read_note
from utilization.transparency.proofs import check_inclusion
from utilization.transparency.tree import leaf_hash

_FIRST_LINE = "c2sp.org/tlog-proof@v1"
_MOST_BYTES = 1_000_000
_MOST_HASHES = 63


@dataclass(frozen=True, slots=True)
class LogProof:
    """Entry `index` is in the log of `checkpoint`. `extra` is vouched for by nobody: an entry's bytes, say."""

    index: int
    hashes: tuple[bytes, ...]
    checkpoint: SignedNote
    extra: bytes | None = None

    def __str__(self) -> str:
        """The text of the proof."""
        extra = [] if self.extra is None else [f"extra {to_base64(self.extra)}"]
        lines = [_FIRST_LINE, *extra, f"index {self.index}", *map(to_base64, self.hashes), ""]
        return "".join(f"{line}\n" for line in lines) + str(self.checkpoint)

    def within(self, most: int) -> "LogProof":
        """The same proof with as many signatures, from the first on, as fit into `most` bytes; at least the first.

        The log's own is the first, its witnesses' follow. Whoever checks passes over what is not there.
        """
        proof = self
        while len(signatures := proof.checkpoint.signatures) > 1 and len(str(proof).encode()) > most:
            proof = replace(proof, checkpoint=SignedNote(proof.checkpoint.text, signatures[:-1]))
        return proof

    def check(self, entry: bytes) -> None:
        """Raise BadProof unless the entry's bytes stand in the tree of the checkpoint.

        Says nothing of who signed the checkpoint: that is `open_checkpoint`'s.
        """
        head = read_head(self.checkpoint)
        check_inclusion(leaf_hash(entry), self.index, head.size, self.hashes, head.root)


def read_log_proof(raw: bytes) -> LogProof:
    """The proof that `raw` spells. Raises BadText."""
    lines = lines_of(raw, _MOST_BYTES, "Proof")
    if lines.pop(0) != _FIRST_LINE:
        raise BadText(f"Proof: the first line is not {_FIRST_LINE}.")
    extra = None
    if lines and lines[0].startswith("extra "):
        extra = from_base64(lines.pop(0).removeprefix("extra "), "Proof: extra")
    if not lines or not lines[0].startswith("index "):
        raise BadText("Proof: expected a line 'index' with a number.")
    index = number_of(lines.pop(0).removeprefix("index "), "Proof: index")
    hashes, rest = hashes_until_empty(lines, _MOST_HASHES, "Proof")
    return LogProof(index, hashes, read_note(rest), extra)


def hashes_until_empty(lines: list[str], most: int, what: str) -> tuple[tuple[bytes, ...], bytes]:
    """The hashes up to the first empty line, one a line, and the text after it. Raises BadText."""
    if "" not in lines:
        raise BadText(f"{what}: expected an empty line before the checkpoint.")
    end = lines.index("")
    if end > most:
        raise BadText(f"{what}: more than {most} hashes.")
    hashes = tuple(hash_of(line, f"{what}: hash {place}") for place, line in enumerate(lines[:end]))
    return hashes, "".join(f"{line}\n" for line in lines[end + 1 :]).encode()
