"""Grams of a course rounded as a pack says: to its step, to whole vials, or to a tenth of a gram."""

from collections.abc import Sequence
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
    vials = vials_up_to(give, most if most is not None and give <= most else give * 2, sizes)
    tries: list[tuple[Decimal, str]] = []
    if rule.rounding != "vials" or not sizes:
        unknown = "; no vial sizes are known" if rule.rounding == "vials" else ""
        tries.append((nearest_step(give, rule.step), f"to the nearest {plain(rule.step)} g{unknown}"))
    if vials is not None:
        tries.append((given_by(vials), f"to whole vials: {vials_in_words(vials)}"))
    further = f"; a larger step would change the dose by more than {plain(rule.rounding_within * 100)} %"
    tries.append((round_half_up(give, 1), f"to the nearest {SMALLEST_STEP} g{further}"))
    fitting = [attempt for attempt in tries if attempt[0] > 0 and near(attempt[0], give, rule.rounding_within)]
    return fitting[0] if fitting else (give, "not rounded")
