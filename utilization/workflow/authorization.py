"""What an approval allows: grams and courses within dates."""

from datetime import date, datetime, timedelta

from utilization import criteria
from utilization.models import Authorization, Decision
from utilization.order_terms import Order
from utilization.rules.facts.units import last_day_of
from utilization.workflow.patient_identity import refuse_dead
from utilization.workflow.request_number import AUTHORIZATION, next_number


def authorize(decision: Decision, order: Order, *, at: datetime) -> Authorization:
    """Write the authorization that `decision` gives: `order`, from today at the site for its months or weeks.

    Raises Refused where the patient's death is recorded.
    """
    request = decision.request
    refuse_dead(request.patient)
    start = request.site.date_at(at)
    end = last_day(start, order)
    # A single course is reviewed when it is over; there is no renewal to prepare before.
    review = end - timedelta(
        days=0 if order.weeks is not None else criteria.reference_tables().routing.review_before_days
    )
    return Authorization.objects.create(
        number=next_number(AUTHORIZATION, request.site, at),
        request=request,
        decision=decision,
        site=request.site,
        patient=request.patient,
        indication=request.indication,
        product=decision.submission.facts.get("product", "")[:60],
        grams_per_course=order.dose_total_g,
        courses=order.courses,
        interval_weeks=order.interval_weeks,
        valid_from=start,
        valid_to=end,
        review_by=max(review, start),
    )


def last_day(start: date, order: Order) -> date:
    """The last day of what is authorized from `start`: the weeks of a single course, or calendar months."""
    if order.weeks is not None:
        return start + timedelta(weeks=order.weeks, days=-1)
    return last_day_of(start, order.months)
