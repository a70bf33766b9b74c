"""Dosing: (order, patient, product, rule) -> a plan with its arithmetic, in exact decimals.

The rule is the pack's: which weight counts (`weights.py`), ceiling, target, rounding, tolerance. Rounding never trips a
limit.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_CEILING, Decimal
from typing import Any

from utilization.rules.dosing.infusion import least_minutes, rates_for
from utilization.rules.dosing.orders import (
    NO_DOSE_RULE,
    DoseRule,
    check_order,
    missing_dose_fact,
    most_grams,
    order_within,
    ordered_g,
    ordered_g_per_kg,
    within_ceiling,
)
from utilization.rules.dosing.products import Product, labelled_for
from utilization.rules.dosing.vials import Vials, fill_vials, given_by, nearest_5_g, nearest_vials, round_half_up
from utilization.rules.dosing.weights import ADULT_YEARS, DEVINE, WEIGHT_RULES, Weighed, dosing_weight, weigh
from utilization.rules.facts.values import plain

__all__ = [
    "ADULT_YEARS", "NO_DOSE_RULE", "DoseRule", "Line", "Plan", "check_order", "dosing_weight", "fill_vials",
    "missing_dose_fact", "most_grams", "nearest_5_g", "order_within", "ordered_g", "ordered_g_per_kg", "plan_dose",
    "round_half_up", "within_ceiling",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the arithmetic: what, how, the value and its unit."""

    label: str
    formula: str
    value: str
    unit: str


@dataclass(frozen=True, slots=True)
class Plan:
    """The dose as planned. Weights in kg, doses in g, exact; None where the facts do not give it.

    `weight_basis` is adjusted, actual, ideal or pre_pregnancy. `within_ceiling` is None without a ceiling or a dose.
    """

    dosing_weight_kg: Decimal | None = None
    weight_basis: str | None = None
    ibw_kg: Decimal | None = None
    bmi: Decimal | None = None
    target_g: Decimal | None = None
    rounded_g: Decimal | None = None
    limit_g: Decimal | None = None
    per_day_g: Decimal | None = None
    vials_per_day: Vials | None = None
    within_ceiling: bool | None = None
    g_per_kg: Decimal | None = None
    rounded: bool = False
    weight_note: str = ""
    lines: tuple[Line, ...] = field(default=())

    def as_dict(self) -> dict[str, Any]:
        """The `dose` value of the `judge` contract: decimals as strings, kg to 3 decimals, bmi and g to 2."""
        vials = self.vials_per_day
        return {
            "dosing_weight_kg": _fixed(self.dosing_weight_kg, 3),
            "weight_basis": self.weight_basis,
            "ibw_kg": _fixed(self.ibw_kg, 3),
            "bmi": _fixed(self.bmi, 2),
            "target_g": _fixed(self.target_g, 2),
            "rounded_g": _short(self.rounded_g),
            "limit_g": _fixed(self.limit_g, 2),
            "per_day_g": _short(self.per_day_g),
            "vials_per_day": None if vials is None else {plain(size): count for size, count in vials},
        }


def _fixed(value: Decimal | None, places: int) -> str | None:
    return None if value is None else format(round_half_up(value, places), "f")


def _short(value: Decimal | None) -> str | None:
    return None if value is None else plain(round_half_up(value, 2))


