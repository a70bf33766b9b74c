"""What an order amounts to, in the units in which limits are written: a course, a day, a week, a rate.

An amount knows how it was ordered, so that rounding grams never trips a limit that the exact dose would keep. The plan
keeps what is given within the fraction of the order by which grams may be rounded, so the order stands for both.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol

from utilization.rules.dosing.orders import least_grams, most_grams, ordered_g, ordered_g_per_kg
from utilization.rules.dosing.vials import FIVE, ROUNDING_WITHIN, TO_5_G, Rounding, near, nearest_step
from utilization.rules.facts.units import Exact
from utilization.rules.language.node import Truth


class Amount(Protocol):
    """An ordered amount that can be held against a limit, in the unit of its name in the catalogue's `AMOUNTS`."""

    def stays_within(self, limit: Exact, tolerance: Decimal) -> Truth: ...
    def reaches(self, limit: Exact, tolerance: Decimal) -> Truth: ...


@dataclass(frozen=True, slots=True)
class Exactly:
    """An amount as it was ordered, compared exactly but for the tolerance."""

    value: Exact

    def stays_within(self, limit: Exact, tolerance: Decimal) -> Truth:
        return self.value <= _scaled(limit, 1 + tolerance)

    def reaches(self, limit: Exact, tolerance: Decimal) -> Truth:
        return self.value >= _scaled(limit, 1 - tolerance)


@dataclass(frozen=True, slots=True)
class Grams:
    """Grams against a limit per kg: `grams` for `kg`, over `times` units of the limit (weeks between courses).

    They exceed only above the larger of the limit and the limit to the nearest 5 g, `within` the fraction by which
    grams may be rounded, and fall short likewise.
    """

    grams: Decimal
    kg: Decimal
    times: Decimal = Decimal(1)
    within: Decimal = ROUNDING_WITHIN
    step: Decimal = FIVE

    def stays_within(self, limit: Exact, tolerance: Decimal) -> Truth:
        return self.grams <= most_grams(_scaled(limit, (1 + tolerance) * self.times * self.kg), self.within, self.step)

    def reaches(self, limit: Exact, tolerance: Decimal) -> Truth:
        return self.grams >= least_grams(_scaled(limit, (1 - tolerance) * self.times * self.kg), self.within, self.step)


@dataclass(frozen=True, slots=True)
class Given:
    """Grams of an order per kg, against a limit in grams: exactly, or as they would be given, to the nearest 5 g.

    Either is enough, so that rounding trips neither a limit above nor one below.
    """

    grams: Decimal
    rounded: Decimal

    def stays_within(self, limit: Exact, tolerance: Decimal) -> Truth:
        return min(self.grams, self.rounded) <= _scaled(limit, 1 + tolerance)

    def reaches(self, limit: Exact, tolerance: Decimal) -> Truth:
        return max(self.grams, self.rounded) >= _scaled(limit, 1 - tolerance)


@dataclass(frozen=True, slots=True)
class AtLeast:
    """Part of an amount whose rest is not known (one day of a course): it can only be found to be too much."""

    part: Amount

    def stays_within(self, limit: Exact, tolerance: Decimal) -> Truth:
        return None if self.part.stays_within(limit, tolerance) else False

    def reaches(self, limit: Exact, tolerance: Decimal) -> Truth:
        return self.part.reaches(limit, tolerance) or None


@dataclass(frozen=True, slots=True)
class Either:
    """One of two amounts, for an adult or for a child: known only where they agree."""

    one: Amount
    other: Amount

    def stays_within(self, limit: Exact, tolerance: Decimal) -> Truth:
        found = self.one.stays_within(limit, tolerance)
        return found if found == self.other.stays_within(limit, tolerance) else None

    def reaches(self, limit: Exact, tolerance: Decimal) -> Truth:
        found = self.one.reaches(limit, tolerance)
        return found if found == self.other.reaches(limit, tolerance) else None


def _scaled(limit: Exact, by: Decimal) -> Decimal:
    return limit * by if isinstance(limit, Decimal) else Decimal(limit.numerator) * by / Decimal(limit.denominator)


def ordered_amounts(
    facts: Mapping[str, Any],
    weights: tuple[Decimal, ...],
    concentration_g_per_ml: Decimal | None,
    rounding: Rounding = TO_5_G,
) -> dict[str, Amount]:
    """Every amount that the order in `facts` gives, by its name in `AMOUNTS`; what it does not give is left out.

    `weights` are the dosing weights in kg that the patient may have: one, two while an unknown age leaves two open;
    `rounding` says how grams are rounded.
    """
    found: dict[str, Amount] = {}
    for name, of_weight in _amounts(facts, rounding):
        if not weights:
            amount = of_weight(None)
        elif len(weights) == 1:
            amount = of_weight(weights[0])
        else:
            one, other = of_weight(weights[0]), of_weight(weights[1])
            amount = one if one == other else None if one is None or other is None else Either(one, other)
        if amount is not None:
            found.setdefault(name, amount)
    rate = facts.get("max_infusion_rate_ml_per_kg_min")
    if rate is not None:
        found["rate_ml_per_kg_min"] = Exactly(rate)
        if concentration_g_per_ml is not None:
            found["rate_mg_per_kg_min"] = Exactly(rate * concentration_g_per_ml * 1000)
    return found


def _amounts(facts: Mapping[str, Any], rounding: Rounding) -> Iterator[tuple[str, Any]]:
    """(name, weight -> amount or None), the surest first."""
    weeks, days = facts.get("interval_weeks"), facts.get("course_days")
    per_kg, grams = ordered_g_per_kg(facts), ordered_g(facts)
    a_day_kg, a_day_g = facts.get("dose_per_day_g_per_kg"), facts.get("dose_per_day_g")
    if a_day_kg is None and per_kg is not None and days is not None:
        a_day_kg = per_kg / days
    if a_day_g is None and grams is not None and days is not None:
        a_day_g = grams / days
    yield from _of("course", per_kg, grams, Decimal(1), rounding)
    yield from _of("day", a_day_kg, a_day_g, Decimal(1), rounding)
    if weeks is not None:
        yield from _of("week", per_kg, grams, weeks, rounding)
    if per_kg is None and grams is None:
        for name, of_weight in _of("course", a_day_kg, a_day_g, Decimal(1), rounding):
            yield name, _part(of_weight)


def _part(of_weight: Any) -> Any:
    def at_least(kg: Decimal | None) -> Amount | None:
        amount = of_weight(kg)
        return None if amount is None else AtLeast(amount)

    return at_least


def _of(
    span: str, per_kg: Decimal | None, grams: Decimal | None, times: Decimal, rounding: Rounding
) -> Iterator[tuple[str, Any]]:
    if per_kg is not None:
        yield f"{span}_g_per_kg", lambda kg: Exactly(per_kg / times)
        yield f"{span}_g", lambda kg: None if kg is None else _given(per_kg * kg, times, rounding)
    if grams is not None:
        yield f"{span}_g_per_kg", lambda kg: None if kg is None else Grams(grams, kg, times, *rounding)
        yield f"{span}_g", lambda kg: Exactly(grams / times)


def _given(grams: Decimal, times: Decimal, rounding: Rounding) -> Amount:
    nearest = nearest_step(grams, rounding.step)
    rounded = nearest if near(nearest, grams, rounding.within) else grams
    return Given(grams / times, rounded / times)
