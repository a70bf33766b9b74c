"""Issues the justification of a decided request: made once in the background, its bytes kept for good.

Where the log is sealed, a document waits until its decision is, and is handed out once its own entry is: with the proof
of both. Where nothing was ever sealed it says that it carries none, and is issued anew once there is a seal.
"""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog
from django.db import OperationalError
from django.utils import timezone
from django_tasks import default_task_backend, task

from utilization.documents.proof import MOST_PROOF_BYTES, CannotProve, DecisionProof, filled, place_of_proof
from utilization.jobs.task_queue import put
from utilization.models import Document, Request
from utilization.reports.frozen_justification import decided, frozen_with_logo
from utilization.seal.continuity import LogCut
from utilization.seal.entry_proof import LogUnproven, entry_proof, has_seal
from utilization.transparency.checkpoints import read_head
from utilization.transparency.encodings import to_base64
from utilization.workflow import FINAL_EVENTS, Print, final_entries, keep_document, kept_document, note_unmade

log = structlog.stdlib.get_logger("utilization.documents")

_FIRST_WAIT, _LONGEST_WAIT = 2, 3600


class AwaitsSeal(Exception):
    """What the document tells of, or the document itself, is not under a signed checkpoint yet."""


def issue_when_decided(event_type: str, request_pk: int) -> None:
    """Listener of `notify`: puts the issuing of a request that is decided or withdrawn in the queue, with that move."""
    if event_type in FINAL_EVENTS:
        put(issue_justification.enqueue, request_pk)


@task
def issue_justification(request_pk: int, waited: int = 0) -> None:
    """Issue the justification of the request, if it is decided and none is kept yet. Doing it again changes nothing.

    While the seal is awaited, the job puts itself in the queue again, after twice the `waited` seconds each time.
    """
    if _awaiting_seal([request_pk]) and default_task_backend.supports_defer:
        wait = min(max(2 * waited, _FIRST_WAIT), _LONGEST_WAIT)
        later = issue_justification.using(run_after=timezone.now() + timedelta(seconds=wait))
        later.enqueue(request_pk, waited=wait)


@task
def issue_batch(request_pks: list[int]) -> None:
    """Issue the justifications of these requests, each once: those that are kept stay as they are.

    Those whose decision is not sealed go back in the queue, each by itself.
    """
    for pk in _awaiting_seal(request_pks):
        issue_justification.enqueue(pk)


def _awaiting_seal(request_pks: Sequence[int]) -> list[int]:
    """Issue what can be issued; the keys of the requests whose decision is not sealed yet.

    One that cannot be made keeps none of the others waiting: why is kept for whoever asks for it.
    """
    awaiting = []
    for pk in request_pks:
        request = Request.objects.select_related("site", "patient").get(pk=pk)
        try:
            if decided(request):
                issued(request, at=timezone.now())
        except AwaitsSeal:
            awaiting.append(pk)
        except OperationalError:
            # The database is away or busy: nothing is wrong with the document, and the job is begun again.
            raise
        except Exception as error:
            # Whatever stops one, the next may be well. The text of an error that is not ours may hold facts.
            log.error("document.unmade", request=pk, failure=type(error).__name__)
            note_unmade(request, why_unmade(error), at=timezone.now())
    return awaiting


def why_unmade(error: Exception) -> str:
    """Why a document could not be made, in a sentence that names no patient."""
    if isinstance(error, LogUnproven | LogCut):
        return str(error)
    if type(error).__name__ == "CannotRender":  # Its module takes half a second to import.
        return f"It could not be set as a page. {error}"
    return f"It could not be made, by a fault of the program ({type(error).__name__}). Tell who runs the server."


def already_made(request: Request) -> Document | None:
    """The document that `issued` would hand out, where it is made already."""
    return kept_document(request, has_proof=has_seal())


def issued(request: Request, *, at: datetime) -> Document:
    """The kept justification of a decided `request`; made and kept at `at` where there is none yet.

    What was kept since the decision is handed out as it is, byte for byte, even where a newer version of the program
    would word or set it otherwise; one without proof only while the log has no seal. Raises AwaitsSeal, LogUnproven,
    documents.justification.CannotRender.
    """
    sealed = has_seal()
    return kept_document(request, has_proof=sealed) or _make(request, _decision_proof(request) if sealed else None, at)


def content_of(document: Document) -> bytes:
    """The document as it is handed out, with the proof of the file in its place. Raises AwaitsSeal, LogUnproven.

    It is the same bytes each time: the proof is made by the first checkpoint that covers the document's entry.
    """
    content = bytes(document.content)
    if not document.has_proof or document.event_seq is None:
        return content
    proof = entry_proof(document.event_seq)
    if proof is None:
        raise AwaitsSeal
    try:
        hole = json.loads(proof.extra or b"")["data"]["hole"]
        return filled(content, hole, str(proof.within(MOST_PROOF_BYTES)))
    except CannotProve as reason:
        raise LogUnproven(str(reason)) from reason
    except (ValueError, TypeError, LookupError):
        raise LogUnproven(f"Entry {document.event_seq} of the log is not that of a document.") from None


def _decision_proof(request: Request) -> DecisionProof:
    decision, last = final_entries(request)
    if decision is None or last is None:
        raise LogUnproven(f"The log holds no decision on {request.number}. Run `manage.py verify_log`.")
    proof = entry_proof(decision)
    if proof is None or (last != decision and entry_proof(last) is None):
        raise AwaitsSeal
    head = read_head(proof.checkpoint)
    return DecisionProof(head.origin, decision, head.size, to_base64(head.root), str(proof))


def _make(request: Request, proof: DecisionProof | None, at: datetime) -> Document:
    # The typesetter takes half a second to import; the web server and every command would pay for it at start-up.
    from utilization.documents import justification

    value, logo = frozen_with_logo(request)
    name = justification.value_hash(value)
    if kept := kept_document(request, has_proof=bool(proof), value_sha256=name):
        return kept
    content = justification.render(value, proof, logo)
    hole = place_of_proof(content) if proof else None
    # A clock that was set back since the decision does not make the document older than what it tells of.
    made_at = max(at, request.ended_at or at)
    return keep_document(request, Print(name, justification.sha256(content), content, hole), at=made_at)
