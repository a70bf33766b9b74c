"""A new indication as a form collects it, as the YAML text of one file of a pack: names, criteria, dose, examples.

Values in, text out. `NewIndication` is what the person said; `written` is the text, with what each part comes from.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import count
from typing import Any

from utilization.rules.facts.catalogue import CATALOGUE, Fact
from utilization.rules.packs.dose_rules import WITHIN
from utilization.rules.packs.guided_condition import GuidedTest, condition, measured
from utilization.rules.packs.yaml_text import yaml_text

MUST, SHOULD, AGAINST, WEIGHED = "must", "should", "against", "weighed"
DENIES, REVIEWS = "does_not_meet", "exception_review"
_OTHERWISE = {MUST: DENIES, SHOULD: REVIEWS, AGAINST: DENIES, WEIGHED: REVIEWS}
_TURNED = (AGAINST, WEIGHED)
PHASES = ("initial", "renewal")
MONTHS = "months"
COUNTED = (MONTHS, "courses", "doses")
_CEILING = {
    "course": "The ordered course is at most {} of dosing weight.",
    "day": "A day is at most {} of dosing weight.",
}


@dataclass(frozen=True, slots=True)
class Basis:
    """What something rests on: ids of statements, or why there is no source."""

    evidence: tuple[str, ...] = ()
    local: str = ""


@dataclass(frozen=True, slots=True)
class NewCriterion:
    """One criterion. `does` is MUST or SHOULD be met, or decides AGAINST or is WEIGHED where `tests` hold. It applies
    to the kind of request `phase`, or to both where that is empty. `joined` says how the tests are, as
    `guided_condition.condition` takes it.
    """

    does: str
    says: str
    tests: tuple[GuidedTest, ...]
    basis: Basis
    joined: str = "all"
    phase: str = ""
    to_meet: str = ""


@dataclass(frozen=True, slots=True)
class NewDose:
    """The dose: `target` and `ceiling` in g/kg, the ceiling `per` course or day; least and most days of a course; the
    fewest weeks between courses. `outside` is what an order outside of it comes to; `weight` a weight rule of its own.
    """

    basis: Basis
    target: Decimal | None = None
    ceiling: Decimal | None = None
    per: str = "course"
    days: tuple[int | None, int | None] = (None, None)
    weeks: Decimal | None = None
    outside: str = REVIEWS
    weight: str = ""


@dataclass(frozen=True, slots=True)
class NewExample:
    """A worked example: what it shows, its facts as JSON gives them, and what it must come to."""

    says: str
    facts: Mapping[str, Any]
    outcome: str
    as_of: str = ""


@dataclass(frozen=True, slots=True)
class NewIndication:
    """A new indication. `evidence` is the sentence under which it is an indication, resting on `basis`; `sources` and
    `statements` are those that the pack does not have yet; `limits` are those of an approval, by the kind of request
    and what is counted: months, courses or doses.
    """

    code: str
    name: str
    evidence: str
    basis: Basis
    dose: NewDose
    criteria: tuple[NewCriterion, ...] = ()
    examples: tuple[NewExample, ...] = ()
    abbreviation: str = ""
    also_called: tuple[str, ...] = ()
    icd10cm: tuple[tuple[str, str], ...] = ()
    sources: tuple[Mapping[str, Any], ...] = ()
    statements: tuple[Mapping[str, Any], ...] = ()
    limits: Mapping[tuple[str, str], int | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Written:
    """The text. `clauses` names what each clause comes from: the place of a criterion, `evidence` or `dose`."""

    text: str
    clauses: tuple[int | str, ...]


def written(new: NewIndication, catalogue: Mapping[str, Fact] = CATALOGUE) -> Written:
    """The text of the file that adds `new` to a pack with the facts `catalogue`."""
    clauses = [_indicated(new), *_criteria(new.criteria, catalogue), *_dose_clauses(new.dose)]
    origins = ["evidence", *range(len(new.criteria)), *("dose" for _ in clauses[len(new.criteria) + 1 :])]
    rules = _present({
        "indication": new.code, "dose": _dose(new.dose), "clauses": _named(clauses), "caps": _caps(new),
    })  # fmt: skip
    sections = {
        "sources": list(new.sources),
        "statements": list(new.statements),
        "indications": [_names(new)],
        "criteria": [rules],
        "examples": [_example(new.code, example) for example in new.examples],
    }
    return Written(yaml_text(_present(sections)), tuple(origins))


def _present(value: Mapping[str, Any]) -> dict[str, Any]:
    """The keys that say something."""
    return {key: held for key, held in value.items() if held not in (None, "", [], {}, ())}


def _names(new: NewIndication) -> dict[str, Any]:
    codes = [_present({"code": code, "title": title}) for code, title in new.icd10cm]
    return _present({
        "code": new.code, "name": new.name, "abbreviation": new.abbreviation, "also_called": list(new.also_called),
        "icd10cm": codes,
    })  # fmt: skip


def _based(basis: Basis) -> dict[str, Any]:
    return _present({"evidence": list(basis.evidence), "local": basis.local})


def _indicated(new: NewIndication) -> dict[str, Any]:
    return {"id": "indicated", "says": new.evidence, "require": "always", **_based(new.basis)}


def _criteria(criteria: Sequence[NewCriterion], catalogue: Mapping[str, Fact]) -> list[dict[str, Any]]:
    return [_criterion(criterion, catalogue) for criterion in criteria]


def _criterion(criterion: NewCriterion, catalogue: Mapping[str, Fact]) -> dict[str, Any]:
    tested = condition(criterion.tests, criterion.joined, catalogue)
    return _present({
        "id": criterion.tests[0].fact,
        "says": criterion.says,
        "when": {"request_type": criterion.phase} if criterion.phase else None,
        "require": {"not": tested} if criterion.does in _TURNED else tested,
        "otherwise": _OTHERWISE[criterion.does],
        "to_meet": criterion.to_meet,
        **_based(criterion.basis),
    })  # fmt: skip


def _named(clauses: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The clauses with an id of their own each: the second of one name takes the next number that no name has, as
    `name_2`.
    """
    wanted = {clause["id"] for clause in clauses}
    taken: set[str] = set()
    named = []
    for clause in clauses:
        name = clause["id"]
        if name in taken:
            numbered = (f"{name}_{number}" for number in count(2))
            name = next(free for free in numbered if free not in taken | wanted)
        taken.add(name)
        named.append({**clause, "id": name})
    return named


