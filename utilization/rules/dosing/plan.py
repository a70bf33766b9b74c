"""Dosing: (order, patient, product, rule) -> a plan with its arithmetic, in exact decimals.

The rule is the pack's: which weight counts (`weights.py`), ceiling, target, rounding, tolerance. Rounding never trips a
limit, and never changes the grams by more than the rule's fraction (decision 20).
"""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from types import MappingProxyType
from typing import Any, NamedTuple

from utilization.rules.dosing.course_days import course_days, day_lines, days_text, divided, grouped_days
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
from utilization.rules.dosing.product_lines import product_lines
from utilization.rules.dosing.products import Product
from utilization.rules.dosing.rounding import round_grams
from utilization.rules.dosing.suggestions import fewer_vials, why_above_ceiling
from utilization.rules.dosing.sums import Line, amount_line, body_mass, fixed, short, vials_in_words, weight_lines
from utilization.rules.dosing.vials import Day, Vials, fill_vials, given_by, nearest_5_g, round_half_up
from utilization.rules.dosing.weights import ADULT_YEARS, Weighed, dosing_weight, height_is_wanted, weigh
from utilization.rules.facts.values import plain

__all__ = [
    "ADULT_YEARS", "NO_DOSE_RULE", "DoseRule", "Line", "Plan", "check_order", "dosing_weight", "fill_vials",
    "missing_dose_fact", "most_grams", "nearest_5_g", "order_within", "ordered_g", "ordered_g_per_kg", "plan_dose",
    "round_grams", "round_half_up", "within_ceiling",
]  # fmt: skip


class PlanBasis(NamedTuple):
    """What a plan was made from, by which its lines are written once somebody reads them."""

    facts: Mapping[str, Any] = MappingProxyType({})
    rule: DoseRule = NO_DOSE_RULE
    weighed: Weighed = Weighed(None, None, None, "")
    product: Product | None = None
    indication: str = ""


