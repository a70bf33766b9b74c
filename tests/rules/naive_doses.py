"""What an order amounts to, held against a limit as the manual says it: grams per kilogram exactly, grams by the
dosing weight and never tripped by rounding to 5 g.
"""

from fractions import Fraction

from tests.rules.naive_amounts import agreed, number, written
from tests.rules.recalculation import half_up, nearest_five, weight

AMOUNTS = {
    "dose_total_g_per_kg": "g/kg",
    "dose_total_g": "g",
    "dose_per_day_g_per_kg": "g/kg/day",
    "dose_per_day_g": "g/day",
    "course_days": "days",
    "interval_weeks": "weeks",
    "weight_kg": "kg",
    "height_cm": "cm",
    "pre_pregnancy_weight_kg": "kg",
    "age_years": "years",
    "max_infusion_rate_ml_per_kg_min": "mL/kg/min",
    "concentration_g_per_ml": "g/mL",
}
RATES = {"mL/kg/min": 1, "mL/kg/h": Fraction(1, 60)}
MASS_RATES = {"mg/kg/min": 1, "mg/kg/h": Fraction(1, 60), "g/kg/h": Fraction(1000, 60)}


class Order:
    """The numbers of an order in the units of their facts, with the dose rule of the pack as it is written."""

    def __init__(self, facts, dosing, concentration=None):
        self.facts = facts
        self.dosing = dosing
        self.known = {name: number(facts[name], unit) for name, unit in AMOUNTS.items() if name in facts}
        self.concentration = self.known.get("concentration_g_per_ml", concentration)

    def dosing_weight(self):
        rest = {name: self.facts[name] for name in ("sex", "pregnancy_status", "weight_rule_opt_out")
                if name in self.facts}  # fmt: skip
        found = weight({**self.known, **rest}, self.dosing.get("weight_rule", "adjusted"))
        return None if found is None else found[0]

    def with_days(self, days):
        return Order({**self.facts, "course_days": days}, self.dosing, self.concentration)

    def amounts(self, per):
        """(g/kg, grams) of the course, of a day, or of so many weeks; None what the order does not say."""
        days = self.known.get("course_days")
        found = []
        for total, daily in (("dose_total_g_per_kg", "dose_per_day_g_per_kg"), ("dose_total_g", "dose_per_day_g")):
            found.append(self._amount(self.known.get(total), self.known.get(daily), days, per))
        return found

    def _amount(self, course, daily, days, per):
        if per == "day":
            return daily if daily is not None else course / days if course is not None and days else None
        if course is None and daily is not None and days:
            course = daily * days
        if per == "course" or course is None:
            return course
        interval = self.known.get("interval_weeks")
        return course * number(per, "weeks") / interval if interval else None


def limit_truth(limit, order):
    """The truth of `dose: {at_least or at_most …, per: …}`; a course of unknown days has one at least."""
    if "course_days" not in order.known and limit.get("per", "day") != "day":
        return agreed(_limit_truth(limit, order.with_days(days)) for days in (1, 2, 3, 4, 5, 10, 50, 365))
    return _limit_truth(limit, order)


def _limit_truth(limit, order):
    held = [
        _one_limit(word, limit[word], limit, order) for word in ("at_least", "at_most") if word in limit
    ]  # fmt: skip
    return False if False in held else None if None in held else True


def _one_limit(word, bound, limit, order):
    unit = written(bound)[1]
    if unit in RATES or unit in MASS_RATES:
        return _rate(word, written(bound)[0], unit, _tolerance(limit, order), order)
    per_kg, grams = order.amounts(limit["per"])
    allowed = _loosened(number(bound, "g" if unit in ("g", "kg", "mg", "lb") else "g/kg"), word,
                        _tolerance(limit, order))  # fmt: skip
    kg = order.dosing_weight()
    if unit in ("g", "kg", "mg", "lb"):
        said = [grams, None if per_kg is None else per_kg * kg if kg is not None else "no weight"]
        return _both([None if one == "no weight" else _grams_keep(word, one, allowed, order)
                      for one in said if one is not None])  # fmt: skip
    held = [] if per_kg is None else [per_kg >= allowed if word == "at_least" else per_kg <= allowed]
    if grams is not None:
        held.append(None if kg is None else _grams_keep(word, grams, allowed * kg, order))
    return _both(held)


def _both(held):
    """An order that is said in two ways keeps a limit where each of them that can be held does."""
    if False in held:
        return False
    return True if True in held else None


def _tolerance(limit, order):
    said = limit.get("tolerance", order.dosing.get("tolerance", "0 %"))
    return written(said)[0] / 100


def _loosened(bound, word, tolerance):
    return bound * (1 + tolerance) if word == "at_most" else bound * (1 - tolerance)


def _grams_keep(word, grams, bound, order):
    """Grams pass a limit only beyond the limit and what it is to the nearest 5 g, or as it is printed."""
    within = written(order.dosing.get("rounding_within", "10 %"))[0] / 100
    nearest = nearest_five(bound)
    also = [nearest] if abs(nearest - bound) <= within * bound else []
    printed = Fraction(half_up(bound * 100), 100)
    if word == "at_most":
        return grams <= max(bound, printed, *also)
    return grams >= min(bound, printed, *also)


def _rate(word, bound, unit, tolerance, order):
    rate = order.known.get("max_infusion_rate_ml_per_kg_min")
    if rate is None:
        return None
    if unit in RATES:
        bound = bound * RATES[unit]
    else:
        if order.concentration is None:
            return None
        bound, rate = bound * MASS_RATES[unit], rate * order.concentration * 1000
    allowed = _loosened(bound, word, tolerance)
    return rate >= allowed if word == "at_least" else rate <= allowed
