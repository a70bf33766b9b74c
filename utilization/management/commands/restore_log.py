"""`manage.py restore_log`: puts the entries back that a database lost when it was restored from an older copy."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import ProgrammingError
from django.utils import timezone

from utilization.key_files import BadKeyFile
from utilization.management.database_roles import as_owner
from utilization.management.database_state import first_line, require_tables
from utilization.management.keys import public_keys
from utilization.seal.continuity import LogCut
from utilization.seal.entry_copy import COPY
from utilization.seal.key_folder import held, last_signed
from utilization.seal.restoration import CannotPutBack
from utilization.seal.witness_notes import last_cosigned
from utilization.transparency.checkpoints import TreeHead
from utilization.workflow import put_back_entries


class Command(BaseCommand):
    """Names each entry that it put back, since what it did to requests has to be entered anew."""

    help = (
        "Puts the entries back that the database lacks of what was signed, from the sealer's copy. End the sealer and "
        "keep a copy of the database first. Prints each entry: what it did to requests is not repeated."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--folder", type=Path, default=settings.EVIDENCE_DIR, help="where the sealer's key lies")
        parser.add_argument("--copy", type=Path, help=f"the sealer's copy (default: {COPY} in the folder)")
        parser.add_argument("--keys", type=Path, default=settings.EVIDENCE_KEYS, help="public keys, for the notes")
        parser.add_argument(
            "--notes", type=Path, help="the notes that a witness keeps, where last.json is not there any more"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Raise CommandError with what to do; then nothing was written."""
        require_tables()
        folder = options["folder"]
        try:
            with held(folder), as_owner():
                signed = self._signed(folder, options["notes"], options["keys"])
                entries = put_back_entries(options["copy"] or folder / COPY, signed, at=timezone.now())
        except (BadKeyFile, CannotPutBack, LogCut) as fault:
            raise CommandError(str(fault)) from None
        except ProgrammingError as error:
            raise CommandError(
                f"Nothing was put back: {first_line(error)}. It needs the role that owns the tables, so that no key is "
                "given out twice: set DATABASE_OWNER_URL as well"
            ) from None
        except OSError as error:
            raise CommandError(f"The folder {folder} cannot be used: {error.strerror}.") from None
        for entry in entries:
            self.stdout.write(f"{entry.seq}  {entry.at}  {entry.type}  {entry.request}".rstrip())
        self.stdout.write(
            f"{len(entries)} entries were put back; the log is as it was signed. What they did is told by "
            "the log alone: enter it anew where it still matters. Start the sealer again."
        )

    @staticmethod
    def _signed(folder: Path, notes: Path | None, keys: Path) -> TreeHead:
        signed = last_cosigned(notes, public_keys(keys)) if notes else last_signed(folder)
        if signed is None:
            where = notes or folder / "last.json"
            raise CommandError(f"{where} does not say what was signed last. Give the witness's notes: --notes FILE")
        return signed
