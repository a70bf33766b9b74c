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
from utilization.rules.products import Product

CM_TO_INCH = Decimal("0.393701")
ADULT_YEARS = Decimal(18)
SHORTEST_FOR_IDEAL_CM = Decimal("152.4")
DISAGREEMENT = Decimal("0.05")
MOST_G_PER_KG = Decimal(20)
MOST_G_A_DAY = 2000
_FIVE = Decimal(5)


@dataclass(frozen=True, slots=True)
class DoseRule:
    """What a pack says of an indication's dose, in g/kg of dosing weight a course; None where it says nothing."""

    ceiling: Decimal | None = None
    target: Decimal | None = None
    evidence: tuple[str, ...] = ()


NO_DOSE_RULE = DoseRule()


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
    a_day, a_day_per_kg = facts.get("dose_per_day_g"), facts.get("dose_per_day_g_per_kg")
    if weight is not None and a_day is not None and a_day_per_kg is not None:
        _agree(a_day, a_day_per_kg * weight, "facts.dose_per_day_g", "the daily dose per kg x dosing weight", "g")
    if weight is not None and grams is not None:
        name = "dose_total_g" if facts.get("dose_total_g") is not None else "dose_per_day_g"
        if grams / weight > MOST_G_PER_KG:
            kg = plain(round_half_up(weight, 1))
            told = f"{plain(grams)} g for {kg} kg is over 20 g/kg a course, which is impossible"
            raise BadInput(f"facts.{name}", told)
        if per_kg is not None:
            _agree(per_kg * weight, grams, f"facts.{name}", "the dose per kg x dosing weight", "g")


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
    order = (per_kg, grams, facts.get("dose_per_day_g_per_kg"), facts.get("dose_per_day_g"))
    if weight is None and all(amount is None for amount in order):
        return None
    sums = _Sums()
    bmi = _weigh(sums, facts, weight, basis, ideal, note)
    target, give = _aim(sums, facts, rule, weight, per_kg, grams)
    rounded = None
    if give is not None:
        rounded = nearest_5_g(give) or give
        sums.add("Grams to give", f"{_fixed(give, 2)} g to the nearest 5 g", rounded, "g")
    limit = None
    if rule.ceiling is not None and weight is not None:
        limit = rule.ceiling * weight
        sums.add("Ceiling of a course", f"{plain(rule.ceiling)} g/kg × {_fixed(weight, 3)} kg", limit, "g")
    per_day, vials = _divide(sums, facts, product, rounded, weight)
    if per_kg is None and grams is not None and weight is not None:
        effective: Decimal | None = grams / weight
    else:
        effective = per_kg
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
        within_ceiling=within_ceiling(facts, rule, limit),
        g_per_kg=effective,
        rounded=rounded is not None and rounded != (give if target is None else target),
        weight_note=note,
        lines=tuple(sums.lines),
    )


class _Sums:
    """The lines of the arithmetic as they are worked out: kilograms to 3 decimals, all else to 2 at most."""

    def __init__(self) -> None:
        self.lines: list[Line] = []

    def add(self, label: str, formula: str, value: Decimal, unit: str) -> None:
        shown = _fixed(value, 3) if unit == "kg" else _short(value)
        self.lines.append(Line(label, formula, shown or "", unit))


def _weigh(
    sums: _Sums,
    facts: Mapping[str, Any],
    weight: Decimal | None,
    basis: str | None,
    ideal: Decimal | None,
    note: str,
) -> Decimal | None:
    """The body mass index, and the lines of the weights."""
    actual, height, bmi = facts.get("weight_kg"), facts.get("height_cm"), None
    if actual is not None and height is not None:
        bmi = actual / (height / 100) ** 2
        sums.add("Body mass index (BMI)", f"{plain(actual)} kg ÷ ({plain(height)} cm ÷ 100)²", bmi, "kg/m²")
    if ideal is not None and height is not None:
        base = "50" if facts["sex"] == "male" else "45.5"
        formula = f"{base} kg + 2.3 kg × ({plain(height)} cm × 0.393701 − 60 in)"
        sums.add("Ideal weight (Devine)", formula, ideal, "kg")
    if weight is not None:
        formula = f"{plain(weight)} kg; {note}"
        if basis == "adjusted" and actual is not None:
            formula = f"{_fixed(ideal, 3)} kg + 0.4 × ({plain(actual)} kg − {_fixed(ideal, 3)} kg); {note}"
        sums.add("Dosing weight", formula, weight, "kg")
    return bmi


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


