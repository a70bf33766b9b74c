"""Forms that were sent and did what they say: the same form sent again does nothing more and leads to the same place.

The row is written at the end of the transaction of what the form does, so that both exist or neither. Of two that
arrive at once, its unique key refuses the second, whose work is undone with it.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from utilization.models import SentForm, User

KEPT = timedelta(days=3)
"""How long a form is remembered: longer than any session lasts."""
LONGEST_LOCATION = 400


class AlreadySent(Exception):
    """The form was sent before; another transaction has written it."""


def sent_before(by: User, tokens: Iterable[str]) -> SentForm | None:
    """The form of `by` that carried one of `tokens` and was done."""
    return SentForm.objects.filter(user=by, token__in=list(tokens)).first()


def record(by: User, token: str, *, sha256: str, location: str, at: datetime) -> SentForm:
    """Note within the caller's transaction that a form was done, and where its answer leads.

    Raises AlreadySent when another transaction was first; then the caller's own must be undone.
    """
    SentForm.objects.filter(user=by, at__lt=at - KEPT).delete()
    try:
        with transaction.atomic():
            return SentForm.objects.create(
                user=by, token=token, sha256=sha256, location=location[:LONGEST_LOCATION], at=at
            )
    except IntegrityError:
        raise AlreadySent from None
