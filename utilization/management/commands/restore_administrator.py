"""`manage.py restore_administrator SITE`: an administrator for a site where none can sign in any more."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from utilization import workflow
from utilization.management.database_state import require_tables
from utilization.models import Site, User
from utilization.seal.continuity import LogCut


class Command(BaseCommand):
    """For a site that lost its administrators: they left, were closed, or lost what they sign in with."""

    help = (
        "Makes somebody administrator of a site: of the account with the username, or of a new one where a full name "
        "and an e-mail address are given too. Prints the path at which they set a password, where they need one. "
        "Refused while another administrator can sign in, and where it changes how the person signs in at other sites, "
        "unless --because says why. The log keeps it as done on the server; administrators and auditors of the site "
        "are told."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Where, who, and why in spite of others."""
        parser.add_argument("site", help="Code of the site, such as north.")
        parser.add_argument("username", help="Username of the person.")
        parser.add_argument("--full-name", default="", help="Full name, for a new account.")
        parser.add_argument("--email", default="", help="E-mail address, for a new account.")
        parser.add_argument("--title", default="", help="Credential behind the name, for a new account.")
        parser.add_argument("--because", default="", help="Why, in spite of other administrators or other sites.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Raise CommandError with the reason where nothing was done."""
        require_tables()
        site = self._site(options["site"])
        try:
            restored = workflow.restored_administrator.restore_administrator(
                site, self._person(options), at=timezone.now(), reason=options["because"]
            )
        except workflow.Refused as refused:
            raise CommandError(f"{refused.why} (--because)") from None
        except workflow.Invalid as invalid:
            options_of = {"reason": "because"}
            faults = [
                f"--{options_of.get(field, field).replace('_', '-')}: {' '.join(said)}"
                for field, said in invalid.errors.items()
            ]
            raise CommandError("\n".join(["Nothing was done.", *faults])) from None
        except LogCut as cut:
            raise CommandError(f"Nothing was done. {cut}") from None
        self._tell(site, restored)

    @staticmethod
    def _site(code: str) -> Site:
        site = Site.objects.filter(code=code).first()
        if site is None:
            known = ", ".join(Site.objects.order_by("code").values_list("code", flat=True))
            raise CommandError(f"No site has the code {code}. There are: {known or 'none'}.")
        return site

    @staticmethod
    def _person(options: dict[str, Any]) -> User | workflow.NewPerson:
        username = options["username"]
        user = User.objects.filter(username__iexact=username).first()
        if options["full_name"] or options["email"] or options["title"]:
            # Where the name is taken, that is said as for every new account.
            return workflow.NewPerson(username, options["email"], options["full_name"], options["title"])
        if user is None:
            raise CommandError(
                f"Nobody has the username {username}. For a new account give --full-name and --email as well."
            )
        return user

    def _tell(self, site: Site, restored: workflow.restored_administrator.RestoredAdministrator) -> None:
        user = restored.user
        self.stdout.write(f"{user.full_name} is administrator of {site.name}. The log says that it was done here.")
        if restored.elsewhere:
            sites = ", ".join(other.name for other in restored.elsewhere)
            self.stdout.write(f"They have roles at {sites} too, and sign in there in the new way as well.")
        if restored.path:
            if restored.confirmers:
                can = f"{restored.confirmers[0].signature_name} can, on the page People"
            else:
                can = f"nobody there can, so `manage.py confirm_person {user.username}` does, once you have seen them"
            self.stdout.write(f"They sign nothing until somebody confirms that they have the account: {can}.")
            self.stdout.write(f"Set the password within a day, at this path of the product's address:\n{restored.path}")
