"""Verbal orders: entered by whoever took one, naming the prescriber who gave it, who confirms or disowns it; once they
prescribe for the department no more, another prescriber of it does so in their place."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import QuerySet

from utilization.digests import VERBAL_ORDER, as_kept, salted
from utilization.models import Authorization, Membership, Request, User, VerbalOrder
from utilization.models.decisions import WITHDRAWN
from utilization.models.first_doses import CONFIRMED, DISOWNED
from utilization.rules.lifecycle import Move, Verb
from utilization.rules.roles import Role
from utilization.workflow.authorship import note_authors
from utilization.workflow.errors import Invalid, Refused
from utilization.workflow.text_input import clean_text
from utilization.workflow.transition import carry, overtaken, record, take

MOST_DAYS_AGO = 3
MOST_TYPED = 19


@dataclass(frozen=True, slots=True)
class TypedOrder:
    """A verbal order as typed: the key of the prescriber who gave it, when (local time at the site, as
    2026-03-02T21:40), and whether it was read back to them."""

    ordered_by: str
    taken_at: str
    read_back: bool


def order_givers(request: Request, taker: User) -> QuerySet[User]:
    """Those whose verbal order `taker` may enter: prescribers of the request's department, nobody who signed or gave an
    opinion on it."""
    here = Membership.objects.filter(
        site=request.site_id, department=request.department_id, role=Role.PRESCRIBER, ended_at=None,
        user__is_active=True,
    )  # fmt: skip
    people = User.objects.filter(pk__in=here.values("user")).exclude(pk=taker.pk)
    reviewed = request.decisions.values("signed_by"), request.opinions.values("by")
    return people.exclude(pk__in=reviewed[0]).exclude(pk__in=reviewed[1]).order_by("full_name", "pk")


@transaction.atomic
def take_order(uid: UUID | str, *, by: User, at: datetime, version: int, typed: TypedOrder) -> Request:
    """Say that a filed request was written on a verbal order that `by` took; the prescriber who gave it is told.

    Both count as its authors, so neither judges it. Raises NotFound, Refused, Conflict, Invalid by field.
    """
    request, move = take(uid, Verb.TAKE_ORDER, by=by, at=at, version=version)
    if VerbalOrder.objects.filter(request=request).exists():
        raise Refused("A verbal order is entered for this request already: its page says whose.")
    giver, taken_at = _read(typed, request, by, at)
    moved = carry(request, move, at=at)
    note_authors(moved, {by.pk, giver.pk}, at)
    row = VerbalOrder.objects.create(
        request=moved, ordered_by=giver, ordered_name=giver.signature_name, taken_by=by, taken_name=by.signature_name,
        taken_at=taken_at, entered_at=at, confirm_by=at + timedelta(hours=moved.site.confirm_order_hours),
    )  # fmt: skip
    said = {
        "order": row.pk, "ordered_by": giver.pk, "confirm_by": row.confirm_by,
        "sha256": salted(as_kept(row, VERBAL_ORDER)),
    }  # fmt: skip
    record(moved, move, by=by, at=at, data=said)
    return moved


def _read(typed: TypedOrder, request: Request, by: User, at: datetime) -> tuple[User, datetime]:
    errors: dict[str, list[str]] = {}
    chosen = typed.ordered_by if isinstance(typed.ordered_by, str) else ""
    key = chosen if chosen.isascii() and chosen.isdigit() and len(chosen) < 10 else "0"
    giver = order_givers(request, by).filter(pk=int(key)).first()
    if giver is None:
        errors["ordered_by"] = ["Choose the prescriber who gave the order, from the list."]
    taken_at = _moment(typed.taken_at, request)
    if taken_at is None:
        errors["taken_at"] = ["Write when the order was given: day and time, as 2026-03-02 21:40."]
    elif not at - timedelta(days=MOST_DAYS_AGO) <= taken_at <= at:
        errors["taken_at"] = [f"The order was given in the last {MOST_DAYS_AGO} days, and not after now: check it."]
    if typed.read_back is not True:
        errors["read_back"] = ["Read the order back to the prescriber, then say that you did."]
    if errors or giver is None or taken_at is None:
        raise Invalid(errors)
    return giver, taken_at


def _moment(text: Any, request: Request) -> datetime | None:
    if not isinstance(text, str):
        return None
    try:
        local = datetime.fromisoformat(text.strip()[:MOST_TYPED])
        return local.replace(tzinfo=ZoneInfo(request.site.time_zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


@transaction.atomic
def confirm_order(uid: UUID | str, *, by: User, at: datetime, version: int) -> Request:
    """Say that the verbal order of a request is one's own as it stands there; of one whose giver left, that it stands.

    Raises NotFound, Refused, Conflict.
    """
    request, move, order = _open_order(uid, Verb.CONFIRM_ORDER, by, at, version)
    moved = carry(request, move, at=at)
    said = _answer(order, CONFIRMED, "", by, at)
    record(moved, move, by=by, at=at, data=said)
    return moved


@transaction.atomic
def disown_order(uid: UUID | str, *, by: User, at: datetime, version: int, reason: str) -> Request:
    """Say that no such verbal order was given, by oneself or by the giver who left: the request is withdrawn, and what
    was not given by it ends.

    A denied request stays as it is. Raises NotFound, Refused, Conflict, Invalid on reason.
    """
    why = clean_text("reason", reason, required="Write what is wrong with this order.")
    request, move, order = _open_order(uid, Verb.DISOWN_ORDER, by, at, version)
    ended = {} if move.target is None else {"ended_at": at, "ended_by": by, "withdrawal_reason": why}
    moved = carry(request, move, at=at, **ended)
    voided = 0
    if ended:
        held = Authorization.objects.filter(request=moved, voided_at=None)
        voided = held.update(voided_at=at, voided_because=WITHDRAWN)
    said = _answer(order, DISOWNED, why, by, at)
    said |= {"reason": salted({"text": why}), "authorization_voided": voided == 1}
    record(moved, move, by=by, at=at, data=said)
    return moved


def _open_order(uid: UUID | str, verb: Verb, by: User, at: datetime, version: int) -> tuple[Request, Move, VerbalOrder]:
    request, move = take(uid, verb, by=by, at=at, version=version)
    return request, move, VerbalOrder.objects.get(request=request)


def _answer(order: VerbalOrder, word: str, reason: str, by: User, at: datetime) -> dict[str, Any]:
    """Keep the one answer to `order`; what the entry says of it. Who answers in place of who gave it is an author from
    now on. Raises Conflict where somebody else's was first, Refused where `by` judged the request."""
    answer: dict[str, Any] = {"answer": word, "answered_at": at, "reason": reason}
    said: dict[str, Any] = {"order": order.pk}
    if by.pk != order.ordered_by_id:
        note_authors(order.request, {by.pk}, at)
        answer |= {"stand_in": by, "stand_in_name": by.signature_name}
        said |= {"in_place_of": order.ordered_by_id, "name": salted({"text": by.signature_name})}
    if VerbalOrder.objects.filter(pk=order.pk, answer="").update(**answer) != 1:
        raise overtaken(order.request)
    return said
