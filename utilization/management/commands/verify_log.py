"""`manage.py verify_log`: read the whole event log and name what is wrong with it."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from utilization import event_log
from utilization.management.database_state import require_tables


class Command(BaseCommand):
    """Names each problem on standard error and fails when there is one."""

    help = "Reads the whole event log and names what is wrong with it: gaps, altered entries, a cut tail."

    def handle(self, *args: Any, **options: Any) -> None:
        """Raise CommandError when anything is wrong."""
        require_tables()
        report = event_log.verify()
        for problem in report.problems:
            self.stderr.write(problem)
        if report.problems:
            count = len(report.problems)
            raise CommandError(f"{count} problem{'s' if count > 1 else ''} in {report.size} entries.")
        self.stdout.write(f"{report.size} entries, nothing wrong.")
