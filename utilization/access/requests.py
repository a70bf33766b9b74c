"""Which requests a person may read, and one of them fetched; every read is written down."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from utilization import access_log
from utilization.access.fetch import NotFound, fetch
from utilization.access.membership import Held, held_by, live, places_where
from utilization.models import Request, Site
from utilization.rules.lifecycle import Status
from utilization.rules.roles import Permission, Role, roles_with

REVIEWERS = (Role.PHARMACIST, Role.PHYSICIAN)


NOT_FILED = (Status.DRAFT, Status.DISCARDED)


def visible_requests(actor: Any) -> QuerySet[Request]:
    """Every request that `actor` may read.

    Prescribers: their own and what was filed for their department. Reviewers: what was filed at their site.
    Auditors: everything at their site, drafts too. Nobody else sees any.
    """
    return Request.objects.filter(as_prescriber(actor) | as_reader(actor))


def prescriber_arms(actor: Any) -> list[Q]:
    """What `actor` may read as a prescriber, apart: their own requests, and those filed for each of their departments.

    One condition alone is read along an index in order; all of them joined by "or" are not. A request may fit two.
    """
    held = list(live(actor).filter(role=Role.PRESCRIBER).values_list("site_id", "department_id").order_by("pk"))
    if not held:
        return []
    own = Q(author_id=actor.pk, site_id__in=sorted({site for site, _ in held}))
    departments = sorted({department for _, department in held if department is not None})
    return [own, *(Q(department_id=department) & ~Q(status__in=NOT_FILED) for department in departments)]


def fetch_request(
    actor: Any, uid: Any, *, what: str, at: datetime, same_page: bool = False, lock: bool = False
) -> Request:
    """Get the request with this `uid` and write down that `actor` read it `at` this time for `what`.

    With `same_page`, for live checks and autosaves, the read counts once while the page stays open. With `lock` nobody
    else writes to the row until the transaction of the caller ends. Raises NotFound alike for a request that does not
    exist and for one that `actor` may not see.
    """
    # Read first, memberships make a query that is put together in a fifth of the time.
    held = held_by(actor)
    rows = Request.objects.filter(as_prescriber(actor, held) | as_reader(actor, held))
    rows = rows.select_related("site", "department", "patient", "author", "holder")
    request = fetch(rows.select_for_update(of=("self",), no_key=True) if lock else rows, uid)
    if (request.holder.pk if request.holder else None) != request.holder_id:
        # PostgreSQL reads a row anew that it waited for, and what is joined to it not: the holder is looked up again.
        Request.holder.field.delete_cached_value(request)
    if not same_page or not _read_on_this_page(actor, request, what, at):
        access_log.record(actor=actor, what=what, at=at, reads=[(request.patient, request)])
    return request


def fetch_own_draft(actor: Any, uid: Any, *, what: str, at: datetime) -> Request | None:
    """The draft with this `uid` for its author to write in, where they still file at its site; None where it is not.

    Its row is locked until the transaction of the caller ends, and the read is written down as `fetch_request` does
    `same_page`. Each keystroke asks this: it is one question where `fetch_request` and `can` are three.
    """
    sites, _ = places_where(actor, roles_with(Permission.FILE), held_by(actor))
    rows = Request.objects.filter(status=Status.DRAFT, author_id=getattr(actor, "pk", None), site_id__in=sites)
    try:
        request = fetch(rows.select_related("site", "patient").select_for_update(of=("self",), no_key=True), uid)
    except NotFound:
        return None
    if not _read_on_this_page(actor, request, what, at):
        access_log.record(actor=actor, what=what, at=at, reads=[(request.patient, request)])
    return request


def _read_on_this_page(actor: Any, request: Request, what: str, at: datetime) -> bool:
    return access_log.read_on_this_page(actor=actor, what=what, at=at, patient=request.patient, request=request)


def last_look(actor: Any, request: Request, *, what: str, at: datetime) -> datetime | None:
    """When `actor` last looked at `request` for `what`, before the look that they take `at` this time."""
    return access_log.last_look(actor=actor, what=what, at=at, request=request)


def note_listed(actor: Any, requests: Iterable[Request], *, at: datetime) -> None:
    """Write down that `actor` was shown a list that names the patients of `requests`: each a read, once a working day.

    The list itself comes from `visible_requests`; a list that names no patient is no read.
    """
    shown = list(requests)
    known = access_log.listed_lately(actor=actor, what="list", at=at, requests=shown)
    new = [(request.patient, request) for request in shown if request.pk not in known]
    access_log.record(actor=actor, what="list", at=at, reads=new)


def note_handed_out(actor: Any, requests: Iterable[Request], *, what: str, at: datetime) -> None:
    """Write down that `actor` was handed the records of `requests`, which come from what they may see."""
    access_log.record(actor=actor, what=what, at=at, reads=[(request.patient, request) for request in requests])


def handed_out(actor: Any, requests: QuerySet[Request], site: Site, *, what: str, at: datetime) -> QuerySet[Request]:
    """Those `requests` of `site` that were noted as handed out to `actor` for `what` at exactly `at`, and no other."""
    noted = access_log.requests_read(actor=actor, what=what, at=at, site_id=site.pk)
    return requests.filter(pk__in=noted)


def as_prescriber(actor: Any, held: Iterable[Held] | None = None) -> Q:
    """What `actor` may read as a prescriber; `held` are the memberships, where they were read already."""
    sites, departments = places_where(actor, (Role.PRESCRIBER,), held)
    own = Q(author_id=getattr(actor, "pk", None), site__in=sites)
    return own | (Q(department__in=departments) & ~Q(status__in=NOT_FILED))


def as_reader(actor: Any, held: Iterable[Held] | None = None) -> Q:
    """What `actor` may read as a reviewer or an auditor; `held` as above."""
    filed_here = Q(site__in=places_where(actor, REVIEWERS, held)[0]) & ~Q(status__in=NOT_FILED)
    return filed_here | Q(site__in=places_where(actor, (Role.AUDITOR,), held)[0])
