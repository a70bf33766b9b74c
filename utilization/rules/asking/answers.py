"""What people type to facts: raw answers by fact name, and the patient as known, become `Facts` and sentences about
what could not be read. Nothing typed is lost: a problem names its field and leaves the others standing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_DOWN, Decimal
from typing import Any

from utilization.rules.dosing.orders import NO_DOSE_RULE, DoseRule, check_order
from utilization.rules.facts.catalogue import CATALOGUE, SAFETY_CHECKLIST, Fact, Kind
from utilization.rules.facts.values import BadInput, Doubt, Facts, Value, implausible, read_value, record_shape
from utilization.rules.identity import SEX_NOT_KNOWN

NOT_KNOWN = "not_known"
NONE_OF_THESE = "none_of_these"
NONE = "none"
"""What is typed for a list that is known to be empty: nothing of the kind happened, or was measured."""
SAFETY = "safety"
_YES_NO = {"true": True, "yes": True, "false": False, "no": False}
_PREGNANCY = ("planning", "pregnant", "breastfeeding")
_PATIENT = ("age_years", "sex", "weight_kg", "height_cm")
_MAY_BE_PREGNANT = ("female", SEX_NOT_KNOWN)


@dataclass(frozen=True, slots=True)
class PatientFacts:
    """What is known of the patient without asking: weight in kg, height in cm, None where not measured.

    `sex` is female, male or `identity.SEX_NOT_KNOWN`: then it is no fact, and counts as answered "not known".
    """

    date_of_birth: date
    sex: str
    weight_kg: Decimal | None = None
    height_cm: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Intake:
    """What answers came to: known facts, a sentence for each field that could not be read, the fields answered
    "not known", and values that a person must confirm."""

    facts: Facts
    problems: Mapping[str, str]
    not_known: frozenset[str]
    doubts: tuple[Doubt, ...]


def facts_from_answers(
    answers: Mapping[str, Any],
    patient: PatientFacts | None,
    as_of: date,
    catalogue: Mapping[str, Fact] = CATALOGUE,
    rule: DoseRule = NO_DOSE_RULE,
) -> Intake:
    """Reads raw answers by fact name on the date `as_of`; blank or absent is unanswered, "not_known" an answer.

    Where there is no `patient` on file, what is known of one stands among the answers, and is read like the rest.

    `catalogue` is that of the pack that judges, `rule` its dose rule, by whose weight grams are held to g/kg. Lists
    of records are typed one entry a line, its fields in their order with commas between, an empty list as "none". The
    key "safety" holds the checklist: names of facts that apply, or "none_of_these", or "not_known".
    """
    values: dict[str, Value] = _of_patient(patient, as_of) if patient else {}
    problems: dict[str, str] = {}
    not_known: set[str] = set()
    for name, raw in answers.items():
        if name == SAFETY:
            continue
        if name not in catalogue:
            problems[name] = "This is not a fact that a request can hold."
        elif (patient and name in _PATIENT) or raw is None or raw == "" or raw == []:
            continue
        elif raw == NOT_KNOWN:
            not_known.add(name)
        else:
            try:
                values[name] = _read(catalogue[name], raw)
            except BadInput as error:
                problems[name] = _sentence(error.message)
    # Last, since the choices of the checklist depend on the sex.
    sex = patient.sex if patient else str(values.get("sex", ""))
    if sex == SEX_NOT_KNOWN:
        not_known.add("sex")
    _read_safety(answers.get(SAFETY), sex, values, problems, not_known)
    _drop_contradictions(values, problems, rule)
    facts = Facts(values)
    return Intake(facts, problems, frozenset(not_known), tuple(implausible(facts, catalogue)))


def age_in_years(born: date, as_of: date) -> Decimal:
    """Completed years on `as_of`; under two years in years with two decimals, rounded down."""
    years = as_of.year - born.year - ((as_of.month, as_of.day) < (born.month, born.day))
    if years >= 2:
        return Decimal(years)
    return (Decimal((as_of - born).days) / Decimal("365.25")).quantize(Decimal("0.01"), ROUND_DOWN)


def safety_options(sex: str) -> tuple[tuple[str, str], ...]:
    """(key, words) of the checklist for a patient of this sex, without its two single answers."""
    options = [(name, CATALOGUE[name].label) for name in SAFETY_CHECKLIST]
    if sex in _MAY_BE_PREGNANT:
        options += [(key, CATALOGUE["pregnancy_status"].choices[key].capitalize()) for key in _PREGNANCY]
    return tuple(options)


def _of_patient(patient: PatientFacts, as_of: date) -> dict[str, Value]:
    known: dict[str, Value] = {"age_years": age_in_years(patient.date_of_birth, as_of)}
    if patient.sex != SEX_NOT_KNOWN:
        known["sex"] = patient.sex
    if patient.weight_kg is not None:
        known["weight_kg"] = patient.weight_kg
    if patient.height_cm is not None:
        known["height_cm"] = patient.height_cm
    return known


def _read(fact: Fact, raw: Any) -> Value:
    name = fact.name
    if isinstance(raw, str):
        typed = raw.strip()
        if fact.kind in (Kind.LIST_RECORD, Kind.LIST_DEC) and typed.lower() == NONE:
            return ()
        if fact.kind is Kind.LIST_RECORD:
            return tuple(_read_line(fact, line) for line in typed.splitlines() if line.strip())
        if fact.kind is Kind.BOOL:
            return read_value(fact, _YES_NO.get(typed.lower(), typed), name)
        if fact.kind in (Kind.INT, Kind.DEC) and "," in typed:
            raise BadInput(name, f"{typed!r} has a comma: write decimals with a point, and thousands without a mark")
        if fact.kind is Kind.LIST_DEC:
            return read_value(fact, typed.replace(";", " ").replace(",", " ").split(), name)
        return read_value(fact, typed, name)
    return read_value(fact, raw, name)


def _read_line(fact: Fact, line: str) -> Any:
    """One entry of a list, as typed on one line: `2026-03-01, 4.2`."""
    parts = [part.strip() for part in line.split(",")]
    if len(parts) > len(fact.fields):
        raise BadInput(fact.name, f"{line!r} has too many values: expected {record_shape(fact)}, with commas between")
    entry = {
        name: _YES_NO.get(part.lower(), part) if field.kind is Kind.BOOL else part
        for (name, field), part in zip(fact.fields.items(), parts, strict=False)
        if part
    }
    try:
        return read_value(fact, [entry], "")[0]  # type: ignore[index]  # a list gives a list
    except BadInput as error:
        raise BadInput(fact.name, f"In {line!r}: {error.message}") from None


def _read_safety(raw: Any, sex: str, values: dict[str, Value], problems: dict[str, str], not_known: set[str]) -> None:
    ticked = [raw] if isinstance(raw, str) and raw else list(raw) if isinstance(raw, Sequence) else []
    options = {key for key, _ in safety_options(sex)}
    if not ticked:
        return
    if any(key not in options | {NONE_OF_THESE, NOT_KNOWN} for key in ticked):
        problems[SAFETY] = "Tick only what is on the list."
    elif len(ticked) > 1 and {NONE_OF_THESE, NOT_KNOWN} & set(ticked):
        problems[SAFETY] = "“None of these” and “not known” stand alone: untick one or the other."
    elif len(set(ticked) & set(_PREGNANCY)) > 1:
        problems[SAFETY] = "Tick one of planning a pregnancy, pregnant and breastfeeding."
    elif ticked == [NOT_KNOWN]:
        not_known.add(SAFETY)
    else:
        for name in SAFETY_CHECKLIST:
            values[name] = name in ticked
        if sex in _MAY_BE_PREGNANT:
            values["pregnancy_status"] = next((key for key in _PREGNANCY if key in ticked), "not_pregnant")


def _drop_contradictions(values: dict[str, Value], problems: dict[str, str], rule: DoseRule) -> None:
    """Leaves out each dose fact that contradicts another, so that the rest can still be judged."""
    while True:
        try:
            check_order(values, rule)
            return
        except BadInput as error:
            name = error.path.removeprefix("facts.")
            problems[name] = _sentence(error.message)
            del values[name]


def _sentence(text: str) -> str:
    text = text[:1].upper() + text[1:]
    return text if text.endswith((".", "?", "!")) else f"{text}."
