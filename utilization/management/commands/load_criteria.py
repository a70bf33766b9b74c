"""`manage.py load_criteria`: keeps the built-in pack in the database, once for each version of its bytes."""

from django.core.management.base import BaseCommand
from django.utils import timezone

from utilization import criteria
from utilization.criteria import keep


class Command(BaseCommand):
    help = "Keeps the built-in criteria pack in the database, so that what it judges can be judged again by it."

    def handle(self, *args, **options):
        pack = criteria.builtin_pack()
        kept, made = keep(pack, at=timezone.now())
        self.stdout.write(f"{kept.name} {kept.version} {'kept' if made else 'was kept before'} ({kept.sha256[:12]})")
