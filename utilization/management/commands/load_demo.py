"""`manage.py load_demo`: the made-up hospitals, people, patients and requests of the demo."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from utilization.management import demo
from utilization.management.demo_history import lengthened
from utilization.models import Site, User

LONG = 1000
"""Acts from which on a load tells how far it is."""


class Command(BaseCommand):
    """Fills an empty database in demo mode; a database that holds anything already is left as it is."""

    help = "Loads two made-up hospitals with their requests into an empty database. In demo mode only."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--years", type=int, default=3, choices=range(1, 6), metavar="1-5",
            help="years of requests; one year is told by hand, those before it are drawn (default 3)",
        )  # fmt: skip

    def handle(self, *args: Any, **options: Any) -> None:
        """Raise CommandError outside of demo mode; do nothing where there are people or sites already."""
        if not settings.DEMO_DATA:
            raise CommandError(
                "Demo data is off, since demo accounts have a public password. Set IVIG_MODE=demo on a machine "
                "that holds no real patients."
            )
        if Site.objects.exists() or User.objects.exists():
            return
        self.parts_told = 0
        years, now, folder = options["years"], timezone.now(), settings.FIXTURES_DIR / "demo"
        self.told = options["verbosity"] > 0
        if self.told:
            self.stdout.write(
                f"Making the demo data: {'a year' if years == 1 else f'{years} years'} of two hospitals ..."
            )
        told = lengthened(demo.read(folder), folder, years=years, today=now.date())
        demo.load(told, now=now, password=settings.DEMO_PASSWORD, progress=self._say)

    def _say(self, done: int, steps: int) -> None:
        """A line for each quarter of a long load."""
        quarter = 4 * done // steps
        if self.told and steps >= LONG and quarter > self.parts_told:
            self.parts_told = quarter
            self.stdout.write(f"  {25 * quarter} % of {steps} acts")
            self.stdout.flush()
