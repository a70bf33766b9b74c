"""The terms of an authorization as they hold, and what was given by it, as values for the rules."""

from collections.abc import Iterable
from datetime import date

from django.db.models import QuerySet

from utilization.models import Authorization, Infusion, Milestone, Request
from utilization.rules.authorization.reminders import BRIDGED
from utilization.rules.authorization.use import GivenGrams, Terms
from utilization.rules.lifecycle import OPEN, Status


def terms_of(held: Authorization) -> Terms:
    """What `held` allows now."""
    ended = held.site.date_at(held.voided_at) if held.voided_at is not None else None
    return Terms(
        first=held.valid_from,
        last=held.valid_to,
        grams_per_course=held.grams_per_course,
        courses=held.courses,
        interval_weeks=held.interval_weeks,
        product=held.product,
        ended_on=ended,
        bridge_until=_bridge_until(held),
    )


def _bridge_until(held: Authorization) -> date | None:
    """The last day of the bridging dose, while the renewal that it waits for is not denied or withdrawn."""
    told = Milestone.objects.filter(request=held.request_id, kind=BRIDGED).first()
    if told is None:
        return None
    goes_on = Request.objects.filter(number=told.renewal, status__in=(*OPEN, Status.APPROVED)).exists()
    return told.until if goes_on else None


def infusions_of(request: Request) -> QuerySet[Infusion]:
    """The infusions of `request` that count: neither corrected nor entered in error."""
    return Infusion.objects.filter(request=request, in_error=False, corrected_by=None)


def as_given(infusions: Iterable[Infusion]) -> list[GivenGrams]:
    """`infusions` as the rules take them."""
    return [GivenGrams(infusion.given_on, infusion.grams, infusion.product) for infusion in infusions]
