"""Figures for a monitoring system, read from the database when it asks: no counter of one process, no patient."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count
from django_tasks_db.models import DBTaskResult

from utilization.jobs.backup_record import BACKUP, DRILL, last
from utilization.jobs.disk_room import free_bytes
from utilization.jobs.waiting_tasks import waiting_tasks
from utilization.models import LogCheck, LogHead, Request, SignInEntry
from utilization.rules.lifecycle import OPEN
from utilization.seal import continuity
from utilization.seal.state import seal_state
from utilization.sign_in_log import SignInKind

LATELY = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure: its name, what it says, its value, and a label with its value where there are several of a name."""

    name: str
    says: str
    value: float
    label: tuple[str, str] | None = None


def figures(at: datetime) -> Iterator[Figure]:
    """Every figure at the moment `at`. What never happened has none."""
    counted = Request.objects.filter(status__in=[status.value for status in OPEN]).values_list("status")
    for status, many in counted.annotate(Count("pk")).order_by("status"):
        yield Figure("ivig_requests_open", "Requests that are filed and not decided", many, ("status", status))
    overdue = Request.objects.filter(due_at__lt=at, status__in=[status.value for status in OPEN])
    yield Figure("ivig_requests_overdue", "Open requests whose time has passed", overdue.count())
    tasks = waiting_tasks(at)
    yield Figure("ivig_tasks_waiting", "Tasks that a worker could do now", tasks.count)
    yield Figure("ivig_tasks_wait_seconds", "How long the first of them waits", _age(tasks.since, at) or 0)
    failed = DBTaskResult.objects.failed().filter(finished_at__gt=at - timedelta(days=1))
    yield Figure("ivig_tasks_failed", "Tasks that failed within a day", failed.count())
    yield Figure("ivig_log_entries", "Entries of the event log", LogHead.objects.get(pk=1).size)
    yield Figure("ivig_log_unsealed_seconds", "How long entries wait for the seal",
                 _age(seal_state(at).unsealed_since, at) or 0)  # fmt: skip
    yield Figure("ivig_log_refuses_moves", "1 where nothing is filed or decided: the database lacks what was signed",
                 int(bool(continuity.fault())))  # fmt: skip
    yield from _checked(at)
    failures = SignInEntry.objects.filter(kind=SignInKind.WRONG_PASSWORD.value, at__gt=at - LATELY)
    yield Figure("ivig_wrong_passwords", "Wrong passwords within an hour", failures.count())
    yield Figure("ivig_disk_free_bytes", "Bytes free on the disk of the server", free_bytes())
    for kind in (BACKUP, DRILL):
        if done := last(kind):
            yield Figure(f"ivig_{kind}_age_seconds", f"Age of the last {kind}", (at - done.at).total_seconds())
            yield Figure(f"ivig_{kind}_succeeded", f"1 where the last {kind} succeeded", int(done.succeeded))


def _checked(at: datetime) -> Iterator[Figure]:
    last_check = LogCheck.objects.filter(ended_at__isnull=False).order_by("-ended_at").first()
    if last_check and last_check.ended_at:
        age = (at - last_check.ended_at).total_seconds()
        yield Figure("ivig_log_check_age_seconds", "Age of the last check of the log", age)
        yield Figure("ivig_log_check_problems", "Faults that it found", last_check.problem_count)


def _age(since: datetime | None, at: datetime) -> float | None:
    return None if since is None else (at - since).total_seconds()


def exposition(told: Iterator[Figure]) -> str:
    """The figures in the text format of Prometheus, version 0.0.4."""
    lines, named = [], set()
    for figure in told:
        if figure.name not in named:
            named.add(figure.name)
            lines += [f"# HELP {figure.name} {figure.says}", f"# TYPE {figure.name} gauge"]
        label = f'{{{figure.label[0]}="{figure.label[1]}"}}' if figure.label else ""
        lines.append(f"{figure.name}{label} {figure.value:g}" if figure.value < 1e6 else
                     f"{figure.name}{label} {figure.value:.0f}")  # fmt: skip
    return "\n".join(lines) + "\n"
