"""Numbers with their units, counts, spans and percentages, from marked text; every refusal says how to write it."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from utilization.rules.facts.catalogue import CATALOGUE, SAME_AS, Fact
from utilization.rules.facts.units import (
    Quantity,
    UnitError,
    as_decimal,
    before,
    canonical_unit,
    convert,
    read_quantity,
    with_point,
)
from utilization.rules.yaml_lines import Node

BOUNDS = ("at_least", "at_most", "above", "below")
# Whether two windows can overlap does not depend on the day, but a day is needed to tell.
ANY_DAY = date(2024, 1, 1)
_MOST_COUNTED = 1000


def read_node_quantity(node: Node) -> Quantity:
    """A number with or without its unit."""
    node.check_digits()
    if pointed := with_point(node.written()):
        node.fail(f"a decimal is written with a point: {pointed}, not {node.written()}")
    quantity = read_quantity(node.written())
    if quantity is None or isinstance(node.value, bool | dict | list):
        node.fail(f"expected a number with its unit, such as 2 g/kg, got {node.shown}")
    return quantity


def quantity_in(node: Node, unit: str) -> Decimal:
    """A quantity in `unit`; a bare number is refused."""
    try:
        return as_decimal(convert(read_node_quantity(node), unit))
    except UnitError as error:
        node.fail(f"{error}; write the number with its unit")


def number_of(node: Node, fact: Fact) -> Decimal:
    """A number in the fact's unit; its own unit may be left out where the fact has none or its name says it.

    Where no decimal is exact it is rounded as a fact is that is stated in that unit, so that equal stays equal.
    """
    quantity = read_node_quantity(node)
    unit = CATALOGUE[SAME_AS[fact.name]].unit if fact.name in SAME_AS else fact.unit
    if not quantity.unit:
        if fact.unit and not fact.says_unit:
            node.fail(f"{node.shown} has no unit: expected a number with its unit, such as {quantity} {fact.unit}")
        quantity = Quantity(quantity.value, canonical_unit(fact.unit))
    if not fact.unit:
        if quantity.unit:
            node.fail(f"{fact.name} has no unit: expected a bare number, got {quantity}")
        return quantity.value
    try:
        return as_decimal(convert(quantity, canonical_unit(unit)))
    except UnitError as error:
        node.fail(str(error))


def read_percent(node: Node) -> Decimal:
    """A percentage as a fraction, from nothing to under 100 %."""
    quantity = read_node_quantity(node)
    if quantity.unit != "%" or not 0 <= quantity.value < 100:
        node.fail(f"expected a percentage such as 5 %, got {node.shown}")
    return quantity.value / 100


def read_span(node: Node) -> Quantity:
    """A span of time by which a window counts back: a whole number of days, weeks, months or years."""
    quantity = read_node_quantity(node)
    if quantity.value < 0:
        node.fail(f"expected a span of time such as 12 months, got {node.shown}")
    try:
        before(ANY_DAY, quantity)
    except UnitError as error:
        node.fail(str(error))
    return quantity


def read_whole(node: Node) -> int:
    """A whole number to count by."""
    number = node.number()
    if number != number.to_integral_value() or not 0 <= number <= _MOST_COUNTED:
        node.fail(f"expected a whole number from 0 to {_MOST_COUNTED}, got {node.shown}")
    return int(number)


def read_counts(node: Node, keys: Mapping[str, Node], default: int | None) -> tuple[int, int | None]:
    """(fewest, most) of at_least, at_most and exactly. Without any, `default` is the fewest, or it is an error."""
    if "exactly" in keys:
        if "at_least" in keys or "at_most" in keys:
            keys["exactly"].fail("exactly stands alone: leave out at_least and at_most")
        return read_whole(keys["exactly"]), read_whole(keys["exactly"])
    low = read_whole(keys["at_least"]) if "at_least" in keys else None
    high = read_whole(keys["at_most"]) if "at_most" in keys else None
    if low is None and high is None:
        if default is None:
            node.fail("expected at_least, at_most or exactly")
        return default, None
    if low is not None and high is not None and low > high:
        node.fail(f"at_least {low} is above at_most {high}")
    return low or 0, high
