"""`manage.py remind`: tells of authorizations that end soon, have lapsed, or may be bridged."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from utilization import workflow
from utilization.management.database_state import require_tables


class Command(BaseCommand):
    """For a timer, once an hour, where `manage.py serve` does not run: that does the same."""

    help = "Writes reminders before the end of authorizations, lapses and bridging doses to the log: each once."

    def handle(self, *args: Any, **options: Any) -> None:
        """Say how many were told."""
        require_tables()
        self.stdout.write(f"Told of authorizations: {workflow.tell_milestones(at=timezone.now())}.")
