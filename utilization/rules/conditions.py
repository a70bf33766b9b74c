"""Conditions of the criteria language, from marked text to nodes."""

from typing import Any

from utilization.rules.catalogue import CATALOGUE, DERIVED, Kind
from utilization.rules.criteria import AllOf, Always, AnyOf, Condition, IsOneOf, IsWithin, Not, Surely
from utilization.rules.facts import BadInput, nearest, read_value
from utilization.rules.marked import Node

ALWAYS = Always(True)
_WITHOUT_SUCCESS = frozenset({"failed", "intolerant", "contraindicated"})


def known_fact(node: Node, name: str) -> str:
    if name not in CATALOGUE and name not in DERIVED:
        near = nearest(name, [*CATALOGUE, *DERIVED])
        hint = f"; did you mean {near}?" if near else ""
        node.fail(f"unknown fact {name!r}: expected a name of the vocabulary{hint}")
    return name


def fact_value(name: str, node: Node) -> Any:
    if name in DERIVED:
        if not isinstance(node.value, bool):
            node.fail(f"expected true or false, got {node.shown}")
        return node.value
    value = node.value
    try:
        return read_value(CATALOGUE[name], value, "")
    except BadInput as error:
        node.fail(error.message)


def read_condition(node: Node) -> Condition:
    """A condition: `always`, `never`, all / any / not / surely, tried_without_success, or facts with their values."""
    if node.value == "always":
        return ALWAYS
    if node.value == "never":
        return Always(False)
    keys = node.mapping()
    if not keys:
        node.fail("expected a condition: all, any, not, surely, tried_without_success, or a fact with its value")
    parts: list[Condition] = []
    for key, value in keys.items():
        if key in ("all", "any"):
            children = tuple(read_condition(item) for item in value.items())
            if not children:
                value.fail("expected at least one condition")
            parts.append(AllOf(children) if key == "all" else AnyOf(children))
        elif key == "not":
            parts.append(Not(read_condition(value)))
        elif key == "surely":
            parts.append(Surely(read_condition(value)))
        elif key == "tried_without_success":
            names = [known_fact(item, item.text()) for item in value.items()]
            parts.append(AnyOf(tuple(IsOneOf(name, _WITHOUT_SUCCESS) for name in names)))
        else:
            parts.append(_fact_test(known_fact(value, key), value))
    return parts[0] if len(parts) == 1 else AllOf(tuple(parts))


def _fact_test(name: str, node: Node) -> Condition:
    if isinstance(node.value, dict):
        if name in DERIVED or CATALOGUE[name].kind not in (Kind.INT, Kind.DEC):
            node.fail(f"expected a value of {name}, got a mapping")
        keys = node.mapping((), ("at_least", "at_most"))
        low = keys["at_least"].number() if "at_least" in keys else None
        high = keys["at_most"].number() if "at_most" in keys else None
        if low is None and high is None:
            node.fail("expected at_least or at_most")
        if low is not None and high is not None and low > high:
            node.fail(f"at_least {low} is above at_most {high}")
        return IsWithin(name, low, high)
    values = node.items() if isinstance(node.value, list) else [node]
    if not values:
        node.fail("expected at least one value")
    return IsOneOf(name, frozenset(fact_value(name, value) for value in values))
