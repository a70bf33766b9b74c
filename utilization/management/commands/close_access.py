"""`manage.py close_access`: has the log vouch for who read what since the last time."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from utilization import workflow
from utilization.management.database_state import require_tables


class Command(BaseCommand):
    """For a timer, each quarter of an hour, where `manage.py serve` does not run: that does the same."""

    help = "Closes a batch of the access log: one entry of the event log vouches for all reads since the last one."

    def handle(self, *args: Any, **options: Any) -> None:
        """Say how many reads were closed."""
        require_tables()
        batch = workflow.close_access(at=timezone.now())
        self.stdout.write(f"Reads closed: {batch.count}." if batch else "Nobody read anything since.")
