"""The plan worked out a second time, in fractions and apart from the product: tables and sentences of its own.

Nothing here is imported from the rules. Each convention is written as its source says it.
"""

from fractions import Fraction
from itertools import combinations_with_replacement
from typing import Any

INCH = Fraction("0.393701")
HALF = Fraction(1, 2)


def number(value: Any) -> Fraction | None:
    return None if value is None else Fraction(str(value))


def half_up(value: Fraction) -> int:
    return (value + HALF).__floor__()


def nearest_five(grams: Fraction) -> Fraction:
    return Fraction(5 * half_up(grams / 5))


def devine(height: Fraction, sex: str) -> Fraction:
    return {"male": Fraction(50), "female": Fraction("45.5")}[sex] + Fraction("2.3") * (height * INCH - 60)


def weight(facts: dict[str, Any], rule: str) -> tuple[Fraction, str] | None:
    """(kg, basis), None without a weight."""
    kg, tall, sex = number(facts.get("weight_kg")), number(facts.get("height_cm")), facts.get("sex")
    age, before = number(facts.get("age_years")), number(facts.get("pre_pregnancy_weight_kg"))
    pregnant = facts.get("pregnancy_status") == "pregnant"
    if facts.get("weight_rule_opt_out") or rule in ("actual", "none"):
        return None if kg is None else (kg, "actual")
    if rule == "adjusted" and pregnant and before is not None:
        return before, "pre_pregnancy"
    counted, called = kg, "actual"
    if rule == "ontario_replacement" and pregnant:
        return None if kg is None else (kg, "actual")
    if rule != "australia_2026" and pregnant and before is not None:
        counted, called = before, "pre_pregnancy"
    if counted is None:
        return None
    return _converted(rule, counted, called, tall, sex, age, pregnant)


def _converted(
    rule: str, counted: Fraction, called: str, tall: Fraction | None, sex: str | None, age: Fraction | None,
    pregnant: bool,
) -> tuple[Fraction, str]:  # fmt: skip
    shortest = 152 if rule == "australia_2026" else Fraction("152.4")
    grown = rule.startswith("ontario") or age is None or age >= 18
    if rule == "australia_2026" and pregnant:
        grown = False
    if tall is None or sex is None or tall < shortest or not grown:
        return counted, called
    ideal = devine(tall, sex)
    if rule in ("ideal", "england"):
        return (counted, called) if counted <= ideal else (ideal, "ideal")
    if rule.startswith("ontario") and counted <= {"male": Fraction(50), "female": Fraction("45.5")}[sex]:
        return counted, called
    adjusted = (6 * ideal + 4 * counted) / 10
    return (counted, called) if counted <= adjusted else (adjusted, "adjusted")


def course(facts: dict[str, Any]) -> tuple[Fraction | None, Fraction | None]:
    """(g/kg, g) of the whole course, as far as either was ordered."""
    days = number(facts.get("course_days"))
    shares = []
    for total, day in (("dose_total_g_per_kg", "dose_per_day_g_per_kg"), ("dose_total_g", "dose_per_day_g")):
        whole, daily = number(facts.get(total)), number(facts.get(day))
        shares.append(whole if whole is not None else daily * days if daily is not None and days else None)
    return shares[0], shares[1]


def rounded(grams: Fraction, how: str, sizes: list[Fraction], within: Fraction = Fraction(1, 10)) -> Fraction:
    """The largest step that changes the grams by no more than `within`: 5 g, whole vials, a tenth of a gram."""
    if how == "none":
        return grams
    steps = [] if how == "vials" and sizes else [nearest_five(grams)]
    steps += [nearest_whole(grams, sizes)] if sizes else []
    for given in (*steps, Fraction(half_up(grams * 10), 10)):
        if given > 0 and abs(given - grams) <= within * grams:
            return given
    return grams


def ways_to_share(total: int, days: int, sizes: list[int], apart: int) -> list[list[int]]:
    """Every way to give `total` over `days` in whole vials, days at most `apart` from each other; all in one unit."""
    most = total // days + apart + 1
    full = {0}
    for amount in range(1, most + 1):
        if any(amount - size in full for size in sizes):
            full.add(amount)
    amounts = sorted(amount for amount in full if amount)
    ways = combinations_with_replacement(amounts, days)
    return [list(way) for way in ways if sum(way) == total and max(way) - min(way) <= apart]


def nearest_whole(grams: Fraction, sizes: list[Fraction]) -> Fraction:
    """The amount of whole vials, one at least, that comes closest; the larger of two as close."""
    most = int(grams / min(sizes)) + 2
    some = (taken for count in range(1, most + 1) for taken in combinations_with_replacement(sizes, count))
    made = {sum(taken, Fraction(0)) for taken in some}
    return min(made, key=lambda amount: (abs(amount - grams), -amount))
