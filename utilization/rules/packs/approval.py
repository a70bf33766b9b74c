"""What an approval may allow and obliges to, from marked text: caps in months, courses or doses; duties."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from utilization.rules.facts.units import UnitError, as_decimal, convert
from utilization.rules.language.node import Condition
from utilization.rules.language.quantities import read_node_quantity
from utilization.rules.packs.pack import Cap, Duty
from utilization.rules.yaml_lines import Node

Basis = tuple[tuple[str, ...], str]
"""The statements that something rests on, and why there are none."""
_COUNTED = {"course": "courses", "courses": "courses", "dose": "doses", "doses": "doses"}
_MOST_COUNTED = 100


def read_cap(keys: Mapping[str, Node], code: str, when: Condition, basis: Basis) -> Cap:
    """A cap of the indication `code`."""
    evidence, local = basis
    return Cap(f"{code}.{keys['id'].text()}", keys["says"].text(), when, evidence=evidence, local=local,
               **_most(keys["at_most"]))  # fmt: skip


def read_duty(keys: Mapping[str, Node], code: str, when: Condition, basis: Basis) -> Duty:
    """What an approval of the indication `code` obliges to."""
    after = _months(keys["after"]) if "after" in keys else None
    return Duty(f"{code}.{keys['id'].text()}", keys["says"].text(), when, after, *basis)


def _most(node: Node) -> dict[str, Any]:
    """The limit of a cap by what it counts."""
    number, _, unit = node.written().strip().partition(" ")
    if unit.strip() in _COUNTED:
        if not number.isdecimal() or not 1 <= int(number) <= _MOST_COUNTED:
            node.fail(f"expected a whole number of {_COUNTED[unit.strip()]} from 1 to {_MOST_COUNTED}, got {number}")
        return {_COUNTED[unit.strip()]: int(number)}
    return {"months": _months(node)}


def _months(node: Node) -> Decimal:
    quantity = read_node_quantity(node)
    if not quantity.unit:
        told = f"expected months, courses or doses, such as {quantity} months"
        node.fail(f"{node.shown} has no unit: {told}")
    try:
        months = as_decimal(convert(quantity, "months"))
    except UnitError as error:
        node.fail(f"{error}; an approval is limited in months, courses or doses")
    if months <= 0:
        node.fail("expected more than 0 months")
    return months
