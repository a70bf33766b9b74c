"""A log in memory, signed and cosigned, and a document that was issued under it: no database, one typesetting a run."""

from functools import cache

from tests.documents import samples
from utilization.documents.justification import render, sha256, typeset, value_hash
from utilization.documents.proof import DecisionProof, filled, place_of_proof
from utilization.rules.canonical_json import canonical
from utilization.transparency.checkpoints import TreeHead, cosignature, signed
from utilization.transparency.ed25519 import new_signing_key
from utilization.transparency.encodings import to_base64
from utilization.transparency.keys import SignatureType
from utilization.transparency.log_proofs import LogProof
from utilization.transparency.proofs import inclusion_proof
from utilization.transparency.tree import GrowingTree, leaf_hash

ORIGIN = "north.example/ivig-log/1"
LOG = new_signing_key(ORIGIN, SignatureType.LOG)
WITNESS = new_signing_key("witness.example/w1", SignatureType.WITNESS)
KEYS = f"# of the hospital\n{LOG.public.line}\n\n{WITNESS.public.line}\n"
SEEN = 1_794_000_000  # 6 November 2026
ISSUED_AT = "2026-11-12T15:14:02Z"
PAGE = '<html lang="en"><title>A page</title><p>Set in no time.</p></html>'


class SignedLog:
    """Entries with their tree. `log` and `witness` sign; a witness of None cosigns nothing."""

    def __init__(self, log=LOG, witness=WITNESS, seen=SEEN):
        self.log, self.witness, self.seen = log, witness, seen
        self.bodies, self.tree, self.nodes = [], GrowingTree(), {}

    def append(self, kind, data, *, at=ISSUED_AT, request=None, body=None):
        """Add an entry, or these very bytes; its number."""
        seq = len(self.bodies)
        entry = {"v": 1, "seq": seq, "salt": "00" * 16, "at": at, "type": kind, "actor": None, "site": "NGH",
                 "request": request, "data": data}  # fmt: skip
        self.bodies.append(canonical(entry) if body is None else body(canonical(entry)))
        self.nodes |= {(level, number): made for level, number, made in self.tree.add(leaf_hash(self.bodies[-1]))}
        return seq

    def checkpoint(self):
        note = signed(TreeHead(self.log.public.name, self.tree.size, self.tree.root()), self.log)
        return note.signed_also(cosignature(note.text, self.witness, self.seen)) if self.witness else note

    def proof(self, seq):
        hashes = inclusion_proof(seq, self.tree.size, lambda level, number: self.nodes[level, number])
        return LogProof(seq, tuple(hashes), self.checkpoint(), self.bodies[seq])


class IssuedFile:
    """A document issued under `log`, and what the log was told of it; its page is the real one where that is asked.

    `number` is that of its request, where it is to be another than the sample's.
    """

    def __init__(self, log=None, *, real=False, number=None, **changes):
        self.log = log or SignedLog()
        self.value = samples.cidp_approved()
        self.value["request"]["number"] = number or self.value["request"]["number"]
        self.request = {"uid": "3d9f7a52-0000-4000-8000-000000000001", "number": self.value["request"]["number"]}
        for number in range(5):
            self.log.append("note.added", {"note": number})
        decision = self.log.append("decision.approved", {"decision": 1}, request=self.request)
        self.log.append("note.added", {"note": 9})
        proof = self.log.proof(decision)
        head = TreeHead(self.log.log.public.name, self.log.tree.size, self.log.tree.root())
        self.decision = DecisionProof(head.origin, decision, head.size, to_base64(head.root), str(proof))
        self.blank = render(self.value, self.decision) if real else typeset(PAGE, self.value, proof=self.decision)
        self.start = place_of_proof(self.blank)
        self.said = {"value_sha256": value_hash(self.value), "sha256": sha256(self.blank), "bytes": len(self.blank),
                     "hole": self.start, "decision_entry": decision, "supersedes": None}  # fmt: skip
        self.index = self.issue(**changes)

    def issue(self, *, kind="document.issued", at=ISSUED_AT, request=None, body=None, **said):
        """Tell the log of the file, with changes; the number of the entry."""
        return self.log.append(kind, self.said | said, at=at, request=request or self.request, body=body)

    def with_proof(self, proof=None):
        """The file as it is handed out, or with another proof."""
        return filled(self.blank, self.start, str(proof or self.log.proof(self.index)))


@cache
def issued_file():
    """A genuine one, the same for all tests of a process."""
    return IssuedFile(real=True)