def plan_dose(facts: Mapping[str, Any], rule: DoseRule, product: Product | None, indication: str = "") -> Plan | None:
    """The plan of the order in `facts`, or None when neither weight nor dose is known.

    `facts` must have passed `check_order`. Rounded as the rule says; an amount that would round to 0 g stays exact.
    With an `indication` the plan also has what the product adds: label, volume, rates, billing units. Where the label
    has no rates for it, they are those that stay slowest.
    """
    weighed = weigh(facts, rule.weight_rule)
    weight = weighed.kg
    per_kg, grams = ordered_g_per_kg(facts), ordered_g(facts)
    order = (per_kg, grams, facts.get("dose_per_day_g_per_kg"), facts.get("dose_per_day_g"))
    if weight is None and all(amount is None for amount in order):
        return None
    sums = _Sums()
    bmi = _weights(sums, facts, rule, weighed)
    target, give = _aim(sums, facts, rule, weight, per_kg, grams)
    sizes = facts.get("available_vials_g") or (product.vials_g if product else ())
    rounded = None if give is None else _round(sums, rule, give, facts.get("course_days"), sizes)
    limit = None
    if rule.ceiling is not None and weight is not None:
        limit = rule.ceiling * weight
        sums.add("Ceiling of a course", f"{plain(rule.ceiling)} g/kg × {_fixed(weight, 3)} kg", limit, "g")
        if rule.tolerance:
            most, share = limit * (1 + rule.tolerance), plain(rule.tolerance * 100)
            sums.add("Exceeded above", f"{_fixed(limit, 2)} g and {share} % tolerance", most, "g")
    per_day, vials = _divide(sums, facts, rounded, weight, sizes)
    if product is not None and indication:
        _give(sums, facts, product, indication, rounded, per_day, weight)
    effective = grams / weight if per_kg is None and grams is not None and weight is not None else per_kg
    return Plan(
        dosing_weight_kg=weight,
        weight_basis=weighed.basis,
        ibw_kg=weighed.ideal_kg,
        bmi=bmi,
        target_g=target,
        rounded_g=rounded,
        limit_g=limit,
        per_day_g=per_day,
        vials_per_day=vials,
        within_ceiling=within_ceiling(facts, rule, limit),
        g_per_kg=effective,
        rounded=rounded is not None and rounded != (give if target is None else target),
        weight_note=weighed.why,
        lines=tuple(sums.lines),
    )


class _Sums:
    """The lines of the arithmetic as they are worked out: kilograms to 3 decimals, all else to 2 at most."""

    def __init__(self) -> None:
        self.lines: list[Line] = []

    def add(self, label: str, formula: str, value: Decimal, unit: str) -> None:
        shown = _fixed(value, 3) if unit == "kg" else _short(value)
        self.lines.append(Line(label, formula, shown or "", unit))


def _weights(sums: _Sums, facts: Mapping[str, Any], rule: DoseRule, weighed: Weighed) -> Decimal | None:
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
        formula = f"{_short_kg(weighed.kg)} kg"
        if weighed.basis == "adjusted" and weighed.counted_kg is not None:
            ideal = _fixed(weighed.ideal_kg, 3)
            formula = f"{ideal} kg + 0.4 × ({plain(weighed.counted_kg)} kg − {ideal} kg)"
        known = WEIGHT_RULES[rule.weight_rule]
        sums.add("Dosing weight", f"{formula}; {weighed.why}; {known.title}: {known.source}", weighed.kg, "kg")
    return bmi


def _short_kg(kg: Decimal) -> str:
    return plain(round_half_up(kg, 3))


def _aim(
    sums: _Sums,
    facts: Mapping[str, Any],
    rule: DoseRule,
    weight: Decimal | None,
    per_kg: Decimal | None,
    grams: Decimal | None,
) -> tuple[Decimal | None, Decimal | None]:
    """(exact target, grams ordered): from the order per kg, else from the order in grams and the criteria's target."""
    if per_kg is not None and weight is not None:
        target = per_kg * weight
        sums.add("Ordered dose", f"{plain(per_kg)} g/kg × {_fixed(weight, 3)} kg", target, "g")
        return target, target if grams is None else grams
    if grams is None:
        return None, None
    sums.add("Ordered dose", "as ordered in grams", grams, "g")
    if rule.target is None or weight is None or facts.get("request_type", "initial") != "initial":
        return None, grams
    target = rule.target * weight
    sums.add("Target of the criteria", f"{plain(rule.target)} g/kg × {_fixed(weight, 3)} kg", target, "g")
    return target, grams


def _round(sums: _Sums, rule: DoseRule, give: Decimal, days: int | None, sizes: tuple[Decimal, ...]) -> Decimal:
    """The grams to give, rounded as the rule says; a line for it."""
    if rule.rounding == "none":
        sums.add("Grams to give", f"{_fixed(give, 2)} g, not rounded", give, "g")
        return give
    if rule.rounding == "vials":
        vials = nearest_vials(give / (days or 1), sizes)
        if vials is not None:
            rounded = given_by(vials) * (days or 1)
            a_day = f" a day × {days} days" if days else ""
            sums.add("Grams to give", f"{_fixed(give, 2)} g to whole vials: {_words(vials)}{a_day}", rounded, "g")
            return rounded
    rounded = nearest_5_g(give) or give
    why = "; no vial sizes are known" if rule.rounding == "vials" else ""
    sums.add("Grams to give", f"{_fixed(give, 2)} g to the nearest 5 g{why}", rounded, "g")
    return rounded


