"""`manage.py prove FILE`: the database after an upgrade held against the backup made just before it.

Without a file it says what is wrong inside the database as it is: `deploy/upgrade` asks before it changes anything, and
takes what was wrong before for no fault of the upgrade.
"""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from utilization.management.backup.archive import manifest_of
from utilization.management.backup.manifest import BadBackup
from utilization.management.backup.restoration import held_against_itself, prove_upgraded
from utilization.management.database_state import require_tables


class Command(BaseCommand):
    """Names each fault on standard error, and fails when there is one."""

    help = (
        "Hold the database against a backup that was made just before an upgrade: every row is still there, the log "
        "continues where it ended, guards stand, rows follow from the log, judgements come to the same. Without a file "
        "only the last three, of the database as it is."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, nargs="?")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["file"] is None:
            require_tables()
            again, faults = held_against_itself()
            said = f"{again} judgements judged again: {len(faults)} faults" if faults else "nothing wrong"
        else:
            try:
                manifest = manifest_of(options["file"])
            except BadBackup as error:
                raise CommandError(str(error)) from None
            require_tables()
            proof = prove_upgraded(manifest)
            said, faults = str(proof), list(proof.found)
        self.stdout.write(said)
        if faults:
            raise CommandError("\n".join(faults))
