"""Dosing: (order, patient, product, rule) -> a plan with its arithmetic, in exact decimals.

The rule is the pack's: which weight counts (`weights.py`), ceiling, target, rounding, tolerance. Rounding never trips a
limit, and never changes the grams by more than the rule's fraction (decision 20).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_CEILING, Decimal
from typing import Any

from utilization.rules.dosing.infusion import least_minutes, rates_for
from utilization.rules.dosing.orders import (
    NO_DOSE_RULE,
    DoseRule,
    below_target,
    check_order,
    missing_dose_fact,
    most_grams,
    order_within,
    ordered_g,
    ordered_g_per_kg,
    within_ceiling,
)
from utilization.rules.dosing.products import Product, labelled_for
from utilization.rules.dosing.vials import (
    SMALLEST_STEP,
    Day,
    Vials,
    fill_vials,
    given_by,
    near,
    nearest_5_g,
    round_half_up,
    share_evenly,
    share_out,
    vials_up_to,
)
from utilization.rules.dosing.weights import (
    ADULT_YEARS,
    DEVINE,
    WEIGHT_RULES,
    Weighed,
    dosing_weight,
    height_is_wanted,
    weigh,
)
from utilization.rules.facts.values import plain

__all__ = [
    "ADULT_YEARS", "NO_DOSE_RULE", "DoseRule", "Line", "Plan", "check_order", "dosing_weight", "fill_vials",
    "missing_dose_fact", "most_grams", "nearest_5_g", "order_within", "ordered_g", "ordered_g_per_kg", "plan_dose",
    "round_grams", "round_half_up", "within_ceiling",
]  # fmt: skip

_FIVE = Decimal(5)
_FEWER = Decimal("0.6")
"""A way with at most this share of the vials is worth a question: a local parameter."""


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
    `days` are the days of the course with their vials, the larger first; empty while days or grams are not known.
    `most_g` are the most grams a course that stay within the ceiling. `why_above` says that the weight rule is why the
    order is above it, `few_vials` that other grams take far fewer vials; `instead_g` are the grams to give then.
    `below_target` asks about a first course below half the target; `height_wanted` says that the weight rule would read
    the height, which is not known; `ordered_day_g_per_kg` is the order of a day where it was written per kg, `exact_g`
    the grams of the course before rounding.
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
    days: tuple[Day, ...] = ()
    most_g: Decimal | None = None
    why_above: str = ""
    few_vials: str = ""
    instead_g: Decimal | None = None
    below_target: str = ""
    height_wanted: bool = False
    ordered_day_g_per_kg: Decimal | None = None
    exact_g: Decimal | None = None

    @property
    def waste_g(self) -> Decimal | None:
        """Grams of the course that are left in opened vials; None where the vials are not known."""
        if not self.days or any(day.vials is None for day in self.days):
            return None
        return sum((given_by(day.vials or ()) - day.grams for day in self.days), Decimal(0))

    def shown(self) -> dict[str, Any]:
        """What pages and documents show beside the contract's keys, as JSON values."""
        day = self.days[0].grams if self.days else self.per_day_g
        weight = self.dosing_weight_kg
        day_per_kg = self.ordered_day_g_per_kg if day is None or weight is None else day / weight
        return {
            "lines": [
                {"label": line.label, "formula": line.formula, "value": line.value, "unit": line.unit}
                for line in self.lines
            ],
            "g_per_kg": None if self.g_per_kg is None else plain(round(self.g_per_kg, 3)),
            "within_ceiling": self.within_ceiling,
            "weight_note": self.weight_note,
            "days": [_short(one.grams) for one in self.days],
            "days_text": days_text([one.grams for one in self.days]),
            "rounded_from": _fixed(self.exact_g, 2) if self.exact_g != self.rounded_g else None,
            "uneven": len({one.grams for one in self.days}) > 1,
            "day_g_per_kg": None if day_per_kg is None else plain(round_half_up(day_per_kg, 2)),
            "vials_by_day": [
                {"days": count, "grams": _short(one.grams), "vials": _words(one.vials)}
                for one, count in _grouped(self.days)
                if one.vials
            ],
            "waste_g": _short(self.waste_g),
            "most_g": _short(self.most_g),
            "why_above": self.why_above,
            "few_vials": self.few_vials,
            "instead_g": _short(self.instead_g),
            "below_target": self.below_target,
            "height_wanted": self.height_wanted,
        }

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


