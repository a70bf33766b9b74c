"""`manage.py further_site`: one more hospital and its administrator, in a database that has one already."""

from utilization import workflow
from utilization.management.commands import first_account
from utilization.management.database_state import require_tables


class Command(first_account.Command):
    """Asks as `first_account` does, makes the site beside those there are, and prints the one-time path."""

    help = (
        "Makes a further site and its first administrator, and prints the path at which they set their password. "
        "Asks for what is not given as an option. What the site still lacks stands on the page People."
    )
    made_by = staticmethod(workflow.further_site)

    def have_tables(self) -> None:
        """Ask for the tables of this version: a further site stands beside one that has them."""
        require_tables()
