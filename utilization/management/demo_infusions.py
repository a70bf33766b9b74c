"""What the demo's pharmacists record as given: whole courses, by days and grams that fit their authorization."""

import csv
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from io import StringIO
from random import Random
from typing import Any

from utilization import criteria, workflow
from utilization.authorization_terms import terms_of
from utilization.models import Authorization, User
from utilization.rules.dosing.products import find_product
from utilization.rules.dosing.vials import share_out

Row = Mapping[str, Any]
_HEAD = ("authorization", "mrn", "date", "product", "grams", "reaction", "seriousness", "words")
_ROOM = 30
"""Days before the end of the months asked for, kept free of courses: the renewal may begin by then."""
_MONTH = 30.4


def drawn_courses(rng: Random, told: Row, answers: Row, pharmacists: list[str]) -> Iterator[Row]:
    """The courses recorded of one authorization of the history: none of most, of the others each until a renewal."""
    if rng.random() >= told["share"]:
        return
    by, days = rng.choice(pharmacists), answers["course_days"]
    hours = rng.randrange(*told["first_hours"]) + 24 * (days - 1)
    interval = 24 * 7 * answers.get("interval_weeks", 0)
    last = 24 * (_MONTH * answers.get("requested_authorization_months", 0) - _ROOM)
    while True:
        reaction = {}
        if rng.random() < told["reactions"]["share"]:
            reaction = {"reaction": rng.choice(told["reactions"]["kinds"]), "seriousness": "not_serious"}
        yield {"after": f"{hours}h", "by": by, "days": days, **reaction}
        hours += interval
        if not interval or hours + interval > last:
            return


def record_course(request_uid: Any, course: Row, *, by: User, at: datetime) -> None:
    """Record a course of which the last day is `at`, by the file that a pharmacy sends.

    Its reaction is one of the last day. Raises ValueError where the door finds a fault in the file.
    """
    held = Authorization.objects.select_related("site", "patient").get(request__uid=request_uid)
    # Where a renewal has another interval, its first course may come early: who records it confirms that it did.
    report = workflow.import_infusions(_file(held, course, at), site=held.site, by=by, at=at, confirmed=True)
    if not report.recorded:
        raise ValueError(f"{held.number}: {report}")


def _file(held: Authorization, course: Row, at: datetime) -> bytes:
    product = find_product(criteria.reference_tables().products, terms_of(held).product)
    if product is None or held.grams_per_course is None:
        raise ValueError(f"{held.number} has no product or no grams that could have been given")
    days, last = course["days"], held.site.date_at(at)
    text = StringIO()
    sheet = csv.writer(text)
    sheet.writerow(_HEAD)
    for place, share in enumerate(share_out(held.grams_per_course, days, product.vials_g), start=1):
        day = last - timedelta(days=days - place)
        told = [course.get(name, "") if place == days else "" for name in ("reaction", "seriousness", "words")]
        sheet.writerow((held.number, held.patient.mrn, day.isoformat(), product.brand, share.grams, *told))
    return text.getvalue().encode()
