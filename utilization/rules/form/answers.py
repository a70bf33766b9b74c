"""What people type to facts: raw answers by fact name, and the patient as known, become `Facts` and sentences about
what could not be read. Nothing typed is lost: a problem names its field and leaves the others standing.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from utilization.rules.dosing.orders import NO_DOSE_RULE, DoseRule, check_order
from utilization.rules.facts.ages import AGES, ages
from utilization.rules.facts.catalogue import CATALOGUE, PREGNANCY, SAFETY_CHECKLIST, Fact, Kind
from utilization.rules.facts.date_words import NEVER, NEVER_WORD, typed_day
from utilization.rules.facts.elapsed import as_of_now, meant
from utilization.rules.facts.measures import MEASURES, read_measure
from utilization.rules.facts.values import NOT_KNOWN as NOT_KNOWN
from utilization.rules.facts.values import (
    BadInput,
    Doubt,
    Facts,
    Value,
    implausible,
    read_value,
    record_shape,
)
from utilization.rules.identity import SEX_NOT_KNOWN

NONE_OF_THESE = "none_of_these"
"""Under "safety": no to every row that has no answer of its own."""
NONE = "none"
"""What is typed for a list that is known to be empty: nothing of the kind happened, or was measured."""
SAFETY = "safety"
_YES_NO = {"true": True, "yes": True, "false": False, "no": False}
_PREGNANCY = ("planning", "pregnant", "breastfeeding")
_NOT_PREGNANT = "not_pregnant"
_PATIENT = (*AGES, "sex", "weight_kg", "height_cm")


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
    "not known", and values that a person must confirm.

    `rest` is the single answer for the rows of the safety checklist that have none of their own, `by_rest` those
    rows, and `unanswered` the rows without any answer. `meant` holds the day, or the hour, that an answer means which
    counts back from now.
    """

    facts: Facts
    problems: Mapping[str, str]
    not_known: frozenset[str]
    doubts: tuple[Doubt, ...]
    rest: str = ""
    by_rest: tuple[str, ...] = ()
    unanswered: tuple[str, ...] = ()
    meant: Mapping[str, date | datetime] = field(default_factory=lambda: MappingProxyType({}))


def facts_from_answers(
    answers: Mapping[str, Any],
    patient: PatientFacts | None,
    as_of: date,
    catalogue: Mapping[str, Fact] = CATALOGUE,
    rule: DoseRule = NO_DOSE_RULE,
    *,
    now: datetime | None = None,
    ticks_settle: bool = False,
    rest_leaves: Collection[str] = (),
) -> Intake:
    """Reads raw answers by fact name on the date `as_of`; blank or absent is unanswered, "not_known" an answer.

    Where there is no `patient` on file, what is known of one stands among the answers, and is read like the rest.

    `catalogue` is that of the pack that judges, `rule` its dose rule, by whose weight grams are held to g/kg. Lists
    of records are typed one entry a line, its fields in their order with commas between, or semicolons where no field
    is a text; an empty list as "none".

    The rows of the safety checklist are answered under the names of their facts; the key "safety" holds the single
    answer for the rows that are left, "none_of_these" or "not_known". Before there were rows it held what applies, as
    a list: those are yes, and with `ticks_settle`, as they were filed, the others no. `rest_leaves` are rows for which
    the single answer does not hold any more.

    An answer that counts back, kept with its moment (`facts.since`), is read as of `now`.
    """
    known = _of_patient(patient, as_of) if patient else {}
    ticked = _ticked(answers.get(SAFETY))
    sex = patient.sex if patient else str(answers.get("sex") or "")
    reading = _Reading(catalogue, as_of, now, known)
    given = {name: raw for name, raw in answers.items() if raw is not None and raw not in ("", [])}
    for name, raw in {**_of_ticks(ticked, sex), **given}.items():
        if name != SAFETY and not (patient and name in _PATIENT):
            reading.take(name, raw)
    values, problems, not_known = reading.values, reading.problems, reading.not_known
    if sex == SEX_NOT_KNOWN:
        not_known.add("sex")
    rows = safety_rows(sex)
    if problem := _problem_of(ticked, rows):
        problems[SAFETY] = problem
    rest = "" if problem else _rest(ticked, ticks_settle)
    left = tuple(name for name in rows if name not in values and name not in not_known and name not in problems)
    by_rest = tuple(name for name in left if rest and name not in rest_leaves)
    if rest == NOT_KNOWN:
        not_known.update(by_rest)
    else:
        values.update({name: _NOT_PREGNANT if name == PREGNANCY else False for name in by_rest})
    _drop_contradictions(values, problems, rule)
    facts = Facts(values)
    unanswered = tuple(name for name in left if name not in by_rest)
    single = rest if ticked == [rest] else ""
    return Intake(
        facts, problems, frozenset(not_known), tuple(implausible(facts, catalogue)), rest=single,
        by_rest=by_rest if single else (), unanswered=unanswered, meant=MappingProxyType(reading.meant),
    )  # fmt: skip


class _Reading:
    """Answers read one by one: what became a fact, what could not be read, what is not known."""

    def __init__(
        self, catalogue: Mapping[str, Fact], as_of: date, now: datetime | None, known: Mapping[str, Value]
    ) -> None:
        self._catalogue, self._as_of, self._now = catalogue, as_of, now
        self.values: dict[str, Value] = dict(known)
        self.problems: dict[str, str] = {}
        self.not_known: set[str] = set()
        self.meant: dict[str, date | datetime] = {}

    def take(self, name: str, raw: Any) -> None:
        fact = self._catalogue.get(name)
        if fact is None:
            self.problems[name] = "This is not a fact that a request can hold."
        elif raw == NOT_KNOWN:
            self.not_known.add(name)
        else:
            try:
                self.values[name] = _read(fact, self._as_of_now(fact, raw))
            except BadInput as error:
                self.problems[name] = _sentence(error.message)

    def _as_of_now(self, fact: Fact, raw: Any) -> Any:
        if not fact.counts_back or not isinstance(raw, str):
            return raw
        if (when := meant(fact, raw)) is not None:
            self.meant[fact.name] = when
        return as_of_now(fact, raw, self._as_of, self._now)


