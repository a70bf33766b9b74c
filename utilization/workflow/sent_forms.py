"""Forms that were sent and did what they say: the same form sent again does nothing more and leads to the same place.

The row is written in the transaction of what the form does, so that both exist or neither. Its unique key makes the
second of two that arrive at once wait for the first.
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


def take(by: User, token: str, *, sha256: str, at: datetime) -> SentForm:
    """Note within the caller's transaction that a form is being done. Raises AlreadySent when it is no longer new."""
    SentForm.objects.filter(user=by, at__lt=at - KEPT).delete()
    try:
        with transaction.atomic():
            return SentForm.objects.create(user=by, token=token, sha256=sha256, location="", at=at)
    except IntegrityError:
        raise AlreadySent from None


def done(sent: SentForm, location: str) -> None:
    """Keep where the answer to `sent` leads. A form that did nothing, with no `location`, may be sent again."""
    if not location:
        sent.delete()
        return
    sent.location = location[:LONGEST_LOCATION]
    sent.save(update_fields=["location"])
