"""A backup put into an empty database, and the proof that what is there is what was backed up."""

import hashlib
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django_tasks_db.models import DBTaskResult

from utilization import criteria, event_log
from utilization.management.backup import archive, database_copy
from utilization.management.backup.backup import log_end, migrations_applied, table_names
from utilization.management.backup.manifest import BadBackup, Manifest
from utilization.models import Event, Submission, TrainingCopy, guards
from utilization.reconciliation import reconcile

_OURS = "utilization_"
SAMPLE = 50
"""Judgements that are judged again, evenly among all."""


@dataclass(frozen=True, slots=True)
class Proof:
    """What was found in a restored database, in sentences: `faults`, empty where it is what was backed up, and `inside`
    where log, rows, guards and judgements contradict each other, as they did when it was backed up.

    `judged_again` is None where the tables are an earlier version's, of which rows and the log's end alone are held.
    """

    rows: int
    entries: int
    judged_again: int | None
    faults: tuple[str, ...]
    inside: tuple[str, ...] = ()

    @property
    def found(self) -> tuple[str, ...]:
        """All that is wrong."""
        return (*self.faults, *self.inside)

    def __str__(self) -> str:
        many = len(self.found)
        came_to = f"{many} fault{'s' if many > 1 else ''}" if many else "as they were backed up"
        counted = f"{self.rows:,} rows"
        if self.judged_again is None:
            return f"{counted} of an earlier version, counted: {came_to}; manage.py prepare, then manage.py verify_log"
        entries = f"{self.entries:,} entries of the log"
        return f"{counted}, {entries} and {self.judged_again} judgements judged again: {came_to}"


@contextmanager
def working_on(database: dict[str, Any]) -> Iterator[None]:
    """Have everything work on another database of the same kind; afterwards as before."""
    before = dict(connection.settings_dict)
    if database["ENGINE"] != before["ENGINE"]:
        raise BadBackup("Set DATABASE_URL to the kind of database that the backup is of: SQLite, or PostgreSQL.")
    connection.close()
    connection.settings_dict.update(database)
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict.update(before)


def restore(path: Path, *, at: datetime, as_copy: bool = False) -> tuple[Manifest, Proof]:
    """Put the backup at `path` into the database that is worked on, and prove it.

    Sessions end. With `as_copy` nothing that waited is done, and the database says of itself that it is for training,
    whatever the proof comes to.
    Raises BadBackup, with what to do, before anything is written: where the file is damaged, of another kind or
    version, or where the database holds tables already.
    """
    # On the product's own disk: what is for all to write may be small, and may be memory.
    with tempfile.TemporaryDirectory(prefix=".ivig-restore-", dir=settings.VAR_DIR) as folder:
        manifest, copy = archive.unpack(path, Path(folder))
        _refuse_other_kind(manifest)
        _refuse_later_version(manifest)
        if as_copy and TrainingCopy._meta.db_table not in manifest.rows:
            raise BadBackup("This backup is of a version without copies for training. Restore it without --as-copy.")
        if connection.introspection.table_names():
            raise BadBackup(
                "The database holds tables already. A backup is put into an empty one only: make a new one."
            )
        database_copy.put_back(connection, copy, Path(folder))
        try:
            return manifest, prove(manifest)
        finally:
            _close_ways_out(manifest.made_at, at=at, as_copy=as_copy)


def _close_ways_out(backed_up_at: datetime, *, at: datetime, as_copy: bool) -> None:
    with transaction.atomic():
        Session.objects.all().delete()
        if as_copy:
            DBTaskResult.objects.ready().delete()
            TrainingCopy.objects.update_or_create(pk=1, defaults={"made_at": at, "backed_up_at": backed_up_at})


def prove(manifest: Manifest) -> Proof:
    """Hold the database that is worked on against what its backup says of it."""
    faults = database_copy.damage(connection)
    with connection.cursor() as cursor:
        rows = database_copy.rows_by_table(cursor, table_names(connection))
    for table in sorted({*rows, *manifest.rows}):
        if rows.get(table) != manifest.rows.get(table):
            faults.append(f"{table} has {rows.get(table, 0)} rows and had {manifest.rows.get(table, 0)}")
    if log_end() != (manifest.log_size, manifest.log_digest):
        faults.append("The log does not end as it ended when it was backed up")
    # Not in their order, which is one of the server's collation.
    if {*manifest.migrations} != {*migrations_applied(connection)}:
        faults.append("The migrations applied to it are not those that it had")
    # An older version's tables are for `prepare` to change; this version's code cannot read them.
    if _behind():
        return Proof(sum(rows.values()), manifest.log_size, None, tuple(faults))
    again, inside = held_against_itself()
    return Proof(sum(rows.values()), manifest.log_size, again, tuple(faults), tuple(inside))


def prove_upgraded(manifest: Manifest) -> Proof:
    """Hold the database that is worked on, which this version upgraded, against a backup made just before.

    Every row is still there, and the log goes on from where it ended; the tables may be others.
    """
    if _behind():
        return Proof(0, 0, None, ("The tables are not this version's: run manage.py prepare.",))
    faults = database_copy.damage(connection)
    with connection.cursor() as cursor:
        rows = database_copy.rows_by_table(cursor, table_names(connection))
    for table, before in sorted(manifest.rows.items()):
        if table.startswith(_OURS) and rows.get(table, before) < before:
            faults.append(f"{table} has {rows[table]} rows and had {before}")
    last = manifest.log_size and Event.objects.filter(seq=manifest.log_size - 1).values_list("body", flat=True).first()
    if last != 0 and (last is None or hashlib.sha256(bytes(last)).hexdigest() != manifest.log_digest):
        faults.append("The log does not begin with what it was when it was backed up")
    again, inside = held_against_itself()
    return Proof(sum(rows.values()), log_end()[0], again, tuple(faults), tuple(inside))


def held_against_itself() -> tuple[int, list[str]]:
    """How many judgements were judged again, and what is wrong with guards, log, rows and judgements."""
    faults = [f"The guard {trigger} of {table} is gone or another one" for trigger, table in guards.faults(connection)]
    again, different = _judged_again()
    return again, [*faults, *event_log.verify((), []).problems, *reconcile().problems, *different]


def _judged_again() -> tuple[int, list[str]]:
    """How many kept judgements were judged again, and which came to something else."""
    keys = list(Submission.objects.order_by("pk").values_list("pk", flat=True))
    step = max(1, len(keys) // SAMPLE)
    chosen = Submission.objects.filter(pk__in=keys[::step][:SAMPLE]).select_related("request", "pack")
    different = [
        f"{kept.request}, version {kept.ordinal}, is judged otherwise than it was"
        for kept in chosen
        if criteria.judged_again(kept, emergency=kept.request.emergency)["outcome"] != kept.judgement["outcome"]
    ]
    return len(chosen), different


def _behind() -> bool:
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def _refuse_other_kind(manifest: Manifest) -> None:
    if manifest.engine != connection.vendor:
        raise BadBackup(
            f"This is a backup of {manifest.engine}, and the database is {connection.vendor}. Name one of its kind."
        )


def _refuse_later_version(manifest: Manifest) -> None:
    loader = MigrationExecutor(connection).loader
    known = {f"{app}.{name}" for app, name in {*loader.disk_migrations, *loader.replacements}}
    if later := sorted(set(manifest.migrations) - known):
        raise BadBackup(
            f"This backup was made by a later version of the product ({', '.join(later)}). Restore it by that version."
        )
