"""The order of a dose: what a pack says of it, what the facts state of it, and whether that can be.

Grams are held against the dosing weight by the pack's rule. Rounding never trips a limit, and excuses no more than the
fraction by which grams may be rounded.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import ROUND_DOWN, Decimal
from functools import cached_property
from typing import Any, Protocol

from utilization.rules.dosing.vials import FIVE, ROUNDING_WITHIN, near, nearest_step, round_half_up
from utilization.rules.dosing.weights import WeightRuleOf, check_opt_out, dosing_weight
from utilization.rules.facts.values import BadInput, plain

DISAGREEMENT = Decimal("0.05")
MOST_G_PER_KG = Decimal(20)
LEAST_OF_TARGET = Decimal("0.5")
"""An initial order below this fraction of the criteria's target is questioned: a local parameter."""


class Holds(Protocol):
    """A condition over facts: true, false, or None where they do not say."""

    def truth(self, facts: Mapping[str, Any]) -> bool | None: ...


@dataclass(frozen=True, slots=True)
class DosePhase:
    """A phase of a treatment, a kind of request or an age, `says` in words: where `when` holds, its own ceiling and
    target, in g/kg a course, take the place of the rule's; None leaves the rule's."""

    says: str
    when: Holds
    ceiling: Decimal | None = None
    target: Decimal | None = None


@dataclass(frozen=True)
class DoseRule:
    """What a pack says of an indication's dose, in g/kg of dosing weight a course; None where it says nothing.

    `weight_rule` is a key of `WEIGHT_RULES` or one of the pack's own, `rounding` is a step such as "5 g", "vials" or
    "none", `rounding_within` the fraction of
    the exact grams by which rounding may change them, `tolerance` the fraction by which an order may pass the ceiling
    without exceeding it.
    """

    ceiling: Decimal | None = None
    target: Decimal | None = None
    evidence: tuple[str, ...] = ()
    weight_rule: WeightRuleOf = "adjusted"
    rounding: str = "5 g"
    tolerance: Decimal = Decimal(0)
    rounding_within: Decimal = ROUNDING_WITHIN
    phases: tuple[DosePhase, ...] = ()
    phase: str = ""

    @cached_property
    def step(self) -> Decimal:
        """The grams to which doses are rounded and limits may be, 5 unless the rule sets its own."""
        return Decimal(self.rounding.removesuffix(" g")) if self.rounding.endswith(" g") else FIVE

    def aims_at(self, facts: Mapping[str, Any]) -> bool:
        """Whether the target is meant for this request: that of a phase is, that of the rule for a first course."""
        return bool(self.phase) or facts.get("request_type", "initial") == "initial"

    def in_phase(self, facts: Mapping[str, Any]) -> "DoseRule":
        """The rule as it stands for these facts: that of the first phase that holds.

        While it is not known whether a phase holds, it has neither ceiling nor target.
        """
        for phase in self.phases:
            holds = phase.when.truth(facts)
            if holds:
                target = self.target if phase.target is None else phase.target
                named = phase.says if phase.target is not None else ""
                return replace(self, ceiling=phase.ceiling or self.ceiling, target=target, phase=named, phases=())
            if holds is None:
                return replace(self, ceiling=None, target=None, phases=())
        return replace(self, phases=()) if self.phases else self

    @cached_property
    def most(self) -> Decimal | None:
        """The g/kg above which an order exceeds the ceiling."""
        return None if self.ceiling is None else self.ceiling * (1 + self.tolerance)

    def most_grams(self, limit: Decimal | None) -> Decimal | None:
        """The grams a course above which an order exceeds the ceiling, `limit` being the ceiling in grams.

        The tolerance comes first, and what it allows per kg is allowed as it is rounded, as for every other limit.
        """
        return None if limit is None else most_grams(limit * (1 + self.tolerance), self.rounding_within, self.step)


NO_DOSE_RULE = DoseRule()


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


