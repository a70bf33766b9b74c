"""Which facts to ask for where an amount of the order is not known."""

from collections.abc import Mapping
from typing import Any

from utilization.rules.dosing.orders import missing_dose_fact

_PER_KG = ("dose_total_g_per_kg", "dose_per_day_g_per_kg")
_IN_GRAMS = ("dose_total_g", "dose_per_day_g")


def missing_amount_facts(name: str, facts: Mapping[str, Any]) -> tuple[str, ...]:
    """The facts to ask for when an amount of the order is not known: with all of them, it is."""
    if name.startswith("rate_"):
        wanted = ("max_infusion_rate_ml_per_kg_min", *(("concentration_g_per_ml",) if "mg" in name else ()))
        return tuple(fact for fact in wanted if facts.get(fact) is None) or wanted
    span, _, unit = ("course_g_per_kg" if name == "dose_within_ceiling" else name).partition("_")
    missing = [fact for fact in (_missing_dose(span, unit, facts),) if fact]
    if span == "week" and facts.get("interval_weeks") is None:
        missing.append("interval_weeks")
    stated_per_kg = any(facts.get(fact) is not None for fact in _PER_KG)
    stated_grams = any(facts.get(fact) is not None for fact in _IN_GRAMS)
    if (stated_grams and not stated_per_kg) if unit == "g_per_kg" else (stated_per_kg and not stated_grams):
        # Only where height and sex are known can the weight of a child count for another than an adult's.
        by_age = facts.get("height_cm") is not None and facts.get("sex") is not None
        missing += [fact for fact in ("weight_kg", *(("age_years",) if by_age else ())) if facts.get(fact) is None]
    return tuple(missing) or (missing_dose_fact(facts),)


def _missing_dose(span: str, unit: str, facts: Mapping[str, Any]) -> str:
    """The dose fact that is lacking for the dose of a day, or of a course; empty where none is."""
    a_day = any(facts.get(fact) is not None for fact in (_PER_KG[1], _IN_GRAMS[1]))
    total = any(facts.get(fact) is not None for fact in (_PER_KG[0], _IN_GRAMS[0]))
    days = facts.get("course_days") is not None
    if span == "day":
        if not a_day and not total:
            return _PER_KG[1] if unit == "g_per_kg" else _IN_GRAMS[1]
        return "" if a_day or days else "course_days"
    if not a_day and not total:
        return _PER_KG[0] if unit == "g_per_kg" else _IN_GRAMS[0]
    return "" if total or days else "course_days"
