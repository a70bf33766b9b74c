"""The dose checked before anybody signs: what is stated a second time, the traps that are left, and the reasons."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from utilization import criteria
from utilization.models import Patient, Submission
from utilization.rules.dosing.plan import NO_DOSE_RULE, DoseRule, dosing_weight, ordered_g, ordered_g_per_kg
from utilization.rules.dosing.products import Product, find_product
from utilization.rules.dosing.slips import (
    NOTHING_AGAIN,
    PreviousWeight,
    SecondStatement,
    Trap,
    other_form,
    traps,
    weight_needs_witness,
)
from utilization.rules.dosing.weights import WeightRuleOf
from utilization.rules.facts.catalogue import CATALOGUE
from utilization.rules.facts.measures import read_measure
from utilization.rules.facts.units import UnitError, as_decimal, convert, read_quantity
from utilization.rules.facts.values import BadInput, plain
from utilization.rules.judging.premises import one_name_each, with_defaults
from utilization.rules.packs.pack import Pack
from utilization.workflow.prices import estimate
from utilization.workflow.reading import Reading
from utilization.workflow.text_input import clean_text

DOSE_AGAIN, WEIGHT_AGAIN = "dose_again", "weight_again"
MOST_REASON = 1000
_UNIT = {"dose_total_g": "g", "dose_total_g_per_kg": "g/kg"}
_POSSIBLE = {
    CATALOGUE[name].unit: CATALOGUE[name].possible for name in ("dose_total_g", "dose_total_g_per_kg", "weight_kg")
}
"""(least, most) by unit: what the first statement may be bounds the second."""
_ASKED_BY = {"dose_stated_once": DOSE_AGAIN, "weight_stated_once": WEIGHT_AGAIN}


@dataclass(frozen=True, slots=True)
class Checked:
    """An order as checked. `again` is what was stated a second time, `wants_dose` the form in which the dose is asked
    for again, `reasons` those written against traps, `problems` what could not be read, by field, `cost` what the
    course would come to. `dose_by_pharmacy` says that the dose is left to be advised by pharmacy."""

    traps: tuple[Trap, ...]
    again: SecondStatement
    wants_dose: str | None
    wants_weight: bool
    reasons: Mapping[str, str]
    problems: Mapping[str, str]
    cost: Mapping[str, Any] | None = None
    dose_by_pharmacy: bool = False

    @property
    def facts(self) -> frozenset[str]:
        """The facts that a trap is about: these are not asked about a second time as unusual values."""
        return frozenset(trap.fact for trap in self.traps if trap.code not in _ASKED_BY)

    @property
    def open(self) -> tuple[Trap, ...]:
        """The traps that a written reason passes."""
        return tuple(trap for trap in self.traps if not trap.stop)

    @property
    def stops(self) -> tuple[Trap, ...]:
        """The traps that must be corrected before anybody signs."""
        return tuple(trap for trap in self.traps if trap.stop)

    def errors(self) -> dict[str, list[str]]:
        """What still stands in the way of signing, by field; a missing reason is on `reason_` and the trap's code."""
        errors = {name: [text] for name, text in self.problems.items()}
        for trap in self.traps:
            if trap.stop:
                field = self.field_of(trap)
                if field not in self.problems:
                    errors.setdefault(field, []).append(trap.text)
            elif not self.reasons.get(trap.code):
                errors[f"reason_{trap.code}"] = ["Write why this is right, or correct it."]
        return errors

    def field_of(self, trap: Trap) -> str:
        """The field in which a trap that stops is corrected."""
        if trap.code in _ASKED_BY:
            return _ASKED_BY[trap.code]
        stated = self.again.dose_total_g or self.again.dose_total_g_per_kg
        if trap.fact.startswith("dose_") and stated is not None:
            return DOSE_AGAIN
        return WEIGHT_AGAIN if trap.fact == "weight_kg" else trap.fact

    def record(self) -> dict[str, Any]:
        """What is kept with the submission: the second statements, and every trap with the reason against it."""
        again = {
            name: plain(value)
            for name in ("dose_total_g", "dose_total_g_per_kg", "weight_kg")
            if (value := getattr(self.again, name)) is not None
        }
        told = [
            {"code": trap.code, "fact": trap.fact, "text": trap.text, "reason": self.reasons[trap.code]}
            for trap in self.open
        ]
        kept: dict[str, Any] = {"again": again, "traps": told} if again or told else {}
        if self.dose_by_pharmacy:
            kept["dose_by_pharmacy"] = True
        return kept | ({"cost": dict(self.cost)} if self.cost else {})


NOTHING_TO_CHECK = Checked((), NOTHING_AGAIN, None, False, {}, {})
"""An order in which nothing changed."""


