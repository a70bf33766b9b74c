"""`manage.py doctor`: everything about this installation that can be wrong, a line each, with what puts it right."""

import json
import sys
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from utilization.management.doctor import FAIL, OK, WARN, examine, fatal

CODES = {OK: 0, WARN: 1, FAIL: 2}


class Command(BaseCommand):
    """Exit code 0 where all is well, 1 where something should be put right, 2 where something must be."""

    help = (
        "Look at settings, database, files, units, processes, mail, proxy and backups. Each fault is one line with the "
        "command or setting that corrects it. Exit code: 0 all is well, 1 should be corrected, 2 must be."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="a JSON list of the lines, for programs")
        parser.add_argument("--faults", action="store_true", help="leave out what is well")
        parser.add_argument(
            "--fatal", action="store_true", help="only what keeps it from serving: units look so before they start"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        told = fatal(timezone.now()) if options["fatal"] else list(examine(timezone.now()))
        if options["fatal"] and not told and not options["json"]:
            return  # Units look so at each start: nothing is wrong, so nothing is written into the journal.
        shown = [line for line in told if line.level != OK or not options["faults"]]
        if options["json"]:
            self.stdout.write(json.dumps([asdict(line) for line in shown], indent=1))
        else:
            for line in shown:
                self.stdout.write(str(line))
            counts = {level: sum(line.level == level for line in told) for level in CODES}
            self.stdout.write(f"\n{counts[FAIL]} must be corrected, {counts[WARN]} should be, {counts[OK]} are well.")
        sys.exit(max((CODES[line.level] for line in told), default=CODES[OK]))
