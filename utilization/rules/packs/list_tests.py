"""Tests on lists of entries, from marked text: how many fit, what the latest says, whether they rise, what changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from utilization.rules.facts.catalogue import Fact, Kind
from utilization.rules.facts.units import Quantity, read_quantity
from utilization.rules.language.criteria import Always, Condition
from utilization.rules.language.records import DATE, VALUE, Entries, EntryChange, Latest, Total, Trend
from utilization.rules.language.supposing import field_catalogue
from utilization.rules.packs.quantities import BOUNDS, number_of, quantity_in, read_counts, read_span, read_whole
from utilization.rules.yaml_lines import Node

if TYPE_CHECKING:
    from utilization.rules.packs.conditions import Reader

TRENDS = {"rising": (True, True), "falling": (False, True), "not_falling": (True, False), "not_rising": (False, False)}
SINCE = ("first", "previous", "highest", "lowest")
COUNTING = ("where", "within", "apart", "at_least", "at_most", "exactly")
_GOES_WITH = {
    "sum": ("sum", "where", "within", *BOUNDS),
    "latest": ("latest", "within"),
    "trend": ("trend", "last", "field"),
    "change": ("change",),
}
LIST_KEYS = (*COUNTING, "sum", "above", "below", "latest", "trend", "last", "field", "change")


def list_test(reader: Reader, fact: Fact, node: Node) -> Condition:
    """One test on the entries of `fact`."""
    keys = node.mapping((), LIST_KEYS)
    for word, allowed in _GOES_WITH.items():
        if word in keys:
            for key in keys:
                if key not in allowed:
                    keys[key].fail(f"{key} does not go with {word}: expected {', '.join(allowed)}")
    if "sum" in keys:
        return _total(reader, fact, node, keys)
    if "latest" in keys:
        return Latest(fact.name, reader.of_entry(fact, keys["latest"]), _window(fact, keys))
    if "trend" in keys:
        return _trend(fact, node, keys)
    if "change" in keys:
        return _change(fact, keys["change"])
    return _entries(reader, fact, node, keys)


def _entries(reader: Reader, fact: Fact, node: Node, keys: Mapping[str, Node]) -> Condition:
    if not keys or {"last", "field", "above", "below"} & keys.keys():
        node.fail("expected where, within, at_least and so on, or sum, latest, trend or change")
    low, high = read_counts(node, keys, 1)
    apart = None
    if "apart" in keys:
        _needs_dates(fact, keys["apart"])
        apart = quantity_in(keys["apart"], "days")
        if apart <= 0:
            keys["apart"].fail("expected a span of more than nothing, such as 3 weeks")
    where = reader.of_entry(fact, keys["where"]) if "where" in keys else Always(True)
    return Entries(fact.name, where, low, high, _window(fact, keys), apart)


def _total(reader: Reader, fact: Fact, node: Node, keys: Mapping[str, Node]) -> Condition:
    name = keys["sum"].one_of(_numbers(fact))
    bounds = replace(node, value={key: value for key, value in keys.items() if key in BOUNDS})
    within = reader.number_bounds(field_catalogue(fact)[name], bounds)
    where = reader.of_entry(fact, keys["where"]) if "where" in keys else Always(True)
    low, high, low_open, high_open = within.low, within.high, within.low_open, within.high_open
    return Total(fact.name, name, where, low, high, low_open, high_open, _window(fact, keys))


def _trend(fact: Fact, node: Node, keys: Mapping[str, Node]) -> Condition:
    rising, strict = TRENDS[keys["trend"].one_of(tuple(TRENDS))]
    last = read_whole(keys["last"]) if "last" in keys else 0
    if last < 2:
        node.fail("expected last: the number of entries to look at, 2 or more")
    return Trend(fact.name, _field(fact, node, keys), rising, strict, last)


def _change(fact: Fact, node: Node) -> Condition:
    keys = node.mapping((), ("field", "from", "rises_by", "falls_by"))
    name = _field(fact, node, keys)
    since = keys["from"].one_of(SINCE) if "from" in keys else "first"
    by, rises, percent = read_step(node, keys, field_catalogue(fact)[name])
    return EntryChange(fact.name, name, by, rises, percent, since)


def _field(fact: Fact, node: Node, keys: Mapping[str, Node]) -> str:
    numbers = _numbers(fact)
    if "field" in keys:
        return keys["field"].one_of(numbers)
    if len(numbers) != 1:
        node.fail(f"expected field: one of {', '.join(numbers) or 'none, for it holds no number'}")
    return numbers[0]


def _numbers(fact: Fact) -> tuple[str, ...]:
    return tuple(name for name, field in field_catalogue(fact).items() if field.kind in (Kind.INT, Kind.DEC))


def read_step(node: Node, keys: Mapping[str, Node], fact: Fact) -> tuple[Decimal, bool, bool]:
    """(by how much, whether up, whether in percent) of `rises_by` or `falls_by`."""
    if ("rises_by" in keys) == ("falls_by" in keys):
        node.fail("expected rises_by or falls_by")
    given = keys["rises_by" if "rises_by" in keys else "falls_by"]
    quantity = read_quantity(given.written())
    percent = quantity is not None and quantity.unit == "%" and fact.unit != "%"
    by = quantity.value if percent and quantity else number_of(given, fact)
    if not isinstance(by, Decimal) or by <= 0:
        given.fail("expected more than nothing, as an exact decimal")
    return by, "rises_by" in keys, percent


def _window(fact: Fact, keys: Mapping[str, Node]) -> Quantity | None:
    if "within" not in keys:
        return None
    _needs_dates(fact, keys["within"])
    return read_span(keys["within"])


def _needs_dates(fact: Fact, node: Node) -> None:
    if DATE not in fact.fields:
        node.fail(f"the entries of {fact.name} have no date")


def is_plain(fact: Fact) -> bool:
    """Whether the entries are bare numbers, whose one field is `value`."""
    return fact.kind is Kind.LIST_DEC


def value_field(fact: Fact) -> Fact:
    """The one field of a plain list."""
    return field_catalogue(fact)[VALUE]
