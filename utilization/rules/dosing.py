"""Dosing: (order, patient, product, rule) -> a plan with its arithmetic, in exact decimals.

The convention is a published one, named by the pack: ideal weight after Devine, adjusted weight
= ideal + 0.4 x (actual - ideal) for adults, grams rounded to the nearest 5 g. Rounding never trips a limit.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from math import ceil, gcd
from typing import Any

from utilization.rules.facts import BadInput, plain

CM_TO_INCH = Decimal("0.393701")
ADULT_YEARS = Decimal(18)
SHORTEST_FOR_IDEAL_CM = Decimal("152.4")
DISAGREEMENT = Decimal("0.05")
MOST_G_PER_KG = Decimal(20)
_FIVE = Decimal(5)


@dataclass(frozen=True, slots=True)
class DoseRule:
    """What a pack says of an indication's dose, in g/kg of dosing weight a course; None where it says nothing."""

    ceiling: Decimal | None = None
    target: Decimal | None = None
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Product:
    """A product of the table. `vials_g` ascending; `kind` is ivig, scig or hyperimmune."""

    brand: str
    kind: str
    routes: frozenset[str]
    names: frozenset[str] = frozenset()
    vials_g: tuple[Decimal, ...] = ()
    contraindicated_by: frozenset[str] = frozenset()

    def suits(self, route: str) -> bool:
        """Whether the product may be given by `route` as IVIG."""
        return (self.kind == "ivig" and route in self.routes) or (route == "sc" and route in self.routes)


def find_product(products: Sequence[Product], text: str) -> Product | None:
    """The product whose brand or other name is `text`, whatever the case and spacing; None when there is none."""
    wanted = name_key(text)
    for product in products:
        if wanted == name_key(product.brand) or wanted in product.names:
            return product
    return None


