"""One row by its random id: a foreign one is answered exactly like one that does not exist."""

import uuid
from typing import Any, TypeVar

from django.db.models import QuerySet
from django.http import Http404

from utilization.models import Attachment, CriteriaDraft, Export, Infusion, Patient, Publication, Request


class NotFound(Http404):
    """What was asked for does not exist, or is not for this actor; the two are never told apart."""


Row = TypeVar("Row", Request, Attachment, Patient, CriteriaDraft, Publication, Export, Infusion)


def fetch(rows: QuerySet[Row], uid: Any) -> Row:
    try:
        return rows.get(uid=uid if isinstance(uid, uuid.UUID) else uuid.UUID(str(uid)))
    except (rows.model.DoesNotExist, ValueError):
        raise NotFound from None
