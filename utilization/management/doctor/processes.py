"""What runs beside the web server: the worker, the sealer of the log, the check of the log."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django_tasks_db.models import DBTaskResult

from utilization.jobs.waiting_tasks import waiting_tasks
from utilization.management.doctor.lines import FAIL, OK, WARN, DoctorLine
from utilization.models import LogCheck
from utilization.seal import continuity
from utilization.seal.state import seal_state

LATELY = timedelta(days=1)
CHECKED_WITHIN = timedelta(days=8)
_GUIDE = "see docs/auditors-guide.md"


def lines(at: datetime) -> Iterator[DoctorLine]:
    """Whether background work is done, and the log sealed and checked."""
    yield _worker(at)
    failed = DBTaskResult.objects.failed().filter(finished_at__gt=at - LATELY)
    for path in sorted(set(failed.values_list("task_path", flat=True))):
        yield DoctorLine(WARN, "background work", f"{path} failed within a day", "See the log of the worker for why")
    yield _seal(at)
    yield _check(at)


def _worker(at: datetime) -> DoctorLine:
    tasks = waiting_tasks(at)
    if tasks.too_long(at):
        says = f"{tasks.count} tasks wait, the first since {tasks.since:%Y-%m-%d %H:%M} UTC"
        return DoctorLine(FAIL, "worker", says, "Start manage.py db_worker (unit ivig-worker)")
    return DoctorLine(OK, "worker", f"{tasks.count} tasks wait, none for long")


def _seal(at: datetime) -> DoctorLine:
    state = seal_state(at)
    if refusal := continuity.fault(anew=True):
        says = f"{refusal} Nothing is filed or decided until that is corrected"
        return DoctorLine(FAIL, "seal", says, f"Put back what is missing: manage.py restore_log; {_GUIDE}")
    if state.unsealed_since:
        says = f"entries wait for their signature since {state.unsealed_since:%Y-%m-%d %H:%M} UTC"
        return DoctorLine(FAIL, "seal", says, f"Start manage.py seal (unit ivig-seal); {_GUIDE}")
    if state.checkpoint is None:
        return DoctorLine(WARN, "seal", "the log was never signed", f"Make a key and start manage.py seal; {_GUIDE}")
    return DoctorLine(OK, "seal", "the log is signed up to its end")


def _check(at: datetime) -> DoctorLine:
    last = LogCheck.objects.filter(ended_at__isnull=False).order_by("-ended_at").first()
    if last is None or last.ended_at is None or at - last.ended_at > CHECKED_WITHIN:
        when = f"{last.ended_at:%Y-%m-%d}" if last and last.ended_at else "never"
        return DoctorLine(WARN, "check of the log", f"last done {when}", "Run manage.py verify_log, each week")
    if last.failure or last.problem_count:
        says = last.failure or f"found {last.problem_count} faults"
        return DoctorLine(FAIL, "check of the log", says, f"Run manage.py verify_log; {_GUIDE}")
    return DoctorLine(OK, "check of the log", f"nothing wrong on {last.ended_at:%Y-%m-%d}")