# --- The dose and the approval ----------------------------------------------------------------------------------------


def _dose(dose: NewDose) -> dict[str, Any]:
    said = _present({
        "target": _per_kg(dose.target),
        "ceiling": _per_kg(dose.ceiling) if dose.per == "course" else None,
        "weight_rule": dose.weight,
    })  # fmt: skip
    return {**said, **_present({"evidence": list(dose.basis.evidence)})} if said else {}


def _per_kg(amount: Decimal | None) -> Any:
    return None if amount is None else measured(amount, "g/kg")


def _dose_clauses(dose: NewDose) -> list[dict[str, Any]]:
    parts = (_ceiling(dose), _days(*dose.days), _weeks(dose.weeks))
    return [{**part, "otherwise": dose.outside, **_based(dose.basis)} for part in parts if part]


def _ceiling(dose: NewDose) -> dict[str, Any]:
    if dose.ceiling is None:
        return {}
    limit = _per_kg(dose.ceiling)
    require = {WITHIN: True} if dose.per == "course" else {"dose": {"at_most": limit, "per": "day"}}
    told = f"Order at most {limit} of dosing weight a {dose.per}."
    return {"id": "ceiling", "says": _CEILING[dose.per].format(limit), "require": require, "to_meet": told}


def _days(least: int | None, most: int | None) -> dict[str, Any]:
    """How many days a course is divided over; a course whose days nobody gave is not asked for them."""
    if least is None and most is None:
        return {}
    said = _days_in_words(least, most)
    ends = [("below", least), ("above", most)]
    outside = [{"surely": {"course_days": {key: f"{end} days"}}} for key, end in ends if end is not None]
    return {
        "id": "over_days",
        "says": f"A course, where its days are given, is divided over {said}.",
        "require": {"not": outside[0] if len(outside) == 1 else {"any": outside}},
        "to_meet": f"Divide the course over {said}.",
    }


def _days_in_words(least: int | None, most: int | None) -> str:
    """The days of a course: `at least 1 day`, `5 days`, `at least 2 and at most 5 days`."""
    words = [f"at least {least}"] * (least is not None) + [f"at most {most}"] * (most is not None)
    said = str(least) if least == most else " and ".join(words)
    last = least if most is None else most
    return f"{said} day{'' if last == 1 else 's'}"


def _weeks(weeks: Decimal | None) -> dict[str, Any]:
    if weeks is None:
        return {}
    apart = measured(weeks, "weeks")
    said = "1 week" if weeks == 1 else apart
    return {
        "id": "weeks_between",
        "says": f"Courses, where more than one is ordered, are at least {said} apart.",
        "require": {"not": {"surely": {"interval_weeks": {"below": apart}}}},
        "to_meet": f"Order courses at least {said} apart.",
    }


def _caps(new: NewIndication) -> list[dict[str, Any]]:
    return [
        {
            "id": phase if counted == MONTHS else f"{phase}_{counted}",
            "says": f"{'A first approval' if phase == 'initial' else 'An approval at renewal'} "
            f"{'runs' if counted == MONTHS else 'is'} for at most {most} {counted[:-1]}{'' if most == 1 else 's'}.",
            "at_most": f"{most} {counted}",
            "when": {"request_type": phase},
            **_based(new.basis),
        }
        for (phase, counted), most in new.limits.items()
        if most is not None
    ]


def _example(code: str, example: NewExample) -> dict[str, Any]:
    dated = {"as_of": example.as_of} if example.as_of else {}
    facts = {"facts": dict(example.facts), "expect": {"outcome": example.outcome}}
    return {"indication": code, "says": example.says, **dated, **facts}
