"""Asks for a check of the whole log, and keeps what it found for every auditor.

A check reads what is there and decides nothing, so that no event tells of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from utilization import access
from utilization.models import LogCheck, User
from utilization.models.log_check import DONE, FAILED, RUNNING, WAITING
from utilization.rules.roles import Permission
from utilization.workflow.errors import Refused

LOST_AFTER = timedelta(minutes=30)
"""A check that did not end in so long is taken for lost: it can be asked for anew."""
LOST = "lost"
MOST_SENTENCES = 200


@dataclass(frozen=True, slots=True)
class LogFindings:
    """What a check found over `size` entries; `sealed` as in event_log.Report."""

    size: int
    sealed: int | None
    problems: Sequence[str]
    remarks: Sequence[str]


@transaction.atomic
def ask_log_check(*, by: User, at: datetime) -> tuple[LogCheck, bool]:
    """The check that is under way, and whether it is a new one that has still to be put in the queue.

    Raises Refused to whoever audits no site.
    """
    if not (answer := access.can(by, Permission.AUDIT)):
        raise Refused(answer.why)
    under_way = LogCheck.objects.filter(status__in=(WAITING, RUNNING))
    under_way.filter(asked_at__lte=at - LOST_AFTER).update(status=FAILED, failure=LOST, ended_at=at)
    if running := under_way.first():
        return running, False
    # Two who ask at once find one row.
    return LogCheck.objects.get_or_create(status=WAITING, defaults={"asked_by": by, "asked_at": at})


def begin_log_check(pk: int) -> bool:
    """Say that the check runs from now on; False where it has ended. One that runs already was killed on the way, since
    it has one job: what is read twice is kept once.
    """
    return LogCheck.objects.filter(pk=pk, status__in=(WAITING, RUNNING)).update(status=RUNNING) == 1


def keep_log_findings(pk: int, findings: LogFindings, *, at: datetime) -> None:
    """End a running check with what it found."""
    LogCheck.objects.filter(pk=pk, status=RUNNING).update(status=DONE, ended_at=at, **_kept(findings))


def keep_log_check(findings: LogFindings, *, began: datetime, at: datetime) -> None:
    """Keep what a check found that a command made from `began` on, for the auditors' page and for `doctor`."""
    LogCheck.objects.create(asked_at=began, status=DONE, ended_at=at, **_kept(findings))


def _kept(findings: LogFindings) -> dict[str, Any]:
    return {
        "size": findings.size, "sealed": findings.sealed, "problem_count": len(findings.problems),
        "problems": list(findings.problems[:MOST_SENTENCES]), "remarks": list(findings.remarks[:MOST_SENTENCES]),
    }  # fmt: skip


def end_log_check(pk: int, failure: str, *, at: datetime) -> None:
    """End a running check that will not come to anything, with the class of the error."""
    LogCheck.objects.filter(pk=pk, status=RUNNING).update(status=FAILED, failure=failure[:100], ended_at=at)
