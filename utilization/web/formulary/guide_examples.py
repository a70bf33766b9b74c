"""Worked examples offered from the criteria of the guide: the facts of each case, for the person to confirm.

What a case must come to is never offered: a person says it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal

from utilization.rules.facts.catalogue import Fact, Kind
from utilization.rules.packs.guided_condition import DOSES, GuidedTest, How
from utilization.rules.packs.indication_text import AGAINST, WEIGHED, NewCriterion
from utilization.web.formulary.guide_fields import NO, YES

Case = tuple[str, dict[str, str]]
"""What an example shows, and its facts as a person types them."""
REQUEST, FIRST = "request_type", "initial"
_STATED_AS = {
    "course_g_per_kg": "dose_total_g_per_kg", "day_g_per_kg": "dose_per_day_g_per_kg", "course_g": "dose_total_g",
    "day_g": "dose_per_day_g",
}  # fmt: skip


def offered(criteria: Sequence[NewCriterion], facts: Mapping[str, Fact], dose: Decimal | None) -> Iterator[Case]:
    """A case in which every criterion is met, one for each in which it is not, and one in which nothing is known.

    `dose` is that of a course in g/kg, stated where the indication has a dose rule.
    """
    phased = any(criterion.phase for criterion in criteria)
    first = {REQUEST: FIRST} if phased else {}
    ordered = {"dose_total_g_per_kg": f"{dose.normalize():f}"} if dose is not None else {}
    yield "All criteria are met.", _met(criteria, FIRST, facts) | first | ordered
    for criterion in criteria:
        phase = criterion.phase or FIRST
        request = {REQUEST: phase} if phased else {}
        known = _met(criteria, phase, facts) | ordered | request
        yield f"Not so: {criterion.says}", known | _facts(criterion, facts, met=False)
    yield "Nothing is known.", {}


def _met(criteria: Iterable[NewCriterion], phase: str, facts: Mapping[str, Fact]) -> dict[str, str]:
    found: dict[str, str] = {}
    for criterion in criteria:
        if criterion.phase in ("", phase):
            found |= _facts(criterion, facts, met=True)
    return found


def _facts(criterion: NewCriterion, facts: Mapping[str, Fact], *, met: bool) -> dict[str, str]:
    """Facts by which the criterion is met, or is not."""
    holds = met != (criterion.does in (AGAINST, WEIGHED))
    found: dict[str, str] = {}
    for test in criterion.tests:
        value = _value(test, facts[test.fact], holds)
        if value is not None:
            found.setdefault(_STATED_AS.get(test.fact, test.fact), value)
    return found


def _value(test: GuidedTest, fact: Fact, holds: bool) -> str | None:
    """A value for which the test holds, or does not; empty where the person must name it, None where there is none."""
    if fact.kind is Kind.BOOL:
        return YES if (test.values[0] is True) == holds else NO
    if fact.kind is Kind.CHOICE:
        within = holds == (test.how is How.IS)
        return next((code for code in fact.choices if (code in test.values) == within), None)
    if fact.kind is Kind.TEXT:
        return str(test.values[0]) if holds and test.values else ""
    if fact.kind not in (Kind.INT, Kind.DEC):
        return ""
    number = _number(test, holds, Decimal(1) if fact.name not in DOSES else Decimal("0.5"))
    low, high = fact.possible
    if (
        (low is not None and number < low)
        or (high is not None and number > high)
        or (fact.name in DOSES and number <= 0)
    ):
        return None
    return f"{number.normalize():f}"


def _number(test: GuidedTest, holds: bool, step: Decimal) -> Decimal:
    """A number on the bound, or a step beyond it."""
    assert test.number is not None, "a comparison of numbers has a number"
    at = test.to if test.to is not None else test.number
    if holds == (test.how not in (How.ABOVE, How.BELOW)):
        return at
    up = test.how in (How.EXACTLY, How.BETWEEN) or holds == (test.how in (How.ABOVE, How.AT_LEAST))
    return at + step if up else at - step