def check_order(facts: Mapping[str, Any], rule: DoseRule = NO_DOSE_RULE) -> None:
    """Raises BadInput when dose facts disagree by over 5 %, the course is over 20 g/kg, or an opt-out has no reason.

    A day's dose that is more than its whole course disagrees with it, however many the days.
    """
    check_opt_out(facts)
    days = facts.get("course_days")
    for total, per_day, unit in (
        ("dose_total_g_per_kg", "dose_per_day_g_per_kg", "g/kg"),
        ("dose_total_g", "dose_per_day_g", "g"),
    ):
        whole, a_day = facts.get(total), facts.get(per_day)
        if whole is None or a_day is None:
            continue
        if days is None:
            _day_within_course(a_day, whole, f"facts.{per_day}", unit)
        else:
            _agree(whole, a_day * days, f"facts.{total}", f"{per_day} x course_days", unit)
    per_kg = ordered_g_per_kg(facts)
    if per_kg is not None and per_kg > MOST_G_PER_KG:
        raise BadInput(
            "facts.dose_per_day_g_per_kg", f"{plain(per_kg)} g/kg a course is impossible: expected at most 20"
        )
    if facts.get("dose_per_day_g") is not None or facts.get("dose_total_g") is not None:
        weight = dosing_weight(facts, rule.weight_rule)[0]
        if weight is not None:
            _check_grams(facts, weight, per_kg)


def _check_grams(facts: Mapping[str, Any], weight: Decimal, per_kg: Decimal | None) -> None:
    """Raises BadInput where grams of the order disagree with what it says per kg, or are over 20 g/kg a course."""
    grams = ordered_g(facts)
    a_day, a_day_per_kg = facts.get("dose_per_day_g"), facts.get("dose_per_day_g_per_kg")
    if a_day is not None and a_day_per_kg is not None:
        _agree(a_day, a_day_per_kg * weight, "facts.dose_per_day_g", "the daily dose per kg x dosing weight", "g")
    _day_of_one_form_within_course_of_the_other(facts, weight)
    if grams is not None:
        name = "dose_total_g" if facts.get("dose_total_g") is not None else "dose_per_day_g"
        if grams / weight > MOST_G_PER_KG:
            kg = plain(round_half_up(weight, 1))
            told = f"{plain(grams)} g for {kg} kg is over 20 g/kg a course, which is impossible"
            raise BadInput(f"facts.{name}", told)
        if per_kg is not None:
            _agree(per_kg * weight, grams, f"facts.{name}", "the dose per kg x dosing weight", "g")


def _day_of_one_form_within_course_of_the_other(facts: Mapping[str, Any], weight: Decimal) -> None:
    per_kg, grams = facts.get("dose_total_g_per_kg"), facts.get("dose_total_g")
    a_day, a_day_per_kg = facts.get("dose_per_day_g"), facts.get("dose_per_day_g_per_kg")
    if per_kg is not None and a_day is not None:
        _day_within_course(a_day, per_kg * weight, "facts.dose_per_day_g", "g")
    if grams is not None and a_day_per_kg is not None:
        _day_within_course(a_day_per_kg * weight, grams, "facts.dose_per_day_g_per_kg", "g")


def _day_within_course(a_day: Decimal, whole: Decimal, path: str, unit: str) -> None:
    if a_day > whole * (1 + DISAGREEMENT):
        raise BadInput(
            path,
            f"one day's dose of {plain(round_half_up(a_day, 2))} {unit} is more than the whole course of"
            f" {plain(round_half_up(whole, 2))} {unit}; correct one of them",
        )


def _agree(one: Decimal, other: Decimal, path: str, what: str, unit: str) -> None:
    if abs(one - other) > DISAGREEMENT * max(one, other):
        raise BadInput(
            path,
            f"the dose facts disagree by more than 5 %: {plain(round_half_up(one, 2))} {unit} against "
            f"{plain(round_half_up(other, 2))} {unit} from {what}; give one of them, or correct one",
        )


