"""From a product's label to a pump: rates in mL/h for one weight, and how long a day's volume takes."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from utilization.rules.dosing.products import Schedule


@dataclass(frozen=True, slots=True)
class Rate:
    """A pump's rate in mL/h, held for `minutes`, None where nothing says how long; `capped` is held below the label's.

    The last one lasts to the end of the infusion.
    """

    ml_per_h: Decimal
    minutes: int | None
    ml_per_kg_per_h: Decimal
    capped: bool = False


def rates_for(schedule: Schedule, kg: Decimal, most_ml_per_kg_per_min: Decimal | None = None) -> tuple[Rate, ...]:
    """The steps of `schedule` for `kg`, none above `most_ml_per_kg_per_min`; ends with the first that is capped."""
    most = schedule.highest if most_ml_per_kg_per_min is None else min(most_ml_per_kg_per_min * 60, schedule.highest)
    below = [Rate(step.ml_per_kg_per_h * kg, step.minutes, step.ml_per_kg_per_h) for step in schedule.steps
             if step.ml_per_kg_per_h < most]  # fmt: skip
    return (*below, Rate(most * kg, None, most, capped=most < schedule.highest))


def least_minutes(rates: Sequence[Rate], volume_ml: Decimal) -> Decimal | None:
    """Minutes that `volume_ml` takes at least, each step held for its time and the last to the end.

    None where the label does not say how long a step is held.
    """
    passed, left = Decimal(0), volume_ml
    for rate in rates[:-1]:
        if rate.minutes is None:
            return None
        volume = rate.ml_per_h * rate.minutes / 60
        if left <= volume:
            break
        passed += rate.minutes
        left -= volume
    else:
        rate = rates[-1]
    return passed + left / rate.ml_per_h * 60
