"""The ways in which a report groups what it counts: department, indication, kind, age, product, dosing weight."""

from collections.abc import Callable, Mapping
from typing import Any

UNKNOWN = "unknown"
AGE_GROUPS: Mapping[str, tuple[int, int]] = {
    "0-17": (0, 17),
    "18-39": (18, 39),
    "40-64": (40, 64),
    "65-79": (65, 79),
    "80+": (80, 200),
}
"""Years of age, both included."""
WEIGHT_BANDS: Mapping[str, tuple[int, int]] = {
    "0-39": (0, 39_999),
    "40-59": (40_000, 59_999),
    "60-79": (60_000, 79_999),
    "80-99": (80_000, 99_999),
    "100+": (100_000, 1_000_000),
}
"""Dosing weight in grams, both included; the names are kilograms."""
KINDS = ("initial", "renewal")


def _band(value: int | None, bands: Mapping[str, tuple[int, int]]) -> str:
    if value is None:
        return UNKNOWN
    return next((name for name, (low, high) in bands.items() if low <= value <= high), UNKNOWN)


def age_group(years: int | None) -> str:
    """The age group of somebody of that many whole years."""
    return _band(years, AGE_GROUPS)


def weight_band(grams: int | None) -> str:
    """The band of a dosing weight."""
    return _band(grams, WEIGHT_BANDS)


def known_or_unknown(text: str) -> str:
    """The text itself, or that it is not known."""
    return text or UNKNOWN


DIMENSIONS: Mapping[str, tuple[str, Callable[[Any], str]]] = {
    "department": ("department", str),
    "indication": ("indication", str),
    "kind": ("kind", str),
    "age": ("age_years", age_group),
    "product": ("product", known_or_unknown),
    "weight": ("dosing_weight_g", weight_band),
}
"""The column by which each groups, and the group of a value of it; requests have no product of their own."""
FILTERS = ("department", "indication", "kind", "age")
"""What a report may be narrowed to."""
