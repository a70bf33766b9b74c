"""`manage.py check_criteria`: reads a criteria pack whole, looks for what cannot be meant, runs its worked examples."""

import sys
from pathlib import Path

from django.core.management.base import BaseCommand
from django.utils import timezone

from utilization import criteria
from utilization.rules.judging.examples import check_examples
from utilization.rules.judging.pack_checks import problems, remarks
from utilization.rules.packs.pack import Pack
from utilization.rules.yaml_lines import PackError


class Command(BaseCommand):
    help = (
        "Reads a criteria pack, or every version in a folder of dated versions, looks for criteria that nobody can "
        "meet or fail, and runs the worked examples; says file, line and what was expected of each wrong one."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser):
        parser.add_argument("pack", nargs="?", help="a pack's folder or file; the built-in pack when left out")
        parser.add_argument(
            "--remarks",
            action="store_true",
            dest="with_remarks",
            help="also name what nothing uses, and what the newest edition of the language would change",
        )

    def handle(self, *args, pack, with_remarks, **options):
        try:
            versions = criteria.versions_at(Path(pack)) if pack else [criteria.builtin_pack()]
        except PackError as error:
            self.stderr.write(str(error))
            sys.exit(1)
        wrong = [self._checked(version, with_remarks) for version in versions]
        if any(wrong):
            sys.exit(1)

    def _checked(self, pack: Pack, with_remarks: bool) -> bool:
        """Whether something is wrong with the pack; says what."""
        wrong = [*map(str, problems(pack)), *check_examples(pack, criteria.reference_tables(), timezone.localdate())]
        for line in wrong:
            self.stderr.write(line)
        unused = remarks(pack)
        for remark in unused if with_remarks else ():
            self.stdout.write(f"remark: {remark}")
        if not wrong:
            hint = f" {len(unused)} remarks: see them with --remarks." if unused and not with_remarks else ""
            self.stdout.write(
                f"{pack.name} {pack.version}: {len(pack.indications)} indications, {len(pack.statements)} statements, "
                f"{len(pack.examples)} examples hold. sha256 {pack.sha256}{hint}"
            )
        return bool(wrong)
