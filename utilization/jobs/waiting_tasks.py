"""Whether background work is done: by what waits for it, since a live worker takes what is ready within seconds."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Min
from django_tasks_db.models import DBTaskResult, get_date_max

PATIENCE = timedelta(minutes=5)
"""So long a task may wait behind others; after that no worker runs, or too few."""


@dataclass(frozen=True, slots=True)
class WaitingTasks:
    """How many tasks could be done at this moment, and since when the first of them waits; None where none does."""

    count: int
    since: datetime | None

    def too_long(self, at: datetime) -> bool:
        """Whether the first waits longer than it should."""
        return self.since is not None and at - self.since > PATIENCE


def waiting_tasks(at: datetime) -> WaitingTasks:
    """What is ready for a worker at the moment `at`."""
    ready = DBTaskResult.objects.ready()
    deferred = ready.filter(run_after__lte=at).aggregate(first=Min("run_after"))["first"]
    at_once = ready.filter(run_after=get_date_max()).aggregate(first=Min("enqueued_at"))["first"]
    since = min((moment for moment in (deferred, at_once) if moment is not None), default=None)
    return WaitingTasks(ready.count(), since)