def days_text(grams: Sequence[Decimal]) -> str:
    """The grams of each day: "35 + 35 + 30 g"; for more than six days, days alike together: "3 × 35 g + 4 × 30 g"."""
    if len(grams) <= 6:
        return f"{' + '.join(_short(one) or '' for one in grams)} g" if grams else ""
    return " + ".join(f"{grams.count(one)} × {_short(one)} g" for one in dict.fromkeys(grams))


def _grouped(days: Sequence[Day]) -> list[tuple[Day, int]]:
    """Days that are alike, with how many there are of them."""
    return [(one, days.count(one)) for one in dict.fromkeys(days)]


def round_grams(
    give: Decimal, rule: DoseRule, sizes: Sequence[Decimal] = (), most: Decimal | None = None
) -> tuple[Decimal, str]:
    """(the grams to give for exactly `give`, how they were rounded in words).

    The largest step that fits within the rule's fraction: the pack's, then whole vials of these `sizes`, then a tenth
    of a gram. Vials do not carry a course past `most` that is within it.
    """
    if rule.rounding == "none":
        return give, "not rounded"
    vials = vials_up_to(give, most if most is not None and give <= most else give * 2, sizes)
    tries: list[tuple[Decimal, str]] = []
    if rule.rounding == "5 g" or not sizes:
        unknown = "; no vial sizes are known" if rule.rounding == "vials" else ""
        tries.append((nearest_5_g(give), f"to the nearest 5 g{unknown}"))
    if vials is not None:
        tries.append((given_by(vials), f"to whole vials: {_words(vials)}"))
    further = f"; a larger step would change the dose by more than {plain(rule.rounding_within * 100)} %"
    tries.append((round_half_up(give, 1), f"to the nearest {SMALLEST_STEP} g{further}"))
    fitting = [one for one in tries if one[0] > 0 and near(one[0], give, rule.rounding_within)]
    return fitting[0] if fitting else (give, "not rounded")


