"""`manage.py witness`: cosigns the checkpoints of logs whose keys it was given, over HTTP.

It never opens the product's database. Run it as another user, better on another host: `--host` names the address at
which it answers there, by itself to this machine alone. It speaks no TLS: see docs/auditors-guide.md.
"""

import signal
import sys
import time
from pathlib import Path
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from utilization.key_files import BadKeyFile
from utilization.management.keys import private_key, public_keys
from utilization.transparency.keys import SignatureType
from utilization.witness.records import WITNESS_KEY, Records
from utilization.witness.replies import Witness
from utilization.witness.server import WitnessServer


class Command(BaseCommand):
    """Serves until it is stopped."""

    requires_system_checks = ()
    help = "Cosigns checkpoints that extend what it saw, and writes each to a file. Runs until it is stopped."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="address to answer at (default: this machine only)")
        parser.add_argument("--port", type=int, default=8091)
        parser.add_argument(
            "--folder", type=Path, default=settings.WITNESS_DIR, help="where witness.key and its records lie"
        )
        parser.add_argument(
            "--keys", type=Path, default=settings.EVIDENCE_KEYS, help="public keys of the logs to cosign for"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Raise CommandError where a key cannot be used or the port is taken."""
        folder, host, port = options["folder"], options["host"], options["port"]
        logs = [key for key in public_keys(options["keys"]) if key.type is SignatureType.LOG]
        try:
            key = private_key(folder / WITNESS_KEY)
            server = WitnessServer((host, port), Witness(key, logs, Records(folder), lambda: int(time.time())))
        except BadKeyFile as fault:
            raise CommandError(str(fault)) from None
        except OSError as error:
            raise CommandError(
                f"Port {port} cannot be used at {host}: {error.strerror}. Choose another: --port, or an address "
                "of this machine: --host"
            ) from None
        for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(name, _end)
        self.stdout.write(
            f"{key.public.name} cosigns for {', '.join(log.name for log in logs)} on port {port} at {host}."
        )
        self.stdout.flush()
        with server:
            server.serve_forever(poll_interval=0.2)


def _end(signum: int, frame: FrameType | None) -> None:
    sys.exit(0)
