"""Worked examples of a pack: run, and counted against the outcomes that each indication can have.

An example is judged as of its own date where it names one, so that what it says of dates does not age.
"""

from collections.abc import Callable
from datetime import date
from typing import Any

from utilization.rules.facts.values import BadInput, read_facts
from utilization.rules.judging.example_facts import unread_facts
from utilization.rules.judging.judge import Judgement, ReferenceTables, judge, possible_outcomes
from utilization.rules.packs.pack import Example, Pack

FEWEST = 2


def check_examples(
    pack: Pack, tables: ReferenceTables, as_of: date, *, judged_by: Callable[..., Judgement] = judge
) -> list[str]:
    """One line for each example that fails and each indication short of examples; empty when all hold.

    `judged_by` is `judge`, or does as it does within bounds: what it raises as BadInput stands at the example.
    """
    problems: list[str] = []
    unread = unread_facts(pack)
    shown: dict[str, list[str]] = {code: [] for code in pack.indications}
    for example in pack.examples:
        slips = [slip for one, slip in unread if one is example]
        problems += [f"{slip.file}:{slip.line}: {_named(example)}: {slip.path}: {slip.message}" for slip in slips]
        problems += [] if slips else _check(pack, tables, as_of, example, judged_by)
        shown.setdefault(example.indication, []).append(str(example.expected["outcome"]))
    for code, indication in pack.indications.items():
        fewest = 1 if indication.standing else FEWEST
        where = f"{indication.clauses[0].file}:{indication.clauses[0].line}: " if indication.clauses else ""
        if len(shown[code]) < fewest:
            problems.append(f"{where}examples: {code}: expected at least {fewest} examples, got {len(shown[code])}")
        for outcome in sorted(possible_outcomes(indication)):
            if outcome.value not in shown[code]:
                problems.append(f"{where}examples: {code}: expected an example that comes to {outcome.value}")
    return problems


def _check(
    pack: Pack, tables: ReferenceTables, as_of: date, example: Example, judged_by: Callable[..., Judgement]
) -> list[str]:
    where = f"{example.file}:{example.line}: {_named(example)}"
    try:
        facts = read_facts(example.facts, catalogue=pack.catalogue)
        got = judged_by(pack, example.indication, facts, tables=tables, as_of=example.as_of or as_of).as_dict()
    except BadInput as error:
        return [f"{where}: {error}"]
    got |= {"approvals": got["route"]["approvals"], "clock_hours": got["route"]["clock_hours"]}
    got |= {name: got["route"].get(name, "") for name in ("panel", "priority")}
    allowed = got.get("authorization", {})
    got |= {"authorization_months": allowed.get("months"), "authorization_courses": allowed.get("courses")}
    got |= {"duties": [duty["text"] for duty in allowed.get("duties", ())], "awaits": got.get("awaits", [])}
    return [
        f"{where}: expected {key} {_shown(wanted)}, got {_shown(got[key])}{_IN_FULL if key in _SENTENCES else ''}"
        for key, wanted in example.expected.items()
        if _shown(got[key]) != _shown(wanted)
    ]


_SENTENCES = ("duties", "awaits")
_IN_FULL = ": an example names each by its whole sentence"


def _named(example: Example) -> str:
    return f"{example.indication}: {example.says}"


def _shown(value: Any) -> str:
    if value is None:
        return "nothing"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
