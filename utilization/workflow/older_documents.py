"""Documents that a version of before issued without telling the log: vouched for by two people, an entry each.

No entry stands behind such a row, so nobody can tell it from one that was laid into the table by hand: the check of the
log calls it a fault until two people have looked at it and signed for it.
"""

from datetime import datetime

from django.db import transaction

from utilization import event_log
from utilization.models import Document, Event
from utilization.workflow.errors import Refused
from utilization.workflow.two_signers import Signers, signed_by_two

TAKEN_OVER = "document.taken_over"


def documents_without_entry() -> list[Document]:
    """The documents that no entry vouches for, with their request and without their content, oldest first."""
    taken = {
        (entry.request_id, event_log.said_in(entry)["data"]["sha256"])
        for entry in Event.objects.filter(type=TAKEN_OVER)
    }
    rows = Document.objects.filter(event_seq=None).defer("content").select_related("request__site").order_by("pk")
    return [document for document in rows if (document.request_id, document.sha256) not in taken]


@transaction.atomic
def take_over_documents(signers: Signers, *, at: datetime) -> list[Document]:
    """Tell the log of every document that no entry vouches for, as signed for by two people; return them.

    Raises Refused, Invalid on password; then nothing was written.
    """
    documents = documents_without_entry()
    if not documents:
        raise Refused("An entry of the log vouches for every document: there is nothing to take over.")
    hashes = sorted(document.sha256 for document in documents)
    signed = signed_by_two(
        signers, {"format": "ivig-documents-before/1", "documents": hashes}, "for documents of before", at=at
    )
    for document in documents:
        said = {
            "value_sha256": document.value_sha256,
            "sha256": document.sha256,
            "made_at": document.made_at,
            "signed": signed,
        }
        event_log.append(type=TAKEN_OVER, at=at, actor=signers[0][0], request=document.request, data=said)
    return documents
