"""The documents of an auditor's selection: which requests have one coming to them, and which are ready to hand out."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, F, Max, OuterRef, Q

from utilization.models import Checkpoint, Decision, Document, Request, Site, UnmadeDocument
from utilization.models.decisions import DECISION
from utilization.reports.audit_list import fitting
from utilization.rules.lifecycle import DECIDED, Status

MOST = 200


@dataclass(frozen=True, slots=True)
class DocumentBatch:
    """Decided requests, newest first, and how many fit beyond the `MOST` that a batch takes.

    `ready` are those whose document can be handed out now; the others have none yet, or one that awaits its seal.
    `unmade` says by key why a document could not be made when that was tried last.
    """

    requests: tuple[Request, ...]
    beyond: int
    ready: frozenset[int]
    unmade: Mapping[int, str]

    @property
    def waiting(self) -> list[int]:
        """The keys of the requests without a document that is ready."""
        return [request.pk for request in self.requests if request.pk not in self.ready]

    @property
    def faults(self) -> list[tuple[Request, str]]:
        """The requests whose document could not be made, each with the reason."""
        return [(request, self.unmade[request.pk]) for request in self.requests if request.pk in self.unmade]


def document_batch(site: Site, wanted: Mapping[str, Any]) -> DocumentBatch:
    """The batch of the requests of `site` that fit `wanted`, as the auditor's list takes it."""
    decision = Exists(Decision.objects.filter(request=OuterRef("pk"), kind=DECISION))
    rows = fitting(site, wanted).filter(Q(status__in=DECIDED) | Q(decision, status=Status.WITHDRAWN))
    requests = tuple(rows.select_related("site", "patient")[:MOST])
    beyond = rows.count() - MOST if len(requests) == MOST else 0
    ready = _ready(requests)
    tried = UnmadeDocument.objects.filter(request__in=requests).exclude(request__in=ready)
    return DocumentBatch(requests, beyond, ready, dict(tried.values_list("request_id", "why")))


def _ready(requests: tuple[Request, ...]) -> frozenset[int]:
    sealed = Checkpoint.objects.aggregate(size=Max("size"))["size"] or 0
    kept = Document.objects.filter(request__in=requests, made_at__gte=F("request__ended_at"), has_proof=bool(sealed))
    if sealed:
        kept = kept.filter(event_seq__lt=sealed)
    return frozenset(kept.values_list("request_id", flat=True))