def within_ceiling(facts: Mapping[str, Any], rule: DoseRule, limit: Decimal | None) -> bool | None:
    """Whether the order stays within the ceiling and its tolerance: per kg exactly, grams up to the limit or its
    nearest 5 g; `limit` is the ceiling in grams without tolerance.

    A single day that is above the ceiling decides without the days, of which there is at least one.
    """
    most = rule.most
    if most is None:
        return None
    per_kg, grams = ordered_g_per_kg(facts), ordered_g(facts)
    known = []
    if per_kg is not None:
        known.append(per_kg <= most)
    if grams is not None and limit is not None:
        known.append(_keeps(grams, rule, limit))
    if known:
        return all(known)
    a_day, a_day_per_kg = facts.get("dose_per_day_g"), facts.get("dose_per_day_g_per_kg")
    too_much = (a_day_per_kg is not None and a_day_per_kg > most) or (
        a_day is not None and limit is not None and not _keeps(a_day, rule, limit)
    )
    return False if too_much else None


def _keeps(grams: Decimal, rule: DoseRule, limit: Decimal) -> bool:
    """Whether grams do not exceed the ceiling, `limit` in grams."""
    most = rule.most_grams(limit)
    return most is not None and grams <= most


def most_grams(limit: Decimal, within: Decimal = ROUNDING_WITHIN, step: Decimal = FIVE) -> Decimal:
    """The most grams that do not exceed `limit`: the limit, as it is printed, or to the nearest 5 g.

    The nearest 5 g count only `within` the fraction of the limit by which grams may be rounded: 10 g for a limit of
    8 g is a quarter more, and no rounding.
    """
    nearest = nearest_step(limit, step)
    return max(limit, round_half_up(limit, 2), nearest if near(nearest, limit, within) else limit)


def least_grams(limit: Decimal, within: Decimal = ROUNDING_WITHIN, step: Decimal = FIVE) -> Decimal:
    """The fewest grams that reach `limit`: the limit, as it is printed, or the nearest 5 g `within` the fraction."""
    nearest = nearest_step(limit, step)
    return min(limit, round_half_up(limit, 2), nearest if near(nearest, limit, within) else limit)


def below_target(facts: Mapping[str, Any], rule: DoseRule) -> str:
    """What to ask where an initial order is below half the target of the criteria; "" where it is not.

    Grams that rounding alone takes below it are not questioned.

    A dose of one day that was entered as that of the whole course lands here.
    """
    target = rule.target
    if target is None or not rule.aims_at(facts):
        return ""
    per_kg, grams = ordered_g_per_kg(facts), ordered_g(facts)
    least = target * LEAST_OF_TARGET
    if per_kg is None and grams is not None:
        weight = dosing_weight(facts, rule.weight_rule)[0]
        if weight is not None:
            per_kg, least = grams / weight, least * (1 - rule.rounding_within)
    if per_kg is None or per_kg >= least:
        return ""
    days = facts.get("course_days")
    each_day = ""
    if days is not None and days > 1 and abs(per_kg * days - target) <= DISAGREEMENT * target:
        each_day = f" On each of {days} days it would come to {plain(round_half_up(per_kg * days, 2))} g/kg."
    share = plain(round_half_up(per_kg / target * 100, 0))
    return (
        f"The course comes to {plain(round_half_up(per_kg, 3))} g/kg, {share} % of the"
        f" {plain(target)} g/kg that the criteria name for {rule.phase or 'a first course'}.{each_day}"
        " Was the dose of one day entered as that of the whole course?"
    )


def order_within(facts: Mapping[str, Any], rule: DoseRule) -> tuple[tuple[str, Decimal], ...]:
    """(fact, most) for every dose fact of the order that has to be given or to come down to stay within the ceiling."""
    ceiling = rule.ceiling
    if ceiling is None:
        return ()
    weight = dosing_weight(facts, rule.weight_rule)[0]
    most = {"dose_total_g_per_kg": ceiling, "dose_per_day_g_per_kg": ceiling}
    if weight is not None:
        grams = most_grams(ceiling * weight, rule.rounding_within, rule.step)
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
