"""Makes the file of an export in the background: beside its place first, in its place once it is whole.

A job that was killed leaves a part that nobody is handed; `look_after` sees that its signs of life stopped, and has the
file made again. What goes wrong is kept with the export: a disk that is full is told apart from anything else.
"""

import errno
import hashlib
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import structlog
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils import timezone
from django_tasks import default_task_backend, task

from utilization import access
from utilization.documents.exports import csv_pieces
from utilization.documents.json_lines import json_pieces
from utilization.jobs.export_places import export_path, work_folder
from utilization.jobs.heartbeat import Heartbeat, TakenOver
from utilization.jobs.left_parts import clear_left
from utilization.jobs.table_csv import table_csv
from utilization.models import Export, Request
from utilization.models.exports import DONE, FAILED, RUNNING, WAITING
from utilization.reports.audit_list import fitting
from utilization.reports.exports import TABLES, ExportTable
from utilization.reports.exports.dictionary import dictionary_rows
from utilization.rules.cell_kinds import ExportColumn
from utilization.rules.export_selection import read_filters
from utilization.rules.roles import Permission
from utilization.workflow import (
    EVIDENCE,
    LOST_AFTER,
    begin_export,
    fail_export,
    keep_export,
    note_export_removed,
    outdated_exports,
    take_up_export,
)

DISK_FULL = "disk full"
"""Why an export fails for which there is no room."""
NO_AUDITOR = "no longer an auditor of the site"
"""Why an export fails whose asker lost the role while it waited."""
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_READS_AT_ONCE = 2000

log = structlog.stdlib.get_logger("utilization.exports")


@task
def make_export(export_pk: int) -> None:
    """Make the file, if the export waits for that, and remove files that have been kept long enough."""
    remove_outdated()
    export = begin_export(export_pk, at=timezone.now())
    if export is None:
        return
    if not access.can(export.asked_by, Permission.AUDIT, site=export.site):
        fail_export(export, NO_AUDITOR, at=timezone.now())
        return
    try:
        _make(export)
    except TakenOver:
        log.warning("export taken over", export=export_pk, attempt=export.attempts)
    except Exception as error:
        # Whoever looks at the page must learn that nothing more will come. The text of an error may hold facts.
        failure = DISK_FULL if _is_disk_full(error) else type(error).__name__
        log.error("export failed", failure=failure, export=export_pk)
        fail_export(export, failure, at=timezone.now())
        _sweep(export)


@task
def look_after(export_pk: int) -> None:
    """Have an export made again whose job is not heard of any more; look again later while it is under way."""
    taken = take_up_export(export_pk, at=timezone.now())
    if taken:
        make_export.enqueue(export_pk)
    if taken is not None:
        look_later(export_pk)
    elif given_up := Export.objects.filter(pk=export_pk, status=FAILED).first():
        _sweep(given_up)


def look_later(export_pk: int) -> None:
    """Put the look at an export in the queue, for when a job would count as lost."""
    if default_task_backend.supports_defer:
        look_after.using(run_after=timezone.now() + LOST_AFTER + timedelta(seconds=10)).enqueue(export_pk)


def remove_outdated() -> None:
    """Remove the files that have been kept for as long as files are, and what jobs that were killed left."""
    at = timezone.now()
    for export in outdated_exports(at):
        export_path(export).unlink(missing_ok=True)
        note_export_removed(export, at=at)
    clear_left(settings.EXPORTS_DIR, "*", at=at, kept=_is_kept)
    # Copies of the database, of a restore or a drill that was killed.
    clear_left(settings.VAR_DIR, ".ivig-restore-*", ".ivig-drill-*", at=at)


def _is_kept(path: Path) -> bool:
    """Whether something in the folder of exports is a file that is handed out, or belongs to one that is being made."""
    uid, _, rest = path.name.partition(".")
    try:
        export = Export.objects.filter(uid=uid).first()
    except ValidationError:  # not a name of ours: what an engine puts there while it works
        return False
    if export is None or export.removed_at is not None:
        return False
    return export.status in (WAITING, RUNNING) or (export.status == DONE and rest == export.form)


