"""`manage.py restore FILE`: a backup put into the empty database of DATABASE_URL, and proven.

With `--instead` in place of what the database holds, which is there again where anything fails.
"""

from contextlib import nullcontext
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, connection
from django.utils import timezone

from utilization.management.backup.aside import put_aside
from utilization.management.backup.manifest import BadBackup
from utilization.management.backup.restoration import restore
from utilization.management.database_roles import as_owner, grant_rows
from utilization.management.database_state import first_line, reach


class Command(BaseCommand):
    """Raises CommandError before anything is written, or where the proof finds a fault."""

    help = (
        "Put a backup into the empty database that DATABASE_URL names (as the role of DATABASE_OWNER_URL), then prove "
        "it: rows by table, guards, the event log, and judgements judged again."
    )
    # Looks at a database that has no tables yet.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--as-copy", action="store_true", help="for training: every page says so, and nothing that waited is sent"
        )
        parser.add_argument(
            "--instead",
            action="store_true",
            help="in place of what the database holds, which is put aside until the backup is proven, and then gone",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        settings.VAR_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            with as_owner() as runtime_role:
                reach()
                instead = options["instead"]
                with put_aside(connection, runtime_role) if instead else nullcontext():
                    manifest, proof = restore(options["file"], at=timezone.now(), as_copy=options["as_copy"])
                    if instead and proof.faults:
                        raise BadBackup("The database is as it was. " + "\n".join(proof.faults))
                    if runtime_role:
                        grant_rows(connection, runtime_role)
        except BadBackup as error:
            raise CommandError(f"Nothing was restored. {error}") from None
        except DatabaseError as error:
            raise CommandError(
                f"The restore ended in the middle: {first_line(error)}\nCheck DATABASE_URL and DATABASE_OWNER_URL; "
                "where the database holds tables now, make an empty one and begin anew."
            ) from None
        self.stdout.write(f"Restored what was backed up at {manifest.made_at:%Y-%m-%d %H:%M:%S} UTC.\n{proof}")
        if proof.inside and instead:
            # What is put back in place of a failed upgrade need be no better than it was.
            self.stderr.write("\n".join(("This was wrong in it when it was backed up, and is:", *proof.inside)))
        elif proof.found:
            raise CommandError("\n".join(proof.found))
        self.stdout.write("Run manage.py prepare before serving it, and see docs/operations.md on the sealed log.")
