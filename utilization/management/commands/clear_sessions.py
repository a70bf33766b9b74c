"""`manage.py clear_sessions`: deletes sessions that are over, counters that have served and exports past their days."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from utilization import workflow
from utilization.jobs.export_files import remove_outdated
from utilization.management.database_state import require_tables


class Command(BaseCommand):
    """For a timer, each hour, where `manage.py serve` does not run: that does the same."""

    help = "Deletes sessions that are over, old tries at sign-in, other counters and files of exports past their days."

    def handle(self, *args: Any, **options: Any) -> None:
        """Say how many rows were deleted."""
        require_tables()
        gone = workflow.clear_away(at=timezone.now())
        remove_outdated()
        self.stdout.write("Deleted: " + ", ".join(f"{number} {name}" for name, number in gone.items()) + ".")