def name_key(text: str) -> str:
    """`text` as product names are compared: lower case, letters and digits and % only."""
    return "".join(c for c in text.casefold() if c.isalnum() or c == "%")


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

    `weight_basis` is adjusted, actual or pre_pregnancy. `within_ceiling` is None where there is no ceiling or no dose.
    """

    dosing_weight_kg: Decimal | None = None
    weight_basis: str | None = None
    ibw_kg: Decimal | None = None
    bmi: Decimal | None = None
    target_g: Decimal | None = None
    rounded_g: Decimal | None = None
    limit_g: Decimal | None = None
    per_day_g: Decimal | None = None
    vials_per_day: tuple[tuple[Decimal, int], ...] | None = None
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


def round_half_up(value: Decimal, places: int) -> Decimal:
    """`value` to `places` decimals, halves up."""
    return value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


def nearest_5_g(grams: Decimal) -> Decimal:
    """`grams` to the nearest 5 g, halves up."""
    return (grams / _FIVE).quantize(Decimal(1), rounding=ROUND_HALF_UP) * _FIVE


def _fixed(value: Decimal | None, places: int) -> str | None:
    return None if value is None else format(round_half_up(value, places), "f")


def _short(value: Decimal | None) -> str | None:
    return None if value is None else plain(round_half_up(value, 2))


def ordered_g_per_kg(facts: Mapping[str, Any]) -> Decimal | None:
    """The ordered course dose in g/kg where the order was written per kg."""
    total: Decimal | None = facts.get("dose_total_g_per_kg")
    if total is not None:
        return total
    per_day, days = facts.get("dose_per_day_g_per_kg"), facts.get("course_days")
    return None if per_day is None or days is None else per_day * days


def ordered_g(facts: Mapping[str, Any]) -> Decimal | None:
    """The ordered course dose in grams where the order was written in grams."""
    total: Decimal | None = facts.get("dose_total_g")
    if total is not None:
        return total
    per_day, days = facts.get("dose_per_day_g"), facts.get("course_days")
    return None if per_day is None or days is None else per_day * days


def missing_dose_fact(facts: Mapping[str, Any]) -> str:
    """The one fact to ask for when the course dose per kg is not known: what completes what was stated."""
    if facts.get("dose_per_day_g_per_kg") is not None:
        return "course_days"
    in_grams = facts.get("dose_total_g") is not None
    if facts.get("dose_per_day_g") is not None and not in_grams:
        return "course_days" if facts.get("course_days") is None else "weight_kg"
    return "weight_kg" if in_grams else "dose_total_g_per_kg"


def check_order(facts: Mapping[str, Any]) -> None:
    """Raises BadInput when dose facts disagree by over 5 % or the course is over 20 g/kg."""
    days = facts.get("course_days")
    for total, per_day, unit in (
        ("dose_total_g_per_kg", "dose_per_day_g_per_kg", "g/kg"),
        ("dose_total_g", "dose_per_day_g", "g"),
    ):
        if days is not None and facts.get(total) is not None and facts.get(per_day) is not None:
            _agree(facts[total], facts[per_day] * days, f"facts.{total}", f"{per_day} x course_days", unit)
    per_kg, grams = ordered_g_per_kg(facts), ordered_g(facts)
    if per_kg is not None and per_kg > MOST_G_PER_KG:
        raise BadInput(
            "facts.dose_per_day_g_per_kg", f"{plain(per_kg)} g/kg a course is impossible: expected at most 20"
        )
    weight = dosing_weight(facts)[0]
    if weight is not None and grams is not None:
        if grams / weight > MOST_G_PER_KG:
            name = "dose_total_g" if facts.get("dose_total_g") is not None else "dose_per_day_g"
            raise BadInput(
                f"facts.{name}",
                f"{plain(grams)} g for {plain(round_half_up(weight, 1))} kg is over 20 g/kg a course, which is impossible",
            )
        if per_kg is not None:
            _agree(per_kg * weight, grams, "facts.dose_total_g", "the dose per kg x dosing weight", "g")


def _agree(one: Decimal, other: Decimal, path: str, what: str, unit: str) -> None:
    if abs(one - other) > DISAGREEMENT * max(one, other):
        raise BadInput(
            path,
            f"the dose facts disagree by more than 5 %: {plain(round_half_up(one, 2))} {unit} against "
            f"{plain(round_half_up(other, 2))} {unit} from {what}; give one of them, or correct one",
        )


def dosing_weight(facts: Mapping[str, Any]) -> tuple[Decimal | None, str | None, Decimal | None, str]:
    """(dosing weight kg, basis, ideal weight kg, why): the built-in weight rule, a local parameter of the pack."""
    actual, height, sex = facts.get("weight_kg"), facts.get("height_cm"), facts.get("sex")
    age = facts.get("age_years")
    child = age is not None and age < ADULT_YEARS
    ideal = None
    if height is not None and sex is not None and height >= SHORTEST_FOR_IDEAL_CM and not child:
        ideal = (Decimal(50) if sex == "male" else Decimal("45.5")) + Decimal("2.3") * (height * CM_TO_INCH - 60)
    before = facts.get("pre_pregnancy_weight_kg")
    if facts.get("pregnancy_status") == "pregnant" and before is not None:
        return before, "pre_pregnancy", ideal, "pregnant: the weight before pregnancy is used"
    if actual is None:
        return None, None, ideal, ""
    if child:
        return actual, "actual", ideal, "under 18 years: actual weight is used"
    if height is None or sex is None:
        missing = " and ".join(word for word, value in (("height", height), ("sex", sex)) if value is None)
        return actual, "actual", ideal, f"{missing} not known: actual weight is used"
    if ideal is None:
        return actual, "actual", ideal, "under 152.4 cm: actual weight is used"
    adjusted = ideal + Decimal("0.4") * (actual - ideal)
    if actual <= adjusted:
        return actual, "actual", ideal, "actual weight is not above adjusted weight: actual weight is used"
    return adjusted, "adjusted", ideal, "adult: adjusted weight is used"


def plan_dose(facts: Mapping[str, Any], rule: DoseRule, product: Product | None) -> Plan | None:
    """The plan of the order in `facts`, or None when neither weight nor dose is known.

    `facts` must have passed `check_order`. Rounded to the nearest 5 g; an amount that would round to 0 g stays exact.
    """
    weight, basis, ideal, note = dosing_weight(facts)
    per_kg, grams = ordered_g_per_kg(facts), ordered_g(facts)
    per_day_kg, per_day_g = facts.get("dose_per_day_g_per_kg"), facts.get("dose_per_day_g")
    if weight is None and all(v is None for v in (per_kg, grams, per_day_kg, per_day_g)):
        return None
    lines: list[Line] = []
    actual, height = facts.get("weight_kg"), facts.get("height_cm")
    bmi = None
    if actual is not None and height is not None:
        bmi = actual / (height / 100) ** 2
        _line(lines, "Body mass index (BMI)", f"{plain(actual)} kg ÷ ({plain(height)} cm ÷ 100)²", bmi, 2, "kg/m²")
    if ideal is not None:
        base = "50" if facts["sex"] == "male" else "45.5"
        _line(
            lines, "Ideal weight (Devine)",
            f"{base} kg + 2.3 kg × ({plain(height)} cm × 0.393701 − 60 in)", ideal, 3, "kg",
        )  # fmt: skip
    if weight is not None:
        formula = f"{plain(weight)} kg; {note}"
        if basis == "adjusted" and ideal is not None:
            formula = f"{_fixed(ideal, 3)} kg + 0.4 × ({plain(actual)} kg − {_fixed(ideal, 3)} kg); {note}"
        _line(lines, "Dosing weight", formula, weight, 3, "kg")
    limit = rule.ceiling * weight if rule.ceiling is not None and weight is not None else None
    target = give = None
    if per_kg is not None and weight is not None:
        target = per_kg * weight
        _line(lines, "Ordered dose", f"{plain(per_kg)} g/kg × {_fixed(weight, 3)} kg", target, 2, "g")
        give = grams if grams is not None else target
    elif grams is not None:
        give = grams
        _line(lines, "Ordered dose", "as ordered in grams", grams, 2, "g")
        if rule.target is not None and weight is not None and facts.get("request_type", "initial") == "initial":
            target = rule.target * weight
            _line(
                lines, "Target of the criteria", f"{plain(rule.target)} g/kg × {_fixed(weight, 3)} kg", target, 2, "g"
            )
    rounded = None
    if give is not None:
        rounded = nearest_5_g(give) or give
        _line(lines, "Grams to give", f"{_fixed(give, 2)} g to the nearest 5 g", rounded, 2, "g")
    if limit is not None and rule.ceiling is not None:
        _line(lines, "Ceiling of a course", f"{plain(rule.ceiling)} g/kg × {_fixed(weight, 3)} kg", limit, 2, "g")
    days = facts.get("course_days")
    per_day = rounded / days if rounded is not None and days is not None else None
    if per_day is not None:
        _line(lines, "Grams a day", f"{_short(rounded)} g ÷ {days} days", per_day, 2, "g/day")
    elif rounded is None and per_day_g is not None:
        per_day = per_day_g
    elif rounded is None and per_day_kg is not None and weight is not None:
        per_day = per_day_kg * weight
    sizes = facts.get("available_vials_g") or (product.vials_g if product else ())
    vials = fill_vials(per_day, sizes) if per_day is not None and sizes else None
    if vials is not None:
        given = sum((size * count for size, count in vials), Decimal(0))
        words = " + ".join(f"{count} × {plain(size)} g" for size, count in vials)
        _line(lines, "Vials a day", words, given, 2, "g/day")
    return Plan(
        dosing_weight_kg=weight,
        weight_basis=basis,
        ibw_kg=ideal,
        bmi=bmi,
        target_g=target,
        rounded_g=rounded,
        limit_g=limit,
        per_day_g=per_day,
        vials_per_day=vials,
        within_ceiling=within_ceiling(rule, per_kg, grams, limit),
        g_per_kg=per_kg
        if per_kg is not None
        else (grams / weight if grams is not None and weight is not None else None),
        rounded=rounded is not None and rounded != (target if target is not None else give),
        weight_note=note,
        lines=tuple(lines),
    )


def _line(lines: list[Line], label: str, formula: str, value: Decimal, places: int, unit: str) -> None:
    shown = _fixed(value, places) if places == 3 or unit == "kg/m²" else _short(value)
    lines.append(Line(label, formula, shown or "", unit))


def within_ceiling(rule: DoseRule, per_kg: Decimal | None, grams: Decimal | None, limit: Decimal | None) -> bool | None:
    """Whether the order stays within the ceiling: per kg exactly, grams up to the limit or its nearest 5 g."""
    if rule.ceiling is None:
        return None
    known = []
    if per_kg is not None:
        known.append(per_kg <= rule.ceiling)
    if grams is not None and limit is not None:
        known.append(grams <= most_grams(limit))
    return all(known) if known else None


def most_grams(limit: Decimal) -> Decimal:
    """The most grams that do not exceed `limit`: the larger of the limit and the limit to the nearest 5 g."""
    return max(limit, nearest_5_g(limit))


def order_within(facts: Mapping[str, Any], rule: DoseRule) -> tuple[tuple[str, Decimal], ...]:
    """(fact, most) for every dose fact of the order that would have to come down to stay within the ceiling."""
    ceiling = rule.ceiling
    if ceiling is None:
        return ()
    days = facts.get("course_days")
    weight = dosing_weight(facts)[0]
    most: list[tuple[str, Decimal]] = []
    if facts.get("dose_total_g_per_kg") is not None:
        most.append(("dose_total_g_per_kg", ceiling))
    if facts.get("dose_per_day_g_per_kg") is not None and days is not None:
        most.append(("dose_per_day_g_per_kg", _down(ceiling / days)))
    if weight is not None:
        grams = most_grams(ceiling * weight)
        if facts.get("dose_total_g") is not None:
            most.append(("dose_total_g", _down(grams)))
        if facts.get("dose_per_day_g") is not None and days is not None:
            most.append(("dose_per_day_g", _down(grams / days)))
    return tuple(most) or (("dose_total_g_per_kg", ceiling),)


def _down(value: Decimal) -> Decimal:
    return value.quantize(Decimal("0.01"), rounding=ROUND_DOWN)


def fill_vials(grams: Decimal, sizes: Sequence[Decimal]) -> tuple[tuple[Decimal, int], ...] | None:
    """Whole vials that give at least `grams` with the least waste, then the fewest vials; largest first.

    None when there are no sizes or the amount is beyond 2,000 g a day.
    """
    usable = sorted({s for s in sizes if s > 0}, reverse=True)
    if not usable or grams <= 0 or grams > 2000:
        return None
    scale = Decimal(1000)
    units = [int(s * scale) for s in usable]
    step = gcd(*units)
    counts = [u // step for u in units]
    need = ceil(grams * scale / step)
    best: list[tuple[int, int] | None] = [(0, -1)] + [None] * (need + counts[0])
    for amount in range(1, len(best)):
        for i, unit in enumerate(counts):
            before = best[amount - unit] if amount >= unit else None
            current = best[amount]
            if before is not None and (current is None or before[0] + 1 < current[0]):
                best[amount] = (before[0] + 1, i)
    amount = next((a for a in range(need, len(best)) if best[a] is not None), None)
    if amount is None:
        return None
    chosen = [0] * len(usable)
    while amount > 0:
        entry = best[amount]
        assert entry is not None
        chosen[entry[1]] += 1
        amount -= counts[entry[1]]
    return tuple((size, count) for size, count in zip(usable, chosen, strict=True) if count)
