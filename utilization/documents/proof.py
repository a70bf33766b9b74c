"""What a document carries to prove itself: the proof of its decision, and a place for the proof of the file.

A file cannot hold its own hash. So it is set with a blank place of fixed size, the log is told of these bytes, and the
place is filled with the proof of that entry: no other byte moves. The verifier blanks it again before it compares.
"""

from dataclasses import dataclass

import pydyf
import segno
from django.utils.safestring import SafeString, mark_safe

from utilization.verifier.verify_evidence import HOLE_BYTES, NotGenuine, hole

NAME, DECISION_NAME = "evidence.tlog-proof", "decision.tlog-proof"
MOST_PROOF_BYTES = HOLE_BYTES - len(hole().rstrip())
"""What fits into the place: the longest way to a root, the entry of a document, and at least ten signatures."""


class CannotProve(Exception):
    """A file without exactly one place for its proof, or a proof that does not fit there."""


@dataclass(frozen=True, slots=True)
class DecisionProof:
    """The proof of a decision: `text` as it is attached, and what is printed of it. `root` is in Base 64."""

    origin: str
    index: int
    size: int
    root: str
    text: str

    @property
    def qr_code(self) -> SafeString:
        """The printed lines as a QR code in SVG, with its text for who cannot see it."""
        code = segno.make_qr(f"{self.origin}\n{self.size}\n{self.root}\n{self.index}\n", error="m")
        lines = f"log {self.origin}, {self.size} entries, their root, entry {self.index}"
        markup = code.svg_inline(title=f"QR code of the four lines beside it: {lines}.", omitsize=True)
        return mark_safe(markup)  # noqa: S308 - segno escapes the title, and nothing else in it is text


def add_place(pdf) -> None:
    """Attach the blank place to a `pydyf.PDF` that has attached files already."""
    place = _Place()
    pdf.add_object(place)
    entry = pydyf.Dictionary(
        {
            "Type": "/Filespec",
            "F": pydyf.String(NAME),
            "UF": pydyf.String(NAME),
            "EF": pydyf.Dictionary({"F": place.reference}),
            "Desc": pydyf.String("Proof that this file is as it was issued"),
            "AFRelationship": "/Supplement",
        }
    )
    pdf.add_object(entry)
    pdf.catalog["AF"].append(entry.reference)
    names = pdf.objects[int(pdf.catalog["Names"]["EmbeddedFiles"].split()[0])]["Names"]
    names += [entry["F"], entry.reference]
    pairs = sorted(zip(names[::2], names[1::2], strict=True), key=lambda pair: pair[0].data)
    names[:] = [part for pair in pairs for part in pair]


class _Place(pydyf.Stream):
    """The blank place as an object of the file, written as it is, never compressed."""

    @property
    def data(self) -> bytes:
        return hole()


def place_of_proof(content: bytes) -> int:
    """Where the blank place begins in a file. Raises CannotProve where it is not there exactly once."""
    if content.count(hole()) != 1:
        raise CannotProve("The document has no place for its proof, or more than one.")
    return content.index(hole())


def filled(content: bytes, start: int, proof: str) -> bytes:
    """The file with `proof` in its place, which begins at `start`. Raises CannotProve."""
    if content[start : start + HOLE_BYTES] != hole():
        raise CannotProve("The place of the proof is not where the log says.")
    try:
        return content[:start] + hole(proof.encode()) + content[start + HOLE_BYTES :]
    except NotGenuine as fault:
        raise CannotProve(str(fault)) from None
