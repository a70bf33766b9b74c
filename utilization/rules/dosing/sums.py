"""The arithmetic of a plan as lines for people, and amounts as they are written in it."""

from collections.abc import Mapping
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


class Sums:
    """The lines of the arithmetic as they are worked out: kilograms to 3 decimals, all else to 2 at most."""

    def __init__(self) -> None:
        self.lines: list[Line] = []

    def add(self, label: str, formula: str, value: Decimal, unit: str) -> None:
        shown = fixed(value, 3) if unit == "kg" else short(value)
        self.lines.append(Line(label, formula, shown or "", unit))


def weight_lines(sums: Sums, facts: Mapping[str, Any], rule: DoseRule, weighed: Weighed) -> Decimal | None:
    """The body mass index, and the lines of the weights."""
    actual, height, bmi = facts.get("weight_kg"), facts.get("height_cm"), None
    if actual is not None and height is not None:
        bmi = actual / (height / 100) ** 2
        sums.add("Body mass index (BMI)", f"{plain(actual)} kg ÷ ({plain(height)} cm ÷ 100)²", bmi, "kg/m²")
    if weighed.ideal_kg is not None and height is not None:
        base = "50" if facts["sex"] == "male" else "45.5"
        formula = f"{base} kg + 2.3 kg × ({plain(height)} cm × 0.393701 − 60 in); {DEVINE}"
        sums.add("Ideal weight (Devine)", formula, weighed.ideal_kg, "kg")
    if weighed.kg is not None:
        formula = f"{short_kg(weighed.kg)} kg"
        if weighed.basis == "adjusted" and weighed.counted_kg is not None:
            ideal = fixed(weighed.ideal_kg, 3)
            share = plain(share_of(rule.weight_rule))
            formula = f"{ideal} kg + {share} × ({plain(weighed.counted_kg)} kg − {ideal} kg)"
        known = name_of_rule(rule.weight_rule)
        sums.add("Dosing weight", f"{formula}; {weighed.why}; {known.title}: {known.source}", weighed.kg, "kg")
    return bmi


def fixed(value: Decimal | None, places: int) -> str | None:
    return None if value is None else format(round_half_up(value, places), "f")


def short(value: Decimal | None) -> str | None:
    return None if value is None else plain(round_half_up(value, 2))


def short_kg(kg: Decimal) -> str:
    return plain(round_half_up(kg, 3))


def vials_in_words(vials: Vials) -> str:
    return " + ".join(f"{count} × {plain(size)} g" for size, count in vials)
