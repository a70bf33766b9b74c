"""What a product adds to a plan: volume, rates, billing units, and what nobody has confirmed of it."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import ROUND_CEILING, Decimal
from typing import Any

from utilization.rules.dosing.infusion import least_minutes, rates_for
from utilization.rules.dosing.products import Product, labelled_for
from utilization.rules.dosing.sums import Line, amount_line, fixed, short
from utilization.rules.dosing.vials import Day
from utilization.rules.facts.values import plain


def product_lines(
    facts: Mapping[str, Any],
    product: Product,
    indication: str,
    rounded: Decimal | None,
    most_a_day: Decimal | None,
    weight: Decimal | None,
    days: Sequence[Day],
) -> Iterator[Line]:
    """The lines that the product adds: volume, rates, billing units; what nobody has confirmed is marked."""
    yield from _described(product, indication)
    volume = None
    if most_a_day is not None and product.g_per_ml:
        volume = most_a_day / product.g_per_ml
        formula = f"{short(most_a_day)} g ÷ {plain(product.g_per_ml)} g/mL, {product.brand}"
        label = "Volume a day" if len(set(days)) <= 1 else "Volume on the largest day"
        yield amount_line(label, formula + _doubt(product, "concentration"), volume, "mL/day")
    schedule = product.schedule_for(indication)
    if schedule is not None and weight is not None and facts.get("route", "iv") == "iv":
        rates = rates_for(schedule, weight, facts.get("max_infusion_rate_ml_per_kg_min"))
        for place, rate in enumerate(rates):
            held = f" for {rate.minutes} minutes" if rate.minutes is not None else ""
            if rate is rates[-1]:
                held = ", the highest that the order allows" if rate.capped else ", the highest, if tolerated"
            of = f"{short(rate.ml_per_kg_per_h)} mL/kg/h × {fixed(weight, 3)} kg{held}"
            known = "" if labelled_for(product, indication) else "; off label: the slowest of the label"
            yield amount_line(f"Infusion, step {place + 1}", f"{of}; {schedule.said_by}{known}", rate.ml_per_h, "mL/h")
        minutes = None if volume is None else least_minutes(rates, volume)
        if minutes is not None:
            yield amount_line("Infusion of a day, at least", "the volume at the rates above", minutes, "minutes")
    if rounded is not None and product.unit_mg:
        units = (rounded * 1000 / product.unit_mg).to_integral_value(ROUND_CEILING)
        formula = f"{short(rounded)} g × 1000 ÷ {product.unit_mg} mg, {product.hcpcs}"
        yield amount_line("Billing units of a course", formula + _doubt(product, "hcpcs"), units, "units")


_FIELDS = {
    "vials": "vial sizes",
    "labelled": "labelled uses",
    "hcpcs": "billing code and unit",
    "holds": "what it holds",
}


def _described(product: Product, indication: str) -> Iterator[Line]:
    """What people should know of the product before they rely on the plan; nothing here is worked out."""
    on_label = "yes" if labelled_for(product, indication) else "no, off label"
    yield Line("On the label", product.brand + _doubt(product, "labelled"), on_label, "")
    holds = [f"Holds {thing}." for thing in product.holds]
    iga = [f"Immunoglobulin A: {product.iga}."] if product.iga else []
    if told := [*holds, *iga, *product.notes]:
        yield Line("About the product", " ".join(told), "", "")
    if product.unconfirmed:
        names = ", ".join(sorted(_FIELDS.get(name, name) for name in product.unconfirmed))
        yield Line("Not confirmed", f"of {product.brand}: {names}", "check first", "")


def _doubt(product: Product, name: str) -> str:
    return "; unconfirmed" if name in product.unconfirmed else ""
