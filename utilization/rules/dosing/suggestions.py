"""What a plan asks about: an order that only the weight rule puts above the ceiling, or that takes many vials."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from utilization.rules.dosing.course_days import days_text, grouped_days, on_days
from utilization.rules.dosing.orders import DoseRule, ordered_g
from utilization.rules.dosing.rounding import round_grams
from utilization.rules.dosing.sums import short, short_kg, vials_in_words
from utilization.rules.dosing.vials import FIVE, Day, given_by, near, nearest_5_g, round_half_up, share_out
from utilization.rules.dosing.weights import Weighed
from utilization.rules.facts.values import plain

_FEWER = Decimal("0.6")
"""A way with at most this share of the vials is worth a question: a local parameter."""


def why_above_ceiling(
    facts: Mapping[str, Any], rule: DoseRule, weighed: Weighed, sizes: Sequence[Decimal], most: Decimal | None
) -> tuple[str, Decimal | None]:
    """(why, the grams to give instead) where the order keeps the ceiling by actual weight and not by dosing weight."""
    actual, grams, weight = facts.get("weight_kg"), ordered_g(facts), weighed.kg
    if actual is None or grams is None or weight is None or rule.ceiling is None or weight >= actual:
        return "", None
    most_by_actual = rule.most_grams(rule.ceiling * actual)
    if most_by_actual is not None and grams > most_by_actual:
        return "", None
    per_kg = min(grams / actual, rule.ceiling)
    instead = round_grams(per_kg * weight, rule, sizes, most)[0]
    basis = "the weight before pregnancy" if weighed.basis == "pre_pregnancy" else f"{weighed.basis} weight"
    told = (
        f"{short(grams)} g is {short(grams / actual)} g/kg of the actual weight, {short_kg(actual)} kg. The criteria"
        f" count by {basis}, {plain(round_half_up(weight, 1))} kg, of which it is {short(grams / weight)} g/kg: that"
        f" weight rule is why it is above the ceiling of {plain(rule.ceiling)} g/kg."
        f" {short(per_kg)} g/kg by that weight, rounded, is {short(instead)} g."
    )
    return told, instead


def fewer_vials(
    days: Sequence[Day], sizes: Sequence[Decimal], rounded: Decimal, rule: DoseRule, most: Decimal | None
) -> tuple[str, Decimal | None]:
    """(a question, the grams to give instead) where days in vials of 5 g and more take far fewer vials."""
    large = tuple(size for size in sizes if size >= FIVE)
    if not days or not large or any(day.vials is None for day in days):
        return "", None
    opened = _opened(days)
    for total in dict.fromkeys((rounded, nearest_5_g(days[0].grams) * len(days))):
        too_much = most is not None and rounded <= most < total
        if total <= 0 or too_much or not near(total, rounded, rule.rounding_within):
            continue
        other = share_out(total, len(days), large)
        whole = all(day.vials and given_by(day.vials) == day.grams for day in other)
        if whole and _opened(other) <= opened * _FEWER:
            planned, fewer = _told(days), _told(other)
            told = (
                f"{planned} takes {opened} vials ({_by_day(days)}); {fewer} would take {_opened(other)}"
                f" ({_by_day(other)}). Is {planned} meant?"
            )
            return told, total if total != rounded else None
    return "", None


def _opened(days: Sequence[Day]) -> int:
    return sum(count for day in days for _, count in day.vials or ())


def _told(days: Sequence[Day]) -> str:
    alike = len(set(days)) == 1
    return (
        f"{short(days[0].grams)} g{' a day' if len(days) > 1 else ''}"
        if alike
        else days_text([day.grams for day in days])
    )


def _by_day(days: Sequence[Day]) -> str:
    grouped = grouped_days(days)
    if len(grouped) == 1:
        return vials_in_words(days[0].vials or ())
    return "; ".join(f"{vials_in_words(day.vials or ())} on {on_days(count)}" for day, count in grouped)
