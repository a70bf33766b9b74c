"""Facts, doses and moments in the words in which a document prints them."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from utilization.rules.dosing.vials import round_half_up
from utilization.rules.facts import ages
from utilization.rules.facts.catalogue import CATALOGUE, Fact, Kind
from utilization.rules.facts.date_words import written_day, zone_words
from utilization.rules.facts.units import unit_for
from utilization.rules.form.answers import NONE
from utilization.rules.packs.pack import DiagnosisCode

Catalogue = Mapping[str, Fact]

_SMALL = 10  # kg below which a tenth of a kilogram would hide what matters
NOT_KNOWN, NOT_STATED = "not known", "not stated"
BY_PHARMACY = "to be advised by pharmacy"

# The names in an order, as a reviewer may change it, with the facts that carry their units.
_CHANGEABLE = {
    "dose_total_g": "dose_total_g",
    "course_days": "course_days",
    "interval_weeks": "interval_weeks",
    "months": "requested_authorization_months",
}
ORDER_LABELS = {
    "dose_total_g": "Total dose of a course",
    "course_days": "Days of a course",
    "interval_weeks": "Interval",
    "months": "Months",
    "courses": "Courses",
}
"""The labels of the parts of an order."""
ORDERED = frozenset(_CHANGEABLE.values())
"""The facts that a reviewer's change of the order sets."""
_DOSES = ("dose_total_g_per_kg", "dose_total_g", "dose_per_day_g_per_kg", "dose_per_day_g")
_NOT_CHANGEABLE = ("product", "route")
FACTS_OF_THE_ORDER = frozenset({*ORDERED, *_DOSES, *_NOT_CHANGEABLE})
"""The facts that `order_lines` says."""


def moment(at: datetime | str | None, zone: str) -> dict[str, str] | None:
    """`at` (aware, or its ISO text) in UTC and as a clock in `zone` showed it, with the zone's name then."""
    if at is None:
        return None
    known = datetime.fromisoformat(at) if isinstance(at, str) else at
    local = known.astimezone(ZoneInfo(zone))
    return {
        "utc": f"{known.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "local": f"{local:%Y-%m-%dT%H:%M}",
        "zone": zone_words(local),
    }


def fact_words(catalogue: Catalogue, name: str, value: Any) -> str:
    """The value of a fact as people read it, without its unit, but for an age; None is not known."""
    fact = catalogue.get(name)
    if value is None:
        return NOT_KNOWN
    if name in ages.AGES:
        return ages.fact_words(name, value)
    return str(value) if fact is None else _words(fact, value)


def _entry_words(fact: Fact, entry: Mapping[str, Any]) -> str:
    """One entry of a list: its fields in their order, with their units, and its day."""
    told = [
        f"{_words(field, entry[key])} {unit_for(entry[key], field.unit)}".strip()
        for key, field in fact.fields.items()
        if key in entry and key != "date"
    ]
    return " ".join([*told, f"on {written_day(entry['date'])}"] if "date" in entry else told)


def _words(fact: Fact, value: Any) -> str:
    if fact.kind is Kind.BOOL:
        return "yes" if value else "no"
    if fact.kind is Kind.CHOICE:
        return fact.choices.get(value, str(value))
    if fact.kind is Kind.DATE:
        return written_day(value)
    if fact.kind is Kind.LIST_DEC:
        return ", ".join(str(item) for item in value) or NONE
    if fact.kind is Kind.LIST_RECORD:
        return "; ".join(_entry_words(fact, item) for item in value) or NONE
    return str(value)


def label_of(catalogue: Catalogue, name: str) -> str:
    """The label of a fact in the catalogue of the criteria that judged it; its name where they do not know it."""
    fact = catalogue.get(name)
    return fact.label if fact else name


def with_unit(catalogue: Catalogue, name: str, value: Any) -> str:
    """The value of a fact as people read it, with its unit."""
    unit = unit_of(catalogue, name).split(" a course")[0]
    words = fact_words(catalogue, name, value)
    return f"{words} {unit_for(value, unit)}" if unit and value is not None else words


def order_part_words(part: str, value: Any) -> str:
    """The value of a part of an order as people read it, with its unit; None is not known."""
    if value is None:
        return NOT_KNOWN
    return with_unit(CATALOGUE, _CHANGEABLE[part], value) if part in _CHANGEABLE else str(value)


def unit_of(catalogue: Catalogue, name: str) -> str:
    """The unit that stands beside the words of a fact; an age says its own."""
    fact = catalogue.get(name)
    return fact.unit if fact and name not in ages.AGES else ""