def _divide(
    sums: _Sums, facts: Mapping[str, Any], product: Product | None, rounded: Decimal | None, weight: Decimal | None
) -> tuple[Decimal | None, tuple[tuple[Decimal, int], ...] | None]:
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
    sizes = facts.get("available_vials_g") or (product.vials_g if product else ())
    vials = None if per_day is None else fill_vials(per_day, sizes)
    if vials is not None:
        given = sum((size * count for size, count in vials), Decimal(0))
        words = " + ".join(f"{count} × {plain(size)} g" for size, count in vials)
        sums.add("Vials a day", words, given, "g/day")
    return per_day, vials


def within_ceiling(facts: Mapping[str, Any], rule: DoseRule, limit: Decimal | None) -> bool | None:
    """Whether the order stays within the ceiling: per kg exactly, grams up to the limit or its nearest 5 g.

    A single day that is above the ceiling decides without the days, of which there is at least one.
    """
    ceiling = rule.ceiling
    if ceiling is None:
        return None
    per_kg, grams = ordered_g_per_kg(facts), ordered_g(facts)
    known = []
    if per_kg is not None:
        known.append(per_kg <= ceiling)
    if grams is not None and limit is not None:
        known.append(grams <= most_grams(limit))
    if known:
        return all(known)
    a_day, a_day_per_kg = facts.get("dose_per_day_g"), facts.get("dose_per_day_g_per_kg")
    too_much = (a_day_per_kg is not None and a_day_per_kg > ceiling) or (
        a_day is not None and limit is not None and a_day > most_grams(limit)
    )
    return False if too_much else None


def most_grams(limit: Decimal) -> Decimal:
    """The most grams that do not exceed `limit`: the limit, as it is printed, or to the nearest 5 g."""
    return max(limit, round_half_up(limit, 2), nearest_5_g(limit))


def order_within(facts: Mapping[str, Any], rule: DoseRule) -> tuple[tuple[str, Decimal], ...]:
    """(fact, most) for every dose fact of the order that has to be given or to come down to stay within the ceiling."""
    ceiling = rule.ceiling
    if ceiling is None:
        return ()
    weight = dosing_weight(facts)[0]
    most = {"dose_total_g_per_kg": ceiling, "dose_per_day_g_per_kg": ceiling}
    if weight is not None:
        grams = most_grams(ceiling * weight)
        most |= {"dose_total_g": grams, "dose_per_day_g": grams}
    stated = {name: amount for name, amount in most.items() if facts.get(name) is not None}
    days = facts.get("course_days")
    terms = []
    for name, amount in stated.items():
        if name.startswith("dose_per_day"):
            if days is None:
                # Without the days, as many as the daily dose leaves room for; one, when a single day is too much.
                days = max(1, int(amount / facts[name]))
                terms.append(("course_days", Decimal(days)))
            if facts[name] * days > amount:
                terms.append((name, _down(amount / days)))
        else:
            terms.append((name, _down(amount)))
    return tuple(terms) or (("dose_total_g_per_kg", ceiling),)


def _down(value: Decimal) -> Decimal:
    return value.quantize(Decimal("0.01"), rounding=ROUND_DOWN)


def fill_vials(grams: Decimal, sizes: Sequence[Decimal]) -> tuple[tuple[Decimal, int], ...] | None:
    """Whole vials that give at least `grams` with the least waste, then the fewest vials; largest first.

    None when there are no sizes or the amount is beyond 2,000 g a day.
    """
    usable = sorted({size for size in sizes if size > 0}, reverse=True)
    if not usable or grams <= 0 or grams > MOST_G_A_DAY:
        return None
    thousandths = [int(size * 1000) for size in usable]
    step = gcd(*thousandths)
    units = [size // step for size in thousandths]
    need = ceil(grams * 1000 / step)
    # fewest[amount] is (vials, the last one's index) for amounts that whole vials give exactly.
    fewest: dict[int, tuple[int, int]] = {0: (0, -1)}
    for amount in range(1, need + units[0]):
        ways = [(fewest[amount - unit][0] + 1, i) for i, unit in enumerate(units) if amount - unit in fewest]
        if ways:
            fewest[amount] = min(ways)
    amount = min(a for a in fewest if a >= need)
    chosen = [0] * len(usable)
    while amount:
        last = fewest[amount][1]
        chosen[last] += 1
        amount -= units[last]
    return tuple((size, count) for size, count in zip(usable, chosen, strict=True) if count)
