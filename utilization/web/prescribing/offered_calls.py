"""The calls on a request as its department sees them, with the forms that a prescriber can use."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from utilization import access
from utilization.models import Request, User
from utilization.reports.peer_calls import ShownCall, shown_calls
from utilization.rules.facts.date_words import day_words, zone_words
from utilization.rules.roles import Permission
from utilization.web.opinions import AdviceForm, CallBookingForm, CallCancelForm, CallWordsForm


@dataclass(frozen=True, slots=True)
class OfferedCall:
    """A call as the department sees it, with the forms that this prescriber can use; `why_not` says why none."""

    shown: ShownCall
    book: AdviceForm | None
    decline: AdviceForm | None
    cancel: AdviceForm | None
    why_not: str = ""


def offered_calls(
    actor: User, the_request: Request, *, at: datetime, typed: AdviceForm | None = None
) -> tuple[OfferedCall, ...]:
    """The calls on `the_request`; `typed` is a form of the open one that could not be done."""
    speaks = access.can(actor, Permission.FILE, the_request) and access.free_to_answer(actor, the_request)
    return tuple(_offered(actor, shown, speaks, typed, at) for shown in shown_calls(the_request, at=at))


def _offered(
    actor: User, shown: ShownCall, speaks: access.Answer, typed: AdviceForm | None, at: datetime
) -> OfferedCall:
    if not shown.is_open or shown.begun:
        return OfferedCall(shown, None, None, None)
    own = shown.call.offered_by_id == actor.pk
    if not speaks or own:
        why = speaks.why or "You offered this call as a reviewer, so somebody else of the department must answer."
        return OfferedCall(shown, None, None, None, why)
    key = shown.call.pk
    forms: list[AdviceForm] = [booking_form(shown, at), CallWordsForm(about=key), CallCancelForm(about=key)]
    book, decline, cancel = (typed if typed and type(typed) is type(form) else form for form in forms)
    if shown.call.booked_for is None:
        return OfferedCall(shown, None if shown.over else book, decline, None)
    return OfferedCall(shown, None, None, cancel)


def booking_form(shown: ShownCall, at: datetime, data: Any = None) -> CallBookingForm:
    """The form that books one of the times of a call that are still to come."""
    zone = shown.call.request.site.time_zone
    to_come: Iterable[tuple[str, str]] = [
        (text, _in_words(time, zone)) for text, time in zip(shown.call.times, shown.times, strict=True) if time > at
    ]
    return CallBookingForm(data, about=shown.call.pk, times=to_come)


def _in_words(time: datetime, zone: str) -> str:
    local = time.astimezone(ZoneInfo(zone))
    return f"{day_words(local.date())}, {local:%H:%M} {zone_words(local)}"
