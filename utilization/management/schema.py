"""Draws the JSON Schema of a pack's file, by which an editor completes keys, facts and codes while somebody types.

It is drawn from the tables that the readers read by. It is looser than the reader in what no schema can know: names
that another file of the pack defines, units, and whether a bound fits another.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from utilization.rules.dosing.weights import WEIGHT_RULES
from utilization.rules.facts.catalogue import CATALOGUE, DERIVED, SAME_AS, Fact, Kind
from utilization.rules.packs import keys as keys_of
from utilization.rules.packs.conditions import WORDS
from utilization.rules.packs.keys import Keys
from utilization.rules.packs.list_tests import LIST_KEYS, SINCE, TRENDS
from utilization.rules.packs.pack import WARNING_CODES
from utilization.rules.packs.quantities import BOUNDS
from utilization.rules.packs.therapies import RESULTS
from utilization.rules.routing import APPROVALS, CLOCKS

Schema = dict[str, Any]

_TEXT: Schema = {"type": ["string", "number"]}
_TEXTS: Schema = {"type": "array", "items": _TEXT}
_NUMBER: Schema = {"type": ["number", "string"], "pattern": r"^[+-]?[0-9]+(\.[0-9]+)?$"}
_QUANTITY: Schema = {
    "type": ["number", "string"],
    "pattern": r"^[+-]?[0-9]+(\.[0-9]+)?( +\S.*|[^0-9\s.].*)?$",
    "description": "A number with its unit, such as 2 g/kg.",
}
_DAY: Schema = {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$", "description": "YYYY-MM-DD"}
_COUNT: Schema = {"type": ["integer", "string"], "minimum": 0, "pattern": "^[0-9]+$"}
_NAME: Schema = {"type": "string", "pattern": "^[a-z][a-z0-9_]*$"}
_CONDITION: Schema = {"$ref": "#/$defs/condition"}
_CONDITIONS: Schema = {"type": "array", "items": _CONDITION, "minItems": 1}

# What most keys hold wherever they stand.
_HOLDS: Mapping[str, Schema] = {
    "when": _CONDITION, "require": _CONDITION, "is": _CONDITION,
    "evidence": _TEXTS, "also_called": _TEXTS, "indications": _TEXTS, "silent_on": _TEXTS, "shared_with": _TEXTS,
    "effective": _DAY, "until": _DAY, "from": _DAY, "date": _DAY, "as_of": _DAY,
    "code": _TEXT, "with_subcodes": {"type": "boolean"}, "active": {"type": "boolean"}, "year": _NUMBER,
    "otherwise": {"enum": list(keys_of.OTHERWISE)},
    "outcome": {"enum": list(keys_of.OUTCOMES)},
    # A pack may bring warnings of its own.
    "warns": {"anyOf": [{"enum": list(WARNING_CODES)}, _NAME]},
    "acknowledge": {"type": "boolean"}, "after": _QUANTITY,
    "strength": {"enum": list(keys_of.STRENGTHS)},
    "effect": {"enum": list(keys_of.EFFECTS)},
    "standing": {"enum": list(keys_of.STANDINGS)},
    "weight_rule": {"enum": list(WEIGHT_RULES)},
    "rounding": {"enum": list(keys_of.ROUNDINGS)},
    "ceiling": _QUANTITY, "target": _QUANTITY, "ceiling_g_per_kg": _NUMBER, "target_g_per_kg": _NUMBER,
    "tolerance": _QUANTITY, "rounding_within": _QUANTITY, "at_most": _QUANTITY, "at_least": _QUANTITY,
    "dose": {"$ref": "#/$defs/dose"}, "clauses": {"$ref": "#/$defs/clauses"},
    "caps": {"type": "array", "items": {"$ref": "#/$defs/cap"}},
    "duties": {"type": "array", "items": {"$ref": "#/$defs/duty"}},
    "icd10cm": {"type": "array", "items": {"$ref": "#/$defs/icd10cm"}},
    "implies": {"type": "array", "items": {"$ref": "#/$defs/implied"}},
    "snomed": {"type": ["array", "object"]},
    "facts": {"$ref": "#/$defs/stated"}, "expect": {"$ref": "#/$defs/expected"},
    "possible": {"$ref": "#/$defs/range"}, "plausible": {"$ref": "#/$defs/range"},
    "type": {"enum": list(keys_of.TYPES)}, "choices": {"type": ["array", "object"]},
    "fields": {"type": "object", "additionalProperties": {"$ref": "#/$defs/field"}}, "required": _TEXTS,
    "value": {"type": ["string", "number", "boolean"]},
}  # fmt: skip


def schema() -> str:
    """The schema as JSON text."""
    shown = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A file of a criteria pack",
        "description": "Drawn by `manage.py draw_docs` from the tables that the program reads packs by.",
        **_object((), _sections()),
        "$defs": _definitions(),
    }
    return json.dumps(shown, ensure_ascii=False, indent=1) + "\n"


def _sections() -> Schema:
    items = {
        "facts": _of(keys_of.OWN_FACT, name=_NAME, of_its_day={"type": "boolean"}),
        "sources": {"type": "object", "required": list(keys_of.SOURCE), "additionalProperties": True},
        "statements": _of(keys_of.STATEMENT, about=_TEXTS),
        "indications": _of(keys_of.INDICATION, code=_NAME),
        "not_covered": _of(keys_of.NOT_COVERED, code=_NAME),
        "not_supported": _of(keys_of.NOT_SUPPORTED, code=_NAME),
        "fragments": {"$ref": "#/$defs/fragment"},
        "conditions": _of(keys_of.NAMED_CONDITION),
        "criteria": _of(keys_of.CRITERIA, otherwise={"enum": list(keys_of.OUTCOMES)}),
        "redirects": _of(keys_of.REDIRECT),
        "defaults": _of(keys_of.DEFAULT),
        "warnings": _warning(),
        "routes": _route(),
        "changeable": {"anyOf": [{"enum": ["dose", *CATALOGUE, *DERIVED]}, _NAME]},
        "examples": _of(keys_of.EXAMPLE),
    }
    found: Schema = {name: {"type": "array", "items": item} for name, item in items.items()}
    found["pack"] = _of(keys_of.HEAD)
    found["dosing"] = {"$ref": "#/$defs/dose"}
    found["silence"] = {"anyOf": [_TEXTS, _of(keys_of.SILENCE)]}
    found["agreement"] = {"type": "object"}
    return {name: found[name] for name in keys_of.SECTIONS}


def _warning() -> Schema:
    """One of the vocabulary, which needs a condition, or one of the pack's own, which needs a title."""
    required, optional = keys_of.WARNING
    known = (*required, "when"), tuple(key for key in optional if key not in ("when", "title", "acknowledge"))
    own = (*required, "title"), tuple(key for key in optional if key != "title")
    return {
        "if": {"type": "object", "required": ["title"]},
        "then": _of(own, code=_NAME),
        "else": _of(known, code={"enum": list(WARNING_CODES)}),
    }


