"""What a witness answers to a checkpoint: the cases of c2sp.org/tlog-witness."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http import HTTPStatus

from utilization.transparency.checkpoints import NotSigned, TreeHead, cosignature, open_checkpoint, read_head
from utilization.transparency.ed25519 import SigningKey
from utilization.transparency.encodings import BadText
from utilization.transparency.keys import PublicKey
from utilization.transparency.notes import SignedNote
from utilization.transparency.proofs import BadProof, check_consistency
from utilization.transparency.submissions import CheckpointSubmission, read_submission
from utilization.witness.records import Records

_PLAIN = "text/plain; charset=utf-8"
SIZE_TYPE = "text/x.tlog.size"


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer over HTTP."""

    status: HTTPStatus
    text: str
    type: str = _PLAIN


@dataclass(frozen=True, slots=True)
class Witness:
    """A witness of the logs whose keys it was given. `now` is the second of the Unix epoch."""

    key: SigningKey
    logs: Sequence[PublicKey]
    records: Records
    now: Callable[[], int]

    def add_checkpoint(self, body: bytes) -> Reply:
        """Cosign the checkpoint in the body of a request, or say why not. What is cosigned is recorded before."""
        try:
            submission = read_submission(body)
            head = read_head(submission.checkpoint)
        except BadText as fault:
            return Reply(HTTPStatus.BAD_REQUEST, f"{fault}\n")
        keys = [key for key in self.logs if key.name == head.origin]
        if not keys:
            return Reply(HTTPStatus.NOT_FOUND, f"The log {head.origin} is not known here.\n")
        try:
            open_checkpoint(submission.checkpoint, keys)
        except NotSigned as fault:
            return Reply(HTTPStatus.FORBIDDEN, f"{fault}\n")
        last = self.records.last(head.origin)
        return _objection(submission, head, last) or self._cosign(_by(submission.checkpoint, keys), head, last)

    def _cosign(self, checkpoint: SignedNote, head: TreeHead, last: TreeHead) -> Reply:
        mine = cosignature(checkpoint.text, self.key, self.now())
        note = checkpoint.signed_also(mine)
        if not self.records.replace(last, head, note):
            # Another request was faster. What it left is what this one had to start from.
            return _other_size(self.records.last(head.origin))
        self.records.write_out(note)
        return Reply(HTTPStatus.OK, mine.line)

    def checkpoint(self, origin_sha256: str) -> Reply:
        """The last cosigned note of the log whose origin has this hash."""
        note = self.records.note(origin_sha256)
        return Reply(HTTPStatus.OK, note) if note else Reply(HTTPStatus.NOT_FOUND, "No such log.\n")


def _by(note: SignedNote, keys: Sequence[PublicKey]) -> SignedNote:
    """The note with one line of each of these keys: anybody can add others, until nobody could read it any more."""
    named = {(signature.name, signature.key_id): signature for signature in note.signatures}
    return SignedNote(note.text, tuple(named[name] for key in keys if (name := (key.name, key.key_id)) in named))


def _objection(submission: CheckpointSubmission, head: TreeHead, last: TreeHead) -> Reply | None:
    if submission.old > head.size:
        return Reply(HTTPStatus.BAD_REQUEST, "The old size is larger than the checkpoint's.\n")
    if submission.old != last.size:
        return _other_size(last)
    if head.size == last.size and head.root != last.root:
        return Reply(HTTPStatus.CONFLICT, "Another root was cosigned for this size.\n")
    try:
        if last.size:
            check_consistency(last.size, head.size, submission.proof, last.root, head.root)
        elif submission.proof:
            raise BadProof("From nothing no proof is needed.")
    except BadProof as fault:
        return Reply(HTTPStatus.UNPROCESSABLE_ENTITY, f"{fault}\n")
    return None


def _other_size(last: TreeHead) -> Reply:
    return Reply(HTTPStatus.CONFLICT, f"{last.size}\n", SIZE_TYPE)
