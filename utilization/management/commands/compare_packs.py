"""`manage.py compare_packs`: the same cases judged by several criteria packs, side by side, without any database."""

import json
import sys
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from utilization import criteria
from utilization.management.cases import JudgeCase, cases_in, day_of
from utilization.rules.facts.values import BadInput, named_in, nearest, read_facts, unnamed_in
from utilization.rules.judging.judge import judge
from utilization.rules.packs.pack import Pack
from utilization.rules.yaml_lines import PackError

_FEWEST = 2
_SHOWN = ("judged_as", "outcome", "warnings", "questions", "would_meet_if")


class Command(BaseCommand):
    help = (
        "Judges the cases of a JSON file (or - for standard input) by each pack and prints the results side by side, "
        "as JSON. A fact that one pack brings itself and another lacks is left out for the other, which says so."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser):
        parser.add_argument("cases", help="a JSON file with one case or a list of cases, or - for standard input")
        parser.add_argument(
            "--pack", action="append", default=[], help="a pack's folder or file; give it twice or more"
        )
        parser.add_argument(
            "--as-of", dest="as_of", help="the date that clocks count from, YYYY-MM-DD; today by default"
        )
        parser.add_argument(
            "--table", action="store_true", help="print a table of the outcomes instead, the disagreements first"
        )

    def handle(self, *args, cases, pack, as_of, table, **options):
        try:
            day = day_of(as_of)
            if len(pack) < _FEWEST:
                raise BadInput("--pack", f"expected at least {_FEWEST} packs to compare, got {len(pack)}")
            packs = [criteria.pack_at(Path(place), day) for place in pack]
            read, listed = cases_in(cases)
            rows = [_row(case, packs, day) for case in read]
        except (BadInput, PackError) as error:
            self.stderr.write(" ".join(str(error).split()))
            sys.exit(2)
        if table:
            self.stdout.write("\n".join(_table(rows, packs)))
        else:
            self.stdout.write(json.dumps(rows if listed else rows[0], ensure_ascii=False, indent=1))


def _row(case: JudgeCase, packs: Sequence[Pack], as_of: date) -> dict[str, Any]:
    try:
        _check_names(case.facts, packs)
        judgements = [_judged(case, pack, as_of) for pack in packs]
    except BadInput as error:
        raise case.refused(error) from None
    agree = len({judged["outcome"] for judged in judgements}) == 1
    return {"id": case.id, "indication": case.indication, "agree": agree, "by": judgements}


def _check_names(facts: Any, packs: Sequence[Pack]) -> None:
    known = {name for pack in packs for name in pack.catalogue}
    for name in facts if isinstance(facts, Mapping) else ():
        if name not in known:
            near = nearest(str(name), known)
            hint = f"; did you mean {near}?" if near else ""
            raise BadInput(f"facts.{name}", f"unknown fact {name!r}: expected a name that one of the packs knows{hint}")
    if isinstance(facts, Mapping):
        # A field of an entry that no pack knows.
        unknown = set.intersection(*(set(unnamed_in(pack.catalogue, facts)) for pack in packs))
        for name in sorted(name for name in unknown if "." in name):
            raise BadInput(f"facts.{name}", "unknown field: expected one that one of the packs knows")


def _judged(case: JudgeCase, pack: Pack, as_of: date) -> dict[str, Any]:
    given = case.facts
    left_out = unnamed_in(pack.catalogue, given) if isinstance(given, Mapping) else []
    kept = named_in(pack.catalogue, given) if left_out else given
    facts = read_facts(kept, catalogue=pack.catalogue)
    result = judge(pack, case.indication, facts, tables=criteria.reference_tables(), as_of=as_of).as_dict()
    shown = {key: result[key] for key in _SHOWN} | {"authorization": result.get("authorization")}
    return {"criteria": result["criteria"], **shown, "left_out": left_out}


def _table(rows: Sequence[Mapping[str, Any]], packs: Sequence[Pack]) -> list[str]:
    """A plain table: the cases on which the packs disagree, then those on which they agree, each in its order."""
    head = ("case", "indication", *(f"{pack.name} {pack.version}" for pack in packs))
    lines = [
        (str(n if row["id"] is None else row["id"]), row["indication"], *(judged["outcome"] for judged in row["by"]))
        for n, row in sorted(enumerate(rows, start=1), key=lambda pair: pair[1]["agree"])
    ]
    widths = [max(map(len, column)) for column in zip(head, *lines, strict=True)]
    shown = [
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in (head, *lines)
    ]
    differ = sum(not row["agree"] for row in rows)
    return [shown[0], "  ".join("-" * width for width in widths), *shown[1:], f"{differ} of {len(rows)} cases differ."]
