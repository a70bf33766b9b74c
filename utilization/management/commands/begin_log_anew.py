"""`manage.py begin_log_anew`: has a log go on under a new origin, where entries that were signed are lost for good."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from utilization import workflow
from utilization.key_files import BadKeyFile
from utilization.management.database_state import require_tables
from utilization.management.keys import private_key, public_keys
from utilization.management.signers import add_signers, present, refusals_told
from utilization.seal.key_folder import SEAL_KEY, last_signed
from utilization.seal.sealer import LogBroken
from utilization.seal.witness_notes import last_cosigned
from utilization.transparency.checkpoints import TreeHead


class Command(BaseCommand):
    """Asks both people for their passwords; read from standard input, a line each, where it is no terminal."""

    help = (
        "Where entries that were signed are lost and no copy holds them: writes that the log continues under the new "
        "key in the folder, signed by two people. Make that key first, and set IVIG_EVIDENCE to its folder."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        add_signers(parser)
        parser.add_argument("--folder", type=Path, default=settings.EVIDENCE_DIR, help="where the new key lies")
        parser.add_argument("--old", type=Path, help="the folder of the old key, whose last.json tells what was signed")
        parser.add_argument("--notes", type=Path, help="the notes that a witness keeps, where there is no such folder")
        parser.add_argument("--keys", type=Path, default=settings.EVIDENCE_KEYS, help="public keys, for the notes")

    def handle(self, *args: Any, **options: Any) -> None:
        """Raise CommandError with what to do; then nothing was written."""
        require_tables()
        try:
            origin = private_key(options["folder"] / SEAL_KEY).public.name
            old = self._old(options, origin)
            with refusals_told():
                size = workflow.begin_log_anew(present(options["signers"]), old, origin, at=timezone.now())
        except (BadKeyFile, LogBroken) as fault:
            raise CommandError(str(fault)) from None
        self.stdout.write(
            f"The log continues as {origin} after {size} entries; {old.size} were signed as {old.origin}. Add the new "
            "public key to the file of keys, keep the old one in it, start the witness again, then the sealer."
        )

    @staticmethod
    def _old(options: dict[str, Any], origin: str) -> TreeHead:
        if options["old"]:
            old = last_signed(options["old"])
        elif options["notes"]:
            keys = [key for key in public_keys(options["keys"]) if key.name != origin]
            old = last_cosigned(options["notes"], keys)
        else:
            raise CommandError("Say what was signed last: --old FOLDER of the old key, or --notes FILE of a witness.")
        if old is None:
            raise CommandError(f"{options['old'] or options['notes']} does not say what was signed last.")
        return old
