"""The outbox: who is told of an entry of the log, and by which mail, written in the transaction of that entry.

`event_log.append` calls `tell` for every entry, so that no door has to think of it and no move is told without its
entry. Sending is another's work (`utilization.jobs.notice_mail`): nobody's move waits for a mail server.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet

from utilization.access import covers, requesters
from utilization.models import Delivery, Event, Membership, Notice, NoticeChoice, Request, Site, User
from utilization.models.decisions import RECOMMENDATION
from utilization.models.notices import FAILED, WAITING
from utilization.rules.lifecycle import Status
from utilization.rules.notice_kinds import BY_ROLE, KINDS, TO_COVER, NoticeRow, NoticeWay, Recipients, is_urgent
from utilization.rules.notices import NOTICES
from utilization.rules.roles import Role

GIVES_UP = timedelta(hours=72)
"""So long a mail is tried: a mail server that is away over a weekend loses none."""
NO_ADDRESS = "no address"
_DIGEST_HOUR = 7
_REVIEWER = {
    Status.PHARMACIST_REVIEW: Role.PHARMACIST,
    Status.PHYSICIAN_REVIEW: Role.PHYSICIAN,
    Status.APPEAL_REVIEW: Role.PHYSICIAN,
}
_READERS = (Role.PHARMACIST, Role.PHYSICIAN)
_HANDLED = ("request.claimed", "information.asked", "request.referred", "decision.recommended")


@dataclass(frozen=True, slots=True)
class Occasion:
    """What somebody is told of: the entry, where it happened, and what it says."""

    event: Event
    site: Site
    request: Request | None
    data: Mapping[str, Any]

    @property
    def expedited(self) -> bool:
        """Whether it is about a request that is decided on the short clock."""
        return self.request is not None and (self.request.expedited or self.request.emergency)


def tell(event: Event, *, site: Site | None, request: Request | None, data: Mapping[str, Any]) -> None:
    """Write the notices of `event`, each with its mail. Whoever did it is not told of it."""
    rows = NOTICES.get(event.type, ())
    if not rows or site is None:
        return
    occasion = Occasion(event, site, request, data)
    told = {event.actor_id or 0}
    for row in rows:
        people = recipients(row.tells, occasion)
        covering = _covering(row, occasion, people)
        people = (people | set(covering)) - told
        told |= people
        _write(row, occasion, people, covering)


def recipients(groups: Iterable[Recipients | str], occasion: Occasion) -> set[int]:
    """The keys of everybody in `groups`."""
    people: set[int] = set()
    for group in groups:
        people |= GROUPS[group](occasion) if group in GROUPS else _named(occasion, group)
    return people


def _named(occasion: Occasion, key: str) -> set[int]:
    """People whom the entry names under `key`, or all who hold a role of such a group."""
    if key in BY_ROLE:
        return set(_live(occasion.site, BY_ROLE[Recipients(key)]).values_list("user_id", flat=True))
    said = occasion.data.get(key)
    return set(said) if isinstance(said, list | tuple | set | frozenset) else {said} if said else set()


def _covering(row: NoticeRow, occasion: Occasion, people: set[int]) -> dict[int, int]:
    """Who covers for one of `people` who is away, is not among them, and may read the request: by whom it is for."""
    request = occasion.request
    if request is None or row.kind not in TO_COVER:
        return {}
    covered = {cover: person for person, cover in covers(occasion.site, occasion.event.at).items() if person in people}
    if not covered:
        return {}
    here = _live(occasion.site).filter(user__in=set(covered) - people)
    reads = here.filter(Q(role__in=_READERS) | Q(role=Role.PRESCRIBER, department=request.department_id))
    return {cover: covered[cover] for cover in reads.values_list("user_id", flat=True)}


def _write(row: NoticeRow, occasion: Occasion, people: set[int], covering: Mapping[int, int]) -> None:
    """A notice for each of `people` who works at the site and does not want to do without; `covering` says of those who
    cover for somebody for whom."""
    if not people:
        return
    at, urgent = occasion.event.at, is_urgent(row.urgent, expedited=occasion.expedited)
    addresses = dict(
        User.objects.filter(Exists(_live(occasion.site).filter(user=OuterRef("pk"))), pk__in=people)
        .order_by("pk")
        .values_list("pk", "email")
    )
    chosen = dict(NoticeChoice.objects.filter(kind=row.kind, user__in=addresses).values_list("user_id", "way"))
    notices = []
    for person, address in addresses.items():
        way = NoticeWay.AT_ONCE if urgent else NoticeWay(chosen.get(person, KINDS[row.kind].usual))
        if way == NoticeWay.NONE:
            continue
        notice = Notice(
            recipient_id=person, site=occasion.site, request=occasion.request, event_seq=occasion.event.seq,
            event_type=occasion.event.type, kind=row.kind, urgent=urgent, made_at=at,
            covering_for_id=covering.get(person),
        )  # fmt: skip
        if settings.MAIL_FROM and way == NoticeWay.DIGEST:
            notice.digest_at = next_digest(occasion.site, at)
        elif settings.MAIL_FROM and way == NoticeWay.AT_ONCE:
            notice.delivery = a_delivery(person, address, at)
        notices.append(notice)
    Delivery.objects.bulk_create(notice.delivery for notice in notices if notice.delivery)
    Notice.objects.bulk_create(notices)


def a_delivery(person: int, address: str, at: datetime) -> Delivery:
    """A mail to `person`, not yet saved. Without an address it has failed from the start, and is shown as such."""
    known = bool(address)
    return Delivery(
        recipient_id=person, made_at=at, next_try=at, gives_up_at=at + GIVES_UP,
        state=WAITING if known else FAILED, failure="" if known else NO_ADDRESS,
    )  # fmt: skip


def next_digest(site: Site, at: datetime) -> datetime:
    """When the next mail of the day is made at `site` after `at`."""
    local = at.astimezone(ZoneInfo(site.time_zone))
    today = local.replace(hour=_DIGEST_HOUR, minute=0, second=0, microsecond=0, fold=0)
    return today if today > local else today + timedelta(days=1)


def _live(site: Site, roles: Iterable[Role] = ()) -> QuerySet[Membership]:
    """Live memberships at `site`, of `roles` where any is named."""
    rows = Membership.objects.filter(site=site, ended_at=None, user__is_active=True).order_by()
    return rows.filter(role__in=roles) if roles else rows


def _stage(occasion: Occasion) -> set[int]:
    request = occasion.request
    role = _REVIEWER.get(Status(request.status)) if request else None
    if request is None or role is None:
        return set()
    free = _live(occasion.site, (role,)).exclude(user__in=set(requesters(request, at=occasion.event.at)))
    if role == Role.PHYSICIAN:
        signed = request.decisions.all()
        if request.status != Status.APPEAL_REVIEW:
            signed = signed.filter(kind=RECOMMENDATION)
        else:
            free = free.exclude(user__in=request.opinions.values("by"))
        free = free.exclude(user__in=signed.values("signed_by"))
    return set(free.values_list("user_id", flat=True))


def _prescribers(occasion: Occasion) -> set[int]:
    request = occasion.request
    if request is None:
        return set()
    writers = {request.author_id, *request.authorships.values_list("user_id", flat=True)}
    here = _live(occasion.site, (Role.PRESCRIBER,))
    told = set(here.filter(user__in=writers).values_list("user_id", flat=True))
    return told or set(here.filter(department=request.department_id).values_list("user_id", flat=True))


def _asker(occasion: Occasion) -> set[int]:
    stage = _stage(occasion)
    asked = occasion.request and occasion.request.questions.order_by("pk").last()
    return {asked.asked_by_id} if asked and asked.asked_by_id in stage else stage


def _handlers(occasion: Occasion) -> set[int]:
    entries = Event.objects.filter(request_id=occasion.event.request_id).order_by()
    moved = entries.filter(type__in=_HANDLED).values_list("actor_id", flat=True)
    # Whom a request was given to in turn is told by the entry alone: the system is who did it.
    given = entries.filter(type="request.assigned").values_list("body", flat=True)
    return {person for person in moved if person} | {json.loads(bytes(body))["data"]["holder"] for body in given}


def _owner(occasion: Occasion) -> set[int]:
    request = occasion.request
    if request is not None and request.status == Status.INFORMATION_ASKED:
        return _prescribers(occasion)
    stage = _stage(occasion)
    # A holder who reviews here no more would be told in vain.
    return (stage & {request.holder_id if request else None}) or stage


GROUPS: Mapping[str, Callable[[Occasion], set[int]]] = {
    Recipients.STAGE: _stage,
    Recipients.PRESCRIBERS: _prescribers,
    Recipients.ASKER: _asker,
    Recipients.HANDLERS: _handlers,
    Recipients.OWNER: _owner,
}
