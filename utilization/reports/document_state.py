"""What this server knows of a document that somebody holds, beyond what the file proves by itself."""

import hashlib
import json
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from utilization import access
from utilization.models import Checkpoint, Document, Event, Request
from utilization.rules.words import STATUSES
from utilization.verifier.verify_evidence import Verdict

_VOUCHING = ("document.issued", "document.taken_over")


@dataclass(frozen=True, slots=True)
class DocumentStanding:
    """What this server says of a genuine document.

    `of_this_log`: its log is the one that is kept here; `same_entry`: the entry here is the one that the file proves.
    `request` is None where the asker may not see it, or it is not here. `later` are documents issued after this one,
    oldest first; `status` is what the request is now, in words, where that is not what the document says.
    """

    of_this_log: bool
    same_entry: bool
    request: Request | None = None
    later: tuple[Document, ...] = ()
    status: str = ""

    @property
    def is_last(self) -> bool:
        """Whether nothing came after the document, as far as is known here."""
        return bool(self.request and not self.later and not self.status)


def standing(actor: Any, verdict: Verdict, *, at: datetime) -> DocumentStanding:
    """What is known here of the document with this verdict; its request is read, which is written down."""
    # Also by a name that the log had before it was begun anew.
    if not Checkpoint.objects.filter(note__startswith=f"{verdict.issued.origin}\n").exists():
        return DocumentStanding(of_this_log=False, same_entry=False)
    body = Event.objects.filter(seq=verdict.issued.index).values_list("body", flat=True).first()
    if body is None or bytes(body) != verdict.issued.body:
        return DocumentStanding(of_this_log=True, same_entry=False)
    request = _read(actor, verdict.issued.said["request"]["uid"], at)
    if request is None:
        return DocumentStanding(of_this_log=True, same_entry=True)
    issued_after = Document.objects.filter(request=request, event_seq__gt=verdict.issued.index)
    later = tuple(issued_after.defer("content").order_by("event_seq"))
    changed = request.status != verdict.value["status"]["code"]
    return DocumentStanding(True, True, request, later, STATUSES[request.status].word if changed else "")


def kept_unsealed(actor: Any, content: bytes, *, at: datetime) -> Document | None:
    """The document without proof that was issued here with exactly these bytes, where the asker may see its request.

    A row that no entry of the log vouches for says nothing: somebody may have laid it in by hand.
    """
    digest = hashlib.sha256(content).hexdigest()
    kept = Document.objects.filter(sha256=digest, has_proof=False).defer("content").first()
    return kept if kept and _is_vouched(kept) and _read(actor, kept.request.uid, at) else None


def _is_vouched(document: Document) -> bool:
    """Whether an entry about its request says the hash of an unsealed document."""
    told = Event.objects.filter(request_id=document.request_id, type__in=_VOUCHING)
    for body in told.values_list("body", flat=True):
        with suppress(ValueError, TypeError, LookupError, RecursionError):
            if json.loads(bytes(body))["data"]["sha256"] == document.sha256:
                return True
    return False


def _read(actor: Any, uid: Any, at: datetime) -> Request | None:
    try:
        return access.fetch_request(actor, uid, what="document_check", at=at)
    except access.NotFound:
        return None
