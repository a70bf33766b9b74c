"""Reminders of what was done before it was reviewed: a first dose whose review, and a verbal order whose confirmation,
is soon due or late, and a verbal order whose giver has left; each once, by an entry. Asked by `manage.py tick`; the
request stays as it is.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from utilization import access, event_log
from utilization.models import FirstDose, Reminder, Request, VerbalOrder
from utilization.models.clocks import DOSE_LATE, DOSE_SOON, ORDER_LATE, ORDER_LEFT, ORDER_SOON
from utilization.rules.lifecycle import AWAITS_DECISION, Status

EVENTS = {
    DOSE_SOON: "first_dose.chased", DOSE_LATE: "first_dose.overdue", ORDER_SOON: "order.chased",
    ORDER_LATE: "order.overdue", ORDER_LEFT: "order.giver_left",
}  # fmt: skip
LEAD = timedelta(hours=6)
"""How long before the deadline its owner is reminded: a local parameter, that of the expedited clock."""
_MOST_AT_ONCE = 500

Told = dict[str, int | list[int]]
"""Whom an entry names, by what they are to the order."""


def remind_of_first_doses(*, at: datetime) -> int:
    """Write every reminder, every word of lateness and every word to who may answer in place of another that is due by
    now; how many."""
    return sum(_write(*due, at) for due in (*_doses(at), *_orders(at), *_left_orders()))


def _untold(at: datetime, deadline: str, soon: str, late: str) -> Q:
    """That the deadline in the column `deadline` is near or over, and nobody was told of that."""
    told = Reminder.objects.filter(request=OuterRef("request"), about=OuterRef(deadline))
    near = Q(**{f"{deadline}__gte": at, f"{deadline}__lte": at + LEAD}) & ~Exists(told.filter(kind=soon))
    return near | Q(**{f"{deadline}__lt": at}) & ~Exists(told.filter(kind=late))


def _doses(at: datetime) -> Iterator[tuple[Request, str, datetime, Told]]:
    open_ones = FirstDose.objects.filter(
        _untold(at, "review_by", DOSE_SOON, DOSE_LATE),
        request__status__in=sorted(status.value for status in AWAITS_DECISION),
    )
    for row in open_ones.select_related("request").order_by("review_by", "pk")[:_MOST_AT_ONCE]:
        yield row.request, DOSE_LATE if row.review_by < at else DOSE_SOON, row.review_by, {}


def _orders(at: datetime) -> Iterator[tuple[Request, str, datetime, Told]]:
    near = _open_orders().filter(_untold(at, "confirm_by", ORDER_SOON, ORDER_LATE))
    for row in near.order_by("confirm_by", "pk")[:_MOST_AT_ONCE]:
        late = row.confirm_by < at
        # Who left is asked in vain.
        told: Told = {"ordered_by": row.ordered_by_id}
        if access.giver_left(row):
            told = _in_place(row, _stand_ins(row))
        yield row.request, ORDER_LATE if late else ORDER_SOON, row.confirm_by, told


def _left_orders() -> Iterator[tuple[Request, str, datetime, Told]]:
    """Orders whose giver has left and whose stand-ins were not told, once there is one."""
    told = Reminder.objects.filter(request=OuterRef("request"), kind=ORDER_LEFT)
    left = access.left_by_giver(_open_orders()).exclude(Exists(told))
    # The newest first: departments without anybody leave old ones, which keep no other from being told.
    for row in left.order_by("-confirm_by", "-pk")[:_MOST_AT_ONCE]:
        if people := _stand_ins(row):
            yield row.request, ORDER_LEFT, row.confirm_by, _in_place(row, people)


def _open_orders() -> QuerySet[VerbalOrder]:
    rows = VerbalOrder.objects.filter(answer="").exclude(request__status=Status.WITHDRAWN.value)
    return rows.select_related("request")


def _stand_ins(order: VerbalOrder) -> list[int]:
    return list(access.stand_ins(order).values_list("pk", flat=True))


def _in_place(order: VerbalOrder, people: list[int]) -> Told:
    return {"in_place_of": order.ordered_by_id, "stand_ins": people}


def _write(seen: Request, kind: str, about: datetime, more: Told, at: datetime) -> bool:
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
