"""What a report for circulation shows at a site: of how many patients at least, and of which years."""

from datetime import datetime, timedelta

from django.db import transaction

from utilization import access, event_log
from utilization.models import Event, RequestSummary, Site, User
from utilization.rules.roles import Permission
from utilization.rules.utilization_report.months import MONTHS_A_YEAR, report_years
from utilization.rules.utilization_report.report import LIMITS
from utilization.workflow.errors import Invalid, Refused

BETWEEN = timedelta(days=730)
"""How long a choice of the limit stands: reports by two limits would tell of few patients by their difference."""
CHANGED_LATELY = "This was chosen within the last two years. Reports by two choices would tell of few patients."
YEAR_STANDS = (
    "Reports by the present report year can be read already. Two that overlap would tell of a single month: the year"
    " stays as it is."
)


@transaction.atomic
def set_report_settings(site: Site, *, by: User, at: datetime, fewest_patients: int, year_starts: int) -> Site:
    """Let reports for circulation show groups of `fewest_patients` or more, by years that begin with the month
    `year_starts`; the site as it is now.

    Where it stands so already, nothing is changed and nothing logged. The month stands for good once a report year with
    a request in it is over, since every report by it can be read from then on. Raises Refused, Invalid.
    """
    if not access.can(by, Permission.MANAGE_PEOPLE, site=site):
        raise Refused(f"Your roles at {site.name} do not let you say what its reports show.")
    errors = {}
    if fewest_patients not in LIMITS:
        errors["fewest_patients"] = ["Choose 11, 8 or 5 patients."]
    if not 1 <= year_starts <= MONTHS_A_YEAR:
        errors["year_starts"] = ["Choose a month from the list."]
    if errors:
        raise Invalid(errors)
    held = Site.objects.select_for_update(no_key=True).get(pk=site.pk)
    now = {"fewest_patients": fewest_patients, "report_year_starts": year_starts}
    before = {name: getattr(held, name) for name in now}
    if before != now:
        if Event.objects.filter(site_id=site.pk, type="site.reports", at__gt=at - BETWEEN).exists():
            raise Invalid({"year_starts": [CHANGED_LATELY]})
        if before["report_year_starts"] != year_starts and reports_readable(held, at):
            raise Invalid({"year_starts": [YEAR_STANDS]})
        event_log.append(type="site.reports", at=at, actor=by, site=site, data={"before": before, "now": now})
        for name, value in now.items():
            setattr(held, name, value)
        held.save(update_fields=list(now))
    return held


def reports_readable(site: Site, at: datetime) -> bool:
    """Whether a request was filed at `site` by the end of its newest whole report year, so that reports tell of it."""
    [newest] = report_years(site.date_at(at), site.report_year_starts, 1)
    return RequestSummary.objects.filter(site=site, filed_on__lte=newest.last_day).exists()
