"""`manage.py seal`: signs the log as it grows, in a process of its own.

It may run as another user of the system than the web server, and as a database role that reads events and inserts
nodes and checkpoints, nothing else.
"""

import re
import signal
import threading
from pathlib import Path
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, close_old_connections
from django.utils import timezone

from utilization.key_files import BadKeyFile
from utilization.management.database_state import require_tables
from utilization.management.keys import private_key, public_keys
from utilization.seal.key_folder import SEAL_KEY, FolderHeld, held
from utilization.seal.nodes import MissingNode
from utilization.seal.sealer import LogBroken, Sealer
from utilization.seal.trouble import forget_trouble, note_trouble
from utilization.seal.witness_client import NoCosignature, WitnessClient, WitnessRefused
from utilization.transparency.keys import SignatureType

_PAUSE_SECONDS = 1.0


class Command(BaseCommand):
    """Seals each second until it is stopped; a witness or a database that is away for a while is waited for."""

    requires_system_checks = ()
    help = "Adds committed entries to the log's tree, signs its root, and keeps both. Runs until it is stopped."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="seal what is committed now, and end")
        parser.add_argument("--folder", type=Path, default=settings.EVIDENCE_DIR, help="where seal.key lies")
        parser.add_argument(
            "--witness", default=settings.WITNESS_URL, help="address of a witness, such as http://127.0.0.1:8091"
        )
        parser.add_argument(
            "--keys", type=Path, default=settings.EVIDENCE_KEYS, help="public keys, for the witness's answers"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Raise CommandError where the key cannot be used or the log is not the one that was signed."""
        require_tables()
        self._folder = folder = options["folder"]
        self._stop = threading.Event()
        self._trouble = ""
        try:
            key = private_key(folder / SEAL_KEY)
            with held(folder):
                sealer = Sealer(key, folder, self._witness(options["witness"], options["keys"]))
                self._once(sealer) if options["once"] else self._on_and_on(sealer)
        except FolderHeld as fault:
            raise CommandError(str(fault)) from None
        except (BadKeyFile, LogBroken, MissingNode, WitnessRefused) as fault:
            note_trouble(folder, str(fault), timezone.now())
            raise CommandError(str(fault)) from None

    @staticmethod
    def _witness(url: str, keys: Path) -> WitnessClient | None:
        if not url:
            return None
        if not re.fullmatch(r"https?://[^/:\s]+(:\d{1,5})?(/\S*)?", url):
            raise CommandError(f"{url!r} is no address of a witness. Write it like http://127.0.0.1:8091")
        witnesses = [key for key in public_keys(keys) if key.type is SignatureType.WITNESS]
        if not witnesses:
            raise CommandError(f"{keys} holds no key of a witness, so that its answers could not be checked.")
        return WitnessClient(url, witnesses)

    def _once(self, sealer: Sealer) -> None:
        try:
            while (size := sealer.seal(timezone.now)) is not None:
                self.stdout.write(f"Sealed {size} entries.")
            forget_trouble(self._folder)
        except (NoCosignature, DatabaseError, OSError) as fault:
            raise CommandError(f"Not all was sealed. {fault}") from None

    def _on_and_on(self, sealer: Sealer) -> None:
        for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(name, self._end)
        forget_trouble(self._folder)
        while not self._stop.is_set():
            if not self._tried(sealer):
                self._stop.wait(_PAUSE_SECONDS)

    def _end(self, signum: int, frame: FrameType | None) -> None:
        self._stop.set()

    def _tried(self, sealer: Sealer) -> bool:
        """Seal once; say whether there may be more to seal at once. A trouble that passes is told once."""
        trouble = ""
        more = False
        try:
            close_old_connections()
            more = sealer.seal(timezone.now) is not None
        except (NoCosignature, DatabaseError, OSError) as fault:
            trouble = f"Unsealed for now, trying on: {fault}"
        if trouble != self._trouble:
            self.stderr.write(trouble or "Sealing again.")
            self._trouble = trouble
            note_trouble(self._folder, trouble, timezone.now()) if trouble else forget_trouble(self._folder)
        return more
