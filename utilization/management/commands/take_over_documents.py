"""`manage.py take_over_documents`: has two people vouch for documents that a version of before did not tell the log."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from utilization import workflow
from utilization.management.database_state import require_tables
from utilization.management.signers import add_signers, present, refusals_told


class Command(BaseCommand):
    """Lists the documents; writes where two usernames are given and both passwords are right."""

    help = (
        "Lists the documents that no entry of the log vouches for. Given two usernames, of auditors or administrators, "
        "it has them sign that these were issued here by an earlier version, an entry each."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        add_signers(parser, optional=True)

    def handle(self, *args: Any, **options: Any) -> None:
        """Raise CommandError with what to do; then nothing was written."""
        require_tables()
        documents = workflow.documents_without_entry()
        for document in documents:
            self.stdout.write(f"{document.request.number} {document.made_at:%Y-%m-%d %H:%M}Z {document.sha256}")
        if not options["signers"]:
            self.stdout.write(
                f"{len(documents)} without an entry. Look at each before anybody signs: an earlier version issued it, "
                "or somebody laid it in by hand."
            )
            return
        with refusals_told():
            taken = workflow.take_over_documents(present(options["signers"]), at=timezone.now())
        self.stdout.write(f"{len(taken)} taken over.")
