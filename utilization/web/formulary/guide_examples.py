"""Worked examples offered from the criteria of the guide: the facts of each case, for the person to confirm.

What a case must come to is never offered: a person says it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from types import MappingProxyType

from utilization.rules.facts.catalogue import Fact, Kind
from utilization.rules.packs.guided_condition import DOSES, ENTRIES, TRIED, GuidedTest, How
from utilization.rules.packs.indication_text import AGAINST, WEIGHED, NewCriterion
from utilization.web.formulary.guide_entries import day, entries
from utilization.web.formulary.guide_fields import NO, YES
from utilization.web.formulary.guide_therapies import LISTED, tried_facts

_Asked = tuple[GuidedTest, bool]
REQUEST, FIRST = "request_type", "initial"
_STATED_AS = {
    "course_g_per_kg": "dose_total_g_per_kg", "day_g_per_kg": "dose_per_day_g_per_kg", "course_g": "dose_total_g",
    "day_g": "dose_per_day_g",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class OfferedCase:
    """What an example shows, and its facts as a person types them; `as_of` where its dates count from a day."""

    says: str
    facts: Mapping[str, str]
    as_of: str = ""


def offered(
    criteria: Sequence[NewCriterion], facts: Mapping[str, Fact], dose: Decimal | None, as_of: date
) -> Iterator[OfferedCase]:
    """A case in which every criterion is met, one for each in which it is not, and one in which nothing is known.

    `dose` is that of a course in g/kg, stated where the indication has a dose rule. Dates count back from `as_of`.
    """
    for says, stated in _offered(criteria, facts, dose, as_of):
        dated = any(
            value and facts[name].kind in (Kind.DATE, *ENTRIES) for name, value in stated.items() if name in facts
        )
        yield OfferedCase(says, stated, as_of.isoformat() if dated else "")


def _offered(
    criteria: Sequence[NewCriterion], facts: Mapping[str, Fact], dose: Decimal | None, as_of: date
) -> Iterator[tuple[str, dict[str, str]]]:
    phased = any(criterion.phase for criterion in criteria)
    first = {REQUEST: FIRST} if phased else {}
    ordered = {"dose_total_g_per_kg": f"{dose.normalize():f}"} if dose is not None else {}
    yield "All criteria are met.", _facts(criteria, FIRST, facts, as_of) | first | ordered
    for criterion in criteria:
        phase = criterion.phase or FIRST
        request = {REQUEST: phase} if phased else {}
        yield (
            f"Not so: {criterion.says}",
            _facts(criteria, phase, facts, as_of, unmet=criterion, stated=ordered | request),
        )
    yield "Nothing is known.", {}


def _facts(
    criteria: Sequence[NewCriterion], phase: str, facts: Mapping[str, Fact], as_of: date, *,
    unmet: NewCriterion | None = None, stated: Mapping[str, str] = MappingProxyType({}),
) -> dict[str, str]:  # fmt: skip
    """Facts by which the criteria of a phase are met, all but `unmet`, which goes before what else is `stated`.

    Where criteria name the same fact, its value fits all of them, if any does.
    """
    asked: dict[str, list[_Asked]] = {}
    for criterion in criteria:
        met = criterion is not unmet
        for test in criterion.tests if criterion.phase in ("", phase) else ():
            holds = met != (criterion.does in (AGAINST, WEIGHED))
            # What is to fail goes before what is to hold.
            asked.setdefault(test.fact, []).insert(len(asked.get(test.fact, ())) if met else 0, (test, holds))
    tried = tried_facts(asked.pop(TRIED, ()))
    found = {name: _value(tests, facts[name], as_of) for name, tests in asked.items()}
    known = {_STATED_AS.get(name, name): value for name, value in found.items() if value is not None}
    known = {**tried, **known, **_both_lists(tried, known)}
    failing = {_STATED_AS.get(test.fact, test.fact) for test in unmet.tests} if unmet else set()
    return known | {name: value for name, value in stated.items() if name not in failing or name not in known}


def _both_lists(tried: Mapping[str, str], known: Mapping[str, str]) -> dict[str, str]:
    """The list of therapies, where criteria name therapies and count them too."""
    return {LISTED: f"{tried[LISTED]}\n{known[LISTED]}".strip()} if LISTED in tried and LISTED in known else {}


def _value(asked: Sequence[_Asked], fact: Fact, as_of: date) -> str | None:
    """A value for which each test holds as asked, or the first of them alone where no value does for all.

    Empty where the person must name it, None where there is none.
    """
    if fact.kind in ENTRIES:
        return _list(asked, fact, as_of)
    if fact.kind is Kind.DATE:
        return day(*asked[0], as_of)
    if fact.kind not in (Kind.BOOL, Kind.CHOICE, Kind.INT, Kind.DEC):
        return _alone(asked[0][0], fact, asked[0][1])
    own = [value for test, holds in asked if (value := _alone(test, fact, holds)) is not None]
    more = fact.choices if fact.kind is Kind.CHOICE else (YES, NO) if fact.kind is Kind.BOOL else ()
    values = list(dict.fromkeys([*own, *more]))
    fitting = (value for value in values if all(_fits(test, fact, value) is holds for test, holds in asked))
    return next(fitting, _alone(asked[0][0], fact, asked[0][1]))


def _list(asked: Sequence[_Asked], fact: Fact, as_of: date) -> str | None:
    """Entries by which the first test comes out as asked, with those that the others want to be there."""
    (first, holds), *others = asked
    lines = entries(first, fact, holds, as_of)
    if lines is None:
        return None
    for test, wanted in others if first.how is not How.FEW else ():
        more = entries(test, fact, True, as_of) if wanted and test.how is How.MANY else None
        lines = [*lines, *(line for line in more or () if line not in lines)]
    return "\n".join(lines)


def _fits(test: GuidedTest, fact: Fact, value: str) -> bool:
    """Whether a test of a choice, a yes or no, or a number holds for a value as it is typed."""
    if fact.kind is Kind.BOOL:
        return (value == YES) == (test.values[0] is True)
    if fact.kind is Kind.CHOICE:
        return (value in test.values) == (test.how is How.IS)
    assert test.number is not None, "a comparison of numbers has a number"
    number, at = Decimal(value), test.number
    held = {
        How.AT_LEAST: number >= at, How.AT_MOST: number <= at, How.ABOVE: number > at, How.BELOW: number < at,
        How.EXACTLY: number == at, How.BETWEEN: at <= number and (test.to is None or number <= test.to),
    }  # fmt: skip
    return held[test.how]


def _alone(test: GuidedTest, fact: Fact, holds: bool) -> str | None:
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
