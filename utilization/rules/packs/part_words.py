"""What each part of a pack says, in words, by what it says it of: {"Requires": "Age: at least 18 years", ...}.

`NOTHING` stands where a part says nothing. Two packs are compared by it, entry by entry.
"""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from utilization.rules.facts.catalogue import Fact
from utilization.rules.facts.therapies import Therapy
from utilization.rules.facts.units import months_in_words
from utilization.rules.facts.values import plain
from utilization.rules.language.composites import in_words
from utilization.rules.language.node import Catalogue
from utilization.rules.language.outcomes import Outcome
from utilization.rules.language.words import Words, sentence
from utilization.rules.packs.pack import (
    Clause,
    Default,
    DiagnosisCode,
    Indication,
    NotCovered,
    Pack,
    Redirect,
    RouteRule,
    WarningRule,
)

NOTHING = Words("–")
Said = Mapping[str, Words]


def head_words(pack: Pack) -> Said:
    return {"Name": Words(pack.name), "Version": Words(pack.version), "Title": Words(pack.title)}


def indication_words(indication: Indication, catalogue: Catalogue) -> Said:
    """What an indication says beside its clauses."""
    dose = indication.dose
    said = {
        "Name": _text(indication.name),
        "Abbreviation": _text(indication.abbreviation),
        "Also called": _list(indication.also_called),
        "ICD-10-CM codes": _list(_code(code, catalogue) for code in indication.icd10cm),
        "Names that settle facts": _list(f"{name}{_settles(facts, catalogue)}" for name, facts in indication.implies),
        "Silent on": _list(indication.silent_on),
        "Standing": _text(_shown(indication.standing).replace("_", " ")),
        "Evidence of the dose": _list(dose.evidence),
    }
    for name in dose.__dataclass_fields__:
        if name not in ("evidence", "phases", "phase"):
            unit = " g/kg" if name in ("ceiling", "target") and getattr(dose, name) is not None else ""
            said[f"Dose: {name.replace('_', ' ')}"] = _text(_shown(getattr(dose, name)) + unit)
    for phase in dose.phases:
        amounts = (("ceiling", phase.ceiling), ("target", phase.target))
        said_of = [f"{what} {_shown(amount)} g/kg" for what, amount in amounts if amount is not None]
        when: Any = phase.when
        said[f"Dose, {phase.says}"] = _text(f"{', '.join(said_of)} where {sentence(in_words(when, catalogue))}")
    return said


def _code(code: DiagnosisCode, catalogue: Catalogue) -> str:
    return f"{code.code}{' and below' if code.with_subcodes else ''}{_settles(code.when, catalogue)}"


def _settles(facts: Mapping[str, Any], catalogue: Catalogue) -> str:
    """The facts that choosing a code or name settles, in brackets behind it; nothing where it settles none."""
    said = [f"{catalogue[name].label}: {catalogue[name].choices.get(str(value), _shown(value))}"
            for name, value in facts.items()]  # fmt: skip
    return f" ({'; '.join(said)})" if said else ""


def clause_words(clause: Clause, catalogue: Catalogue) -> Said:
    return {
        "Says": _text(clause.says),
        "Applies where": in_words(clause.when, catalogue),
        "Requires": in_words(clause.require, catalogue),
        "Otherwise": _text(_shown(clause.otherwise).replace("_", " ")),
        "Awaits": _text(clause.awaits),
        "Warns": _text(clause.warns.replace("_", " ")),
        "To meet it": _text(clause.to_meet),
        **_basis(clause),
    }


def _basis(rule: Any) -> Said:
    """What a clause or another rule rests on, or why it rests on nothing."""
    return {"Evidence": _list(rule.evidence), "Local parameter": _text(rule.local)}


def cap_words(cap: Any, pack: Pack) -> Said:
    return {
        "Says": _text(cap.says),
        "At most": _text(cap.most),
        "Applies where": in_words(cap.when, pack.catalogue),
        **_basis(cap),
    }