def plan_dose(
    facts: Mapping[str, Any],
    rule: DoseRule,
    product: Product | None,
    indication: str = "",
    day_limits: Sequence[tuple[Decimal, bool]] = (),
) -> Plan | None:
    """The plan of the order in `facts`, or None when neither weight nor dose is known.

    `facts` must have passed `check_order`. Rounded as the rule says, see `round_grams`. `day_limits` are what the
    criteria allow a day, (limit, whether per kg): one that the order keeps is kept by the days too, rounding aside.
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
    limit = None if rule.ceiling is None or weight is None else rule.ceiling * weight
    most = rule.most_grams(limit)
    rounded = None
    if give is not None:
        rounded, how = round_grams(give, rule, sizes, most)
        sums.add("Grams to give", f"{_fixed(give, 2)} g {how}".replace(" g not", " g, not"), rounded, "g")
    _ceiling(sums, rule, weight, limit, most)
    days = _days(facts, rule, give, rounded, weight, sizes, day_limits)
    per_day, vials = _divide(sums, facts, rounded, weight, sizes, days)
    if product is not None and indication:
        _give(sums, facts, product, indication, rounded, days[0].grams if days else per_day, weight, days)
    effective = grams / weight if per_kg is None and grams is not None and weight is not None else per_kg
    within = within_ceiling(facts, rule, limit)
    why_above, instead = "", None
    if within is False:
        why_above, instead = _why_above(facts, rule, weighed, sizes, most)
    few_vials = ""
    if instead is None and rounded is not None:
        few_vials, instead = _fewer_vials(days, sizes, rounded, rule, most)
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
        within_ceiling=within,
        g_per_kg=effective,
        rounded=rounded is not None and rounded != (give if target is None else target),
        weight_note=weighed.why,
        lines=tuple(sums.lines),
        days=days,
        most_g=most,
        why_above=why_above,
        few_vials=few_vials,
        instead_g=instead,
        below_target=below_target(facts, rule),
        height_wanted=height_is_wanted(facts, rule.weight_rule),
        ordered_day_g_per_kg=_day_per_kg(facts, per_kg),
        exact_g=give,
    )


def _day_per_kg(facts: Mapping[str, Any], per_kg: Decimal | None) -> Decimal | None:
    """The g/kg of a day as ordered; None where the order does not say."""
    stated: Decimal | None = facts.get("dose_per_day_g_per_kg")
    days = facts.get("course_days")
    return stated if stated is not None or per_kg is None or days is None else per_kg / days


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


def _ceiling(sums: _Sums, rule: DoseRule, weight: Decimal | None, limit: Decimal | None, most: Decimal | None) -> None:
    if limit is None or most is None or rule.ceiling is None:
        return
    sums.add("Ceiling of a course", f"{plain(rule.ceiling)} g/kg × {_fixed(weight, 3)} kg", limit, "g")
    if rule.tolerance:
        share = plain(rule.tolerance * 100)
        sums.add("Exceeded above", f"{_fixed(limit, 2)} g and {share} % tolerance", most, "g")
    elif most != round_half_up(limit, 2):
        sums.add("At most, as grams are rounded", f"{_fixed(limit, 2)} g to the nearest 5 g", most, "g")


def _days(
    facts: Mapping[str, Any],
    rule: DoseRule,
    give: Decimal | None,
    rounded: Decimal | None,
    weight: Decimal | None,
    sizes: Sequence[Decimal],
    day_limits: Sequence[tuple[Decimal, bool]],
) -> tuple[Day, ...]:
    """The days of the course, shared out; even ones where days in whole vials would break a limit of the criteria."""
    count = facts.get("course_days")
    if rounded is None or give is None or count is None:
        return ()
    count = int(count)  # Supposed while it is not known, it is a decimal as every number.
    even = rounded / count
    step = SMALLEST_STEP
    if not sizes and rule.rounding != "none" and rounded % _FIVE == 0:
        step = _FIVE
    days = share_out(rounded, count, sizes, step)
    if step == _FIVE and not all(near(day.grams, even, rule.rounding_within) for day in days):
        days = share_out(rounded, count, sizes)
    for limit, per_kg in day_limits:
        most = limit if not per_kg else None if weight is None else limit * weight
        # Rounded, so that a limit divided by the days is kept by its own course.
        if most is None or round(give / count - most, 9) > 0:
            continue
        if days[0].grams > most * (1 + rule.rounding_within):
            return share_evenly(rounded, count, sizes)
    return days


def _why_above(
    facts: Mapping[str, Any], rule: DoseRule, weighed: Weighed, sizes: Sequence[Decimal], most: Decimal | None
) -> tuple[str, Decimal | None]:
    """(why, the grams to give instead) where the order keeps the ceiling by actual weight and not by dosing weight."""
    actual, grams, weight = facts.get("weight_kg"), ordered_g(facts), weighed.kg
    if actual is None or grams is None or weight is None or rule.ceiling is None or weight >= actual:
        return "", None
    most_by_actual = rule.most_grams(rule.ceiling * actual)
    if most_by_actual is not None and grams > most_by_actual:
        return "", None
    per_kg = min(grams / actual, rule.ceiling)
    instead = round_grams(per_kg * weight, rule, sizes, most)[0]
    basis = "the weight before pregnancy" if weighed.basis == "pre_pregnancy" else f"{weighed.basis} weight"
    told = (
        f"{_short(grams)} g is {_short(grams / actual)} g/kg of the actual weight, {_short_kg(actual)} kg. The criteria"
        f" count by {basis}, {plain(round_half_up(weight, 1))} kg, of which it is {_short(grams / weight)} g/kg: that"
        f" weight rule is why it is above the ceiling of {plain(rule.ceiling)} g/kg."
        f" {_short(per_kg)} g/kg by that weight, rounded, is {_short(instead)} g."
    )
    return told, instead


def _fewer_vials(
    days: Sequence[Day], sizes: Sequence[Decimal], rounded: Decimal, rule: DoseRule, most: Decimal | None
) -> tuple[str, Decimal | None]:
    """(a question, the grams to give instead) where days in vials of 5 g and more take far fewer vials."""
    large = tuple(size for size in sizes if size >= _FIVE)
    if not days or not large or any(day.vials is None for day in days):
        return "", None
    opened = _opened(days)
    for total in dict.fromkeys((rounded, nearest_5_g(days[0].grams) * len(days))):
        too_much = most is not None and rounded <= most < total
        if total <= 0 or too_much or not near(total, rounded, rule.rounding_within):
            continue
        other = share_out(total, len(days), large)
        whole = all(day.vials and given_by(day.vials) == day.grams for day in other)
        if whole and _opened(other) <= opened * _FEWER:
            planned, fewer = _told(days), _told(other)
            told = (
                f"{planned} takes {opened} vials ({_by_day(days)}); {fewer} would take {_opened(other)}"
                f" ({_by_day(other)}). Is {planned} meant?"
            )
            return told, total if total != rounded else None
    return "", None


def _opened(days: Sequence[Day]) -> int:
    return sum(count for day in days for _, count in day.vials or ())


def _told(days: Sequence[Day]) -> str:
    alike = len(set(days)) == 1
    return (
        f"{_short(days[0].grams)} g{' a day' if len(days) > 1 else ''}"
        if alike
        else days_text([day.grams for day in days])
    )


def _by_day(days: Sequence[Day]) -> str:
    grouped = _grouped(days)
    if len(grouped) == 1:
        return _words(days[0].vials or ())
    return "; ".join(f"{_words(day.vials or ())} on {_on(count)}" for day, count in grouped)


def _on(count: int) -> str:
    return "one day" if count == 1 else f"{count} days"


def _words(vials: Vials) -> str:
    return " + ".join(f"{count} × {plain(size)} g" for size, count in vials)


def _divide(
    sums: _Sums,
    facts: Mapping[str, Any],
    rounded: Decimal | None,
    weight: Decimal | None,
    sizes: Sequence[Decimal],
    days: Sequence[Day],
) -> tuple[Decimal | None, Vials | None]:
    """(grams a day, vials of the largest day), None where days or sizes are not known; with the lines for them."""
    per_day: Decimal | None = facts.get("dose_per_day_g")
    if days and rounded is not None:
        per_day = rounded / len(days)
        alike = len(set(days)) == 1
        if alike:
            sums.add("Grams a day", f"{_short(rounded)} g ÷ {len(days)} days", per_day, "g/day")
        else:
            grams = days_text([day.grams for day in days]).removesuffix(" g")
            formula = f"{_short(rounded)} g over {len(days)} days"
            sums.lines.append(Line("Grams on each day", formula, grams, "g"))
        _vials(sums, days, alike=alike)
        return per_day, days[0].vials
    if rounded is not None:
        return None, None
    per_day_kg = facts.get("dose_per_day_g_per_kg")
    if per_day is None and per_day_kg is not None and weight is not None:
        per_day = per_day_kg * weight
    vials = None if per_day is None else fill_vials(per_day, sizes)
    if vials is not None and per_day is not None:
        _vials(sums, [Day(per_day, vials)], alike=True)
    return per_day, vials


def _vials(sums: _Sums, days: Sequence[Day], *, alike: bool) -> None:
    """Lines for the vials of each day, and for what is left in them."""
    left = Decimal(0)
    for day, count in _grouped(days):
        if day.vials is None:
            return
        opened = given_by(day.vials)
        left += (opened - day.grams) * count
        label = "Vials a day" if alike else f"Vials for {_short(day.grams)} g, on {_on(count)}"
        sums.add(label, _words(day.vials), opened, "g/day")
    if left:
        sums.add("Left in the vials", "opened, but not given", left, "g" if len(days) > 1 else "g/day")


def _give(
    sums: _Sums,
    facts: Mapping[str, Any],
    product: Product,
    indication: str,
    rounded: Decimal | None,
    most_a_day: Decimal | None,
    weight: Decimal | None,
    days: Sequence[Day],
) -> None:
    """The lines that the product adds: volume, rates, billing units; what nobody has confirmed is marked."""
    _describe(sums, product, indication)
    volume = None
    if most_a_day is not None and product.g_per_ml:
        volume = most_a_day / product.g_per_ml
        formula = f"{_short(most_a_day)} g ÷ {plain(product.g_per_ml)} g/mL, {product.brand}"
        label = "Volume a day" if len(set(days)) <= 1 else "Volume on the largest day"
        sums.add(label, formula + _doubt(product, "concentration"), volume, "mL/day")
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
