"""Grams of a course rounded as a pack says: to its step, to whole vials, or to a tenth of a gram."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from utilization.rules.dosing.orders import DoseRule
from utilization.rules.dosing.sums import vials_in_words
from utilization.rules.dosing.vials import SMALLEST_STEP, given_by, near, nearest_step, round_half_up, vials_up_to
from utilization.rules.facts.values import plain


def round_grams(
    give: Decimal, rule: DoseRule, sizes: Sequence[Decimal] = (), most: Decimal | None = None
) -> tuple[Decimal, str]:
    """(the grams to give for exactly `give`, how they were rounded in words).

    The largest step that fits within the rule's fraction: the pack's, then whole vials of these `sizes`, then a tenth
    of a gram. Vials do not carry a course past `most` that is within it.
    """
    if rule.rounding == "none":
        return give, "not rounded"
    for grams, how in _tries(give, rule, sizes, most):
        if grams > 0 and near(grams, give, rule.rounding_within):
            return grams, how
    return give, "not rounded"


def _tries(
    give: Decimal, rule: DoseRule, sizes: Sequence[Decimal], most: Decimal | None
) -> Iterator[tuple[Decimal, str]]:
    """Each way to round, the largest step first."""
    if rule.rounding != "vials" or not sizes:
        unknown = "; no vial sizes are known" if rule.rounding == "vials" else ""
        yield nearest_step(give, rule.step), f"to the nearest {plain(rule.step)} g{unknown}"
    vials = vials_up_to(give, most if most is not None and give <= most else give * 2, sizes)
    if vials is not None:
        yield given_by(vials), f"to whole vials: {vials_in_words(vials)}"
    further = f"; a larger step would change the dose by more than {plain(rule.rounding_within * 100)} %"
    yield round_half_up(give, 1), f"to the nearest {SMALLEST_STEP} g{further}"


def rounding_in_words(rounding: str) -> str:
    """How a rule rounds grams: `5 g` is "rounded to the nearest 5 g"."""
    known = {"vials": "to whole vials", "none": "not rounded"}
    return known.get(rounding, f"rounded to the nearest {rounding}")