def _route() -> Schema:
    return _of(
        keys_of.ROUTE,
        outcome={"type": "array", "items": {"enum": list(keys_of.JUDGED)}, "minItems": 1},
        approvals={"enum": [list(roles) for roles in APPROVALS]},
        clock={"anyOf": [{"enum": list(CLOCKS)}, _QUANTITY]},
    )


def _definitions() -> Schema:
    return {
        "condition": _condition(),
        **_tests(),
        "clauses": {"type": "array", "items": {"$ref": "#/$defs/clause"}},
        "clause": _used_or(keys_of.CLAUSE),
        "cap": _used_or(keys_of.CAP),
        "duty": _used_or(keys_of.DUTY),
        "fragment": {"type": "object", "required": ["id"], "properties": _fragment(), "additionalProperties": False},
        "dose": _of(keys_of.DOSE),
        "icd10cm": _of(keys_of.ICD10CM, when={"$ref": "#/$defs/stated"}),
        "implied": _of(keys_of.IMPLIED, when={"$ref": "#/$defs/stated"}),
        "expected": _of(
            keys_of.EXPECTED,
            outcome={"enum": list(keys_of.JUDGED)},
            warnings={"type": "array", "items": {"anyOf": [{"enum": list(WARNING_CODES)}, _NAME]}},
            questions=_TEXTS,
            awaits=_TEXTS,
            duties=_TEXTS,
            approvals=_TEXTS,
            would_meet_if={"type": "array", "items": _TEXTS},
        ),
        "field": {
            "anyOf": [
                {"enum": list(keys_of.FIELD_TYPES)},
                _TEXTS,
                _of(keys_of.FIELD, type={"enum": ["int", "dec"]}),
            ]
        },
        "range": {"type": "array", "items": {"type": ["number", "string", "null"]}, "minItems": 2, "maxItems": 2},
        "stated": _object((), {name: _stated(fact) for name, fact in CATALOGUE.items()}, more=True),
    }


def _of(keys: Keys, **own: Schema) -> Schema:
    """An object of these keys; `own` says what those hold that hold something else here than elsewhere."""
    required, optional = keys
    return _object(required, {key: own.get(key) or _HOLDS.get(key, _TEXT) for key in (*required, *optional)})


def _object(required: Iterable[str], properties: Schema, more: Schema | bool = False) -> Schema:
    found: Schema = {"type": "object", "properties": properties, "additionalProperties": more}
    return found | ({"required": list(required)} if required else {})


