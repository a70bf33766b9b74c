"""The days of a course with their grams and vials, and the lines that say them."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from utilization.rules.dosing.orders import DoseRule
from utilization.rules.dosing.sums import Line, amount_line, short, vials_in_words
from utilization.rules.dosing.vials import (
    SMALLEST_STEP,
    Day,
    Vials,
    fill_vials,
    given_by,
    near,
    share_evenly,
    share_out,
)


def course_days(
    facts: Mapping[str, Any],
    rule: DoseRule,
    give: Decimal | None,
    rounded: Decimal | None,
    weight: Decimal | None,
    sizes: Sequence[Decimal],
    day_limits: Sequence[tuple[Decimal, bool]],
) -> tuple[Day, ...]:
    """The days of the course, shared out; even ones where days in whole vials would break a limit of the criteria."""
    count = facts.get("course_days")
    if rounded is None or give is None or count is None:
        return ()
    count = int(count)  # Supposed while it is not known, it is a decimal as every number.
    even = rounded / count
    step = SMALLEST_STEP
    if not sizes and rule.rounding != "none" and rounded % rule.step == 0:
        step = rule.step
    days = share_out(rounded, count, sizes, step)
    # The larger days come first: those between the first and the last lie nearer.
    if step != SMALLEST_STEP and not all(near(day.grams, even, rule.rounding_within) for day in (days[0], days[-1])):
        days = share_out(rounded, count, sizes)
    for limit, per_kg in day_limits:
        most = limit if not per_kg else None if weight is None else limit * weight
        # Rounded, so that a limit divided by the days is kept by its own course.
        if most is None or round(give / count - most, 9) > 0:
            continue
        if days[0].grams > most * (1 + rule.rounding_within):
            return share_evenly(rounded, count, sizes)
    return days


def divided(
    facts: Mapping[str, Any],
    rounded: Decimal | None,
    weight: Decimal | None,
    sizes: Sequence[Decimal],
    days: Sequence[Day],
) -> tuple[Decimal | None, Vials | None]:
    """(grams a day, vials of the largest day), None where days or sizes are not known."""
    per_day: Decimal | None = facts.get("dose_per_day_g")
    if days and rounded is not None:
        return rounded / len(days), days[0].vials
    if rounded is not None:
        return None, None
    per_day_kg = facts.get("dose_per_day_g_per_kg")
    if per_day is None and per_day_kg is not None and weight is not None:
        per_day = per_day_kg * weight
    return per_day, None if per_day is None else fill_vials(per_day, sizes)


def day_lines(
    rounded: Decimal | None, per_day: Decimal | None, vials: Vials | None, days: Sequence[Day]
) -> Iterator[Line]:
    """The lines of the days: grams and vials of each, or of a day whose course is not known."""
    if days and rounded is not None and per_day is not None:
        alike = days.count(days[0]) == len(days)
        if alike:
            yield amount_line("Grams a day", f"{short(rounded)} g ÷ {len(days)} days", per_day, "g/day")
        else:
            grams = days_text([day.grams for day in days]).removesuffix(" g")
            yield Line("Grams on each day", f"{short(rounded)} g over {len(days)} days", grams, "g")
        yield from _vial_lines(days, alike=alike)
    elif vials is not None and per_day is not None:
        yield from _vial_lines([Day(per_day, vials)], alike=True)


def _vial_lines(days: Sequence[Day], *, alike: bool) -> Iterator[Line]:
    """Lines for the vials of each day, and for what is left in them."""
    left = Decimal(0)
    for day, count in grouped_days(days):
        if day.vials is None:
            return
        opened = given_by(day.vials)
        left += (opened - day.grams) * count
        label = "Vials a day" if alike else f"Vials for {short(day.grams)} g, on {on_days(count)}"
        yield amount_line(label, vials_in_words(day.vials), opened, "g/day")
    if left:
        yield amount_line("Left in the vials", "opened, but not given", left, "g" if len(days) > 1 else "g/day")


def days_text(grams: Sequence[Decimal]) -> str:
    """The grams of each day: "35 + 35 + 30 g"; for more than six days, days alike together: "3 × 35 g + 4 × 30 g"."""
    if len(grams) <= 6:
        return f"{' + '.join(short(amount) or '' for amount in grams)} g" if grams else ""
    return " + ".join(f"{grams.count(amount)} × {short(amount)} g" for amount in dict.fromkeys(grams))


def grouped_days(days: Sequence[Day]) -> list[tuple[Day, int]]:
    """Days that are alike, with how many there are of them."""
    return [(day, days.count(day)) for day in dict.fromkeys(days)]


def on_days(count: int) -> str:
    return "one day" if count == 1 else f"{count} days"
