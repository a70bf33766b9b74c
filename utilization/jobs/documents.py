"""Issues the justification of a decided request: made once in the background, its bytes kept for good."""

from datetime import datetime

from django.utils import timezone
from django_tasks import task

from utilization.models import Document, Request
from utilization.reports.frozen_justification import decided, frozen_value
from utilization.workflow import keep_document, kept_document

FINAL_EVENTS = frozenset({"decision.approved", "decision.denied", "request.withdrawn"})
"""The moves after which a request may have a justification to keep."""


def issue_when_decided(event_type: str, request_pk: int) -> None:
    """Listener of `notify`: puts the issuing of a request that was just decided or withdrawn in the queue."""
    if event_type in FINAL_EVENTS:
        issue_justification.enqueue(request_pk)


@task
def issue_justification(request_pk: int) -> None:
    """Issue the justification of the request, if it is decided and none is kept yet. Doing it again changes nothing."""
    request = Request.objects.select_related("site", "patient").get(pk=request_pk)
    if decided(request):
        issued(request, at=timezone.now())


def issued(request: Request, *, at: datetime) -> Document:
    """The kept justification of a decided `request`; made and kept at `at` where there is none yet.

    What was kept since the decision is handed out as it is, byte for byte, even where a newer version of the program
    would word or set it otherwise. Raises documents.justification.CannotRender.
    """
    return kept_document(request) or _make(request, at)


def _make(request: Request, at: datetime) -> Document:
    # The typesetter takes half a second to import; the web server and every command would pay for it at start-up.
    from utilization.documents import justification

    value = frozen_value(request)
    name = justification.value_hash(value)
    if kept := kept_document(request, name):
        return kept
    content = justification.render(value)
    return keep_document(request, name, sha256=justification.sha256(content), content=content, at=at)
