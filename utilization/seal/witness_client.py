"""What a witness says to a checkpoint: the log's side of c2sp.org/tlog-witness."""

import socket
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import urlsplit

from utilization.transparency.checkpoints import NotSigned, TreeHead, read_head, vouched
from utilization.transparency.encodings import BadText, lines_of, number_of
from utilization.transparency.keys import PublicKey
from utilization.transparency.notes import MOST_SIGNATURES, Signature, SignedNote, read_signatures
from utilization.transparency.proofs import consistency_proof
from utilization.transparency.submissions import CheckpointSubmission
from utilization.transparency.tree import NodeReader

_SECONDS = 10.0
"""The longest that a witness may take to be reached, and then to the last byte of its answer."""
_MOST_ANSWER_BYTES = 64_000


class NoCosignature(Exception):
    """The witness did not answer, or not as it should: the checkpoint waits and is tried again."""


class WitnessRefused(Exception):
    """The witness saw another or a longer log. Trying again does not help; the message says what to look at."""


@dataclass(frozen=True, slots=True)
class WitnessClient:
    """A witness by its address (`http://127.0.0.1:8091`) and its public keys."""

    url: str
    keys: Sequence[PublicKey]

    def cosign(self, note: SignedNote, old: int, node: NodeReader) -> SignedNote:
        """The note with the witness's cosignatures.

        `old` is the size that it is thought to have cosigned last; where it says another, that is tried once.
        Raises NoCosignature, WitnessRefused.
        """
        head = read_head(note)
        status, answer = self._ask(note, head, old, node)
        if status == 409:
            known = self._size_in(answer)
            if known > head.size:
                raise WitnessRefused(
                    f"The witness cosigned {known} entries already, this log has {head.size} to seal. The database was "
                    "restored from an older copy or cut: put the missing entries back before anything is written."
                )
            if known != old:
                status, answer = self._ask(note, head, known, node)
        if status in (409, 422):
            raise WitnessRefused(f"The witness saw another history than this log's first entries ({status}).")
        if status != 200:
            raise NoCosignature(f"The witness answered {status}.")
        return note.signed_also(*self._cosignatures(note, answer))

    def _ask(self, note: SignedNote, head: TreeHead, old: int, node: NodeReader) -> tuple[int, bytes]:
        proof = consistency_proof(old, head.size, node) if old else []
        parts = urlsplit(self.url)
        kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        connection = kind(parts.hostname or "", parts.port, timeout=_SECONDS)
        end = None
        try:
            connection.connect()
            # The timeout is for each piece of an answer: one that comes in drops would keep the sealer for hours.
            end = threading.Timer(_SECONDS, _hang_up, (connection.sock,))
            end.start()
            body = str(CheckpointSubmission(old, tuple(proof), note)).encode()
            connection.request("POST", parts.path.rstrip("/") + "/add-checkpoint", body)
            answer = connection.getresponse()
            return answer.status, answer.read(_MOST_ANSWER_BYTES)
        except (OSError, HTTPException) as error:
            raise NoCosignature(f"The witness cannot be reached ({error.__class__.__name__}).") from None
        finally:
            if end is not None:
                end.cancel()
            connection.close()

    @staticmethod
    def _size_in(answer: bytes) -> int:
        try:
            (line,) = lines_of(answer, _MOST_ANSWER_BYTES, "Answer of the witness")
            return number_of(line, "Size of the witness")
        except ValueError:
            raise WitnessRefused("The witness saw another root for the same size.") from None

    def _cosignatures(self, note: SignedNote, answer: bytes) -> list[Signature]:
        """The signatures by known keys that are right, one a key; others are left out, as the specification asks."""
        try:
            signatures = read_signatures(lines_of(answer, _MOST_ANSWER_BYTES, "Answer of the witness"))
            by = vouched(SignedNote(note.text, signatures), self.keys)
        except (BadText, NotSigned) as fault:
            raise NoCosignature(f"The witness's answer cannot be used: {fault}") from None
        if not by.witnesses:
            raise NoCosignature("The witness's answer has no signature by a key of the file of keys.")
        known = {(key.name, key.key_id) for key in by.witnesses}
        named = {(signature.name, signature.key_id): signature for signature in signatures}
        # A note of more lines could be read by nobody, and what it covers be proven no more.
        of_known = [signature for key, signature in named.items() if key in known]
        return of_known[: MOST_SIGNATURES - len(note.signatures)]


def _hang_up(connected: socket.socket) -> None:
    with suppress(OSError):
        connected.shutdown(socket.SHUT_RDWR)
