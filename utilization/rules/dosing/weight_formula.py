"""A weight rule with a pack's own numbers: which weight counts, from which threshold on, and for whom."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from utilization.rules.dosing.weights import (
    ADULT_YEARS,
    SHORTEST_FOR_IDEAL_CM,
    Weighed,
    WeightRule,
    actual_weight,
    devine,
    not_known,
    weight_before_pregnancy,
)
from utilization.rules.facts.values import plain

ADJUSTED, IDEAL = "adjusted", "ideal"
BEFORE, ACTUAL = "before_pregnancy", "actual"


@dataclass(frozen=True, slots=True)
class WeightFormula:
    """A weight rule of a pack's own, and in `source` where it stands.

    `kind` is adjusted, which is ideal + `share` x (actual - ideal), or ideal.

    It counts for people from `adults_from` years and `shortest_cm` on whose actual weight is more than the fraction
    `above_ideal` above the ideal one and whose body mass index (BMI) is at least `bmi_at_least`; for others the actual
    weight does. `pregnant` says which weight counts in pregnancy.
    """

    kind: str
    source: str
    share: Decimal = Decimal(0)
    above_ideal: Decimal = Decimal(0)
    bmi_at_least: Decimal = Decimal(0)
    shortest_cm: Decimal = SHORTEST_FOR_IDEAL_CM
    adults_from: Decimal = ADULT_YEARS
    pregnant: str = BEFORE

    @property
    def named(self) -> WeightRule:
        """Its name for people, and where it stands."""
        return WeightRule(f"{self.kind} weight of the pack", self.source)

    @property
    def jumps(self) -> bool:
        """Whether somebody a little heavier may count for less, so that it does not grow with the weight."""
        return bool(self.above_ideal or self.bmi_at_least)

    def __str__(self) -> str:
        """It in words, for two packs beside each other."""
        counted = "ideal weight" if self.kind == IDEAL else f"ideal weight + {plain(self.share)} × the excess"
        parts = [counted, f"from {plain(self.adults_from)} years and {plain(self.shortest_cm)} cm"]
        if self.above_ideal:
            parts.append(f"more than {plain(self.above_ideal * 100)} % above ideal weight")
        if self.bmi_at_least:
            parts.append(f"BMI {plain(self.bmi_at_least)} kg/m² or more")
        parts.append("actual weight in pregnancy" if self.pregnant == ACTUAL else "weight before pregnancy")
        return "; ".join(parts)

    def weigh(self, facts: Mapping[str, Any]) -> Weighed:
        """The dosing weight of a patient by it."""
        ideal, before = self._ideal(facts), weight_before_pregnancy(facts)
        if facts.get("pregnancy_status") == "pregnant" and self.pregnant == ACTUAL:
            return actual_weight(facts, ideal, "pregnant: actual weight is used")
        if before is not None and self.kind == ADJUSTED:
            return Weighed(before, "pre_pregnancy", ideal, "pregnant: the weight before pregnancy is used")
        counted: Decimal | None = facts.get("weight_kg") if before is None else before
        if counted is None:
            return Weighed(None, None, ideal, "")
        why = self._why_actual(facts, counted, ideal)
        if why or ideal is None:
            basis = "actual" if before is None else "pre_pregnancy"
            return Weighed(counted, basis, ideal, why)
        if self.kind == IDEAL:
            return Weighed(ideal, IDEAL, ideal, "ideal weight is used, by the pack's numbers")
        adjusted = ideal + self.share * (counted - ideal)
        return Weighed(adjusted, ADJUSTED, ideal, "adjusted weight is used, by the pack's numbers", counted)

    def _ideal(self, facts: Mapping[str, Any]) -> Decimal | None:
        height, sex = facts.get("height_cm"), facts.get("sex")
        if height is None or sex is None or height < self.shortest_cm or self._is_young(facts):
            return None
        return devine(height, sex)

    def _is_young(self, facts: Mapping[str, Any]) -> bool:
        age = facts.get("age_years")
        return age is not None and age < self.adults_from

    def _why_actual(self, facts: Mapping[str, Any], counted: Decimal, ideal: Decimal | None) -> str:
        """Why the actual weight counts; "" where it does not."""
        if self._is_young(facts):
            return f"under {plain(self.adults_from)} years: actual weight is used"
        if missing := not_known(facts):
            return f"{missing} not known: actual weight is used"
        height = facts["height_cm"]
        if ideal is None:
            return f"under {plain(self.shortest_cm)} cm: actual weight is used"
        if counted <= ideal * (1 + self.above_ideal):
            above = f"more than {plain(self.above_ideal * 100)} % above" if self.above_ideal else "above"
            return f"not {above} ideal weight: actual weight is used"
        if counted / (height / 100) ** 2 < self.bmi_at_least:
            return f"BMI under {plain(self.bmi_at_least)} kg/m²: actual weight is used"
        return ""
