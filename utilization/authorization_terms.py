"""The terms of an authorization as they hold, and what was given by it, as values for the rules."""

from collections.abc import Iterable
from datetime import date, timedelta

from django.db.models import QuerySet

from utilization import criteria
from utilization.models import Authorization, Infusion, Milestone, Request
from utilization.rules.authorization.reminders import BRIDGED
from utilization.rules.authorization.use import GivenGrams, Terms
from utilization.rules.dosing.products import find_product
from utilization.rules.lifecycle import AWAITS_DECISION, Status


def terms_of(held: Authorization) -> Terms:
    """What `held` allows now."""
    ended = held.site.date_at(held.voided_at) if held.voided_at is not None else None
    return Terms(
        first=held.valid_from,
        last=held.valid_to,
        grams_per_course=held.grams_per_course,
        courses=held.courses,
        interval_weeks=held.interval_weeks,
        product=_brand(held.product),
        ended_on=ended,
        bridge_until=_bridge_until(held),
    )


def _brand(typed: str) -> str:
    """The brand of the product that the request names, by whichever of its names; as it was typed where none fits."""
    product = find_product(criteria.reference_tables().products, typed) if typed else None
    return product.brand if product else typed


def _bridge_until(held: Authorization) -> date | None:
    """The last day of the bridging dose: until the renewal that it waits for is decided, and by then at the latest.

    Denied or withdrawn it allows none, also while it is appealed; approved it has terms of its own from its first day.
    """
    told = Milestone.objects.filter(request=held.request_id, kind=BRIDGED).first()
    if told is None or told.until is None:
        return None
    renewal = Request.objects.select_related("authorization").filter(number=told.renewal).first()
    if renewal is None:
        return None
    if renewal.status == Status.APPROVED:
        return min(told.until, renewal.authorization.valid_from - timedelta(days=1))
    return told.until if renewal.status in AWAITS_DECISION else None


def infusions_of(request: Request) -> QuerySet[Infusion]:
    """The infusions of `request` that count: neither corrected nor entered in error."""
    return Infusion.objects.filter(request=request, in_error=False, corrected_by=None)


def as_given(infusions: Iterable[Infusion]) -> list[GivenGrams]:
    """`infusions` as the rules take them."""
    return [GivenGrams(infusion.given_on, infusion.grams, infusion.product) for infusion in infusions]
