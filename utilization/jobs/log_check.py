"""Checks the whole log in the background, so that no page waits for it."""

import structlog
from django.utils import timezone
from django_tasks import task

from utilization.reports.log_check import log_findings
from utilization.workflow import LogFindings, begin_log_check, end_log_check, keep_log_findings

log = structlog.stdlib.get_logger("utilization.log_check")


@task
def check_the_log(check_pk: int) -> None:
    """Carry out the check, if it waits for that. What goes wrong is kept with it as the error's class."""
    if not begin_log_check(check_pk):
        return
    try:
        found = log_findings()
    except Exception as error:
        # Whoever looks at the page must learn that nothing more will come. The text of an error may hold facts.
        log.error("check failed", failure=type(error).__name__, check=check_pk)
        end_log_check(check_pk, type(error).__name__, at=timezone.now())
        return
    if found.problems:
        log.error("the log does not hold together", problems=len(found.problems))
    keep_log_findings(check_pk, LogFindings(found.size, found.sealed, found.problems, found.remarks), at=timezone.now())