def measure_words(typed: str, value: Any, unit: str, space: str = " ") -> str:
    """A measure as typed and as used, "198 lb = 89.8 kg", with `space` before the unit; "" where it is not known.

    `value` is the measure in `unit`, a decimal or its text. Typed in that unit it is said once.
    """
    try:
        exact = Decimal(str(value or ""))
    except InvalidOperation:
        return f"{value}{space}{unit}" if value else ""
    if not typed or typed == f"{plain(exact)} {unit}":
        return f"{plain(exact)}{space}{unit}"
    rounded = exact if unit == "kg" and exact < _SMALL else round_half_up(exact, 1)
    return f"{typed} = {plain(rounded)}{space}{unit}"


def plain(value: Decimal | None) -> str:
    """A decimal without trailing zeros or exponent; empty for None."""
    if value is None:
        return ""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def order_lines(
    facts: Mapping[str, Any],
    dose: Mapping[str, Any] | None,
    order: Mapping[str, Any],
    *,
    by_pharmacy: bool = False,
) -> list[dict[str, str]]:
    """The order as asked by `facts` and planned in `dose`, beside what `order` changed of it ("" where nothing).

    `by_pharmacy` says that the dose was left to be advised by pharmacy.
    """
    asked = {name: _asked(facts, fact) for name, fact in _CHANGEABLE.items()} | {
        "dose_total_g": BY_PHARMACY if by_pharmacy else _dose_asked(facts, dose or {})
    }
    decided = {
        name: with_unit(CATALOGUE, fact, order[name]) if order.get(name) is not None else ""
        for name, fact in _CHANGEABLE.items()
    }
    labels = ORDER_LABELS
    lines = [{"label": labels[name], "asked": asked[name], "decided": decided[name]} for name in _CHANGEABLE]
    if "courses" in order:
        lines.append({"label": "Courses", "asked": NOT_STATED, "decided": str(order["courses"])})
    if order.get("weeks"):
        # A single course is authorized for weeks, whatever number of months was asked for.
        months = next(line for line in lines if line["label"] == labels["months"])
        months["decided"] = f"{order['weeks']} {_many('week', order['weeks'])}, for a single course"
    lines += [
        {"label": CATALOGUE[name].label, "asked": with_unit(CATALOGUE, name, facts[name]), "decided": ""}
        for name in _NOT_CHANGEABLE
        if name in facts
    ]
    return [line for line in lines if line["asked"] != NOT_STATED or line["decided"]]


def diagnosis_codes(codes: Sequence[DiagnosisCode], facts: Mapping[str, Any]) -> list[str]:
    """The codes that say what `facts` say; where none says it exactly, all that do not contradict them."""
    fitting = [code for code in codes if all(facts.get(name, value) == value for name, value in code.when.items())]
    exact = [code for code in fitting if code.when and all(name in facts for name in code.when)]
    return [code.code for code in exact or fitting]


def _asked(facts: Mapping[str, Any], name: str) -> str:
    return with_unit(CATALOGUE, name, facts[name]) if name in facts else NOT_STATED


def _dose_asked(facts: Mapping[str, Any], dose: Mapping[str, Any]) -> str:
    """The course as ordered; an order of a day says so, and on how many days."""
    name = next((name for name in _DOSES if name in facts), None)
    if name is None:
        return NOT_STATED
    stated, grams = with_unit(CATALOGUE, name, facts[name]), dose.get("rounded_g")
    if name.startswith("dose_per_day"):
        days, stated = facts.get("course_days"), stated.removesuffix("/day")
        stated += f" on each of {days} {_many('day', days)}" if days else " a day, days not known"
    return f"{stated} ({grams} g)" if grams and name != "dose_total_g" else stated


def dose_summary(facts: Mapping[str, Any], dose: Mapping[str, Any] | None, order: Mapping[str, Any]) -> str:
    """The dose in one line: "170 g a course over 5 days, every 4 weeks"; "" where the grams are not known."""
    grams = (dose or {}).get("rounded_g")
    if not grams:
        return ""
    days = order.get("course_days") or facts.get("course_days")
    weeks = order.get("interval_weeks") or facts.get("interval_weeks")
    over = f" over {days} {_many('day', days)}" if days else ""
    return f"{grams} g a course{over}" + (f", every {weeks} {_many('week', weeks)}" if weeks else "")


def _many(word: str, count: Any) -> str:
    return word if str(count) == "1" else f"{word}s"
