"""`manage.py check_criteria`: reads a criteria pack whole and runs its worked examples."""

import sys
from pathlib import Path

from django.core.management.base import BaseCommand
from django.utils import timezone

from utilization import library
from utilization.rules.examples import check_examples
from utilization.rules.marked import PackError


class Command(BaseCommand):
    help = (
        "Reads a criteria pack and runs its worked examples; says file, line and what was expected of each wrong one."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser):
        parser.add_argument("pack", nargs="?", help="a pack's folder or file; the built-in pack when left out")

    def handle(self, *args, pack, **options):
        try:
            criteria = library.pack_at(Path(pack)) if pack else library.builtin_pack()
            shelf = library.shelf()
        except PackError as error:
            self.stderr.write(str(error))
            sys.exit(1)
        problems = check_examples(criteria, shelf, timezone.localdate())
        for problem in problems:
            self.stderr.write(problem)
        if problems:
            sys.exit(1)
        self.stdout.write(
            f"{criteria.name} {criteria.version}: {len(criteria.indications)} indications, "
            f"{len(criteria.statements)} statements, {len(criteria.examples)} examples hold. sha256 {criteria.sha256}"
        )
