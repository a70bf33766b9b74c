"""The arithmetic of a plan as lines for people, and amounts as they are written in it."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from utilization.rules.dosing.orders import DoseRule
from utilization.rules.dosing.vials import Vials, round_half_up
from utilization.rules.dosing.weights import DEVINE, Weighed, name_of_rule, share_of
from utilization.rules.facts.values import plain


class Line(NamedTuple):
    """One line of the arithmetic: what, how, the value and its unit."""

    label: str
    formula: str
    value: str
    unit: str


def amount_line(label: str, formula: str, value: Decimal, unit: str) -> Line:
    """A line whose value is an amount: kilograms to 3 decimals, all else to 2 at most."""
    shown = fixed(value, 3) if unit == "kg" else short(value)
    return Line(label, formula, shown or "", unit)


def body_mass(facts: Mapping[str, Any]) -> Decimal | None:
    """The body mass index in kg/m²; None where weight or height is not known."""
    actual, height = facts.get("weight_kg"), facts.get("height_cm")
    return None if actual is None or height is None else actual / (height / 100) ** 2


def weight_lines(facts: Mapping[str, Any], rule: DoseRule, weighed: Weighed) -> Iterator[Line]:
    """The lines of the body mass index and of the weights."""
    actual, height, bmi = facts.get("weight_kg"), facts.get("height_cm"), body_mass(facts)
    if actual is not None and height is not None and bmi is not None:
        yield amount_line("Body mass index (BMI)", f"{plain(actual)} kg ÷ ({plain(height)} cm ÷ 100)²", bmi, "kg/m²")
    if weighed.ideal_kg is not None and height is not None:
        base = "50" if facts["sex"] == "male" else "45.5"
        formula = f"{base} kg + 2.3 kg × ({plain(height)} cm × 0.393701 − 60 in); {DEVINE}"
        yield amount_line("Ideal weight (Devine)", formula, weighed.ideal_kg, "kg")
    if weighed.kg is not None:
        formula = f"{short_kg(weighed.kg)} kg"
        if weighed.basis == "adjusted" and weighed.counted_kg is not None:
            ideal = fixed(weighed.ideal_kg, 3)
            share = plain(share_of(rule.weight_rule))
            formula = f"{ideal} kg + {share} × ({plain(weighed.counted_kg)} kg − {ideal} kg)"
        known = name_of_rule(rule.weight_rule)
        yield amount_line("Dosing weight", f"{formula}; {weighed.why}; {known.title}: {known.source}", weighed.kg, "kg")


def fixed(value: Decimal | None, places: int) -> str | None:
    return None if value is None else format(round_half_up(value, places), "f")


def short(value: Decimal | None) -> str | None:
    return None if value is None else plain(round_half_up(value, 2))


def short_kg(kg: Decimal) -> str:
    return plain(round_half_up(kg, 3))


def vials_in_words(vials: Vials) -> str:
    return " + ".join(f"{count} × {plain(size)} g" for size, count in vials)