class Plan(NamedTuple):
    """The dose as planned. Weights in kg, doses in g, exact; None where the facts do not give it.

    `weight_basis` is adjusted, actual, ideal or pre_pregnancy. `within_ceiling` is None without a ceiling or a dose.
    `days` are the days of the course with their vials, the larger first; empty while days or grams are not known.
    `most_g` are the most grams a course that stay within the ceiling. `why_above` says that the weight rule is why the
    order is above it, `few_vials` that other grams take far fewer vials; `instead_g` are the grams to give then.
    `below_target` asks about a first course below half the target; `ordered_day_g_per_kg` is the order of a day where
    it was written per kg, `exact_g` the grams of the course before rounding.
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
    days: tuple[Day, ...] = ()
    most_g: Decimal | None = None
    why_above: str = ""
    few_vials: str = ""
    instead_g: Decimal | None = None
    below_target: str = ""
    ordered_day_g_per_kg: Decimal | None = None
    exact_g: Decimal | None = None
    basis: PlanBasis = PlanBasis()

    @property
    def height_wanted(self) -> bool:
        """Whether the weight rule would read the height, which is not known."""
        return height_is_wanted(self.basis.facts, self.basis.rule.weight_rule)

    @property
    def lines(self) -> tuple[Line, ...]:
        """The arithmetic, for people."""
        return tuple(_lines(self))

    @property
    def waste_g(self) -> Decimal | None:
        """Grams of the course that are left in opened vials; None where the vials are not known."""
        if not self.days or any(day.vials is None for day in self.days):
            return None
        return sum((given_by(day.vials or ()) - day.grams for day in self.days), Decimal(0))

    def shown(self) -> dict[str, Any]:
        """What pages and documents show beside the contract's keys, as JSON values."""
        largest = self.days[0].grams if self.days else self.per_day_g
        weight = self.dosing_weight_kg
        day_per_kg = self.ordered_day_g_per_kg if largest is None or weight is None else largest / weight
        return {
            "lines": [
                {"label": line.label, "formula": line.formula, "value": line.value, "unit": line.unit}
                for line in self.lines
            ],
            "g_per_kg": None if self.g_per_kg is None else plain(round(self.g_per_kg, 3)),
            "within_ceiling": self.within_ceiling,
            "weight_note": self.weight_note,
            "days": [short(day.grams) for day in self.days],
            "days_text": days_text([day.grams for day in self.days]),
            "rounded_from": fixed(self.exact_g, 2) if self.exact_g != self.rounded_g else None,
            "uneven": len({day.grams for day in self.days}) > 1,
            "day_g_per_kg": None if day_per_kg is None else plain(round_half_up(day_per_kg, 2)),
            "vials_by_day": [
                {"days": count, "grams": short(day.grams), "vials": vials_in_words(day.vials)}
                for day, count in grouped_days(self.days)
                if day.vials
            ],
            "waste_g": short(self.waste_g),
            "most_g": short(self.most_g),
            "why_above": self.why_above,
            "few_vials": self.few_vials,
            "instead_g": short(self.instead_g),
            "below_target": self.below_target,
            "height_wanted": self.height_wanted,
        }

    def as_dict(self) -> dict[str, Any]:
        """The `dose` value of the `judge` contract: decimals as strings, kg to 3 decimals, bmi and g to 2."""
        vials = self.vials_per_day
        return {
            "dosing_weight_kg": fixed(self.dosing_weight_kg, 3),
            "weight_basis": self.weight_basis,
            "ibw_kg": fixed(self.ibw_kg, 3),
            "bmi": fixed(self.bmi, 2),
            "target_g": fixed(self.target_g, 2),
            "rounded_g": short(self.rounded_g),
            "limit_g": fixed(self.limit_g, 2),
            "per_day_g": short(self.per_day_g),
            "vials_per_day": None if vials is None else {plain(size): count for size, count in vials},
        }


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
    if _says_nothing(facts, weight, per_kg, grams):
        return None
    target, give, rounded, limit, most = _course(facts, rule, product, weight, (per_kg, grams))
    sizes = _sizes(facts, product)
    days = course_days(facts, rule, give, rounded, weight, sizes, day_limits)
    per_day, vials = divided(facts, rounded, weight, sizes, days)
    effective = grams / weight if per_kg is None and grams is not None and weight is not None else per_kg
    within = within_ceiling(facts, rule, limit)
    why_above, instead = "", None
    if within is False:
        why_above, instead = why_above_ceiling(facts, rule, weighed, sizes, most)
    few_vials = ""
    if instead is None and rounded is not None:
        few_vials, instead = fewer_vials(days, sizes, rounded, rule, most)
    return Plan(
        dosing_weight_kg=weight,
        weight_basis=weighed.basis,
        ibw_kg=weighed.ideal_kg,
        bmi=body_mass(facts),
        target_g=target,
        rounded_g=rounded,
        limit_g=limit,
        per_day_g=per_day,
        vials_per_day=vials,
        within_ceiling=within,
        g_per_kg=effective,
        rounded=_changed(target, give, rounded),
        weight_note=weighed.why,
        days=days,
        most_g=most,
        why_above=why_above,
        few_vials=few_vials,
        instead_g=instead,
        below_target=below_target(facts, rule),
        ordered_day_g_per_kg=_day_per_kg(facts, per_kg),
        exact_g=give,
        basis=PlanBasis(facts, rule, weighed, product, indication),
    )


def adjusted_and_rounded(
    facts: Mapping[str, Any], rule: DoseRule, product: Product | None, weighed: Weighed
) -> tuple[bool, bool] | None:
    """(whether the weight was adjusted, whether rounding changes the grams) of a plan, without the rest of it."""
    per_kg, grams = ordered_g_per_kg(facts), ordered_g(facts)
    if _says_nothing(facts, weighed.kg, per_kg, grams):
        return None
    target, give, rounded, _, _ = _course(facts, rule, product, weighed.kg, (per_kg, grams))
    return weighed.basis == "adjusted", _changed(target, give, rounded)


class _Course(NamedTuple):
    """The grams of a course: aimed at, ordered, rounded, the ceiling, and the most that stay within it."""

    target: Decimal | None
    give: Decimal | None
    rounded: Decimal | None
    limit: Decimal | None
    most: Decimal | None


def _course(
    facts: Mapping[str, Any],
    rule: DoseRule,
    product: Product | None,
    weight: Decimal | None,
    ordered: tuple[Decimal | None, Decimal | None],
) -> _Course:
    """The grams of a course of which so much was `ordered`: (g/kg, g)."""
    target, give = _aim(facts, rule, weight, *ordered)
    limit = None if rule.ceiling is None or weight is None else rule.ceiling * weight
    most = rule.most_grams(limit)
    rounded = None if give is None else round_grams(give, rule, _sizes(facts, product), most)[0]
    return _Course(target, give, rounded, limit, most)


