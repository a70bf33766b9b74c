"""`manage.py load_demo`: the made-up hospitals, people, patients and requests of the demo."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from utilization.management import demo
from utilization.models import Site, User


class Command(BaseCommand):
    """Fills an empty database in demo mode; a database that holds anything already is left as it is."""

    help = "Loads two made-up hospitals with a year of requests into an empty database. In demo mode only."

    def handle(self, *args: Any, **options: Any) -> None:
        """Raise CommandError outside of demo mode; do nothing where there are people or sites already."""
        if not settings.DEMO_DATA:
            raise CommandError(
                "Demo data is off, since demo accounts have a public password. Set IVIG_MODE=demo on a machine "
                "that holds no real patients."
            )
        if Site.objects.exists() or User.objects.exists():
            return
        self.stdout.write("Making the demo data ...")
        told = demo.read(settings.FIXTURES_DIR / "demo")
        demo.load(told, now=timezone.now(), password=settings.DEMO_PASSWORD)
