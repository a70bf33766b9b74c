"""`manage.py prove FILE`: the database after an upgrade held against the backup made just before it."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from utilization.management.backup.archive import manifest_of
from utilization.management.backup.manifest import BadBackup
from utilization.management.backup.restoration import prove_upgraded
from utilization.management.database_state import require_tables


class Command(BaseCommand):
    """Names each fault on standard error, and fails when there is one."""

    help = (
        "Hold the database against a backup that was made just before an upgrade: every row is still there, the log "
        "continues where it ended, guards stand, rows follow from the log, judgements come to the same."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            manifest = manifest_of(options["file"])
        except BadBackup as error:
            raise CommandError(str(error)) from None
        require_tables()
        proof = prove_upgraded(manifest)
        self.stdout.write(str(proof))
        if proof.faults:
            raise CommandError("\n".join(proof.faults))
