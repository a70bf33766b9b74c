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

    def weight_adjusted(self):
        """Whether the plan goes by adjusted weight, as for an adult while the age is not known; None without weight."""
        found = self._weighed()
        return None if found is None else found[1] == "adjusted"

    def dosing_weight(self):
        found = self._weighed()
        return None if found is None else found[0]

    def _weighed(self):
        rest = {name: self.facts[name] for name in ("sex", "pregnancy_status", "weight_rule_opt_out")
                if name in self.facts}  # fmt: skip
        return weight({**self.known, **rest}, self.dosing.get("weight_rule", "adjusted"))

    def stated(self, name, value):
        return Order({**self.facts, name: value}, self.dosing, self.concentration)

    def rounding_within(self):
        return written(self.dosing.get("rounding_within", "10 %"))[0] / 100

    def times(self, per):
        """How many of the limit's spans a course stands for: the weeks between courses over those of the limit."""
        interval = self.known.get("interval_weeks")
        return interval / number(per, "weeks") if per not in ("course", "day") and interval else Fraction(1)

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
    tried = [order]
    if "course_days" not in order.known and limit.get("per") == "course":
        tried = [order.stated("course_days", days) for days in _days(limit)]
    if "age_years" not in order.known:
        # A child is dosed by other weights than an adult.
        tried = [one.stated("age_years", years) for one in tried for years in (10, 40)]
    return agreed(_limit_truth(limit, one) for one in tried)


def _days(limit):
    # With one bound, the shortest and the longest course say all.
    return range(1, 366) if {"at_least", "at_most"} <= set(limit) else (1, 365)


def _limit_truth(limit, order):
    held = [
        _one_limit(word, limit[word], limit, order) for word in ("at_least", "at_most") if word in limit
    ]  # fmt: skip
    return False if False in held else None if None in held else True


def _one_limit(word, bound, limit, order):
    unit = written(bound)[1]
    if unit in RATES or unit in MASS_RATES:
        return _rate(word, written(bound)[0], unit, limit, order)
    per_kg, grams = order.amounts(limit["per"])
    if unit in ("g", "kg", "mg", "lb"):
        return _limit_in_grams(word, _loosened(number(bound, "g"), word, limit, order), per_kg, grams, limit, order)
    allowed = _loosened(number(bound, "g/kg"), word, limit, order)
    if per_kg is not None:
        return _keeps(word, per_kg, allowed)
    kg = order.dosing_weight()
    if grams is None or kg is None:
        return None
    # Over an interval the course is what is written and rounded, so the limit is that of the course too.
    times = order.times(limit["per"])
    return _grams_keep(word, grams * times, allowed * times * kg, order)


def _limit_in_grams(word, allowed, per_kg, grams, limit, order):
    """A limit in grams holds grams exactly; an order per kg by its grams, exact or as they would be rounded."""
    if per_kg is None:
        return None if grams is None else _keeps(word, grams, allowed)
    kg = order.dosing_weight()
    if kg is None:
        return None if grams is None else _keeps(word, grams, allowed)
    times = order.times(limit["per"])
    exact = per_kg * times * kg
    nearest = nearest_five(exact)
    ways = [exact, nearest] if abs(nearest - exact) <= order.rounding_within() * exact else [exact]
    return any(_keeps(word, way / times, allowed) for way in ways)


def _keeps(word, amount, allowed):
    return amount >= allowed if word == "at_least" else amount <= allowed


def _tolerance(limit, order):
    said = limit.get("tolerance", order.dosing.get("tolerance", "0 %"))
    return written(said)[0] / 100


def _loosened(bound, word, limit, order):
    tolerance = _tolerance(limit, order)
    return bound * (1 + tolerance) if word == "at_most" else bound * (1 - tolerance)


def _grams_keep(word, grams, bound, order):
    """Grams pass a limit only beyond the limit and what it is to the nearest 5 g, or as it is printed."""
    nearest = nearest_five(bound)
    also = [nearest] if abs(nearest - bound) <= order.rounding_within() * bound else []
    printed = Fraction(half_up(bound * 100), 100)
    return _keeps(word, grams, (max if word == "at_most" else min)(bound, printed, *also))


def _rate(word, bound, unit, limit, order):
    rate = order.known.get("max_infusion_rate_ml_per_kg_min")
    if rate is None:
        return None
    if unit in RATES:
        bound = bound * RATES[unit]
    else:
        if order.concentration is None:
            return None
        bound, rate = bound * MASS_RATES[unit], rate * order.concentration * 1000
    return _keeps(word, rate, _loosened(bound, word, limit, order))
