"""The patient's courses beside a case: given, scheduled by authorizations, and as this request asks for them."""

from datetime import datetime

from utilization import workflow
from utilization.authorization_terms import as_given, infusions_of
from utilization.reports.case import ReviewCase
from utilization.reports.patient_courses import AskedCourses, PatientCourses, patient_courses


def courses_of(seen: ReviewCase, at: datetime) -> PatientCourses:
    """What the patient of `seen` was given and what is scheduled, with what is asked for while nothing is decided."""
    held = [other.authorization for other in seen.earlier if other.authorization]
    held += [seen.authorization] if seen.authorization else []
    others = [other.request for other in seen.earlier]
    given = as_given(infusions_of(seen.request, *others))
    return patient_courses(seen.filed, others, held, given, seen.request.site.date_at(at), asked=_asked(seen))


def _asked(seen: ReviewCase) -> AskedCourses | None:
    order = workflow.asked_order(seen.filed)
    if order.dose_total_g is None or not (seen.in_review or seen.open_question):
        return None
    return AskedCourses(order.dose_total_g, order.courses, order.interval_weeks)