def _says_nothing(
    facts: Mapping[str, Any], weight: Decimal | None, per_kg: Decimal | None, grams: Decimal | None
) -> bool:
    """Whether neither a weight nor a dose is known."""
    if weight is not None or per_kg is not None or grams is not None:
        return False
    return facts.get("dose_per_day_g_per_kg") is None and facts.get("dose_per_day_g") is None


def _changed(target: Decimal | None, give: Decimal | None, rounded: Decimal | None) -> bool:
    """Whether rounding changes the grams."""
    return rounded is not None and rounded != (give if target is None else target)


def _day_per_kg(facts: Mapping[str, Any], per_kg: Decimal | None) -> Decimal | None:
    """The g/kg of a day as ordered; None where the order does not say."""
    stated: Decimal | None = facts.get("dose_per_day_g_per_kg")
    days = facts.get("course_days")
    return stated if stated is not None or per_kg is None or days is None else per_kg / days


def _sizes(facts: Mapping[str, Any], product: Product | None) -> Sequence[Decimal]:
    """The vials at hand, in grams: those stated, else those of the product."""
    return facts.get("available_vials_g") or (product.vials_g if product else ())


def _aim(
    facts: Mapping[str, Any], rule: DoseRule, weight: Decimal | None, per_kg: Decimal | None, grams: Decimal | None
) -> tuple[Decimal | None, Decimal | None]:
    """(exact target, grams ordered): from the order per kg, else from the order in grams and the criteria's target."""
    if per_kg is not None and weight is not None:
        target = per_kg * weight
        return target, target if grams is None else grams
    if grams is None or rule.target is None or weight is None or not rule.aims_at(facts):
        return None, grams
    return rule.target * weight, grams


def _lines(plan: Plan) -> Iterator[Line]:
    facts, rule, weighed, product, indication = plan.basis
    yield from weight_lines(facts, rule, weighed)
    yield from _order_lines(plan)
    yield from _ceiling_lines(plan)
    yield from day_lines(plan.rounded_g, plan.per_day_g, plan.vials_per_day, plan.days)
    if product is not None and indication:
        a_day = plan.days[0].grams if plan.days else plan.per_day_g
        yield from product_lines(facts, product, indication, plan.rounded_g, a_day, weighed.kg, plan.days)


def _order_lines(plan: Plan) -> Iterator[Line]:
    facts, rule, weighed, product, _ = plan.basis
    weight, give, target = weighed.kg, plan.exact_g, plan.target_g
    if give is None:
        return
    per_kg = ordered_g_per_kg(facts)
    if per_kg is not None and target is not None:
        formula = f"{plain(per_kg)} g/kg × {fixed(weight, 3)} kg"
        yield amount_line("Ordered dose", formula, target, "g")
    else:
        yield amount_line("Ordered dose", "as ordered in grams", give, "g")
        if target is not None and rule.target is not None:
            label = f"Target of the criteria, {rule.phase}" if rule.phase else "Target of the criteria"
            yield amount_line(label, f"{plain(rule.target)} g/kg × {fixed(weight, 3)} kg", target, "g")
    rounded, how = round_grams(give, rule, _sizes(facts, product), plan.most_g)
    yield amount_line("Grams to give", f"{fixed(give, 2)} g {how}".replace(" g not", " g, not"), rounded, "g")


def _ceiling_lines(plan: Plan) -> Iterator[Line]:
    rule, weight, limit, most = plan.basis.rule, plan.dosing_weight_kg, plan.limit_g, plan.most_g
    if limit is None or most is None or rule.ceiling is None:
        return
    yield amount_line("Ceiling of a course", f"{plain(rule.ceiling)} g/kg × {fixed(weight, 3)} kg", limit, "g")
    if rule.tolerance:
        share = plain(rule.tolerance * 100)
        yield amount_line("Exceeded above", f"{fixed(limit, 2)} g and {share} % tolerance", most, "g")
    elif most != round_half_up(limit, 2):
        formula = f"{fixed(limit, 2)} g to the nearest 5 g"
        yield amount_line("At most, as grams are rounded", formula, most, "g")
