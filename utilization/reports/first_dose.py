"""What was done before it was reviewed: a released first dose and a verbal order, on a case and as a list."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet, Sum

from utilization import access
from utilization.authorization_terms import infusions_of
from utilization.models import FirstDose, Request, VerbalOrder
from utilization.reports.whereabouts import NEXT_STEPS
from utilization.rules.authorization.first_dose import REVIEWED_WORDS, ReviewedAfter, reviewed_after
from utilization.rules.lifecycle import AWAITS_DECISION, Status
from utilization.rules.roles import ROLES, Permission, Role

MOST_ROWS = 200
_REVIEWS = (Permission.REVIEW, Permission.REVIEW_AS_PHYSICIAN)
_STAGES = {Status.PHARMACIST_REVIEW: Role.PHARMACIST, Status.PHYSICIAN_REVIEW: Role.PHYSICIAN}


@dataclass(frozen=True, slots=True)
class TreatedFirst:
    """The first dose and the verbal order of a request, either of which may be None. `stands` says what became of the
    dose, `live` that it may still be given, `late` that its review is; `given` are the grams recorded so far.
    `giver_left` says of an order that awaits its answer that its giver prescribes for the department no more."""

    dose: FirstDose | None
    order: VerbalOrder | None
    stands: str
    live: bool
    late: bool
    given: Decimal
    order_late: bool
    giver_left: bool


def treated_first(request: Request, at: datetime) -> TreatedFirst | None:
    """What was done on `request` before it was reviewed; None where nothing was."""
    dose = FirstDose.objects.filter(request=request).first()
    order = VerbalOrder.objects.filter(request=request).first()
    if dose is None and order is None:
        return None
    after, awaited = reviewed_after(request.status), order is not None and not order.answer
    given = infusions_of(request).aggregate(grams=Sum("grams"))["grams"] if dose else None
    return TreatedFirst(
        dose=dose, order=order, stands=REVIEWED_WORDS[after],
        live=dose is not None and at < dose.until and after in (ReviewedAfter.OPEN, ReviewedAfter.APPROVED),
        late=dose is not None and after == ReviewedAfter.OPEN and dose.review_by < at, given=given or Decimal(0),
        order_late=order is not None and awaited and order.confirm_by < at,
        giver_left=order is not None and awaited and request.status != Status.WITHDRAWN and access.giver_left(order),
    )  # fmt: skip


# --- What is not reconciled -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class UnreconciledRow:
    """One thing that awaits its review or its confirmation: what, by when, with whom, and what is next; `reviews` says
    that the reader is a reviewer of its site, else an auditor."""

    request: Request
    what: str
    dose: FirstDose | None
    by: datetime
    late: bool
    owner: str
    next_step: str
    reviews: bool


def unreconciled(actor: Any, *, order: str, at: datetime) -> list[UnreconciledRow]:
    """Everything that `actor` may read and that awaits its review or confirmation, by one of `ORDERS`; the first
    `MOST_ROWS`. The list names patients: each is a read."""
    doses, orders = _open(actor)
    reviews = {site.pk for needed in _REVIEWS for site in access.sites(actor, needed)}
    rows = [
        UnreconciledRow(row.request, "First dose", row, row.review_by, row.review_by < at, _owner(row.request),
                        NEXT_STEPS[Status(row.request.status)], row.request.site_id in reviews)
        for row in doses.order_by("review_by", "pk")[:MOST_ROWS]
    ]  # fmt: skip
    left = set(access.left_by_giver(orders).values_list("pk", flat=True))
    rows += [
        UnreconciledRow(row.request, "Verbal order", None, row.confirm_by, row.confirm_by < at,
                        *_who_answers(row, left=row.pk in left), row.request.site_id in reviews)
        for row in orders.order_by("confirm_by", "pk")[:MOST_ROWS]
    ]  # fmt: skip
    rows = sorted(rows, key=ORDERS.get(order, ORDERS["by"]))[:MOST_ROWS]
    access.note_listed(actor, {row.request.pk: row.request for row in rows}.values(), at=at)
    return rows


def _who_answers(order: VerbalOrder, *, left: bool) -> tuple[str, str]:
    """Who has `order`, and what is next."""
    if not left:
        return order.ordered_name, "The prescriber who gave it confirms or disowns it"
    department = f"Prescribers of {order.request.department.name}"
    if not access.stand_ins(order).exists():
        return department, f"{order.ordered_name} has left, and nobody of the department is free to answer for it"
    return department, f"{order.ordered_name} has left: another prescriber of the department confirms or disowns it"


def count_unreconciled(actor: Any) -> int:
    """How many there are."""
    return sum(rows.count() for rows in _open(actor))


def _open(actor: Any) -> tuple[QuerySet[FirstDose], QuerySet[VerbalOrder]]:
    seen = access.visible_requests(actor).order_by()
    awaits = [status.value for status in AWAITS_DECISION]
    related = ("request__patient", "request__site", "request__department", "request__author", "request__holder")
    doses = FirstDose.objects.filter(request__in=seen.filter(status__in=awaits))
    orders = VerbalOrder.objects.filter(answer="", request__in=seen.exclude(status=Status.WITHDRAWN))
    return doses.select_related(*related), orders.select_related(*related)


def _owner(request: Request) -> str:
    if request.holder is not None:
        return request.holder.signature_name
    role = _STAGES.get(Status(request.status))
    return ROLES[role].heading if role else request.author.signature_name


ORDERS: Mapping[str, Callable[[UnreconciledRow], Any]] = {
    "by": lambda row: (row.by, row.request.pk),
    "patient": lambda row: (row.request.patient.name.casefold(), row.by),
    "prescriber": lambda row: (row.request.author.full_name.casefold(), row.by),
    "department": lambda row: (row.request.department.name.casefold(), row.by),
    "what": lambda row: (row.what, row.by),
    "owner": lambda row: (row.owner.casefold(), row.by),
}
"""How the list is sorted, by code."""