def as_typed(settled: Mapping[str, Any]) -> dict[str, str]:
    """Facts that a diagnosis code settles, as answers."""
    return {name: str(value).lower() if isinstance(value, bool) else str(value) for name, value in settled.items()}


def safety_rows(sex: str) -> tuple[str, ...]:
    """The rows of the safety checklist, by the names of their facts; pregnancy is asked of everybody but a man."""
    return SAFETY_CHECKLIST if sex == "male" else (*SAFETY_CHECKLIST, PREGNANCY)


def _ticked(raw: Any) -> list[str]:
    """What stands under "safety", as a list of texts."""
    ticked = [raw] if isinstance(raw, str) else list(raw) if isinstance(raw, Sequence) else []
    return [str(box) for box in ticked if box]


def _of_ticks(ticked: Sequence[str], sex: str) -> dict[str, str]:
    """The answers to rows that were given by ticking what applies."""
    rows = safety_rows(sex)
    answers = {name: "yes" for name in ticked if name in SAFETY_CHECKLIST}
    if PREGNANCY in rows and len(pregnant := [key for key in ticked if key in _PREGNANCY]) == 1:
        answers[PREGNANCY] = pregnant[0]
    return answers


def _problem_of(ticked: Sequence[str], rows: Sequence[str]) -> str:
    options = {*rows, *(_PREGNANCY if PREGNANCY in rows else ()), NONE_OF_THESE, NOT_KNOWN}
    if any(key not in options for key in ticked):
        return "Tick only what is on the list."
    if len(ticked) > 1 and {NONE_OF_THESE, NOT_KNOWN} & set(ticked):
        return "“None of the others” and “the others not known” stand alone: give one of them."
    if len(set(ticked) & set(_PREGNANCY)) > 1:
        return "Tick one of planning a pregnancy, pregnant and breastfeeding."
    return ""


def _rest(ticked: Sequence[str], ticks_settle: bool) -> str:
    """What holds for the rows without an answer of their own; empty where nothing was said of them."""
    if list(ticked) in ([NONE_OF_THESE], [NOT_KNOWN]):
        return ticked[0]
    return NONE_OF_THESE if ticked and ticks_settle else ""


def _of_patient(patient: PatientFacts, as_of: date) -> dict[str, Value]:
    known: dict[str, Value] = {**ages(patient.date_of_birth, as_of)}
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
        typed = typed_day(raw.strip()) if fact.kind is Kind.DATE else raw.strip()
        if fact.kind in (Kind.LIST_RECORD, Kind.LIST_DEC) and typed.lower() == NONE:
            return ()
        if fact.kind is Kind.LIST_RECORD:
            return tuple(_read_line(fact, line) for line in typed.splitlines() if line.strip())
        if fact.or_never and typed.lower() == NEVER_WORD:
            return NEVER
        if fact.kind is Kind.BOOL:
            return read_value(fact, _YES_NO.get(typed.lower(), typed), name)
        if fact.kind in (Kind.INT, Kind.DEC) and "," in typed:
            raise BadInput(name, f"{typed!r} has a comma: write decimals with a point, and thousands without a mark")
        if fact.kind is Kind.LIST_DEC:
            return read_value(fact, typed.replace(";", " ").replace(",", " ").split(), name)
        try:
            return read_value(fact, typed, name)
        except BadInput:
            if (measure := _measured(name, typed)) is None:
                raise
            return measure
    return read_value(fact, raw, name)


def _measured(name: str, typed: str) -> Value | None:
    """A measure in two units, as it is typed where a patient is on file: 5 ft 10 in, 12 st 4 lb."""
    if name in MEASURES:
        with suppress(BadInput):
            return read_measure(name, typed).value
    return None


def _read_line(fact: Fact, line: str) -> Any:
    """One entry of a list, as typed on one line: `2026-03-01, 4.2`."""
    texts = any(field.kind is Kind.TEXT for field in fact.fields.values())
    parts = [part.strip() for part in line.split("," if texts or "," in line else ";")]
    if len(parts) > len(fact.fields):
        raise BadInput(fact.name, f"{line!r} has too many values: expected {record_shape(fact)}, with commas between")
    entry = {
        name: _read_part(field, part) for (name, field), part in zip(fact.fields.items(), parts, strict=False) if part
    }
    try:
        return read_value(fact, [entry], "")[0]  # type: ignore[index]  # a list gives a list
    except BadInput as error:
        raise BadInput(fact.name, f"In {line!r}: {error.message}") from None


def _read_part(field: Fact, typed: str) -> Any:
    """A field of an entry as a person may type it: a choice by its code or its words, with spaces or not."""
    if field.kind is Kind.BOOL:
        return _YES_NO.get(typed.lower(), typed)
    if field.kind is Kind.DATE:
        return typed_day(typed)
    if field.kind is Kind.CHOICE and typed not in field.choices:
        plain = _run_together(typed)
        fitting = [
            code for code, words in field.choices.items() if plain in (_run_together(code), _run_together(words))
        ]
        return fitting[0] if len(fitting) == 1 else typed
    return typed


def _run_together(text: str) -> str:
    return re.sub(r"[\s_-]+", "", text.casefold())


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