def _is_disk_full(error: BaseException) -> bool:
    chain = [error, error.__cause__, error.__context__]
    return any(isinstance(part, OSError) and (part.errno in _NO_ROOM or "space" in str(part)) for part in chain)


def _make(export: Export) -> None:
    # Each attempt has a part of its own, so that one that was taken for lost and is not writes into nobody else's.
    path = export_path(export)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.{export.attempts}.part")
    _sweep_parts(path)
    life = Heartbeat(export)
    try:
        rows = _bundle(export, part, life) if export.what == EVIDENCE else _table(export, part, life)
        part.chmod(0o600)
        size, sha256 = _sealed(part)
        life.tell(now=True)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    if not keep_export(export, rows=rows, size=size, sha256=sha256, at=timezone.now()):
        raise TakenOver


def _sweep(export: Export) -> None:
    """Remove what attempts left of a file, and what a bundle was being put together from."""
    _sweep_parts(export_path(export))
    shutil.rmtree(work_folder(export), ignore_errors=True)


def _sweep_parts(path: Path) -> None:
    for left in path.parent.glob(f"{path.name}.*"):
        if left.is_dir():
            shutil.rmtree(left, ignore_errors=True)
        else:
            left.unlink(missing_ok=True)


def _sealed(part: Path) -> tuple[int, str]:
    """Size and hash of a part that is on the disk for good."""
    with part.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        return file.tell(), sha256


def _bundle(export: Export, part: Path, life: Heartbeat) -> int:
    # What it needs to lay documents out is large: no export of a table should carry it.
    from utilization.jobs.evidence_bundle import write_bundle

    return write_bundle(export, part, life)


def _table(export: Export, part: Path, life: Heartbeat) -> int:
    table = TABLES[export.what]
    requests = fitting(export.site, read_filters(export.wanted))
    life.total = table.count(requests)
    if export.identified:
        requests = _noted(export, requests, life)
    if export.form == "csv":
        with part.open("wb") as file:
            file.writelines(_csv(export, table, requests, life))
    else:
        rows = life.counted(table.file_rows(requests, export.site, identified=export.identified))
        columns = table.columns_for(identified=export.identified)
        _WRITERS[export.form](part, columns, rows, dictionary_rows([table], export.identified))
    return life.rows


def _noted(export: Export, requests: QuerySet[Request], life: Heartbeat) -> QuerySet[Request]:
    """Those of `requests` that are now written down as read by who asked: what comes to fit later is in no file."""
    at, keys, after = timezone.now(), requests.order_by("pk"), 0
    while some := list(keys.filter(pk__gt=after).select_related("patient")[:_READS_AT_ONCE]):
        access.note_handed_out(export.asked_by, some, what="export", at=at)
        after = some[-1].pk
        life.tell()
    return access.handed_out(export.asked_by, requests, export.site, what="export", at=at)


def _csv(export: Export, table: ExportTable, requests: QuerySet[Request], life: Heartbeat) -> Iterator[bytes]:
    if not table.fields:
        names = [column.name for column in table.columns_for(identified=export.identified)]
        yield from csv_pieces(names, life.counted(table.file_rows(requests, export.site, identified=export.identified)))
        return
    for count, lines in table_csv(table, requests, export.site, identified=export.identified):
        yield lines
        life.count(count)


def _xlsx(part: Path, columns: Any, rows: Any, about: Any) -> None:
    from utilization.documents.xlsx_file import write_xlsx

    write_xlsx(part, columns, rows, about)


def _parquet(part: Path, columns: Any, rows: Any, about: Any) -> None:
    from utilization.documents.parquet_file import write_parquet

    write_parquet(part, columns, rows, about)


def _json_lines(part: Path, columns: Any, rows: Any, about: Any) -> None:
    with part.open("wb") as file:
        file.writelines(json_pieces(columns, rows))


_WRITERS: dict[str, Callable[[Path, Sequence[ExportColumn], Iterable[Any], Any], None]] = {
    "xlsx": _xlsx,
    "parquet": _parquet,
    "jsonl": _json_lines,
}