def duty_words(duty: Any, pack: Pack) -> Said:
    return {
        "Says": _text(duty.says),
        "After": _text("" if duty.after_months is None else months_in_words(duty.after_months)),
        "Applies where": in_words(duty.when, pack.catalogue),
        **_basis(duty),
    }


def route_words(rule: RouteRule, pack: Pack) -> Said:
    sets = rule.sets
    return {
        "Says": _text(sets.says),
        "Indications": _scope(rule.indications),
        "Where": in_words(rule.when, pack.catalogue),
        "Outcomes": _list(sorted(one.replace("_", " ") for one in rule.outcomes or ())),
        "Approvals": _list(sets.approvals or ()),
        "Panel": _text(sets.panel),
        "Priority": _text(sets.priority),
        "Clock": _text(sets.clock or ("" if sets.hours is None else f"{sets.hours} hours")),
        **_basis(rule),
    }


def fact_words(fact: Fact, pack: Pack) -> Said:
    return {
        "Label": _text(fact.label),
        "Kind": _text(fact.kind.value.replace("_", " ")),
        "Unit": _text(fact.unit),
        "Choices": _list(str(words) for words in fact.choices.values()),
        "Fields": _list(f"{field.label} ({field.expected})" for field in fact.fields.values()),
        "True on its day alone": _text("yes" if fact.of_its_day else "no"),
        "Possible": _text(" to ".join(_shown(bound) or "…" for bound in fact.possible) if any(fact.possible) else ""),
    }


def edition_words(edition: int, pack: Pack) -> Said:
    return {"Says": _text(f"Its words are read by edition {edition} of the criteria language.")}


def therapy_words(therapy: Therapy, pack: Pack) -> Said:
    return {
        "Label": _text(therapy.label),
        "Classes": _list(pack.therapies.therapies[name].label for name in therapy.classes),
        "Also written": _list(therapy.spellings),
    }


def not_covered_words(one: NotCovered, pack: Pack) -> Said:
    return {"Name": _text(one.title), "Also called": _list(one.also_called)}


def redirect_words(rule: Redirect, pack: Pack) -> Said:
    return {
        "Says": _text(rule.says),
        "Requests for": _list(sorted(rule.indications)),
        "Where": in_words(rule.when, pack.catalogue),
        "Evidence": _list(rule.evidence),
    }


def default_words(rule: Default, pack: Pack) -> Said:
    return {
        "Says": _text(rule.says),
        "Value": _text(_shown(rule.value)),
        "Where": in_words(rule.when, pack.catalogue),
        "Indications": _scope(rule.indications),
        "Evidence": _list(rule.evidence),
    }


def warning_words(rule: WarningRule, pack: Pack) -> Said:
    return {
        "Says": _text(rule.says),
        "Title": _text(rule.title),
        "Must be acknowledged": _text(("yes" if rule.acknowledge else "no") if rule.title else ""),
        "Raised where": in_words(rule.when, pack.catalogue),
        "Indications": _scope(rule.indications),
        **_basis(rule),
    }


def statement_words(one: Any, pack: Pack) -> Said:
    return {
        "Says": _text(one.says),
        "Source": _text(one.source),
        "Place": _text(one.where),
        "Strength": _text(one.strength.replace("_", " ")),
        "Effect": _text(one.effect.replace("_", " ")),
        "Note": _text(one.note),
    }


def source_words(one: Any, pack: Pack) -> Said:
    return {
        "Cited as": _text(one.short),
        "Authors": _text(one.authors),
        "Title": _text(one.title),
        "Published": _text(f"{one.published}, {one.year}"),
    }


def changeable_words(names: Sequence[str], pack: Pack) -> Said:
    return {"Facts": _list(names)}


def unlisted_words(outcome: Outcome, pack: Pack) -> Said:
    return {"Come to": _text(outcome.value.replace("_", " "))}


def _text(text: str) -> Words:
    return Words(text) if text else NOTHING


def _list(items: Iterable[str]) -> Words:
    return _text(", ".join(items))


def _scope(indications: frozenset[str] | None) -> Words:
    return Words("every one") if indications is None else _list(sorted(indications))


def _shown(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return plain(value) if isinstance(value, Decimal) else str(value)
