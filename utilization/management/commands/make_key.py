"""`manage.py make_key log|witness`: a key pair. The private half goes to a file, the public half is printed."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from utilization.key_files import BadKeyFile, write_key
from utilization.management.demo_keys import DEMO_NAMES
from utilization.seal.key_folder import SEAL_KEY, LastSigned
from utilization.transparency.ed25519 import new_signing_key
from utilization.transparency.encodings import BadText
from utilization.transparency.keys import SignatureType
from utilization.witness.records import WITNESS_KEY


class Command(BaseCommand):
    """Prints the public key alone on standard output, so that it can be added to the file of keys."""

    requires_system_checks = ()
    help = "Makes the key of the log or of a witness and prints its public line, for the file of keys."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("kind", choices=("log", "witness"))
        parser.add_argument(
            "--name", help="the log's origin, such as ivig.hospital.example/ivig-log/1, or the witness's"
        )
        parser.add_argument("--folder", type=Path, help="where the private key goes (default: as the settings say)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Raise CommandError for a name that cannot be signed under, and where a key is there already."""
        log = options["kind"] == "log"
        folder = options["folder"] or (settings.EVIDENCE_DIR if log else settings.WITNESS_DIR)
        path = folder / (SEAL_KEY if log else WITNESS_KEY)
        kind = SignatureType.LOG if log else SignatureType.WITNESS
        name = options["name"] or self._demo_name(kind)
        try:
            key = new_signing_key(name, kind)
            write_key(path, key)
            if log:
                LastSigned(folder, name).begin()
        except (BadKeyFile, BadText) as fault:
            raise CommandError(str(fault)) from None
        except OSError as error:
            raise CommandError(
                f"{path} cannot be written: {error.strerror}. Make {folder} first, as its user's alone, and run this "
                "as that user: see docs/auditors-guide.md, setting it up."
            ) from None
        self.stderr.write(f"{path} is the private key: its owner alone reads it. Add this line to the file of keys:")
        self.stdout.write(key.public.line)

    @staticmethod
    def _demo_name(kind: SignatureType) -> str:
        if settings.MODE == "production":
            raise CommandError("Name the key: --name ivig.hospital.example/ivig-log/1, or that of the witness.")
        return DEMO_NAMES[kind]
