"""Reminders before the end of an authorization, its lapse, and the bridging dose: each told once, by an entry."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.db.models.expressions import Combinable

from utilization import criteria, event_log, notify
from utilization.models import Authorization, Milestone, Request, Site
from utilization.rules.authorization.reminders import (
    BRIDGED,
    LAPSED,
    TOLD_FOR,
    AuthorizedDays,
    FiledRenewal,
    Told,
    to_tell,
)
from utilization.rules.lifecycle import AWAITS_DECISION, OPEN, Status

EVENTS = {LAPSED: "authorization.lapsed", BRIDGED: "authorization.bridged"}
REMINDED = "authorization.reminded"


def tell_milestones(*, at: datetime) -> int:
    """Write what is due to be told at `at` of every authorization that ends soon or ended lately; how many entries."""
    return sum(_tell_if_due(held, at) for site in Site.objects.all() for held in _near_the_end(site, at))


def _near_the_end(site: Site, at: datetime) -> list[Authorization]:
    """Those of which something may be to tell: near their end or ended lately, and not told of what is told then."""
    today, table = site.date_at(at), criteria.authorization_table()
    told = Milestone.objects.filter(request=OuterRef("request"))
    after = max(TOLD_FOR, timedelta(days=table.bridging.days_after_end))
    open_to: Q | Combinable = Q(valid_to__lt=today, valid_to__gte=today - after) & ~Exists(told.filter(kind=LAPSED))
    nearer = today
    for days in sorted(table.reminder_days):
        last = today + timedelta(days=days)
        open_to |= Q(valid_to__gte=nearer, valid_to__lte=last) & ~Exists(told.filter(kind=str(days)))
        nearer = last + timedelta(days=1)
    rows = Authorization.objects.filter(open_to, site=site, voided_at=None).select_related("site", "request")
    return list(rows.order_by("valid_to", "pk"))


@transaction.atomic
def _tell_if_due(held: Authorization, at: datetime) -> bool:
    if _due(held, renewal_of(held.request), at) is None:
        return False
    # Locked, so that two workers do not tell the same, and asked again.
    request = (
        Request.objects.select_for_update(of=("self",), no_key=True).select_related("site").get(pk=held.request_id)
    )
    renewal = renewal_of(request)
    told = _due(held, renewal, at)
    if told is None or Milestone.objects.filter(request=request, kind=told.kind).exists():
        return False
    row = Milestone.objects.create(
        request=request, kind=told.kind, at=at, until=told.until,
        renewal=renewal.number or "" if told.kind == BRIDGED and renewal else "",
    )  # fmt: skip
    said = {"milestone": row.pk, "kind": row.kind, "until": row.until, "renewal": row.renewal, "ends": held.valid_to}
    kind = EVENTS.get(told.kind, REMINDED)
    event_log.append(type=kind, at=at, actor=None, request=request, data=said)
    notify.moved(kind, request.pk)
    return True


def renewal_of(request: Request) -> Request | None:
    """The request by which this one's treatment goes on: filed later for the same patient and indication, in review or
    approved. A draft is none: nobody has asked for it yet; nor is a change of dose, or an extra one."""
    later = Request.objects.filter(
        patient=request.patient_id, indication=request.indication, pk__gt=request.pk, changes="",
        status__in=(*OPEN, Status.APPROVED),
    )  # fmt: skip
    return later.order_by("pk").first()


def _due(held: Authorization, renewal: Request | None, at: datetime) -> Told | None:
    table, site = criteria.authorization_table(), held.site
    filed = None
    if renewal is not None and renewal.submitted_at is not None:
        due_at = renewal.due_at if renewal.status in AWAITS_DECISION else None
        filed = FiledRenewal(site.date_at(renewal.submitted_at), due_at)
    # A single course is reviewed on its last day: see `workflow.authorization`.
    span = AuthorizedDays(held.valid_from, held.valid_to, single=held.review_by == held.valid_to)
    return to_tell(span, filed, at=at, on=site.date_at(at), days=table.reminder_days, bridging=table.bridging)
