"""What becomes of notices: read, chosen for, put into a mail of the day, claimed for sending, sent or not.

Notices themselves are written with the entry that they tell of (`utilization.outbox`).
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F

from utilization import access
from utilization.models import Delivery, Notice, NoticeChoice, User
from utilization.models.notices import FAILED, SENT, WAITING
from utilization.outbox import GIVES_UP, a_delivery
from utilization.rules.notice_kinds import KINDS, kinds_of, ways_of
from utilization.workflow.errors import Invalid, Refused

LEASE = timedelta(minutes=10)
"""So long a claimed mail is left to whoever claimed it; after that they are taken for lost."""
_FIRST_WAIT, _LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=1)


def read_notices(by: User, *, at: datetime, only: int | None = None) -> int:
    """Mark the notices of `by` as read, or the one with the key `only`; how many were not read before."""
    unread = access.visible_notices(by).filter(read_at=None)
    return (unread if only is None else unread.filter(pk=only)).update(read_at=at)


@transaction.atomic
def choose_ways(by: User, chosen: Mapping[str, str]) -> None:
    """Keep how `by` wants to be told, by kind; kinds that are not given stay as they are. Raises Invalid by kind."""
    errors = {}
    own = kinds_of(access.roles(by))
    for kind, way in chosen.items():
        if kind not in own or way not in ways_of(kind):
            errors[kind] = ["Choose one of the ways from the list."]
    if errors:
        raise Invalid(errors)
    for kind, way in chosen.items():
        NoticeChoice.objects.update_or_create(user=by, kind=kind, defaults={"way": way})


def ways_chosen(user: User) -> dict[str, str]:
    """How `user` is told, by each kind that they may get."""
    kept = dict(NoticeChoice.objects.filter(user=user).values_list("kind", "way"))
    return {kind: kept.get(kind, KINDS[kind].usual.value) for kind in kinds_of(access.roles(user))}


def make_digests(*, at: datetime) -> int:
    """Put into a mail each what people are to be told once a day and have not read meanwhile; how many mails."""
    due = Notice.objects.filter(digest_at__lte=at).order_by()
    due.filter(read_at__isnull=False).update(digest_at=None)
    people = due.values_list("recipient_id", "recipient__email").distinct()
    return sum(_make_digest(person, address, at) for person, address in list(people))


@transaction.atomic
def _make_digest(person: int, address: str, at: datetime) -> bool:
    delivery = a_delivery(person, address, at)
    delivery.save(force_insert=True)
    waiting = Notice.objects.filter(recipient=person, digest_at__lte=at, read_at=None)
    # Another worker that was first has taken them: its update is waited for, and then none is left.
    if waiting.update(delivery=delivery, digest_at=None):
        return True
    delivery.delete()
    return False


def due_deliveries(*, at: datetime, most: int) -> list[int]:
    """The keys of at most `most` mails that are to be sent by now, those that waited longest first."""
    due = Delivery.objects.filter(state=WAITING, next_try__lte=at).order_by("next_try", "pk")
    return list(due.values_list("pk", flat=True)[:most])


def claim_delivery(pk: int, *, at: datetime) -> Delivery | None:
    """Take the mail with this key for sending, with its recipient; None where another has it, or it is done."""
    claimed = Delivery.objects.filter(pk=pk, state=WAITING, next_try__lte=at).update(
        attempts=F("attempts") + 1, next_try=at + LEASE
    )
    return Delivery.objects.select_related("recipient").get(pk=pk) if claimed else None


def note_delivery_sent(delivery: Delivery, *, at: datetime) -> None:
    """The mail server has taken it."""
    _settle(delivery, state=SENT, sent_at=at, failure="")


def note_delivery_failed(delivery: Delivery, failure: str, *, at: datetime, for_good: bool = False) -> None:
    """It could not be sent: it is tried again, later each time, unless that is in vain or was done for days."""
    wait = min(_FIRST_WAIT * 2 ** min(delivery.attempts - 1, 10), _LONGEST_WAIT)
    if for_good or at + wait > delivery.gives_up_at:
        _settle(delivery, state=FAILED, failure=failure[:60])
    else:
        _settle(delivery, next_try=at + wait, failure=failure[:60])


def _settle(delivery: Delivery, **changes: object) -> None:
    # Whoever claimed it after us has another count of attempts, and has the say.
    Delivery.objects.filter(pk=delivery.pk, state=WAITING, attempts=delivery.attempts).update(**changes)


def send_again(pk: int, *, by: User, at: datetime) -> None:
    """Try a mail again that was given up, at once and for as long as a new one. Raises NotFound, Refused."""
    delivery = access.fetch_delivery(by, pk)
    again = Delivery.objects.filter(pk=delivery.pk, state=FAILED).exclude(recipient__email="")
    if not again.update(state=WAITING, next_try=at, gives_up_at=at + GIVES_UP, attempts=0, failure=""):
        raise Refused("This e-mail cannot be tried again: it waits, was sent, or its person has no address.")
