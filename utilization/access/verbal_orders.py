"""Who may answer for a verbal order: the prescriber who gave it, and in their place, once they prescribe for the
department no more, another prescriber of it."""

from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from utilization.access.permission import YES, Answer, free_to_answer
from utilization.models import Membership, Request, User, VerbalOrder
from utilization.rules.roles import Role


def may_answer_order(actor: Any, request: Request) -> Answer:
    """Whether the verbal order of `request` is for `actor` to confirm or disown, and still open."""
    pk: Any = getattr(actor, "pk", None)
    order: VerbalOrder | None = getattr(request, "verbal_order", None)
    if order is None:
        return Answer(False, "This request was not entered on a verbal order.")
    if order.answer:
        answered = order.stand_in_name or order.ordered_name
        return Answer(False, f"{answered} answered for this verbal order already.")
    if order.ordered_by_id == pk:
        return YES
    if not giver_left(order):
        return Answer(False, f"Only {order.ordered_name}, who gave this verbal order, confirms or disowns it.")
    if order.taken_by_id == pk:
        return Answer(False, "You took this verbal order, so somebody else of the department confirms or disowns it.")
    if not _prescribing().filter(user=pk, department=request.department_id).exists():
        return Answer(False, f"Only a prescriber of {request.department.name} confirms or disowns this verbal order.")
    return free_to_answer(actor, request)


def giver_left(order: VerbalOrder) -> bool:
    """Whether whoever gave `order` prescribes for the department of its request no more."""
    return left_by_giver(VerbalOrder.objects.filter(pk=order.pk)).exists()


def left_by_giver(orders: QuerySet[VerbalOrder]) -> QuerySet[VerbalOrder]:
    """Those of `orders` whose giver prescribes for the department of the request no more."""
    here = _prescribing().filter(department=OuterRef("request__department"), user=OuterRef("ordered_by"))
    return orders.exclude(Exists(here))


def stand_ins(order: VerbalOrder) -> QuerySet[User]:
    """Who may answer for `order` once its giver has left, by name: `may_answer_order` says the same of one person."""
    request = order.request
    people = User.objects.filter(pk__in=_prescribing().filter(department=request.department_id).values("user"))
    barred = request.decisions.values("signed_by"), request.opinions.values("by")
    people = people.exclude(pk__in=(order.taken_by_id, order.ordered_by_id))
    return people.exclude(pk__in=barred[0]).exclude(pk__in=barred[1]).order_by("full_name", "pk")


def _prescribing() -> QuerySet[Membership]:
    return Membership.objects.filter(role=Role.PRESCRIBER, ended_at=None, user__is_active=True).order_by()
