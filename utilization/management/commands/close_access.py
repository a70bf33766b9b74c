"""`manage.py close_access`: has the log vouch for who read what, and who signed in, since the last time."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from utilization import workflow
from utilization.management.database_state import require_tables


class Command(BaseCommand):
    """For a timer, each quarter of an hour, where `manage.py serve` does not run: that does the same."""

    help = "Has the event log vouch for all reads of records, and all sign-ins, since the last time: one entry each."

    def handle(self, *args: Any, **options: Any) -> None:
        """Say how many were closed."""
        require_tables()
        reads, sign_ins = workflow.close_access(at=timezone.now()), workflow.close_sign_ins(at=timezone.now())
        self.stdout.write(f"Reads closed: {reads.count}." if reads else "Nobody read anything since.")
        self.stdout.write(f"Sign-ins closed: {sign_ins.count}." if sign_ins else "Nobody signed in or failed to since.")
