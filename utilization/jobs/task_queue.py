"""How a job comes into the queue, and back into it where the worker that had taken it was killed.

A job is put in the queue by the transaction that asks for it, so that no process can die between the two. A worker that
is killed leaves its task marked as running, and nothing of the queue's own looks at such a task again: `take_up_lost`
does. So every job may be begun twice, and sees for itself whether there is anything left to do.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import structlog
from django.db import transaction
from django_tasks import default_task_backend
from django_tasks_db.models import DBTaskResult

LOST_AFTER = timedelta(minutes=10)
"""So long a task may run before it is taken for lost. One that is not is only looked at twice."""
MOST_ATTEMPTS = 3
"""So often a task is begun: one that takes its worker along each time must not do so for ever."""
READY, RUNNING, FAILED = "READY", "RUNNING", "FAILED"
BEGUN_AGAIN_AFTER = timedelta(minutes=1)
"""So long a task rests that failed by no fault of its own."""
NOT_ITS_OWN = ("django.db.utils.OperationalError", "django.db.utils.InterfaceError", "builtins.SystemExit")
"""Failures that are no fault of the task, as the queue keeps their class: the database was away or busy, or the worker
was told twice to end, as by somebody who does not wait, and gave up what it was at."""
LOST = "utilization.jobs.task_queue.Lost"
"""What a task failed of that was begun as often as it may be, as the queue keeps the class of a failure."""

log = structlog.stdlib.get_logger("utilization.jobs")


def put(enqueue: Callable[..., Any], *args: Any, **named: Any) -> None:
    """Call `enqueue`, of a task or of one with a time, within the caller's transaction: the job is there if it is.

    A fault of the queue leaves the transaction as it was before, and is raised. Where there is no queue in the
    database, as in tests, the job is run once the transaction is committed.
    """
    if not default_task_backend.supports_defer:
        transaction.on_commit(partial(enqueue, *args, **named))
        return
    with transaction.atomic():
        enqueue(*args, **named)


def take_up_lost(*, at: datetime) -> int:
    """Put tasks back in the queue that were taken long ago and have not ended, or that failed by no fault of their
    own; how many. One that was begun `MOST_ATTEMPTS` times has failed, and is told as such by `manage.py doctor`.
    """
    lost = DBTaskResult.objects.filter(status=RUNNING, started_at__lte=at - LOST_AFTER)
    taken = 0
    for task in lost.only("id", "worker_ids", "started_at", "task_path"):
        # A worker that took it meanwhile, or ended it, has the say.
        same = DBTaskResult.objects.filter(pk=task.pk, status=RUNNING, started_at=task.started_at)
        if len(task.worker_ids) < MOST_ATTEMPTS:
            taken += same.update(status=READY)
        elif same.update(status=FAILED, finished_at=at, exception_class_path=LOST):
            log.error("job lost", task=task.task_path, attempts=len(task.worker_ids))
    return taken + _begin_again(at)


def _begin_again(at: datetime) -> int:
    failed = DBTaskResult.objects.filter(
        status=FAILED, exception_class_path__in=NOT_ITS_OWN, finished_at__lte=at - BEGUN_AGAIN_AFTER
    )
    # Of tasks of earlier days nobody waits for the outcome any more.
    recent = failed.filter(finished_at__gt=at - timedelta(days=1)).only("id", "worker_ids")
    again = [task.pk for task in recent if len(task.worker_ids) < MOST_ATTEMPTS]
    return DBTaskResult.objects.filter(pk__in=again, status=FAILED).update(status=READY, finished_at=None)
