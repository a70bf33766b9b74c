"""Facts that a pack brings itself: what its policy asks for and the vocabulary lacks."""

import re
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from types import MappingProxyType

from utilization.rules.facts.catalogue import AMOUNTS, CATALOGUE, DERIVED, Fact, Kind, Range
from utilization.rules.facts.units import UNITS, canonical_unit
from utilization.rules.language.node import AS_OF
from utilization.rules.packs import keys as keys_of
from utilization.rules.packs.conditions import WORDS
from utilization.rules.yaml_lines import Node

_NAME = re.compile(r"[a-z][a-z0-9_]{1,59}", re.ASCII)
_RESERVED = frozenset({*WORDS, *DERIVED, *AMOUNTS, AS_OF, "always", "never"})
_GROUP = "Other conditions"
_GOES_WITH = {
    "choices": ("choice",), "fields": ("list",), "required": ("list",),
    "unit": ("int", "dec"), "possible": ("int", "dec"), "plausible": ("int", "dec"),
    "or_never": ("date",),
}  # fmt: skip
# What is measured, counted or observed is asked again on another day, unless the pack says that it stands.
_MAY_CHANGE = ("int", "dec", "bool")
_COUNTS_BACK = re.compile(r"_since_|_ago$")
_MAY_ADD = "; to add fields to it, give its name and fields alone"
_SPELT = {"%": "percent", "^": "e", "/": "_per_"}


def read_own_facts(nodes: list[Node]) -> Mapping[str, Fact]:
    """The vocabulary with the pack's own facts after it, and with the fields that it adds to lists of the vocabulary.

    Raises PackError; a name of the vocabulary stays its own.
    """
    found: dict[str, Fact] = {}
    for node in nodes:
        adds = isinstance(node.value, dict) and node.value.keys() == set(keys_of.MORE_FIELDS[0])
        keys = node.mapping(*(keys_of.MORE_FIELDS if adds else keys_of.OWN_FACT))
        name = _name(keys["name"])
        if name in CATALOGUE and not adds:
            keys["name"].fail(
                f"{name} is a fact of the vocabulary already: use it as it is, or choose another name"
                f"{_MAY_ADD if CATALOGUE[name].kind is Kind.LIST_RECORD else ''}"
            )
        if name in found:
            keys["name"].fail(f"the fact {name!r} stands twice")
        found[name] = _with_fields(name, keys) if adds else _fact(name, keys, keys["type"].one_of(keys_of.TYPES))
    return MappingProxyType({**CATALOGUE, **found}) if found else CATALOGUE


def _with_fields(name: str, keys: Mapping[str, Node]) -> Fact:
    """A list of the vocabulary with further fields, which an entry may lack."""
    fact = CATALOGUE.get(name)
    if fact is None or fact.kind is not Kind.LIST_RECORD:
        lists = ", ".join(known.name for known in CATALOGUE.values() if known.kind is Kind.LIST_RECORD)
        keys["name"].fail(f"expected a list of the vocabulary to add fields to, one of {lists}, or type and label")
    more = _fields(keys["fields"])
    for field in more:
        if field in fact.fields:
            keys["fields"].mapping()[field].fail(f"the entries of {name} have a field {field!r} already")
    return replace(fact, fields=MappingProxyType({**fact.fields, **more}))


def _name(node: Node) -> str:
    name = node.text()
    if not _NAME.fullmatch(name) or name in _RESERVED:
        node.fail(f"expected a new name of small letters, digits and _, got {name!r}")
    return name


def _fact(name: str, keys: Mapping[str, Node], kind: str) -> Fact:
    for key, kinds in _GOES_WITH.items():
        if key in keys and kind not in kinds:
            keys[key].fail(f"{key} goes with the type {' or '.join(kinds)}, not with {kind}")
    for key, wanted in (("choices", "choice"), ("fields", "list")):
        if kind == wanted and key not in keys:
            keys["type"].fail(f"expected the key {key!r}")
    unit = canonical_unit(keys["unit"].text()) if "unit" in keys else ""
    fields = _fields(keys["fields"]) if "fields" in keys else {}
    required = [item.one_of(tuple(fields)) for item in keys["required"].items()] if "required" in keys else [
        field for field in ("date",) if field in fields]  # fmt: skip
    return Fact(
        name,
        Kind.LIST_RECORD if kind == "list" else Kind(kind),
        keys["group"].text() if "group" in keys else _GROUP,
        keys["label"].text(),
        unit,
        choices=_choices(keys["choices"]) if "choices" in keys else {},
        possible=_range(keys["possible"]) if "possible" in keys else (Decimal(0), None),
        plausible=_range(keys["plausible"]) if "plausible" in keys else (None, None),
        note=keys["note"].text() if "note" in keys else "",
        fields=MappingProxyType(fields),
        required=frozenset(required),
        says_unit=_says(name, unit),
        of_its_day=_yes_or_no(keys["of_its_day"]) if "of_its_day" in keys else kind in _MAY_CHANGE,
        or_never="or_never" in keys and _yes_or_no(keys["or_never"]),
        counts_back=unit in UNITS["time"] and bool(_COUNTS_BACK.search(name)),
    )


def _yes_or_no(node: Node) -> bool:
    if not isinstance(node.value, bool):
        node.fail(f"expected true or false, got {node.shown}")
    return node.value


def _says(name: str, unit: str) -> bool:
    """Whether the name ends in the unit, as in weight_kg and igg_mg_per_dl."""
    words = unit.casefold()
    for sign, spelt in _SPELT.items():
        words = words.replace(sign, spelt)
    return bool(unit) and f"_{name}".endswith(f"_{words}")


def _choices(node: Node) -> Mapping[str, str]:
    """Code to words; a list of codes stands for itself."""
    if isinstance(node.value, list):
        found = {item.text(): item.text().replace("_", " ") for item in node.items()}
    else:
        found = {code: words.text() for code, words in node.mapping().items()}
    if len(found) < 2:
        node.fail("expected at least two choices")
    for code in found:
        if not _NAME.fullmatch(code) and not code.isalnum():
            node.fail(f"expected codes of small letters, digits and _, got {code!r}")
    return MappingProxyType(found)


def _fields(node: Node) -> dict[str, Fact]:
    found: dict[str, Fact] = {}
    for name, given in node.mapping().items():
        if not _NAME.fullmatch(name):
            given.fail(f"expected a name of small letters, digits and _, got {name!r}")
        label = name.replace("_", " ").capitalize()
        if name == "date" and given.value != "date":
            given.fail("the field date is of the type date")
        if isinstance(given.value, list):
            found[name] = Fact(name, Kind.CHOICE, "", label, choices=_choices(given))
        elif isinstance(given.value, dict):
            inner = given.mapping(*keys_of.FIELD)
            kind = inner["type"].one_of(("int", "dec"))
            unit = canonical_unit(inner["unit"].text()) if "unit" in inner else ""
            possible = _range(inner["possible"]) if "possible" in inner else (Decimal(0), None)
            found[name] = Fact(name, Kind(kind), "", label, unit, possible=possible, says_unit=_says(name, unit))
        else:
            found[name] = Fact(name, Kind(given.one_of(keys_of.FIELD_TYPES)), "", label)
    if not found:
        node.fail("expected at least one field")
    return found


def _range(node: Node) -> Range:
    ends = node.items()
    if len(ends) != 2:
        node.fail("expected [lowest, highest]; null where there is no bound")
    low, high = (None if end.value is None else end.number() for end in ends)
    if low is not None and high is not None and low > high:
        node.fail(f"{low} is above {high}")
    return low, high
