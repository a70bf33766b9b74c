"""`manage.py backup FOLDER`: one file with everything that the database holds, while the product is used."""

import time
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError
from django.utils import timezone

from utilization.jobs.backup_record import BACKUP, Done, keep
from utilization.management.backup.backup import back_up, remove_older
from utilization.management.backup.manifest import BadBackup
from utilization.management.database_roles import as_owner
from utilization.management.database_state import first_line, require_tables


class Command(BaseCommand):
    """A failed one leaves no file, keeps the older ones, and is told by `manage.py doctor`."""

    help = (
        "Back the database up into one file, readable by its owner alone, that `restore` puts back. Keys, passwords of "
        "the server and the log's own keys are not in it: keep them apart. Back up into a folder on another disk."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, help="where the file is made")
        parser.add_argument(
            "--keep", type=int, metavar="N", help="afterwards remove all but the newest N backups there"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        folder, wanted = options["folder"], options["keep"]
        if wanted is not None and wanted < 1:
            raise CommandError("--keep is the number of backups that stay: 1 or more.")
        if not folder.is_dir():
            raise CommandError(
                f"{folder} is no folder. Make it, for the server's user alone: install -d -m 700 {folder}"
            )
        at, began = timezone.now(), time.monotonic()
        try:
            with as_owner():
                require_tables()
                path, manifest = back_up(folder, at=at)
        except (BadBackup, OSError, DatabaseError, CommandError) as error:
            says = first_line(error) if isinstance(error, DatabaseError) else str(error)
            self._keep(Done(at, round(time.monotonic() - began, 1), False, says))
            raise CommandError(f"No backup was made. {says}") from None
        says = f"{path}, {path.stat().st_size:,} bytes, {sum(manifest.rows.values()):,} rows"
        self._keep(Done(at, round(time.monotonic() - began, 1), True, says))
        self.stdout.write(says)
        for older in remove_older(folder, wanted) if wanted else ():
            self.stdout.write(f"Removed {older}")

    def _keep(self, done: Done) -> None:
        """Keep it for `doctor`. A disk that is full, which may be why none was made, does not hide that."""
        try:
            keep(BACKUP, done)
        except OSError as error:
            self.stderr.write(f"What came of it could not be noted in IVIG_VAR: {error.strerror}.")
