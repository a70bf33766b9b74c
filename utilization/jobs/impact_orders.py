"""What requests ask for in all, from the orders filed with them, and over which days the history of a site goes."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Min

from utilization.models import Request, Site, Submission
from utilization.workflow import asked_order, left_to_pharmacy

_AT_ONCE = 500


def asked_grams(uids: Sequence[str], beat: Callable[[], None]) -> dict[str, Decimal | None]:
    """The grams that each request asks for in all, by its uid, as it was filed last.

    That is the grams of a course times the courses asked for, as the pharmacy and the authorization count them; None
    where nothing is ordered yet or the order gives no grams. `beat` is called now and then, as a heartbeat.
    """
    found: dict[str, Decimal | None] = dict.fromkeys(uids)
    for some in batches(uids):
        beat()
        # Oldest first, so that the newest stands in the end.
        filed = Submission.objects.filter(request__uid__in=some).select_related("pack", "request").order_by("ordinal")
        for submission in filed.defer("pack__files", "pack__shelf"):
            found[str(submission.request.uid)] = _in_all(submission)
    return found


def _in_all(submission: Submission) -> Decimal | None:
    # A dose that pharmacy is to advise is planned by the target of the criteria, and nobody has ordered it yet.
    if left_to_pharmacy(submission):
        return None
    order = asked_order(submission)
    return None if order.dose_total_g is None else order.dose_total_g * order.courses


def history_span(site: Site, at: datetime) -> dict[str, Any] | None:
    """The first day on which a request was filed at `site`, the day of `at` there, and the days from one to the other,
    both counted: {"first", "last", "days"}. None where nothing was filed.
    """
    first = Request.objects.filter(site=site).aggregate(first=Min("submitted_at"))["first"]
    if first is None:
        return None
    begin, end = site.date_at(first), site.date_at(at)
    return {"first": begin.isoformat(), "last": end.isoformat(), "days": (end - begin).days + 1}


def batches(uids: Sequence[str]) -> Iterator[Sequence[str]]:
    """`uids` in the portions in which a query names them."""
    for start in range(0, len(uids), _AT_ONCE):
        yield uids[start : start + _AT_ONCE]
