"""Typical weights by age and sex, and whether a weight is one that only another unit explains.

The ranges hold all but a few in a hundred; they are local parameters, laid around public growth charts (WHO, CDC) and
adult surveys. Nothing is refused by them: a weight beyond its range is questioned only where the same number in pounds
would be a usual weight, or where it is a usual one taken for pounds.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

LB_PER_KG = Decimal("2.2046226218")

# Up to which age in years; lightest and heaviest typical kg of a girl or woman, and of a boy or man.
_WRITTEN = (
    ("0.1", "2", "5.5", "2", "6"),
    ("0.25", "2.5", "7.5", "2.5", "8"),
    ("0.5", "4.5", "9.5", "5", "10"),
    ("1", "6", "12", "6.5", "12.5"),
    ("2", "7.5", "15", "8", "15.5"),
    ("3", "9.5", "18", "10", "18.5"),
    ("4", "11", "21.5", "11.5", "21.5"),
    ("5", "12.5", "25", "13", "25"),
    ("6", "14", "29", "14.5", "29"),
    ("8", "16", "40", "16.5", "40"),
    ("10", "19", "54", "19.5", "54"),
    ("12", "23", "70", "24", "70"),
    ("14", "29", "84", "29", "86"),
    ("16", "36", "98", "38", "100"),
    ("18", "40", "105", "43", "112"),
    ("200", "40", "115", "50", "125"),
)
_TYPICAL = tuple(tuple(map(Decimal, row)) for row in _WRITTEN)
_ADULT = Decimal(18)


def typical_weight(age: Decimal, sex: str | None) -> tuple[Decimal, Decimal]:
    """(lightest, heaviest) typical kg at this age; without a sex the wider of the two."""
    row = next((line for line in _TYPICAL if age < line[0]), _TYPICAL[-1])
    _, low_girl, high_girl, low_boy, high_boy = row
    if sex in ("female", "male"):
        return (low_girl, high_girl) if sex == "female" else (low_boy, high_boy)
    return min(low_girl, low_boy), max(high_girl, high_boy)


def other_unit(facts: Mapping[str, Any]) -> str:
    """What to ask of a weight that only pounds explain, or only kilograms taken for pounds; "" of any other.

    An adult whose height is known is left to the body mass index, which says it more surely.
    """
    kg, age = facts.get("weight_kg"), facts.get("age_years")
    if not isinstance(kg, Decimal) or not isinstance(age, Decimal | int):
        return ""
    if age >= _ADULT and facts.get("height_cm") is not None:
        return ""
    low, high = typical_weight(Decimal(age), facts.get("sex"))
    usual = f"(mostly {low} to {high} kg)"
    if kg > high and low <= (meant := kg / LB_PER_KG) <= high:
        return (
            f"{_short(kg)} kg is unusual for this age and sex {usual}, and {_short(kg)} lb would be {meant:.1f} kg."
            " Was it weighed in pounds?"
        )
    if kg < low and low <= (meant := kg * LB_PER_KG) <= high:
        return (
            f"{_short(kg)} kg is unusual for this age and sex {usual}, and is {meant:.1f} lb."
            f" Was the patient weighed as {meant:.1f} kg?"
        )
    return ""


def _short(kg: Decimal) -> str:
    return f"{kg:.1f}".removesuffix(".0")
