"""A prescriber's own approvals of a report year at a site, beside those of all: read for `rules` to place them."""

from typing import Any

from utilization.models import RequestSummary, Site, User
from utilization.models.decisions import APPROVE
from utilization.rules.utilization_report.months import ReportPeriod
from utilization.rules.utilization_report.own_place import Approval, own_place


def place_of(prescriber: User, site: Site, year: ReportPeriod) -> dict[str, Any]:
    """The place of `prescriber` among the approvals decided at `site` in `year`: see `rules`."""
    approved = RequestSummary.objects.filter(
        site=site, choice=APPROVE, decided_on__gte=year.first_day, decided_on__lte=year.last_day
    )
    rows = approved.order_by().values_list("prescriber_id", "patient_id", "off_criteria")
    approvals = (Approval(who, patient, bool(off)) for who, patient, off in rows)
    return own_place(approvals, prescriber.pk, site.fewest_patients)
