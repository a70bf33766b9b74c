"""Asks for an export or an evidence bundle, keeps how far its job is and what it came to.

A file that names no patient is a copy of what the pages show, and no event tells of it. One that names patients takes a
reason, and the log tells who asked for it, the reason and the filters by digest, since both may name somebody; and it
tells each time that the file is handed out.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, QuerySet

from utilization import access, digests, event_log
from utilization.models import Export, Site, User
from utilization.models.exports import DONE, FAILED, RUNNING, WAITING
from utilization.rules.export_selection import kept_filters
from utilization.rules.roles import Permission
from utilization.workflow.errors import Invalid, Refused
from utilization.workflow.text_input import clean_text

EVIDENCE = "evidence"
FORMS: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(
        ("requests", "criteria", "decisions", "doses", "infusions", "events"), ("csv", "xlsx", "parquet", "jsonl")
    ),
    EVIDENCE: ("zip",),
}
"""What can be asked for, and as what kind of file."""
IDENTIFIED = "export.identified"
FETCHED = "export.fetched"
MOST_REASON = 500
MOST_UNDER_WAY = 3
LOST_AFTER = timedelta(minutes=3)
"""Without a heartbeat for so long, a job is taken for lost, and begun again."""
MOST_ATTEMPTS = 3
KEPT_FOR = timedelta(days=7)
LOST = "lost"


@dataclass(frozen=True, slots=True)
class ExportOrder:
    """What is asked for: of `site`, which table as which kind of file, by which filters, and with what reason."""

    site: Site
    what: str
    form: str
    identified: bool = False
    reason: str = ""
    wanted: Mapping[str, Any] = field(default_factory=dict)
    query: str = ""


@transaction.atomic
def ask_export(order: ExportOrder, *, by: User, at: datetime) -> Export:
    """A new export, to be put in the queue. Raises Refused, Invalid on what, form, reason."""
    if not (answer := access.can(by, Permission.AUDIT, site=order.site)):
        raise Refused(answer.why)
    # Two asked for at once are counted one after the other.
    User.objects.select_for_update(no_key=True).get(pk=by.pk)
    reason, identified = _checked(order, by, at)
    export = Export.objects.create(
        site=order.site, what=order.what, form=order.form, identified=identified, reason=reason,
        wanted=kept_filters(order.wanted), query=order.query, asked_by=by, asked_at=at, beat_at=at,
    )  # fmt: skip
    if identified:
        said = {"reason": reason, "filters": order.query}
        event_log.append(
            type=IDENTIFIED, at=at, actor=by, site=order.site,
            data={"export": export.uid, "what": export.what, "form": export.form, "sha256": digests.salted(said)},
        )  # fmt: skip
    return export


def _checked(order: ExportOrder, by: User, at: datetime) -> tuple[str, bool]:
    errors: dict[str, list[str]] = {}
    if order.what not in FORMS:
        errors["what"] = ["Choose what to export from the list."]
    elif order.form not in FORMS[order.what]:
        errors["form"] = ["Choose the kind of file from the list."]
    identified, reason = order.identified or order.what == EVIDENCE, ""
    try:
        needed = "Say what the patients’ numbers are needed for: it is kept with your name." if identified else ""
        reason = clean_text("reason", order.reason, required=needed, most=MOST_REASON)
    except Invalid as invalid:
        errors |= invalid.errors
    busy = Export.objects.filter(asked_by=by, status__in=(WAITING, RUNNING), beat_at__gt=at - LOST_AFTER)
    if busy.count() >= MOST_UNDER_WAY:
        errors.setdefault("what", []).append(f"{MOST_UNDER_WAY} of yours are being made. Wait until one is ready.")
    if errors:
        raise Invalid(errors)
    return reason, identified


def begin_export(pk: int, *, at: datetime) -> Export | None:
    """The export, being made from now on; None where it does not wait, so that no other job takes it too."""
    begun = {"status": RUNNING, "beat_at": at, "attempts": F("attempts") + 1, "done": 0, "total": 0}
    if not Export.objects.filter(pk=pk, status=WAITING).update(**begun):
        return None
    return Export.objects.select_related("site", "asked_by").get(pk=pk)


def note_export_progress(export: Export, done: int, total: int, *, at: datetime) -> bool:
    """Keep how far this attempt has come, as its heartbeat; False where the export is no longer its own."""
    return _own(export).update(done=done, total=total, beat_at=at) == 1


def keep_export(export: Export, *, rows: int, size: int, sha256: str, at: datetime) -> bool:
    """End this attempt with the file that it made; False where another one has taken the export over."""
    made = {"status": DONE, "rows": rows, "size": size, "sha256": sha256, "ended_at": at, "failure": ""}
    return _own(export).update(**made) == 1


def fail_export(export: Export, failure: str, *, at: datetime) -> None:
    """End this attempt without a file, with the reason: a word of ours or an error's class."""
    _own(export).update(status=FAILED, failure=failure[:100], ended_at=at)


def _own(export: Export) -> QuerySet[Export]:
    return Export.objects.filter(pk=export.pk, status=RUNNING, attempts=export.attempts)


def take_up_export(pk: int, *, at: datetime) -> bool | None:
    """Let a lost export wait for its job again: True. False where it is not lost; None once nothing more will come."""
    # One that still waits may have lost its job on the way to the queue; a second job finds nothing to do.
    lost = Export.objects.filter(pk=pk, status__in=(WAITING, RUNNING), beat_at__lte=at - LOST_AFTER)
    if lost.filter(attempts__lt=MOST_ATTEMPTS).update(status=WAITING, beat_at=at):
        return True
    if lost.filter(status=RUNNING).update(status=FAILED, failure=LOST, ended_at=at):
        return None
    return False if Export.objects.filter(pk=pk, status__in=(WAITING, RUNNING)).exists() else None


def outdated_exports(at: datetime) -> QuerySet[Export]:
    """The exports whose file has been kept for as long as files are."""
    return Export.objects.filter(status=DONE, removed_at=None, ended_at__lte=at - KEPT_FOR)


@transaction.atomic
def note_export_fetched(export: Export, *, by: User, at: datetime) -> None:
    """Write down that `by` is handed the file of an export, where it names patients."""
    if export.identified:
        data = {"export": export.uid, "sha256": export.sha256}
        event_log.append(type=FETCHED, at=at, actor=by, site=export.site, data=data)


def note_export_removed(export: Export, *, at: datetime) -> None:
    """Say that the file is no longer kept."""
    Export.objects.filter(pk=export.pk).update(removed_at=at)
