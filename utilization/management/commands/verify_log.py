"""`manage.py verify_log`: read the whole event log, hold every row against it, and name what is wrong.

What it found stands on the auditors' page of the log, too, and tells `doctor` when that was.
"""

from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError
from django.utils import timezone

from utilization import event_log
from utilization.management.database_state import first_line, require_tables
from utilization.management.keys import public_keys
from utilization.reconciliation import reconcile
from utilization.seal import continuity
from utilization.seal.claims import notes_in
from utilization.workflow import LogFindings, keep_log_check


class Command(BaseCommand):
    """Names each problem on standard error and fails when there is one."""

    help = (
        "Reads the whole event log and names what is wrong with it: gaps, altered entries, a cut tail; with the public "
        "keys of the log and its witness also what was forged with care. Then holds every row that is evidence against "
        "the log, and looks whether the guards of the database are in place."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--keys", type=Path, help="public keys, one a line (default: the settings' file, if it is there)"
        )
        parser.add_argument("--notes", type=Path, help="the notes that a witness keeps: cosigned.notes")
        parser.add_argument("--entries-only", action="store_true", help="check the log alone, and no row against it")

    def handle(self, *args: Any, **options: Any) -> None:
        """Raise CommandError when anything is wrong."""
        require_tables()
        began = timezone.now()
        path = options["keys"] or (settings.EVIDENCE_KEYS if settings.EVIDENCE_KEYS.exists() else None)
        keys = public_keys(path) if path else ()
        report = event_log.verify(keys, self._notes(options["notes"], bool(keys)))
        rows = None if options["entries_only"] else reconcile()
        refusal = continuity.fault(anew=True)
        problems = (*report.problems, *filter(None, (refusal,)), *(rows.problems if rows else ()))
        remarks = (*report.remarks, *(rows.remarks if rows else ()))
        for sentence in (*problems, *remarks):
            self.stderr.write(sentence)
        if refusal:
            self.stderr.write("Until that is corrected nothing is filed or decided: see docs/auditors-guide.md.")
        if rows:
            self._keep(LogFindings(report.size, report.sealed, problems, remarks), began)
        read = f"{report.size} entries" + (f" and {rows.rows} rows" if rows else "")
        if problems:
            raise CommandError(f"{len(problems)} problem{'s' if len(problems) > 1 else ''} in {read}.")
        sealed = "" if report.sealed is None else f" The first {report.sealed} entries are as they were signed."
        unclosed = (
            f" Reads and sign-ins that are not in the log yet: {rows.unclosed}." if rows and rows.unclosed else ""
        )
        self.stdout.write(f"{read}, nothing wrong.{sealed}{unclosed}")

    def _keep(self, findings: LogFindings, began: datetime) -> None:
        try:
            keep_log_check(findings, began=began, at=timezone.now())
        except DatabaseError as error:
            # A database that is only read, as a copy of it for those who check, is checked all the same.
            self.stderr.write(f"What was found is not kept for the auditors' page: {first_line(error)}")

    @staticmethod
    def _notes(path: Path | None, keys: bool) -> list[bytes]:
        if path is None:
            return []
        if not keys:
            raise CommandError("Notes can only be checked with the public keys of who signed them: --keys")
        try:
            return notes_in(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"The notes {path} cannot be read ({error.__class__.__name__}).") from None
