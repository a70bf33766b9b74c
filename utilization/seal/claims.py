"""What signed checkpoints claim about the log: those that are kept, and those that came from outside."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from utilization.models import Checkpoint
from utilization.transparency.checkpoints import NotSigned, TreeHead, open_checkpoint
from utilization.transparency.encodings import BadText
from utilization.transparency.keys import PublicKey, SignatureType
from utilization.transparency.notes import read_note


@dataclass(frozen=True, slots=True)
class Claims:
    """Reads checkpoints by known keys, and gathers what is wrong with them in `problems`.

    `strangers` are names on signatures by other keys, `other_logs` the origins of notes that no known key signs for,
    `lost` those of notes that tell of entries which the log itself says were lost.
    """

    keys: Sequence[PublicKey]
    problems: list[str] = field(default_factory=list)
    strangers: set[str] = field(default_factory=set)
    other_logs: set[str] = field(default_factory=set)
    lost: set[str] = field(default_factory=set)

    @property
    def remarks(self) -> tuple[str, ...]:
        """What is worth knowing and wrong of nothing."""
        said = {
            "Checkpoints bear signatures by keys that are not among yours": self.strangers,
            "Notes from outside are of other logs and were left alone": self.other_logs,
            "Notes from outside tell of entries that were lost before the log was begun anew": self.lost,
        }
        return tuple(f"{what}: {', '.join(sorted(names))}." for what, names in said.items() if names)

    def kept(self) -> Iterator[TreeHead]:
        """What the checkpoints of the database claim, shortest first; those that cannot be believed are left out."""
        for checkpoint in Checkpoint.objects.order_by("size").iterator(chunk_size=500):
            name = f"The checkpoint over {checkpoint.size} entries"
            head = self._read(checkpoint.note.encode(), name)
            if head and (head.size, head.root) != (checkpoint.size, bytes(checkpoint.root)):
                self.problems.append(f"{name} and its signed note contradict each other.")
            elif head:
                yield head

    def outside(self, notes: Sequence[bytes], ended: Mapping[str, int]) -> list[TreeHead]:
        """What the notes claim that somebody else kept, shortest first; `ended` as for `check.check_seal`."""
        heads = [
            self._read(note, f"Note {number} from outside")
            for number, note in enumerate(notes, 1)
            if not self._is_of_other_log(note)
        ]
        signed = [head for head in heads if head]
        self.lost.update(head.origin for head in signed if head.size > ended.get(head.origin, head.size))
        kept = (head for head in signed if head.size <= ended.get(head.origin, head.size))
        return sorted(kept, key=lambda head: head.size)

    def _is_of_other_log(self, raw: bytes) -> bool:
        origin = raw.split(b"\n", 1)[0].decode(errors="replace")
        if origin in {key.name for key in self.keys}:
            return False
        self.other_logs.add(origin)
        return True

    def _read(self, raw: bytes, name: str) -> TreeHead | None:
        try:
            note = read_note(raw)
            head, by = open_checkpoint(note, self.keys)
        except (BadText, NotSigned) as fault:
            self.problems.append(f"{name} cannot be believed. {fault}")
            return None
        if not by.witnesses and any(key.type is SignatureType.WITNESS for key in self.keys):
            self.problems.append(f"{name} is not cosigned by a witness whose key is known.")
        self.strangers.update(by.unknown)
        return head


def notes_in(text: str) -> list[bytes]:
    """The notes of a file in which each is followed by an empty line, as a witness writes it.

    Where the file was cut within a note, the rest of it comes as a note too, and cannot be read as one.
    """
    parts = [part for part in text.strip("\n").split("\n\n") if part]
    return [("\n\n".join(parts[place : place + 2]) + "\n").encode() for place in range(0, len(parts), 2)]
