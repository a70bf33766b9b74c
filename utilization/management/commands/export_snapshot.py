"""`manage.py export_snapshot FOLDER`: every filed request in Parquet, de-identified, for analysts."""

import sys
from collections.abc import Sequence
from functools import partial
from getpass import getpass
from pathlib import Path
from typing import Any

import duckdb
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from utilization import access, workflow
from utilization.jobs.snapshot import LEAST, BadSecret, SnapshotEdition, write_snapshot
from utilization.management.database_state import require_tables
from utilization.models import Request, Site, User
from utilization.workflow import Invalid, Refused

_READS_AT_ONCE = 2000


class Command(BaseCommand):
    """For a timer, each night. An identified export asks for the password; read from standard input where that is no
    terminal."""

    help = "Writes the snapshot for analysts into a folder, in place of the one before. De-identified by default."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, help="where the tables, the dictionary and the manifest go")
        parser.add_argument("--smallest-cell", type=int, default=LEAST, help=f"patients in a cell (default {LEAST})")
        parser.add_argument("--identified", action="store_true", help="with names, MRNs and true days, of one site")
        parser.add_argument("--site", help="code of the site of an identified export")
        parser.add_argument("--by", metavar="USERNAME", help="the auditor of the site who takes it")
        parser.add_argument("--reason", default="", help="what it is for; stands in the event log, so name no patient")

    def handle(self, *args: Any, **options: Any) -> None:
        """Raise CommandError with what to do; then what was there before stays."""
        require_tables()
        place: Path = options["folder"]
        if place.exists() and not (place / "manifest.json").exists() and (not place.is_dir() or any(place.iterdir())):
            raise CommandError(f"{place} holds something else than a snapshot. Name an empty or a new folder.")
        if options["smallest_cell"] < 2:
            raise CommandError("A cell of fewer than 2 patients guards nobody: give --smallest-cell 2 or more.")
        try:
            edition = self._identified(options) if options["identified"] else self._guarded(options)
            manifest = write_snapshot(place, edition, made_at=timezone.now())
        except Refused as refused:
            raise CommandError(refused.why) from None
        except Invalid as invalid:
            raise CommandError(" ".join(said for texts in invalid.errors.values() for said in texts)) from None
        except (BadSecret, OSError, duckdb.Error) as fault:
            raise CommandError(f"The snapshot was not written; the one before stays. {fault}") from None
        told = ", ".join(f"{name} {table['rows']}" for name, table in manifest["tables"].items())
        self.stdout.write(f"{manifest['edition'].capitalize()} snapshot in {place}: {told}.")

    @staticmethod
    def _guarded(options: dict[str, Any]) -> SnapshotEdition:
        if given := [name for name in ("site", "by", "reason") if options[name]]:
            raise CommandError(f"--{given[0]} goes with --identified; a de-identified snapshot is of all sites.")
        return SnapshotEdition(secret=settings.SNAPSHOT_SECRET, least=options["smallest_cell"])

    @staticmethod
    def _identified(options: dict[str, Any]) -> SnapshotEdition:
        site = Site.objects.filter(code=options["site"] or "").first()
        if site is None:
            raise CommandError("Name the site of an identified export by its code: --site CODE.")
        by = User.objects.filter(username=options["by"] or "", is_active=True).first()
        if by is None:
            raise CommandError("Name who takes an identified export: --by USERNAME of an auditor of the site.")
        workflow.may_export(by, site)
        workflow.export_reason(options["reason"])
        ask = f"Password of {by.full_name}: "
        password = getpass(ask) if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
        workflow.prove(by, password, at=timezone.now())
        return SnapshotEdition(
            secret=settings.SNAPSHOT_SECRET, site=site, identified=True,
            before=partial(_note, by, site, password, options["reason"]),
        )  # fmt: skip


def _note(by: User, site: Site, password: str, reason: str, rows: dict[str, int], requests: Sequence[int]) -> None:
    """Write the entry of the log, and each request in the files as read by who takes them."""
    # Proved again: writing the rows may have taken longer than a proof is good for.
    at = timezone.now()
    presence = workflow.prove(by, password, at=at)
    workflow.note_identified_export(by=by, at=at, site=site, presence=presence, reason=reason, rows=rows)
    for start in range(0, len(requests), _READS_AT_ONCE):
        some = Request.objects.filter(pk__in=requests[start : start + _READS_AT_ONCE]).select_related("patient")
        access.note_handed_out(by, some, what="snapshot", at=at)
