"""The names and ICD-10-CM codes under which an indication is found."""

from collections.abc import Mapping
from typing import Any

from utilization.rules.packs import keys as keys_of
from utilization.rules.packs.conditions import Reader
from utilization.rules.packs.pack import DiagnosisCode
from utilization.rules.yaml_lines import Node


def read_names(keys: Mapping[str, Node], conditions: Reader) -> dict[str, Any]:
    """The names and codes under which an indication is found."""
    codes = keys["icd10cm"].items() if "icd10cm" in keys else ()
    return {
        "name": keys["name"].text(),
        "abbreviation": keys["abbreviation"].text() if "abbreviation" in keys else "",
        "also_called": keys["also_called"].texts() if "also_called" in keys else (),
        "icd10cm": tuple(_diagnosis_code(node, conditions) for node in codes),
    }


def _diagnosis_code(node: Node, conditions: Reader) -> DiagnosisCode:
    keys = node.mapping(*keys_of.ICD10CM)
    return DiagnosisCode(
        code=keys["code"].text(),
        title=keys["title"].text() if "title" in keys else "",
        when=conditions.stated(keys["when"]) if "when" in keys else {},
        note=keys["note"].text() if "note" in keys else "",
        with_subcodes="with_subcodes" in keys and keys["with_subcodes"].value is True,
        until=keys["until"].day() if "until" in keys else None,
    )


def read_implied(node: Node, conditions: Reader) -> tuple[str, Mapping[str, Any]]:
    """A name that says facts of its own, with them."""
    keys = node.mapping(*keys_of.IMPLIED)
    return keys["name"].text(), conditions.stated(keys["when"])
