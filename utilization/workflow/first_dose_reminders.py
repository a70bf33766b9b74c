"""Reminders of what was done before it was reviewed: a first dose whose review, and a verbal order whose confirmation,
is soon due or late; each once, by an entry. Asked by `manage.py tick`; the request stays as it is.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Exists, F, OuterRef, Q

from utilization import event_log
from utilization.models import FirstDose, Reminder, Request, VerbalOrder
from utilization.models.clocks import DOSE_LATE, DOSE_SOON, ORDER_LATE, ORDER_SOON
from utilization.rules.lifecycle import AWAITS_DECISION, Status

EVENTS = {
    DOSE_SOON: "first_dose.chased", DOSE_LATE: "first_dose.overdue", ORDER_SOON: "order.chased",
    ORDER_LATE: "order.overdue",
}  # fmt: skip
LEAD = timedelta(hours=6)
"""How long before the deadline its owner is reminded: a local parameter, that of the expedited clock."""
_MOST_AT_ONCE = 500


def remind_of_first_doses(*, at: datetime) -> int:
    """Write every reminder and every word of lateness that is due by now; how many."""
    return sum(_write(*due, at) for due in (*_doses(at), *_orders(at)))


def _untold(at: datetime, deadline: str, soon: str, late: str) -> Q:
    """That the deadline in the column `deadline` is near or over, and nobody was told of that."""
    told = Reminder.objects.filter(request=OuterRef("request"), about=OuterRef(deadline))
    near = Q(**{f"{deadline}__gte": at, f"{deadline}__lte": at + LEAD}) & ~Exists(told.filter(kind=soon))
    return near | Q(**{f"{deadline}__lt": at}) & ~Exists(told.filter(kind=late))


def _doses(at: datetime) -> Iterator[tuple[Request, str, datetime, dict[str, int]]]:
    open_ones = FirstDose.objects.filter(
        _untold(at, "review_by", DOSE_SOON, DOSE_LATE),
        request__status__in=sorted(status.value for status in AWAITS_DECISION),
    )
    for row in open_ones.select_related("request").order_by("review_by", "pk")[:_MOST_AT_ONCE]:
        yield row.request, DOSE_LATE if row.review_by < at else DOSE_SOON, row.review_by, {}


def _orders(at: datetime) -> Iterator[tuple[Request, str, datetime, dict[str, int]]]:
    open_ones = VerbalOrder.objects.filter(_untold(at, "confirm_by", ORDER_SOON, ORDER_LATE), answer="").exclude(
        request__status=Status.WITHDRAWN.value
    )
    for row in open_ones.select_related("request").order_by("confirm_by", "pk")[:_MOST_AT_ONCE]:
        late = row.confirm_by < at
        yield row.request, ORDER_LATE if late else ORDER_SOON, row.confirm_by, {"ordered_by": row.ordered_by_id}


def _write(seen: Request, kind: str, about: datetime, more: dict[str, int], at: datetime) -> bool:
    """Write one reminder with its entry; False where the request moved meanwhile, or another worker was first."""
    try:
        with transaction.atomic():
            # The update locks the row, as a move does, so that none comes between.
            same = Request.objects.filter(pk=seen.pk, version=seen.version, status=seen.status)
            if not same.update(version=F("version")):
                return False
            request = same.select_related("site", "department", "author", "holder").get()
            Reminder.objects.create(request=request, kind=kind, about=about, at=at)
            data = {"kind": kind, "about": about, "status": request.status, **more}
            event_log.append(type=EVENTS[kind], at=at, actor=None, request=request, data=data)
    except IntegrityError:
        return False
    return True
