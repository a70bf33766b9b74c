"""What a person is told of, as lines of their page, and the mails that did not reach people."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from utilization import access
from utilization.models import Delivery, Notice, User
from utilization.models.notices import FAILED, WAITING
from utilization.reports.paging import Page, Place, walk
from utilization.rules.notices import row_of
from utilization.rules.roles import Permission

PAGE_SIZE = 50
CRITERIA = "criteria"
"""The kind of the notices about criteria."""
MOST_COUNTED = 99
_MOST_UNSENT = 200


@dataclass(frozen=True, slots=True)
class NoticeLine:
    """One notice in words. `leads` says whether there is a page of what it is about, which it opens."""

    pk: int
    at: datetime
    text: str
    urgent: bool
    read: bool
    leads: bool


@dataclass(frozen=True, slots=True)
class UnsentMail:
    """A mail that did not go out: to whom, since when, how often it was tried, and why it failed."""

    pk: int
    name: str
    at: datetime
    attempts: int
    failure: str
    next_try: datetime | None
    may_resend: bool


def notice_page(reader: User, *, unread: bool, after: Place | None, before: Place | None) -> tuple[Any, Page]:
    """Lines of the notices of `reader`, newest first, and the page that they are."""
    rows = access.visible_notices(reader).select_related("request", "covering_for")
    if unread:
        rows = rows.filter(read_at=None)
    notices, page = walk(rows, "made_at", PAGE_SIZE, after, before)
    keeps = keeps_criteria(reader)
    return [_line(notice, keeps) for notice in notices], page


def _line(notice: Notice, keeps: bool) -> NoticeLine:
    row = row_of(notice.event_type, notice.kind)
    number = notice.request.number if notice.request else ""
    text = row.here.format(number=number) if row else "Something happened that is told no more."
    if notice.covering_for is not None:
        text = f"You cover for {notice.covering_for.full_name}. {text}"
    leads = notice.request_id is not None or (notice.kind == CRITERIA and keeps)
    return NoticeLine(notice.pk, notice.made_at, text, notice.urgent, notice.read_at is not None, leads)


def keeps_criteria(reader: User) -> bool:
    """Whether a notice about criteria opens their page for `reader`."""
    return Permission.KEEP_CRITERIA in access.permissions(reader)


def unread_count(reader: User) -> int:
    """How many notices `reader` has not read, one more than `MOST_COUNTED` at most."""
    unread = access.visible_notices(reader).filter(read_at=None).order_by()
    return unread[: MOST_COUNTED + 1].count()


def unsent_to(reader: User) -> list[UnsentMail]:
    """The mails to `reader` that failed, or have been tried in vain so far."""
    return _unsent(access.own_deliveries(reader))


def unsent_of_sites(actor: User) -> list[UnsentMail]:
    """The same of all people whom `actor` manages."""
    return _unsent(access.managed_deliveries(actor))


def _unsent(deliveries: Any) -> list[UnsentMail]:
    failed = deliveries.filter(state=FAILED) | deliveries.filter(state=WAITING).exclude(failure="")
    rows = failed.select_related("recipient").order_by("-made_at", "-pk")[:_MOST_UNSENT]
    return [_mail(delivery) for delivery in rows]


def _mail(delivery: Delivery) -> UnsentMail:
    person, over = delivery.recipient, delivery.state == FAILED
    return UnsentMail(
        delivery.pk, person.signature_name, delivery.made_at, delivery.attempts, delivery.failure,
        None if over else delivery.next_try, over and bool(person.email),
    )  # fmt: skip