def _used_or(keys: Keys) -> Schema:
    """What is written out, or put in with `use`, where every key may stand beside it."""
    shared = _object(("use",), {"use": _TEXT, **_of(keys)["properties"]})
    return {"if": {"type": "object", "required": ["use"]}, "then": shared, "else": _of(keys)}


def _fragment() -> Schema:
    shared = {key: value for keys in (keys_of.CAP, keys_of.DUTY, keys_of.CLAUSE)
              for key, value in _of(keys)["properties"].items()}  # fmt: skip
    return {**shared, "use": _TEXT, "clauses": {"$ref": "#/$defs/clauses"}}


# --- Conditions -------------------------------------------------------------------------------------------------------


def _condition() -> Schema:
    words = _words()
    assert set(words) == set(WORDS), "every word of the language has its schema"
    tests: Schema = {name: _test(fact) for name, fact in CATALOGUE.items()}
    tests |= {name: {**_one_or_more({"type": "boolean"}), "description": says} for name, says in DERIVED.items()}
    # A name that is not of the vocabulary may be a fact that the pack brings itself.
    written = {**_object((), {**words, **tests}, more=True), "propertyNames": _NAME, "minProperties": 1}
    return {"anyOf": [{"enum": ["always", "never"]}, written]}


def _words() -> Schema:
    counts: Schema = {"at_least": _COUNT, "at_most": _COUNT, "exactly": _COUNT}
    step: Schema = {"rises_by": _QUANTITY, "falls_by": _QUANTITY}
    results = {"type": "array", "items": {"enum": list(RESULTS)}, "minItems": 1}
    least: Schema = _object(("at_least",), {"at_least": _QUANTITY})
    named: Schema = {"any": _TEXTS, "all": _TEXTS, "of": _TEXTS, "at_least": _COUNT}
    return {
        "all": _CONDITIONS,
        "any": _CONDITIONS,
        "not": _CONDITION,
        "surely": _CONDITION,
        "count": _object(("of",), {"of": _CONDITIONS, **counts}),
        "use": _TEXT,
        "tried_without_success": _TEXTS,
        "tried": _object((), {**named, "results": results, "for": _QUANTITY, "dose": least}),
        "dose": _object((), {"at_least": _QUANTITY, "at_most": _QUANTITY, "per": _TEXT, "tolerance": _QUANTITY}),
        "change": _object(("from", "to"), {"from": _TEXT, "to": _TEXT, **step}),
    }


def _test(fact: Fact) -> Schema:
    test = _one_or_more({"enum": list(fact.choices)}) if fact.choices else {"$ref": f"#/$defs/{_TESTS[fact.kind]}"}
    return {**test, "description": f"{fact.label}{f' [{fact.unit}]' if fact.unit else ''}"}


_TESTS = {
    Kind.BOOL: "flag", Kind.TEXT: "text", Kind.INT: "number", Kind.DEC: "number", Kind.LIST_DEC: "list",
    Kind.LIST_RECORD: "list",
}  # fmt: skip


def _tests() -> Schema:
    bound = {"anyOf": [_QUANTITY, _object(("fact",), {"fact": _NAME})]}
    bounds = _object((), dict.fromkeys(BOUNDS, bound))
    return {
        "flag": _one_or_more({"type": "boolean"}),
        "text": {"anyOf": [_TEXT, _TEXTS, _object(("mentions",), {"mentions": _TEXTS})]},
        "number": {"anyOf": [_QUANTITY, {"type": "array", "items": _QUANTITY}, bounds]},
        "list": _list_test(),
    }


def _list_test() -> Schema:
    change = {"field": _TEXT, "from": {"enum": list(SINCE)}, "rises_by": _QUANTITY, "falls_by": _QUANTITY}
    holds: Schema = {
        "where": {"type": "object"}, "latest": {"type": "object"}, "trend": {"enum": list(TRENDS)}, "last": _COUNT,
        "change": _object((), change), "exactly": _COUNT,
    }  # fmt: skip
    texts = ("field", "sum")
    return _object((), {key: holds.get(key, _TEXT if key in texts else _QUANTITY) for key in LIST_KEYS})


def _one_or_more(value: Schema) -> Schema:
    return {"anyOf": [value, {"type": "array", "items": value, "minItems": 1}]}


def _stated(fact: Fact) -> Schema:
    """A value as a case states it; null is unknown."""
    value: Schema
    if fact.kind is Kind.BOOL:
        value = {"type": "boolean"}
    elif fact.kind is Kind.CHOICE:
        value = {"enum": list(fact.choices)}
    elif fact.kind in (Kind.LIST_DEC, Kind.LIST_RECORD):
        value = {"type": "array"}
    else:
        value = _TEXT if fact.kind is Kind.TEXT else _QUANTITY
    return {"anyOf": [value, {"type": "null"}], "description": SAME_AS.get(fact.name, fact.label)}
