"""The utilization report of a site with 10,000 and with 100,000 requests: how long it takes, and how that grows.

    python -m bench.report                                             on SQLite, in files of its own
    python -m bench.report 1000 20000                                  at other sizes
    DATABASE_URL=postgres://user@host/name python -m bench.report      on PostgreSQL, in databases name_report_…

All requests lie in the 13 months that end today, of which twelve are reported, so that nearly each is read. They are
those of the small demo, copied, with an infusion recorded for each course that was due. Each size has a database and a
process of its own, asked in turn. Prints the median milliseconds warm and their ratio: of processor time on SQLite,
where all is done in that process, so that a busy machine tells the same; by the clock on PostgreSQL. Ends with 1 where
ten times the requests take more than 11.5 times as long, or where the value of the report takes more than 2 s at the
larger size (the page lays it out too).
"""

import sys
import time
from collections.abc import Callable
from functools import partial

from bench import two_sizes, usage
from bench.copied_rows import copy_requests

SIZES = (10_000, 100_000)
ROUNDS, PAGES = 5, 1
SLACK = 1.15
MOST_MS = 2_000
SITE = "alder"
PAGE = "page"


def lay_rows(count: int) -> None:
    """The demo of one year, copied until the site has `count` filed requests."""
    from django.core.management import call_command
    from django.test import override_settings

    from utilization.models import RequestSummary

    with override_settings(DEMO_DATA=True):
        call_command("load_demo", years=1, verbosity=0)
    record_courses()
    there = RequestSummary.objects.filter(site__code=SITE).count()
    copy_requests(round(count / there) - 1)


def record_courses() -> None:
    """An infusion for each course of an authorization that was due by today."""
    from django.utils import timezone

    from utilization.models import Authorization, Infusion, User
    from utilization.rules.dosing.courses import day_of_course

    by, now = User.objects.get(username="castellano"), timezone.now()
    for held in Authorization.objects.filter(grams_per_course__isnull=False):
        days = {day_of_course(held.valid_from, held.interval_weeks, course) for course in range(held.courses)}
        Infusion.objects.bulk_create(
            Infusion(
                request_id=held.request_id, given_on=day, product="Privigen", grams=held.grams_per_course,
                recorded_at=now, recorded_by=by,
            )
            for day in sorted(days) if day <= min(held.valid_to, now.date())
        )  # fmt: skip


def kinds() -> dict[str, Callable[[], object]]:
    """The value of a report in both editions, and its page."""
    from django.test import Client
    from django.urls import reverse
    from django.utils import timezone

    from utilization.models import Site, User
    from utilization.reports.utilization_report import utilization_report
    from utilization.rules.utilization_report.months import Month, ReportPeriod
    from utilization.rules.utilization_report.report import Asked

    site, today = Site.objects.get(code=SITE), timezone.now().date()
    last = Month(today.year, today.month).after(-1)
    period = ReportPeriod(last.after(-11), last)
    client = Client(SERVER_NAME="localhost")
    client.force_login(User.objects.get(username="castellano"))

    def page() -> None:
        response = client.get(reverse("report"), {"site": SITE})
        assert response.status_code == 200, response.status_code

    return {
        "every case": partial(utilization_report, site, Asked(period, {}, None)),
        "for circulation": partial(utilization_report, site, Asked(period, {}, 11)),
        PAGE: page,
    }


def serve(count: int) -> None:
    """Lay `count` requests, then time reports of the kind that each line of the input names."""
    two_sizes.set_up()
    lay_rows(count)
    two_sizes.analyze()
    from django.db import connection

    clock = time.process_time if connection.vendor == "sqlite" else time.perf_counter
    two_sizes.serve(kinds(), {}, PAGES, clock)


if __name__ == "__main__":
    usage(__doc__)
    if sys.argv[1:2] == ["--serve"]:
        serve(int(sys.argv[2]))
    else:
        small, large = (int(text) for text in sys.argv[1:3]) if len(sys.argv) > 2 else SIZES
        most = SLACK * large / small
        bound = {"every case": MOST_MS, "for circulation": MOST_MS} if large <= SIZES[1] else {}
        sys.exit(two_sizes.measure("bench.report", "report", (small, large), ROUNDS, most, lambda kind: True, bound))
