"""`manage.py confirm_person USERNAME`: confirm an account from the server, while nobody on the pages could."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from utilization import workflow
from utilization.management.database_state import require_tables
from utilization.models import User


class Command(BaseCommand):
    """For a new site, whose one administrator invited everybody: somebody else must say who they are."""

    help = (
        "Confirms that a person has their account, so that they can sign. Refused where another confirmed "
        "administrator or an auditor of the site can do it on the pages. The log keeps it as done on the server."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The one person."""
        parser.add_argument("username", help="Username of the person, whom you have seen or called.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Raise CommandError with the reason where nothing was confirmed."""
        require_tables()
        user = User.objects.filter(username=options["username"]).first()
        if user is None:
            raise CommandError(f"Nobody has the username {options['username']}. See it on the page People.")
        try:
            workflow.account_confirmation.confirm_by_command(user, at=timezone.now())
        except workflow.Refused as refused:
            raise CommandError(refused.why) from None
        self.stdout.write(f"{user.full_name} is confirmed, and can sign. The log says that it was done on the server.")
