"""`manage.py judge`: judges cases from JSON by a criteria pack, without any database."""

import json
import sys
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from utilization import criteria
from utilization.management.cases import JudgeCase, cases_in, day_of
from utilization.rules.facts.values import BadInput, read_facts
from utilization.rules.judging.judge import judge
from utilization.rules.packs.pack import Pack
from utilization.rules.yaml_lines import PackError


class Command(BaseCommand):
    help = "Judges the cases of a JSON file (or - for standard input) and prints one result for each, as JSON."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser):
        parser.add_argument("cases", help="a JSON file with one case or a list of cases, or - for standard input")
        parser.add_argument(
            "--pack",
            help="a pack's folder or file, or a folder of dated versions of one pack, of which the one in force on the "
            "date judges; the built-in pack when left out",
        )
        parser.add_argument(
            "--as-of", dest="as_of", help="the date that clocks count from, YYYY-MM-DD; today by default"
        )

    def handle(self, *args, cases, pack, as_of, **options):
        try:
            day = day_of(as_of)
            version = criteria.pack_at(Path(pack), day) if pack else criteria.builtin_pack()
            read, listed = cases_in(cases)
            results = [_judged(case, version, day) for case in read]
        except (BadInput, PackError) as error:
            self.stderr.write(" ".join(str(error).split()))
            sys.exit(2)
        self.stdout.write(json.dumps(results if listed else results[0], ensure_ascii=False, indent=1))


def _judged(case: JudgeCase, version: Pack, as_of: date) -> dict[str, Any]:
    try:
        facts = read_facts(case.facts, catalogue=version.catalogue)
        result = judge(version, case.indication, facts, tables=criteria.reference_tables(), as_of=as_of)
    except BadInput as error:
        raise case.refused(error) from None
    return {"id": case.id, **result.as_dict()}
