"""Facts of a worked example by which therapies were tried as a test of the guide asks, or were not."""

import math
from collections.abc import Iterable

from utilization.rules.facts.catalogue import PRIOR
from utilization.rules.facts.therapy_table import THERAPIES
from utilization.rules.facts.units import convert, read_quantity
from utilization.rules.packs.guided_condition import GuidedTest, How

LISTED = "prior_therapies"
_FAILED = "failed"


def tried_facts(asked: Iterable[tuple[GuidedTest, bool]]) -> dict[str, str]:
    """The facts of the therapies that the tests name, as a person types them; what was asked first goes before."""
    facts: dict[str, str] = {}
    lines: list[str] = []
    for test, holds in asked:
        for name, outcome in _outcomes(test, holds):
            known = THERAPIES.therapies.get(THERAPIES.named(name))
            own = name if name.startswith("prior_") else known.fact if known else ""
            if own and not test.span:
                facts.setdefault(own, outcome)
            else:
                weeks = f"; {_weeks(test.span)}" if test.span and outcome == _FAILED else ""
                lines.append(f"{known.label if known else name}; {PRIOR[outcome]}{weeks}")
    return {**facts, LISTED: "\n".join(lines)} if lines else facts


def _outcomes(test: GuidedTest, holds: bool) -> list[tuple[str, str]]:
    """Each therapy with how it went: as few of them as wanted with a result that counts, or one fewer."""
    counting = next((list(value) for key, value in test.where if key == "results"), [_FAILED])
    other = next((outcome for outcome in PRIOR if outcome not in (*counting, _FAILED)), _FAILED)
    fewest = {How.ANY_OF: 1, How.ALL_OF: len(test.values)}.get(test.how, int(test.number or 1))
    wanted = fewest if holds else fewest - 1
    return [(str(name), counting[0] if place < wanted else other) for place, name in enumerate(test.values)]


def _weeks(span: str) -> int:
    """How many whole weeks the span takes."""
    quantity = read_quantity(span)
    assert quantity is not None, "a span begins with its number"
    return math.ceil(convert(quantity, "weeks"))
