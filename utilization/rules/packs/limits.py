"""Limits on the order, from marked text: a course, a day, an interval, a rate, in the unit of the amount they bound."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from utilization.rules.facts.catalogue import AMOUNTS
from utilization.rules.facts.units import (
    Exact,
    Quantity,
    UnitError,
    as_decimal,
    canonical_unit,
    convert,
    days_of,
    ratio,
)
from utilization.rules.language.criteria import Condition, DoseWithin
from utilization.rules.packs.quantities import read_node_quantity, read_percent
from utilization.rules.yaml_lines import Node

if TYPE_CHECKING:
    from utilization.rules.packs.conditions import Reader

_RATES = ("mL/kg/min", "mL/kg/h", "mg/kg/min", "mg/kg/h", "g/kg/h")
_DOSES = ("g/kg", "mg/kg", "g", "mg")
_WEEK_DAYS = Decimal(7)


def dose(reader: Reader, node: Node) -> Condition:
    """The order keeps `at_most` and reaches `at_least`, per course, day or interval, or as a rate."""
    keys = node.mapping((), ("at_least", "at_most", "per", "tolerance"))
    bounds = {key: read_node_quantity(keys[key]) for key in ("at_least", "at_most") if key in keys}
    if not bounds:
        node.fail("expected at_most or at_least, with a unit such as 2 g/kg")
    unit = canonical_unit(next(iter(bounds.values())).unit)
    name, times = _amount(node, unit, keys.get("per"))
    per = read_node_quantity(keys["per"]) if times != 1 else None
    found = {key: _as_limit(keys[key], quantity, name, times) for key, quantity in bounds.items()}
    low, high = found.get("at_least"), found.get("at_most")
    if low is not None and high is not None and low > high:
        node.fail(f"at_least {bounds['at_least']} is above at_most {bounds['at_most']}")
    tolerance = read_percent(keys["tolerance"]) if "tolerance" in keys else reader.tolerance
    return DoseWithin(name, low, high, tolerance, per)


def _amount(node: Node, unit: str, per: Node | None) -> tuple[str, Exact]:
    """The name of the amount that a limit in `unit` is about, and the weeks by which it is divided."""
    if unit in _RATES:
        if per is not None:
            per.fail("a rate says its time by its unit: leave out per")
        return ("rate_ml_per_kg_min" if unit.startswith("mL") else "rate_mg_per_kg_min"), Decimal(1)
    if unit not in _DOSES:
        got = unit or "no unit"
        node.fail(f"expected a dose in g/kg, mg/kg or g, or a rate in mL/kg/min, mL/kg/h or mg/kg/min, got {got}")
    if per is None:
        node.fail("expected per: course, day, or an interval such as 4 weeks")
    kind = "g_per_kg" if unit.endswith("/kg") else "g"
    if per.value in ("course", "day"):
        return f"{per.value}_{kind}", Decimal(1)
    return f"week_{kind}", _weeks(per)


def _weeks(per: Node) -> Exact:
    quantity = read_node_quantity(per)
    try:
        days = days_of(quantity)
    except UnitError:
        per.fail(f"expected course, day, or an interval such as 4 weeks, got {quantity}")
    if days <= 0:
        per.fail("expected an interval of more than nothing")
    return ratio(days, _WEEK_DAYS)


def _as_limit(node: Node, quantity: Quantity, name: str, times: Exact) -> Exact:
    if quantity.value < 0:
        node.fail(f"expected a dose that is not below nothing, got {quantity}")
    try:
        limit = convert(quantity, AMOUNTS[name])
    except UnitError as error:
        node.fail(str(error))
    # Rounded as an order is that is divided by its days or weeks, so that equal stays equal.
    return as_decimal(limit if times == 1 else ratio(limit, times))
