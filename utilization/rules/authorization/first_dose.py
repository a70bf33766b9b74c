"""The first dose of a request that is treated before its review: how many grams, and on which ground, or why none."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal
from enum import StrEnum
from typing import Any

from utilization.rules.authorization.table import FirstDoseLimits
from utilization.rules.facts.values import plain
from utilization.rules.lifecycle import AWAITS_DECISION, Status

STOPS = ("product_contraindicated",)
"""Warnings that stop a release whatever the ground: another product has to be chosen first."""
ABOVE_A_DAY = "daily_dose_exceeds_limit"
_MEETS = "meets"


class Ground(StrEnum):
    """Why a first dose is released before the review."""

    URGENT = "urgent"
    """The criteria are met, and the route has the expedited clock for the indication or a fact of the case."""
    DECLARED = "declared"
    """Somebody declared an emergency, with the reason. It goes past criteria that are not met."""


class NoRelease(ValueError):
    """Why no first dose can be released, as sentences that say what to do."""


@dataclass(frozen=True, slots=True)
class FirstDoseGrams:
    """The grams of a first dose, and what they follow from, in words."""

    grams: Decimal
    because: str


def first_dose(judgement: Mapping[str, Any], limits: FirstDoseLimits) -> FirstDoseGrams:
    """The grams that may be given first by the plan of `judgement`, the record of one. Raises NoRelease.

    The first day of the course; of an order above the ceiling no more than a day's even share of that. Where the
    criteria set no ceiling, the order names no days, or its day is above what they allow a day, no more than the local
    g/kg. What is brought down is rounded down, to whole grams from 1 g on.
    """
    for code in STOPS:
        if code in judgement["warnings"]:
            raise NoRelease("A known condition speaks against the product, or it does not fit the route: change it.")
    dose = judgement.get("dose") or {}
    weight, course = _number(dose.get("dosing_weight_kg")), _number(dose.get("rounded_g"))
    if weight is None:
        raise NoRelease("The weight is not known: measure or estimate it, and enter it first.")
    if course is None:
        raise NoRelease("The request states no dose: write it, or ask the pharmacist on call for it.")
    days = [Decimal(grams) for grams in dose.get("days") or ()]
    asked = days[0] if days else course
    most, bound = _bound(judgement, weight, days, limits)
    if asked <= most:
        what = f"the first of {len(days)} days of the order" if len(days) > 1 else "the dose of the order"
        return FirstDoseGrams(asked, f"{plain(asked)} g are {what}.")
    grams = most.to_integral_value(ROUND_FLOOR) if most >= 1 else most.quantize(Decimal("0.1"), ROUND_FLOOR)
    if grams <= 0:
        raise NoRelease("No grams are left below the ceiling for this weight: check weight and dose.")
    return FirstDoseGrams(grams, f"Brought down from {plain(asked)} g to {plain(grams)} g: {bound}.")


def _bound(
    judgement: Mapping[str, Any], weight: Decimal, days: Sequence[Decimal], limits: FirstDoseLimits
) -> tuple[Decimal, str]:
    """The most grams of a first dose, and what says so."""
    dose = judgement["dose"]
    local = limits.most_g_per_kg * weight
    said = f"{plain(limits.most_g_per_kg)} g/kg, a local parameter, since"
    limit = _number(dose.get("limit_g"))
    if limit is None:
        return local, f"{said} the criteria set no ceiling"
    if not days:
        return min(local, limit), f"{said} the order names no days"
    share = limit / len(days)
    if ABOVE_A_DAY in judgement["warnings"]:
        return min(local, share), f"{said} the order is above what the criteria allow a day"
    if dose.get("within_ceiling") is False:
        return share, "a day’s even share of the ceiling of a course"
    # The order keeps the ceiling: its first day is what the criteria allow first, however the days are shared out.
    return max(share, days[0]), "the ceiling of a course"


def ground_of(judgement: Mapping[str, Any], reason: str) -> Ground:
    """On which ground a first dose is released; `reason` is why it is an emergency, as declared. Raises NoRelease."""
    if reason:
        return Ground.DECLARED
    if not judgement["route"]["expedited"]:
        raise NoRelease("This is not urgent by its criteria: write why it is an emergency.")
    if judgement["outcome"] != _MEETS:
        raise NoRelease("Not every criterion is met: write why it is an emergency all the same.")
    return Ground.URGENT


class ReviewedAfter(StrEnum):
    """What became of a first dose that was released before the review."""

    OPEN = "open"
    APPROVED = "approved"
    DENIED = "denied"
    WITHDRAWN = "withdrawn"


REVIEWED_WORDS: Mapping[ReviewedAfter, str] = {
    ReviewedAfter.OPEN: "Not reviewed yet",
    ReviewedAfter.APPROVED: "Released, approved after",
    ReviewedAfter.DENIED: "Released, later denied",
    ReviewedAfter.WITHDRAWN: "Released, then the request was withdrawn",
}


def reviewed_after(status: str) -> ReviewedAfter:
    """What became of the first dose of a request that stands at `status` now."""
    if status in AWAITS_DECISION:
        return ReviewedAfter.OPEN
    if status in (Status.DENIED, Status.APPEAL_REVIEW):
        return ReviewedAfter.DENIED
    return ReviewedAfter.APPROVED if status == Status.APPROVED else ReviewedAfter.WITHDRAWN


def _number(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
