"""Numbers, units and days as the manual of the criteria language says them: fractions, and days counted one by one.

Nothing here is imported from the rules. `number("380 mg/dL", "g/L")` is 3.8; `days_back(day, "1 month")` is the same
day of the month before or, where that month has none, its last day.
"""

from datetime import date, timedelta
from fractions import Fraction

YEAR = Fraction("365.25")
MONTH = YEAR / 12
# One of each unit in the first of its line.
LINES = (
    {
        "g/L": 1, "mg/dL": Fraction(1, 100), "g/dL": 10, "mg/L": Fraction(1, 1000), "mg/mL": 1, "g/mL": 1000,
        "ug/mL": Fraction(1, 1000), "%": 10,
    },
    {"10^9/L": 1, "10^6/L": Fraction(1, 1000), "/mm3": Fraction(1, 1000), "/uL": Fraction(1, 1000), "10^3/uL": 1},
    {"g": 1, "kg": 1000, "mg": Fraction(1, 1000), "lb": Fraction("453.59237")},
    {"cm": 1, "m": 100, "mm": Fraction(1, 10), "in": Fraction("2.54"), "ft": Fraction("30.48")},
    {"g/kg": 1, "mg/kg": Fraction(1, 1000)},
    {"g/day": 1, "mg/day": Fraction(1, 1000)},
    {"g/kg/day": 1, "mg/kg/day": Fraction(1, 1000)},
    {"mL/kg/min": 1, "mL/kg/h": Fraction(1, 60)},
    {"mg/kg/min": 1, "mg/kg/h": Fraction(1, 60), "g/kg/h": Fraction(1000, 60)},
    {"days": 1, "minutes": Fraction(1, 1440), "hours": Fraction(1, 24), "weeks": 7, "months": MONTH, "years": YEAR},
)  # fmt: skip
SPELT = {"day": "days", "week": "weeks", "month": "months", "year": "years", "hour": "hours", "minute": "minutes",
         "lbs": "lb", "mcg/mL": "ug/mL", "x10^9/L": "10^9/L"}  # fmt: skip


def agreed(answers):
    """The one answer of all, None where they differ or where one of them is None."""
    found = set(answers)
    return found.pop() if len(found) == 1 else None


def written(value):
    """(number, its unit or None) of a number, or of a text such as `400 mg/dL`."""
    amount, _, unit = str(value).strip().partition(" ")
    unit = unit.strip()
    return Fraction(amount), SPELT.get(unit, unit) or None


def number(value, unit=None):
    """The value in a unit; a bare one is in that unit already."""
    amount, given = written(value)
    if given is None or unit is None or given == unit:
        return amount
    line = next(line for line in LINES if unit in line)
    return amount * line[given] / line[unit]


def in_between(value, bounds, read):
    """Whether a number keeps `at_least`, `at_most`, `above` and `below`; `read` gives the number that a bound means."""
    held = {
        "at_least": lambda bound: value >= bound,
        "at_most": lambda bound: value <= bound,
        "above": lambda bound: value > bound,
        "below": lambda bound: value < bound,
    }
    return all(held[word](read(bound)) for word, bound in bounds.items() if word in held)


def as_day(value):
    if str(value) == "never":
        return "never"
    return value if isinstance(value, date) else date.fromisoformat(value)


def days_back(day, span):
    """The day so many days, weeks, months or years before: months and years by the calendar."""
    amount, unit = written(span)
    if unit in ("days", "weeks"):
        return day - timedelta(days=int(amount) * (7 if unit == "weeks" else 1))
    year, month = day.year, day.month
    for _ in range(int(amount) * (12 if unit == "years" else 1)):
        year, month = (year, month - 1) if month > 1 else (year - 1, 12)
    wanted = day.day
    while True:
        try:
            return date(year, month, wanted)
        except ValueError:
            wanted -= 1


def dated(day, said, as_of, case):
    """Whether a day is what is said of it; None where that rests on a date that is not known, this one or another.

    `case(name)` gives the other. What never happened is so long ago where that is said, and nothing else of a date.
    """
    held = []
    for word, bound in said.items():
        if isinstance(bound, dict):
            other = case(bound.get("fact") or bound["case"])
            bound = days_back(other, bound["minus"]) if "minus" in bound and other not in (None, "never") else other
        if "never" in (day, bound):
            held.append(word == "never_or_at_least_ago")
        else:
            held.append(None if None in (day, bound) else _day_held(word, day, bound, as_of))
    return False if False in held else None if None in held else True


def _day_held(word, day, bound, as_of):
    if word == "within":
        return days_back(as_of, bound) <= day <= as_of
    if word in ("at_least_ago", "never_or_at_least_ago"):
        return day <= days_back(as_of, bound)
    return day >= as_day(bound) if word == "from" else day <= as_day(bound)


def fell_or_rose(first, last, step, unit=None):
    """Whether from the first number to the last it fell (`falls_by`) or rose (`rises_by`) by at least so much."""
    [(word, by)] = [(word, step[word]) for word in ("falls_by", "rises_by") if word in step]
    moved = last - first if word == "rises_by" else first - last
    amount, share = written(by)
    if share == "%":
        # What stays nothing has not changed: a share of nothing is nothing.
        return moved > 0 and moved >= abs(first) * amount / 100
    return moved >= number(by, unit)


def so_many(said, count):
    """Whether a count keeps `at_least`, `at_most` or `exactly`; without any, it is one at least."""
    if "exactly" in said:
        return count == said["exactly"]
    least = said.get("at_least", 0 if "at_most" in said else 1)
    return least <= count <= said.get("at_most", count)