def check(
    made: Reading,
    again: Mapping[str, str],
    reasons: Mapping[str, str],
    previous: Submission | None = None,
) -> Checked:
    """The order of `made` checked, with what was typed `again` ("dose", "weight") and the `reasons` by trap.

    `previous` is the submission that an answer corrects: what was stated again with it holds while the dose stays, and
    so does a reason while its trap does.
    Raises Invalid where a reason is no text that can be kept.
    """
    facts: Mapping[str, Any] = made.intake.facts
    patient = made.request.patient
    last = last_weight(patient)
    wants_dose, wants_weight = other_form(facts), weight_needs_witness(facts, last, made.as_of)
    problems: dict[str, str] = {}
    stated = _kept(made, previous) if previous else NOTHING_AGAIN
    if wants_dose and (typed := again.get("dose", "").strip()):
        grams = _read(DOSE_AGAIN, typed, _UNIT[wants_dose], problems)
        stated = SecondStatement(weight_kg=stated.weight_kg, **{wants_dose: grams})
    if wants_weight and (typed := again.get("weight", "").strip()):
        kg = _read_weight(typed, problems)
        stated = SecondStatement(stated.dose_total_g, stated.dose_total_g_per_kg, kg)
    caught = traps(
        facts, rule_for(made.pack, made.record["judged_as"], facts, made.as_of), product_of(facts), last, made.as_of,
        again=stated, measured_on=patient.measured_on,
    )  # fmt: skip
    written = {
        trap.code: clean_text(f"reason_{trap.code}", reasons.get(trap.code, ""), most=MOST_REASON)
        or _told_before(trap, previous)
        for trap in caught
        if not trap.stop
    }
    cost = estimate(patient.site, made.grams, product_of(facts))
    return Checked(caught, stated, wants_dose, wants_weight, written, problems, cost, made.dose_by_pharmacy)


def _kept(made: Reading, previous: Submission) -> SecondStatement:
    """What was stated again with `previous`, unless what it was held against has changed: the course, or the weight."""
    before, now = criteria.facts_of(previous), made.intake.facts
    stated = {name: Decimal(value) for name, value in previous.checks.get("again", {}).items()}
    kept = SecondStatement(
        weight_kg=stated.get("weight_kg") if now.get("weight_kg") == before.get("weight_kg") else None
    )
    rule = rule_of(made.pack, made.record["judged_as"]).weight_rule
    if _course(now, rule) == _course(before, rule):
        return SecondStatement(stated.get("dose_total_g"), stated.get("dose_total_g_per_kg"), kept.weight_kg)
    return kept


def _told_before(trap: Trap, previous: Submission | None) -> str:
    """The reason that stood against the very same trap in `previous`; nobody is asked for it twice."""
    told = previous.checks.get("traps", ()) if previous else ()
    return next((kept["reason"] for kept in told if kept["text"] == trap.text), "")


def _course(facts: Mapping[str, Any], weight_rule: WeightRuleOf) -> tuple[Any, ...]:
    return ordered_g(facts), ordered_g_per_kg(facts), dosing_weight(facts, weight_rule)[0]


def _read_weight(typed: str, problems: dict[str, str]) -> Decimal | None:
    """The weight in kg that was `typed` with its unit, as charts say it: 82.5 kg, 181.9 lb, 7 lb 8 oz."""
    told: dict[str, str] = {}
    kg = _read(WEIGHT_AGAIN, typed, "kg", told, bare=False)
    if kg is None:
        try:
            return read_measure("weight_kg", typed[:40]).value
        except BadInput:
            problems |= told
    return kg


def _read(field: str, typed: str, unit: str, problems: dict[str, str], *, bare: bool = True) -> Decimal | None:
    """The amount in `unit` that was `typed`; a bare number only where `bare`. What cannot be read is a problem, and so
    is what no order or patient can come to: the comparison would have no figure for it."""
    read = _amount(field, typed, unit, problems, bare=bare)
    least, most = _POSSIBLE[unit]
    assert least is not None, "dose and weight have both bounds"
    assert most is not None, "dose and weight have both bounds"
    if read is not None and not least <= read <= most:
        problems[field] = f"Expected between {plain(least)} and {plain(most)} {unit}: check what was typed."
        return None
    return read


def _amount(field: str, typed: str, unit: str, problems: dict[str, str], *, bare: bool) -> Decimal | None:
    quantity = read_quantity(typed[:40])
    example = "82.5 kg or 181.9 lb" if unit == "kg" else f"150 {unit}" if unit == "g" else f"2 {unit}"
    if quantity is None or quantity.value <= 0 or "," in typed:
        problems[field] = f"Expected a number above 0 such as {example}: a point for decimals, no mark for thousands."
        return None
    if not quantity.unit:
        if bare:
            return quantity.value
        problems[field] = f"Write the unit with it, such as {example}."
        return None
    try:
        return as_decimal(convert(quantity, unit))
    except UnitError:
        problems[field] = f"Expected {unit}, such as {example}."
        return None


def rule_for(pack: Pack, judged_as: str, facts: Mapping[str, Any], as_of: date) -> DoseRule:
    """The dose rule as it stands for these facts: with the ceiling and target of their phase."""
    known, _ = with_defaults(pack, judged_as, one_name_each(facts, as_of))
    return rule_of(pack, judged_as).in_phase(known)


def rule_of(pack: Pack, indication: str) -> DoseRule:
    """What `pack` says of the dose for `indication`; nothing where it is silent."""
    covered = pack.indications.get(indication)
    return covered.dose if covered else NO_DOSE_RULE


def product_of(facts: Mapping[str, Any]) -> Product | None:
    """The product of the order, where the table knows it."""
    return find_product(criteria.reference_tables().products, facts["product"]) if "product" in facts else None


def last_weight(patient: Patient) -> PreviousWeight | None:
    """The weight that was last filed for `patient`, with the day it was measured: it had a witness then."""
    for filed in Submission.objects.filter(request__patient=patient).order_by("-created_at", "-pk")[:5]:
        kg, on = filed.facts.get("weight_kg"), filed.patient_as_filed.get("measured_on")
        if kg is not None and on is not None:
            return PreviousWeight(Decimal(kg), date.fromisoformat(on))
    return None