def _words(vials: Vials) -> str:
    return " + ".join(f"{count} × {plain(size)} g" for size, count in vials)


def _divide(
    sums: _Sums,
    facts: Mapping[str, Any],
    rounded: Decimal | None,
    weight: Decimal | None,
    sizes: tuple[Decimal, ...],
) -> tuple[Decimal | None, Vials | None]:
    """(grams a day, vials a day), None where days or sizes are not known."""
    days, per_day_kg = facts.get("course_days"), facts.get("dose_per_day_g_per_kg")
    per_day: Decimal | None = None
    if rounded is not None and days is not None:
        per_day = rounded / days
        sums.add("Grams a day", f"{_short(rounded)} g ÷ {days} days", per_day, "g/day")
    elif rounded is None:
        per_day = facts.get("dose_per_day_g")
        if per_day is None and per_day_kg is not None and weight is not None:
            per_day = per_day_kg * weight
    vials = None if per_day is None else fill_vials(per_day, sizes)
    if vials is not None and per_day is not None:
        given = given_by(vials)
        sums.add("Vials a day", _words(vials), given, "g/day")
        if given != per_day:
            sums.add("Left over a day", f"{_short(given)} g − {_short(per_day)} g", given - per_day, "g/day")
    return per_day, vials


def _give(
    sums: _Sums,
    facts: Mapping[str, Any],
    product: Product,
    indication: str,
    rounded: Decimal | None,
    per_day: Decimal | None,
    weight: Decimal | None,
) -> None:
    """The lines that the product adds: volume, rates, billing units; what nobody has confirmed is marked."""
    _describe(sums, product, indication)
    volume = None
    if per_day is not None and product.g_per_ml:
        volume = per_day / product.g_per_ml
        formula = f"{_short(per_day)} g ÷ {plain(product.g_per_ml)} g/mL, {product.brand}"
        sums.add("Volume a day", formula + _doubt(product, "concentration"), volume, "mL/day")
    schedule = product.schedule_for(indication)
    if schedule is not None and weight is not None and facts.get("route", "iv") == "iv":
        rates = rates_for(schedule, weight, facts.get("max_infusion_rate_ml_per_kg_min"))
        for place, rate in enumerate(rates):
            held = f" for {rate.minutes} minutes" if rate.minutes is not None else ""
            if rate is rates[-1]:
                held = ", the highest that the order allows" if rate.capped else ", the highest, if tolerated"
            of = f"{_short(rate.ml_per_kg_per_h)} mL/kg/h × {_fixed(weight, 3)} kg{held}"
            known = "" if labelled_for(product, indication) else "; off label: the slowest of the label"
            sums.add(f"Infusion, step {place + 1}", f"{of}; {schedule.said_by}{known}", rate.ml_per_h, "mL/h")
        minutes = None if volume is None else least_minutes(rates, volume)
        if minutes is not None:
            sums.add("Infusion of a day, at least", "the volume at the rates above", minutes, "minutes")
    if rounded is not None and product.unit_mg:
        units = (rounded * 1000 / product.unit_mg).to_integral_value(ROUND_CEILING)
        formula = f"{_short(rounded)} g × 1000 ÷ {product.unit_mg} mg, {product.hcpcs}"
        sums.add("Billing units of a course", formula + _doubt(product, "hcpcs"), units, "units")


_FIELDS = {
    "vials": "vial sizes",
    "labelled": "labelled uses",
    "hcpcs": "billing code and unit",
    "holds": "what it holds",
}


def _describe(sums: _Sums, product: Product, indication: str) -> None:
    """What people should know of the product before they rely on the plan; nothing here is worked out."""
    on_label = "yes" if labelled_for(product, indication) else "no, off label"
    sums.lines.append(Line("On the label", product.brand + _doubt(product, "labelled"), on_label, ""))
    holds = [f"Holds {one}." for one in product.holds]
    iga = [f"Immunoglobulin A: {product.iga}."] if product.iga else []
    if told := [*holds, *iga, *product.notes]:
        sums.lines.append(Line("About the product", " ".join(told), "", ""))
    if product.unconfirmed:
        names = ", ".join(sorted(_FIELDS.get(name, name) for name in product.unconfirmed))
        sums.lines.append(Line("Not confirmed", f"of {product.brand}: {names}", "check first", ""))


def _doubt(product: Product, name: str) -> str:
    return "; unconfirmed" if name in product.unconfirmed else ""
