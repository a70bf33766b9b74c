"""`manage.py forget_digest`: has a digest in the log say nothing any more, signed by two people."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from utilization import workflow
from utilization.management.database_state import require_tables
from utilization.management.signers import add_signers, present, refusals_told


class Command(BaseCommand):
    """Asks both people for their passwords; read from standard input, a line each, where it is no terminal."""

    help = (
        "Where a law or an order wants a text forgotten that an entry of the log holds a digest of: deletes the salt "
        "of that digest, so that nobody can try texts until one fits, and tells the log. Entries and rows stay as they "
        "are; the check of the log says ever after that it cannot hold these columns against the log."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("entry", type=int, help="the number of the entry")
        add_signers(parser)
        parser.add_argument("--part", default="", help="which digest of the entry, such as reason (default: all)")
        parser.add_argument("--because", required=True, help="the rule or reference; kept for good, so name nobody")

    def handle(self, *args: Any, **options: Any) -> None:
        """Raise CommandError with what to do; then nothing was forgotten."""
        require_tables()
        with refusals_told():
            signers = present(options["signers"])
            places = workflow.forget_digests(
                signers, options["entry"], options["because"], at=timezone.now(), part=options["part"]
            )
        self.stdout.write(
            f"Forgotten of entry {options['entry']}: {', '.join(places)}. Copies of the database hold the salts until "
            "they are destroyed; on PostgreSQL, run VACUUM utilization_digestsalt now."
        )
